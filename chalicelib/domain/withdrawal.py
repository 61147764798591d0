"""What the run of the 22nd decides about one mandate (rules 25 to 27)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain import banking_days, ledger
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.errors import Wrong
from chalicelib.domain.identities import withdrawal_line
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.payment import routing_number, withdrawal_payment_id
from chalicelib.domain.timetable import LAST_CATCH_UP_DAY, NOTICES


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What was announced to a member for a month: the most that may be taken (rule 25)."""

    enrollment_id: str
    month: str
    cents: int
    on: date
    announced_at: datetime
    how: str  # notice or authorization
    mandate_id: str
    mail_id: str | None = None
    lowered_from: int | None = None  # cents that its run announced, before a feed made it smaller

    @property
    def counts(self) -> bool:
        """A notice does; an authorization only where it was shown after the notices began (24)."""
        return self.how == "notice" or self.announced_at >= NOTICES.first_of(self.month)


class Verdict(StrEnum):
    """What becomes of a mandate in a month."""

    CLAIMED = "claimed"
    SKIPPED = "skipped"  # nothing owed
    EXCLUDED = "excluded"  # could not be decided rightly; staff and member are told


class Exclusion(StrEnum):
    """Why a mandate is excluded; each is a case for staff and a mail to the member."""

    NO_NOTICE = "no_notice"
    HELD = "held"
    FEED_HELD = "feed_held"  # a feed that ends it, or lowers its premium, waits for staff
    STOPPED = "stopped"
    RETURNED = "returned"
    CANCELLED = "cancelled"  # coverage never began (rule 35)
    DIED = "died"  # the member did (rule 46)
    SANCTIONS = "sanctions"  # R90: staff speak to the bank before anybody is written to
    UNKNOWN_ENROLLMENT = "unknown_enrollment"
    BAD_ROUTING = "bad_routing"
    UNREADABLE_ACCOUNT = "unreadable_account"
    ABOVE_CEILING = "above_ceiling"
    TOO_LATE = "too_late"
    UNREADABLE_MANDATE = "unreadable_mandate"
    UNREADABLE_LEDGER = "unreadable_ledger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The verdict of one mandate and month; written once, and taken as it stands ever after."""

    verdict: Verdict
    amount_cents: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """All that a decision looks at, read after the slot was frozen."""

    enrollment: Enrollment | None
    lines: Sequence[Line] | None  # None where one can't be read
    announced: Announcement | None
    account_opens: bool
    stops: Mapping[str, str]  # mandate id -> exclusion
    ceiling_cents: int
    scheduled_at: datetime
    in_held_feed: bool = False


def decide(mandate: Mandate, month: str, seen: Circumstances) -> Decision:
    """Takes the smaller of what is owed and what was announced; never guesses (I4, I15)."""
    exclusion = _exclusion(mandate, month, seen)
    if exclusion:
        return Decision(verdict=Verdict.EXCLUDED, reason=exclusion)
    assert seen.announced, "who was not told is excluded"
    assert seen.lines is not None, "of whom nobody knows what is owed is excluded"
    owed = ledger.owed(seen.lines)
    amount = min(owed, seen.announced.cents)
    if _is_above(seen.ceiling_cents, owed, amount):
        return Decision(verdict=Verdict.EXCLUDED, reason=Exclusion.ABOVE_CEILING)
    if amount <= 0:
        return Decision(verdict=Verdict.SKIPPED)
    return Decision(verdict=Verdict.CLAIMED, amount_cents=amount)


def expected_amount(
    mandate: Mandate, owed_cents: int, announced_cents: int | None, ceiling_cents: int
) -> tuple[int, Exclusion | None]:
    """What a run would take as things stand, or why nothing: all that may be promised (13, 29)."""
    amount = max(owed_cents if announced_cents is None else min(owed_cents, announced_cents), 0)
    if mandate.held:
        return 0, Exclusion.HELD
    if _is_above(ceiling_cents, owed_cents, amount):
        return 0, Exclusion.ABOVE_CEILING
    return amount, None


def decision_line(
    mandate: Mandate, month: str, decision: Decision, at: datetime, collection: str | None = None
) -> Line:
    """The decision as the ledger keeps it; of a claim with `collection`, where its entry goes."""
    claimed = decision.verdict is Verdict.CLAIMED
    return Line(
        enrollment_id=mandate.enrollment_id,
        line=withdrawal_line(month),
        kind=LineKind.WITHDRAWAL,
        amount_cents=-decision.amount_cents,
        at=at,
        month=month,
        payment_id=withdrawal_payment_id(mandate.enrollment_id, month) if claimed else None,
        reason=decision.reason,
        verdict=decision.verdict,
        mandate_id=mandate.mandate_id,
        mandate_version=mandate.version,
        account=mandate.account if claimed else None,
        collection=collection if claimed else None,
    )


def decision_of(lines: Sequence[Line], month: str) -> Line | None:
    """The withdrawal line of a month, once the run has decided."""
    return next((line for line in lines if line.line == withdrawal_line(month)), None)


def unreadable_line(enrollment_id: str, month: str, at: datetime) -> Line:
    """The same for a mandate that can't be read: excluded, by the key of its row."""
    return Line(
        enrollment_id=enrollment_id,
        line=withdrawal_line(month),
        kind=LineKind.WITHDRAWAL,
        amount_cents=0,
        at=at,
        month=month,
        verdict=Verdict.EXCLUDED,
        reason=Exclusion.UNREADABLE_MANDATE,
    )


def _exclusion(mandate: Mandate, month: str, seen: Circumstances) -> str | None:
    """The first reason that holds."""
    local = banking_days.local_day(seen.scheduled_at)
    late = f"{local:%Y-%m}" != month or local.day > LAST_CATCH_UP_DAY
    reasons = [
        (late, Exclusion.TOO_LATE),
        (seen.enrollment is None, Exclusion.UNKNOWN_ENROLLMENT),
        (seen.enrollment is not None and seen.enrollment.died, Exclusion.DIED),
        (mandate.mandate_id in seen.stops, seen.stops.get(mandate.mandate_id) or Exclusion.STOPPED),
        (mandate.held, Exclusion.HELD),
        (seen.in_held_feed, Exclusion.FEED_HELD),
        (seen.announced is None, Exclusion.NO_NOTICE),
        (not _routes(mandate.account.routing), Exclusion.BAD_ROUTING),
        (not seen.account_opens, Exclusion.UNREADABLE_ACCOUNT),
        (seen.lines is None, Exclusion.UNREADABLE_LEDGER),
    ]
    return next((reason for holds, reason in reasons if holds), None)


def _is_above(ceiling_cents: int, owed_cents: int, amount_cents: int) -> bool:
    """Also where the member was told that nothing is taken, for too much was owed (rule 13)."""
    return amount_cents > ceiling_cents or (amount_cents <= 0 and owed_cents > ceiling_cents)


def _routes(routing: str) -> bool:
    try:
        return routing_number(routing) == routing
    except Wrong:
        return False
