"""What the bank took back, against what was claimed, and against what the bank said."""

from collections.abc import Iterable, Iterator

from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.proof import Difference, Differs
from chalicelib.domain.sealing import Sealing

CLAIMS = frozenset({LineKind.PAYMENT, LineKind.WITHDRAWAL, LineKind.REFUND})


def claims_of(lines: Iterable[Line], payment_id: str) -> list[Line]:
    """The lines that moved this money; there should be one."""
    return [line for line in lines if line.kind in CLAIMS and line.payment_id == payment_id]


def return_of(lines: Iterable[Line], payment_id: str) -> Line | None:
    """The line that took it back."""
    back = (line for line in lines if line.kind is LineKind.RETURN)
    return next((line for line in back if line.payment_id == payment_id), None)


def of_return(back: Line, lines: Iterable[Line], *, is_sealed: bool) -> Iterator[Difference]:
    """Each return line takes back a claim, all of it, that is in a sealed file."""
    claims = claims_of(lines, str(back.payment_id))
    if not claims:
        yield _about(back, Differs.BACK_UNASKED)
    elif back.amount_cents != -claims[0].amount_cents:
        yield _about(back, Differs.BACK_AMOUNT, -claims[0].amount_cents)
    elif not is_sealed:
        yield _about(back, Differs.BACK_UNSENT)


def of_answers(_sealing: Sealing) -> Iterator[Difference]:
    """The bank's answers about entries of a sealing, against return lines: none is kept yet."""
    yield from ()


def _about(back: Line, what: Differs, expected_cents: int | None = None) -> Difference:
    return Difference(
        where=back.line,
        what=what,
        payment_id=back.payment_id,
        enrollment_id=back.enrollment_id,
        expected_cents=expected_cents,
        found_cents=back.amount_cents,
    )
