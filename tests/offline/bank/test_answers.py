"""What the offline bank answers, on which day; and that our reader understands it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.ach.entries import FileIdentity, PaymentType, Purpose
from chalicelib.domain.ach.reading import read_whole
from chalicelib.domain.payment import AccountType
from infra.offline.bank.answers import MOST_OPEN_DAYS_OF_LATE, accounts
from infra.offline.bank.counter import Counter
from infra.offline.bank.opening_days import open_after, open_from
from infra.offline.bank.papers import Customer
from tests.domain.ach.builders import an_entry, written
from tests.domain.ach.by_hand import a_file, batch, entry

CUSTOMER = Customer(origin="1987654320", odfi="08100021", name="HEALTH EXCHANGE")
THURSDAY_EVENING = datetime(2026, 12, 3, 23, 0, tzinfo=UTC)
SETTLED = date(2026, 12, 4)
FOR_EVER = THURSDAY_EVENING + timedelta(days=400)

SECOND_DAY = datetime(2026, 12, 8, 13, 0, tzinfo=UTC)  # Tuesday, 08:00 in New York
FIFTH_DAY = datetime(2026, 12, 11, 13, 0, tzinfo=UTC)


def answered(*entries, until=FOR_EVER):
    """The deliveries after a file of these entries, each with what our reader finds in it."""
    counter = Counter(CUSTOMER)
    assert counter.take([written(entries)[0]], THURSDAY_EVENING).is_clean
    return [(each.at, read_whole([each.data])) for each in counter.deliveries(until)]


@pytest.mark.parametrize("nn", ["01", "02", "03", "04", "08", "09", "14", "16", "20"])
def test_a_bank_answers_at_eight_on_the_second_banking_day_after_settlement(nn):
    [(at, reading)] = answered(an_entry(account=f"990000{nn}"))
    [returned] = reading.returns
    assert (at, returned.code) == (SECOND_DAY, f"R{nn}")
    assert reading.problems == ()


@pytest.mark.parametrize("nn", ["07", "10"])
def test_what_a_member_tells_the_bank_comes_on_the_fifth_banking_day(nn):
    [(at, reading)] = answered(an_entry(account=f"990000{nn}"))
    assert (at, reading.returns[0].code) == (FIFTH_DAY, f"R{nn}")


def test_a_correction_comes_on_the_second_banking_day_and_its_account_pays():
    [(at, reading)] = answered(an_entry(account="99000101"))
    [change] = reading.changes
    assert (at, change.code) == (SECOND_DAY, "C01")
    assert change.corrected_data.strip() == "1099000101"
    assert (reading.returns, reading.problems) == ((), ())
    assert answered(an_entry(account="1099000101")) == []


def test_the_late_one_pays_and_comes_back_from_the_45th_calendar_day_on():
    [(at, reading)] = answered(an_entry(account="99000110"))
    # The 45th day is Monday, January 18, 2027: Martin Luther King.
    assert at == datetime(2027, 1, 19, 13, 0, tzinfo=UTC)
    assert reading.returns[0].code == "R10"


@pytest.mark.parametrize("account", ["12345678", "99000005", "990000010", "9900001", "00990000"])
def test_every_other_account_pays(account):
    assert answered(an_entry(account=account)) == []


def test_a_return_brings_back_all_that_it_is_matched_by():
    sent = an_entry(
        77,
        account="99000001",
        account_type=AccountType.SAVINGS,
        amount_cents=123456,
        payment_type=PaymentType.RECURRING,
    )
    [(_, reading)] = answered(sent)
    [returned] = reading.returns
    assert returned.entry_id == sent.entry_id
    assert returned.amount_cents == 123456
    assert returned.account == sent.account
    assert returned.original_trace == "081000210000001"
    assert returned.detail.transaction_code == "36"
    assert returned.addenda.original_receiving_dfi_identification == sent.routing[:8]
    assert returned.batch.company_entry_description == "HLTH PREM"


def test_answers_of_one_morning_come_in_one_file():
    accounts_ = ["99000101", "99000002", "12345678", "99000001", "99000010"]
    entries = [an_entry(rank, account=account) for rank, account in enumerate(accounts_, start=1)]
    (first, reading), (second, last) = answered(*entries)
    assert (first, second) == (SECOND_DAY, FIFTH_DAY)
    assert sorted(each.code for each in reading.returns) == ["R01", "R02"]
    assert [each.code for each in reading.changes] == ["C01"]
    assert [each.code for each in last.returns] == ["R10"]


def test_nothing_is_delivered_before_its_time_or_twice():
    counter = Counter(CUSTOMER)
    counter.take([written([an_entry(account="99000001")])[0]], THURSDAY_EVENING)
    assert counter.next_at() == SECOND_DAY
    assert counter.deliveries(SECOND_DAY - timedelta(seconds=1)) == []
    assert [each.name for each in counter.deliveries(SECOND_DAY)] == ["answers-20261208-0800.ach"]
    assert counter.deliveries(FOR_EVER) == []
    assert counter.next_at() is None


def test_a_death_has_its_date():
    [(_, reading)] = answered(an_entry(account="99000014"))
    assert reading.returns[0].addenda.date_of_death == "261120"


def test_a_retry_is_answered_like_the_debit_before_it():
    [(_, reading)] = answered(an_entry(account="99000001", purpose=Purpose.RETRY))
    assert reading.returns[0].batch.company_entry_description == "RETRY PYMT"


def test_a_refund_to_an_empty_account_arrives_and_one_to_a_closed_account_comes_back():
    refund = {"purpose": Purpose.REFUND}
    assert answered(an_entry(account="99000001", **refund)) == []
    [(_, reading)] = answered(an_entry(account="99000002", **refund))
    assert (reading.returns[0].code, reading.returns[0].detail.transaction_code) == ("R02", "21")
    assert reading.problems == ()


def test_a_prenote_tells_about_the_account_only():
    prenote = {"purpose": Purpose.PRENOTE, "amount_cents": 0}
    assert answered(an_entry(account="99000001", **prenote)) == []
    [(_, reading)] = answered(an_entry(account="99000003", **prenote))
    assert (reading.returns[0].code, reading.returns[0].amount_cents) == ("R03", 0)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (entry(routing="231380105"), "R28"),
        (entry(patch={4: "2313801O"}), "R13"),
        (entry(cents=0), "R19"),
        (entry(patch={55: " " * 22}), "R26"),
    ],
)
def test_what_the_operator_sends_back_lies_there_the_next_morning(wrong, code):
    counter = Counter(CUSTOMER)
    counter.take([a_file(batch(wrong))], THURSDAY_EVENING)
    [delivery] = counter.deliveries(FOR_EVER)
    assert delivery.at == datetime(2026, 12, 4, 13, 0, tzinfo=UTC)
    [returned] = read_whole([delivery.data]).returns
    assert (returned.code, returned.original_trace) == (code, "081000210000001")


def test_a_file_sent_twice_is_answered_once():
    counter = Counter(CUSTOMER)
    data, _ = written([an_entry(account="99000001")])
    assert counter.take([data], THURSDAY_EVENING).is_taken
    assert counter.take([data], THURSDAY_EVENING).whys == {"file: same file"}
    again, _ = written([an_entry(account="12345678")], FileIdentity.first_at(SECOND_DAY))
    assert counter.take([again], THURSDAY_EVENING).is_taken
    assert len(counter.deliveries(FOR_EVER)) == 1


def test_the_list_of_accounts_says_what_happens():
    listed = {row["account"]: (row["answer"], row["after_banking_days"]) for row in accounts()}
    assert len(listed) == len(accounts()) == 13
    assert listed["99000001"] == ("R01", 2)
    assert listed["99000007"] == ("R07", 5)
    assert listed["99000101"] == ("C01", 2)
    for account, (code, days) in listed.items():
        [(at, reading)] = answered(an_entry(account=account))
        [item] = [*reading.returns, *reading.changes]
        assert item.code == code
        assert at.date() <= open_after(SETTLED, days)


def test_45_calendar_days_never_hold_more_banking_days_than_listed():
    day = open_from(date(2026, 1, 1))
    while day < date(2029, 1, 1):
        assert open_from(day + timedelta(days=45)) <= open_after(day, MOST_OPEN_DAYS_OF_LATE)
        day = open_after(day)
