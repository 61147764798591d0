"""Entries and files as examples; what a test does not name is ordinary."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from chalicelib.domain.ach.entries import (
    DENTAL_PREMIUM,
    HEALTH_PREMIUM,
    FileEntry,
    FileIdentity,
    Originator,
    PaymentType,
    Purpose,
    RefusedNotice,
)
from chalicelib.domain.ach.writer import files
from chalicelib.domain.payment import AccountNumber, AccountType

ORIGINATOR = Originator(
    immediate_destination="081000210",
    immediate_destination_name="FIRST COMMUNITY BANK",
    immediate_origin="1987654320",
    immediate_origin_name="HEALTH EXCHANGE",
    company_name="HEALTH EXCHANGE",
    company_id="1987654320",
    odfi_id="08100021",
)
THURSDAY, FRIDAY, MONDAY = date(2026, 12, 3), date(2026, 12, 4), date(2026, 12, 7)
THURSDAY_EVENING = datetime(2026, 12, 3, 23, 0, tzinfo=UTC)  # 18:00 in New York
IDENTITY = FileIdentity.first_at(THURSDAY_EVENING)

MILLION = 1_000_000
GOOD_ROUTING = ("231380104", "121042882", "081000210")


def an_entry(rank=1, account="12345678", **changes):
    entry = FileEntry(
        entry_id=f"PAYMENT{rank:08d}",
        routing="231380104",
        account=AccountNumber(account),
        account_type=AccountType.CHECKING,
        amount_cents=42480,
        individual_name="Maria Santos",
        payment_type=PaymentType.SINGLE,
        plan_description=HEALTH_PREMIUM,
        effective_on=FRIDAY,
    )
    return replace(entry, **changes)


CHANGE = (
    "798C01081000210000001      23138010" + "0012A34567".ljust(29) + " " * 15 + "231380100000042"
)


def a_refusal(rank=1, code="C65", *, addenda=CHANGE, transaction_code="26", **changes):
    """A notification of change that goes back."""
    refused = RefusedNotice(code=code, transaction_code=transaction_code, addenda=addenda)
    facts = {"purpose": Purpose.REFUSED_CHANGE, "amount_cents": 0, "refused": refused}
    return an_entry(rank, **facts, **changes)


def some_entries(count):
    return (an_entry(rank, account=str(10_000_000 + rank)) for rank in range(1, count + 1))


def written(entries, identity=IDENTITY, originator=ORIGINATOR, **options):
    """The bytes of the only file that these entries make, and its summary."""
    [(data, summary)] = all_written(entries, identity, originator, **options)
    return data, summary


def all_written(entries, identity=IDENTITY, originator=ORIGINATOR, **options):
    return [
        (b"".join(lines), writer.summary)
        for writer, lines in files(entries, originator, identity, **options)
    ]


def streamed(count):
    """The lines of one file of so many entries, one by one."""
    _, lines = next(files(some_entries(count), ORIGINATOR, IDENTITY))
    return lines


def _entry(rank, parts):
    name, purpose, cents, rest = parts[0], parts[1], parts[2], parts[3:]
    routing, account, account_type, payment_type, description = rest
    return an_entry(
        rank,
        account=account,
        individual_name=name,
        purpose=purpose,
        amount_cents=0 if purpose is Purpose.PRENOTE else cents,
        routing=routing,
        account_type=account_type,
        payment_type=payment_type,
        plan_description=description,
    )


def _by_batch(entries):
    return sorted(
        entries, key=lambda entry: (entry.batch.description, entry.batch.standard_entry_class)
    )


# Any entries that may stand in one file, those of a batch together.
entry_lists = st.lists(
    st.tuples(
        st.text(min_size=1, max_size=30).map(lambda text: f"A{text}"),
        st.sampled_from([each for each in Purpose if each is not Purpose.REFUSED_CHANGE]),
        st.integers(1, 10**10 - 1),
        st.sampled_from(GOOD_ROUTING),
        st.from_regex(r"[1-9][0-9]{3,16}", fullmatch=True),
        st.sampled_from(AccountType),
        st.sampled_from(PaymentType),
        st.sampled_from([HEALTH_PREMIUM, DENTAL_PREMIUM]),
    ),
    min_size=1,
    max_size=12,
).map(lambda rows: _by_batch([_entry(rank, parts) for rank, parts in enumerate(rows, start=1)]))
