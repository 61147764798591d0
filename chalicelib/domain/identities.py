"""Business identities: how runs, collections, sealings, lines, cases and mails are named.

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


def shard_number(shard: int) -> str:
    """As it stands in every identity: 007."""
    return f"{shard:03}"


def shard_part(shard: int) -> str:
    """Where a run keeps its checkpoint, and what a kill switch names: shard#007."""
    return joined("shard", shard_number(shard))


def run_shard(run: str, shard: int) -> str:
    """A shard, with its run: withdrawal#2026-12#007."""
    return joined(run, shard_number(shard))


# Collections and sealings.


def run_group(month: str) -> str:
    """What sealings take of a run, shard by shard: run#2026-12."""
    return joined("run", month)


def run_part(month: str, shard: int) -> str:
    """The collection of one shard of a run: run#2026-12#007."""
    return joined(run_group(month), shard_number(shard))


def web_part(day: date, shard: int) -> str:
    """One part of a day's collection of the page: web#2026-12-03#07."""
    return joined("web", day, f"{shard:02}")


def evening_sealing(day: date) -> str:
    """What goes to the bank in the evening of a day: collection#2026-12-03."""
    return joined("collection", day)


def noon_sealing(day: date) -> str:
    """What goes at noon of the debit day: collection#2026-12-22#noon."""
    return joined(evening_sealing(day), "noon")


# Lines of the ledger.


def charge_line(month: str, n: int) -> str:
    """The nth charge of a month: charge#2027-01, then charge#2027-01#2."""
    return joined("charge", month, n) if n > 1 else joined("charge", month)


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


# Cases and audit.


def case_id(kind: str, *about: object) -> str:
    """A case and what it is about, so that the same thing opens one case only."""
    return joined(kind, *about)


def audit_subject(kind: str, name: str) -> str:
    """Whatever somebody did something to, or a feed changed: payment#<payment id>."""
    return joined(kind, name)
