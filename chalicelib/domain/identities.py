"""Business identities: how runs, collections, transmissions, lines, cases and mails are named.

They are built and read here only. A name that was kept once is never spelled otherwise again.
"""

from datetime import date

MARK = "#"


def joined(*parts: object) -> str:
    """The parts of an identity, or of a row's key, as one text."""
    return MARK.join(str(part) for part in parts)


def parts_of(identity: str) -> list[str]:
    """What it was joined of: run#2026-12#007 is run, 2026-12, 007."""
    return identity.split(MARK)


def kind_of(identity: str) -> str:
    """Its first part: of run#2026-12#007, run."""
    return parts_of(identity)[0]


def rest_of(identity: str) -> str:
    """All after its first part: of run#2026-12#007, 2026-12#007."""
    return halves_of(identity)[1]


def halves_of(identity: str) -> tuple[str, str]:
    """Its first part, and all after it, where that may hold more of them."""
    first, _, rest = identity.partition(MARK)
    return first, rest


# Runs and what they are made of.


def billing_run(month: str) -> str:
    """One a month: billing#2026-12."""
    return joined("billing", month)


def withdrawal_run(month: str) -> str:
    """One a month: withdrawal#2026-12."""
    return joined("withdrawal", month)


def notice_run(day: date) -> str:
    """One a day: notice#2026-12-10."""
    return joined("notice", day)


def reminder_run(day: date) -> str:
    """By the first day of one: reminder#2026-12-20."""
    return joined("reminder", day)


def shard_number(shard: int) -> str:
    """As it stands in every identity: 007."""
    return f"{shard:03}"


def shard_part(shard: int) -> str:
    """Where a run keeps its checkpoint, and what a kill switch names: shard#007."""
    return joined("shard", shard_number(shard))


def run_shard(run: str, shard: int) -> str:
    """A shard, with its run: withdrawal#2026-12#007."""
    return joined(run, shard_number(shard))


# Collections and transmissions.


def run_group(month: str) -> str:
    """What transmissions take of a run, shard by shard: run#2026-12."""
    return joined("run", month)


def run_part(month: str, shard: int) -> str:
    """The collection of one shard of a run: run#2026-12#007."""
    return joined(run_group(month), shard_number(shard))


def web_part(day: date, shard: int) -> str:
    """One part of a day's collection of the page: web#2026-12-03#07."""
    return joined("web", day, f"{shard:02}")


def evening_transmission(day: date) -> str:
    """What goes to the bank in the evening of a day: collection#2026-12-03."""
    return joined("collection", day)


def noon_transmission(day: date) -> str:
    """What goes at noon of the debit day: collection#2026-12-22#noon."""
    return joined(evening_transmission(day), "noon")


# Lines of the ledger.


def charge_line(month: str, n: int) -> str:
    """The nth charge of a month: charge#2027-01, then charge#2027-01#2."""
    return joined("charge", month, n) if n > 1 else joined("charge", month)


def correction_line(month: str, n: int) -> str:
    """The nth correction of a month: correction#2027-01#1."""
    return joined("correction", month, n)


def uncharge_line(charge: str) -> str:
    """What takes a charge back: uncharge#2027-01#2."""
    return joined("uncharge", rest_of(charge))


def withdrawal_line(month: str) -> str:
    """What the run decided of a month: withdrawal#2026-12."""
    return joined("withdrawal", month)


def payment_line(payment_id: str) -> str:
    """A payment of the page."""
    return joined("payment", payment_id)


def retry_line(n: int) -> str:
    """The nth retry of an enrollment."""
    return joined("retry", n)


def refund_line(n: int) -> str:
    """The nth credit that was given to an enrollment."""
    return joined("refund", n)


def return_line(payment_id: str) -> str:
    """The return of a payment: one, whatever the bank says after it."""
    return joined("return", payment_id)


def adjustment_line(credit_id: str) -> str:
    """A credit that came back."""
    return joined("adjustment", credit_id)


DISPUTED = "DISPUTE-"
"""With what the reference begins of money that came back, and is ours all the same (rule 51)."""


def dispute_line(payment_id: str) -> str:
    """Our bank dishonored the return of a payment with success."""
    return adjustment_line(f"{DISPUTED}{payment_id}")


# Cases and audit.


def case_id(kind: str, *about: object) -> str:
    """A case and what it is about, so that the same thing opens one case only."""
    return joined(kind, *about)


def audit_subject(kind: str, name: str) -> str:
    """Whatever somebody did something to, or a feed changed: payment#<payment id>."""
    return joined(kind, name)


# Mails: a kind, and what makes it one of its kind. An outbox refuses the same one twice.


def confirmation_letter(confirmation: str) -> str:
    """Of a Submit."""
    return f"confirmation.{confirmation}"


def entry_letter(kind: str, payment_id: str) -> str:
    """Of an entry's way: paid, not_paid, account_refused, retry, refund; a prenote has one, too."""
    return f"{kind}.{payment_id}"


def later_letter(payment_id: str, on: date) -> str:
    """Of an entry that goes later than was told, to this date."""
    return f"{entry_letter('later', payment_id)}.{on.isoformat()}"


def heard_letter(heard: str) -> str:
    """Of a correction of an account from which nothing goes on."""
    return f"account_corrected.{heard}"


def corrected_letter(mandate_id: str, version: int) -> str:
    """Of a correction of a mandate's account, by the version that it made."""
    return f"account_corrected.{mandate_id}.{version}"


def change_letter(kind: str, mandate_id: str, version: int, n: int) -> str:
    """Of a change: cancelled, undone, replaced, contact_changed; the nth address that is told."""
    return f"{kind}.{mandate_id}.{version}.{n}"


def facts_letter(kind: str, enrollment_id: str, version: int | str, *of: str) -> str:
    """Of what a file changed: smaller, coverage_ended, coverage_back; by the facts that it made."""
    return ".".join([facts_letters(kind, enrollment_id), str(version), *of])


def facts_letters(kind: str, enrollment_id: str) -> str:
    """With what all of them begin."""
    return f"{kind}.{enrollment_id}"


def notice_letter(run: str, enrollment_id: str) -> str:
    """The one notice that a run can send about an enrollment."""
    return f"notice.{rest_of(run)}.{enrollment_id}"


def month_letter(kind: str, month: str, enrollment_id: str) -> str:
    """Of a decision of the 22nd: withdrawal, credit, excluded."""
    return f"{kind}.{month}.{enrollment_id}"


def renewal_letter(enrollment_id: str) -> str:
    """Of next year's plan, which monthly payments do not cover."""
    return f"renewal.{enrollment_id}"


def reminder_letter(run: str, enrollment_id: str) -> str:
    """The one reminder that a run can send about an enrollment."""
    return f"reminder.{rest_of(run)}.{enrollment_id}"


def carried_letter(enrollment_id: str) -> str:
    """Of monthly payments that go on with this enrollment."""
    return f"carried.{enrollment_id}"


def ended_debt_letter(enrollment_id: str) -> str:
    """Of debt that is left at the end of coverage."""
    return f"ended_debt.{enrollment_id}"


def first_id_of(letter: str) -> str:
    """What a letter is about: of paid.<payment id>, that; of a correction, its payment."""
    return kind_of(letter.partition(".")[2].partition(".")[0])
