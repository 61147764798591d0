"""What a credit becomes: its case, its dates, and its line of the ledger. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain import banking_days
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.credit import CannotGiveBack, Credit
from chalicelib.domain.entry import entry_of_credit
from chalicelib.domain.identities import case_id
from chalicelib.domain.ledger import Line, LineKind, next_refund
from chalicelib.domain.money import dollars

CASE = "credit"


def case_of(proposed: Credit) -> Case:
    """Open while it waits for two people."""
    what = f"{proposed.kind} of {dollars(proposed.amount_cents)}, {proposed.why}"
    return Case(
        case_id=case_id(CASE, proposed.credit_id),
        kind=CaseKind.REFUND,
        enrollment_id=proposed.enrollment_id,
        reason=f"{what}: two people must release it",
        opened_at=proposed.proposed.at,
    )


def same_reference(found: Credit, wanted: Credit) -> Credit:
    """One reference pays once. Raises CannotGiveBack where it says another amount."""
    if found.amount_cents != wanted.amount_cents:
        raise CannotGiveBack("reference_used")
    return found


def dated(released: Credit, at: datetime) -> Credit:
    """With its day and date, by the second release."""
    collected_on = banking_days.collection_day(at)
    effective_on = banking_days.effective_entry_date(collected_on)
    return replace(released, collected_on=collected_on, effective_on=effective_on)


def line_of_credit(given: Credit, lines: Sequence[Line], at: datetime) -> Line:
    """What it adds to what is owed; paid elsewhere, it names no payment (rule 37)."""
    if given.elsewhere:
        return Line(
            enrollment_id=given.enrollment_id,
            line=next_refund(lines),
            kind=LineKind.REFUND,
            amount_cents=given.amount_cents,
            at=at,
            reason=given.elsewhere,
        )
    return Line(
        enrollment_id=given.enrollment_id,
        line=next_refund(lines),
        kind=LineKind.REFUND,
        amount_cents=given.amount_cents,
        at=at,
        payment_id=given.credit_id,
        of_payment=given.of_payment,
        reason=f"{given.kind}: {given.why}",
        collection=entry_of_credit(given).collection,
    )
