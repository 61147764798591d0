"""What the bank took back: against what was claimed, and against what the bank said."""

from collections.abc import Iterable, Iterator

from chalicelib.domain.answer import Answer
from chalicelib.domain.ledger import IN_NO_FILE, Line, LineKind, returned_id
from chalicelib.domain.proof import Difference, Differs

CLAIMS = frozenset({LineKind.PAYMENT, LineKind.WITHDRAWAL, LineKind.REFUND})


def claims_of(lines: Iterable[Line], payment_id: str) -> list[Line]:
    """The lines that moved this money; there should be one."""
    return [line for line in lines if line.kind in CLAIMS and line.payment_id == payment_id]


def of_return(back: Line, lines: Iterable[Line], *, is_sealed: bool) -> Iterator[Difference]:
    """Each return line takes back a claim, all of it, that is in a sealed file."""
    claims = claims_of(lines, str(returned_id(back)))
    if not claims:
        yield _about(back, Differs.BACK_UNASKED)
    elif back.amount_cents != -claims[0].amount_cents:
        yield _about(back, Differs.BACK_AMOUNT, -claims[0].amount_cents)
    elif not is_sealed and back.reason not in IN_NO_FILE:
        yield _about(back, Differs.BACK_UNSENT)


def of_answer(claim: Line, back: Line | None, answer: Answer | None) -> Iterator[Difference]:
    """What the bank said of a claim is what the ledger says, and the other way round."""
    if back and (answer is None or answer.code != back.reason):
        yield _about(back, Differs.BACK_UNSAID)
    if answer and back is None:
        yield Difference(
            where=claim.line,
            what=Differs.BACK_UNPOSTED,
            payment_id=claim.payment_id,
            enrollment_id=claim.enrollment_id,
            expected_cents=answer.cents,
            found_cents=0,
        )


def _about(back: Line, what: Differs, expected_cents: int | None = None) -> Difference:
    return Difference(
        where=back.line,
        what=what,
        payment_id=returned_id(back),
        enrollment_id=back.enrollment_id,
        expected_cents=expected_cents,
        found_cents=back.amount_cents,
    )
