"""Payments are listed, tried again, and proposed to be given back."""

from typing import Annotated, Any

import typer
from rich.table import Table

from chalicelib.bootstrap import System, system
from chalicelib.domain.credit import REVERSIBLE, CannotGiveBack, WhyBack
from chalicelib.domain.errors import NotFound, Wrong
from chalicelib.domain.ledger import Line, line_of
from chalicelib.domain.money import dollars, typed_cents
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.retry import CannotRetry
from chalicelib.domain.signature import Signature
from chalicelib.services.origination.stopping import AlreadyCollected
from chalicelib.services.origination.undoing import NotLeftOut
from chalicelib.services.returns.disputes import CannotRecall
from infra.staff.refusals import TEXTS, say_no
from infra.staff.terminal import AsJson, By, Reason, Yes, ask, out, signature, told, when, wrong

commands = typer.Typer(help="One payment.", no_args_is_help=True)
Enrollment = Annotated[str, typer.Argument(metavar="ENROLLMENT", help="Enrollment id.")]
Payment = Annotated[str, typer.Argument(metavar="PAYMENT", help="As `payments` lists it.")]
Amount = Annotated[str | None, typer.Option(help="Dollars, such as 12.50. Default: all of it.")]
Agreed = Annotated[
    str,
    typer.Option(help="How and when the member agreed.", prompt="How and when the member agreed"),
]


def payments(enrollment_id: Enrollment, as_json: AsJson = False) -> None:
    """List the payments of an enrollment and what went back, with how far they are."""
    here = system()
    if here.records.enrollments.get(enrollment_id) is None:
        raise wrong(f"There is no enrollment {enrollment_id}.")
    lines = here.records.books.lines(enrollment_id)
    states = here.tracking.states(lines)
    moved = [line for line in lines if line.collection]
    if as_json:
        told([_plain(line, str(states[str(line.payment_id)])) for line in moved])
        return
    table = Table("Payment", "What", "When", "State", "Of")
    table.add_column("Amount", justify="right")
    for line in moved:
        state = str(states[str(line.payment_id)])
        of = line.of_payment or ""
        amount = dollars(abs(line.amount_cents))
        table.add_row(line.payment_id, str(line.kind), when(line.at), state, of, amount)
    out().print(table if moved else "There is no payment.")


@commands.command()
def retry(
    enrollment_id: Enrollment, payment_id: Payment, agreed: Agreed, by: By = "", yes: Yes = False
) -> None:
    """Try a payment again that came back, once the member agreed (rule 31)."""
    here = system()
    signed = signature(by, agreed, here.clock.now())
    line = _line(here, enrollment_id, payment_id)
    ask(f"Take {dollars(abs(line.amount_cents))} from {enrollment_id} again?", yes)
    _take_again(here, enrollment_id, payment_id, signed)


@commands.command()
def correct(
    enrollment_id: Enrollment,
    payment_id: Payment,
    agreed: Agreed,
    amount: Annotated[str, typer.Option(help="Dollars, such as 12.50: as it was authorized.")],
    by: By = "",
    yes: Yes = False,
) -> None:
    """Send what came back as R11 once more, put right, within 60 days of its return (rule 51)."""
    here, cents = system(), cents_of(amount)
    signed = signature(by, agreed, here.clock.now())
    _line(here, enrollment_id, payment_id)
    ask(f"Take {dollars(cents)} from {enrollment_id} in its place?", yes)
    _take_again(here, enrollment_id, payment_id, signed, cents)


def _take_again(
    here: System,
    enrollment_id: str,
    payment_id: str,
    signed: Signature,
    corrected_cents: int | None = None,
) -> None:
    try:
        again = here.retrying.release(enrollment_id, payment_id, signed, corrected_cents)
    except (CannotRetry, NotFound) as refusal:
        say_no(refusal)
    out().print(f"{again.payment_id} goes with the collection of {again.collected_on}, and is")
    out().print(f"taken on or after {again.effective_on}. The member is told.")


@commands.command()
def recall(
    enrollment_id: Enrollment, payment_id: Payment, reason: Reason, by: By = "", yes: Yes = False
) -> None:
    """Keep in a case that our bank was asked to have an entry sent back (R06, rule 51)."""
    here = system()
    signed = signature(by, reason, here.clock.now())
    line = _line(here, enrollment_id, payment_id)
    ask(f"Have you asked our bank for {dollars(abs(line.amount_cents))} of {payment_id}?", yes)
    try:
        case = here.disputes.recall(enrollment_id, payment_id, signed)
    except CannotRecall as refusal:
        say_no(refusal)
    out().print(f"{case.case_id} waits for the answer: {case.reason}.", markup=False)


@commands.command()
def refund(
    enrollment_id: Enrollment,
    payment_id: Payment,
    reason: Reason,
    amount: Amount = None,
    mistake: Annotated[
        bool, typer.Option("--mistake", help="The debit should not have been, whatever is owed.")
    ] = False,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Propose to give back a payment, or a part of it; two people must release it."""
    why = WhyBack.MISTAKE if mistake else WhyBack.CREDIT
    _propose(
        EntryKind.REFUND,
        why,
        enrollment_id,
        payment_id,
        cents_of(amount) if amount else None,
        by,
        reason,
        yes,
    )


@commands.command()
def reverse(
    enrollment_id: Enrollment,
    payment_id: Payment,
    why: Annotated[
        WhyBack, typer.Option(help=f"The error: {', '.join(sorted(REVERSIBLE))}.", prompt=True)
    ],
    reason: Reason,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Propose to undo a debit that was an error, within five banking days; two must release it."""
    _propose(EntryKind.REVERSAL, why, enrollment_id, payment_id, None, by, reason, yes)


@commands.command()
def undo(payment_id: Payment, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Take back a payment that was left out of its file: it is not paid, and the member is told."""
    here = system()
    try:
        _, found = here.undoing.left_out(payment_id)
    except NotLeftOut:
        raise wrong(f"No entry {payment_id} was left out of a file.") from None
    signed = signature(by, reason, here.clock.now())
    out().print(f"{found.kind} of {dollars(found.amount_cents)}, {found.enrollment_id}: in no file")
    ask("Take it back?", yes)
    here.undoing.undo_left_out(payment_id, signed)
    out().print(f"Taken back: {payment_id}.")


@commands.command()
def stop(
    enrollment_id: Enrollment, payment_id: Payment, reason: Reason, by: By = "", yes: Yes = False
) -> None:
    """Stop a payment from the page before it is sent, because the member called in time."""
    here = system()
    signed = signature(by, reason, here.clock.now())
    line = _line(here, enrollment_id, payment_id)
    ask(f"Stop the payment of {dollars(abs(line.amount_cents))} of {enrollment_id}?", yes)
    try:
        stopped = here.stopping.stop(payment_id, signed)
    except (AlreadyCollected, NotFound) as refusal:
        say_no(refusal)
    out().print(f"Stopped: it is not sent with the collection of {stopped.collected_on}. Then it")
    out().print("is not paid, is owed again, and the member is mailed. Monthly payments go on.")


def _propose(
    kind: EntryKind,
    why: WhyBack,
    enrollment_id: str,
    payment_id: str,
    cents: int | None,
    by: str,
    reason: str,
    yes: bool,
) -> None:
    here = system()
    signed = signature(by, reason, here.clock.now())
    line = _line(here, enrollment_id, payment_id)
    what = dollars(abs(line.amount_cents) if cents is None else cents)
    ask(f"Propose a {kind} of {what} to {enrollment_id}?", yes)
    try:
        made = here.crediting.propose(kind, why, enrollment_id, payment_id, cents, signed)
    except (CannotGiveBack, NotFound) as refusal:
        say_no(refusal)
    out().print(f"Proposed: {made.credit_id}. Two people must release it: `credit release`.")


def _line(here: System, enrollment_id: str, payment_id: str) -> Line:
    line = line_of(here.records.books.lines(enrollment_id), payment_id)
    if line is None:
        raise wrong(TEXTS["unknown_payment"])
    return line


def cents_of(amount: str) -> int:
    """Raises typer.Exit."""
    try:
        return typed_cents(amount)
    except Wrong:
        raise wrong("The amount must be in dollars and cents, like 12.50.") from None


def _plain(line: Line, state: str) -> dict[str, Any]:
    return {
        "payment_id": line.payment_id,
        "kind": str(line.kind),
        "at": when(line.at),
        "state": state,
        "of_payment": line.of_payment,
        "cents": abs(line.amount_cents),
    }
