"""Adjustments that staff type are listed, proposed, released and dropped (rule 36)."""

from typing import Annotated, Any

import typer
from rich.table import Table

from chalicelib.bootstrap import system
from chalicelib.domain.adjustment import adjustment_of
from chalicelib.domain.booking import AdjustmentState, Booking, CannotAdjust
from chalicelib.domain.errors import NotFound
from chalicelib.domain.feed import BadRow
from chalicelib.domain.money import dollars
from infra.staff.refusals import say_no
from infra.staff.terminal import AsJson, By, Reason, Yes, ask, out, signature, told, when, wrong

commands = typer.Typer(help="What an enrollment is to owe otherwise.", no_args_is_help=True)
Reference = Annotated[str, typer.Argument(metavar="REFERENCE", help="As `adjustments` lists it.")]
MONTH = "Month of coverage that it is about, such as 2027-01."


def adjustments(as_json: AsJson = False) -> None:
    """List the typed adjustments that wait for a second person, oldest first."""
    found = system().adjusting.waiting()
    if as_json:
        told([_plain(each) for each in found])
        return
    table = Table("Reference", "Enrollment", "Month", "Reason", "Typed by")
    table.add_column("Amount", justify="right")
    for each in found:
        said, typed = each.adjustment, each.signed[0]
        who = f"{typed.who}, {when(typed.at)}"
        row = (said.reference, said.enrollment_id, said.month or "", said.reason, who)
        table.add_row(*row, dollars(said.amount_cents))
    out().print(table if found else "No adjustment waits for a second person.")


@commands.command()
def add(
    enrollment_id: Annotated[str, typer.Argument(metavar="ENROLLMENT", help="Enrollment id.")],
    amount: Annotated[str, typer.Argument(help="Dollars; below zero, such as -- -12.50, is less.")],
    reference: Annotated[str, typer.Option(help="1 to 40 of A-Z, 0-9 and -.", prompt=True)],
    says: Annotated[str, typer.Option(help="Why, as the member reads it.", prompt=True)],
    reason: Reason,
    month: Annotated[str, typer.Option(help=MONTH)] = "",
    by: By = "",
    yes: Yes = False,
) -> None:
    """Make what an enrollment owes more or less. From a limit on a second person must agree."""
    here = system()
    signed = signature(by, reason, here.clock.now())
    row = {"reference": reference, "enrollment_id": enrollment_id, "month": month}
    try:
        wanted = adjustment_of({**row, "amount": amount, "reason": says})
        ask(f"Adjust {enrollment_id} by {dollars(wanted.amount_cents)}: {says}?", yes)
        made = here.adjusting.propose(wanted, signed)
    except BadRow as bad:
        raise wrong(_words(bad)) from None
    except CannotAdjust as refusal:
        say_no(refusal)
    _say(made)


@commands.command()
def release(reference: Reference, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Agree to an adjustment that another person typed; it is posted at once."""
    here = system()
    found = here.records.adjustments.get(reference)
    if found is None:
        raise wrong(f"There is no adjustment {reference}. `adjustments` lists those that wait.")
    signed, said = signature(by, reason, here.clock.now()), found.adjustment
    ask(f"Adjust {said.enrollment_id} by {dollars(said.amount_cents)}: {said.reason}?", yes)
    try:
        _say(here.adjusting.release(reference, signed))
    except BadRow as bad:
        raise wrong(_words(bad)) from None
    except CannotAdjust as refusal:
        say_no(refusal)


@commands.command()
def drop(reference: Reference, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Take an adjustment back that waits; its reference stays taken."""
    here = system()
    signed = signature(by, reason, here.clock.now())
    ask(f"Drop {reference}?", yes)
    try:
        here.adjusting.drop(reference, signed)
    except (CannotAdjust, NotFound) as refusal:
        say_no(refusal)
    out().print(f"Dropped: {reference}.", markup=False)


def _words(bad: BadRow) -> str:
    column = bad.column.replace("_", " ")
    return f"{column[:1].upper()}{column[1:]} {bad.what}."


def _say(made: Booking) -> None:
    if made.state is AdjustmentState.POSTED:
        said = made.adjustment
        posted = f"Posted: {said.reference}, {dollars(said.amount_cents)}."
        out().print(f"{posted} The member reads: {said.reason}", markup=False)
    else:
        out().print("Proposed. A second person must release it: `adjustment release`.")


def _plain(each: Booking) -> dict[str, Any]:
    said = each.adjustment
    return {
        "reference": said.reference,
        "enrollment_id": said.enrollment_id,
        "month": said.month,
        "cents": said.amount_cents,
        "reason": said.reason,
        "typed_by": each.signed[0].who,
    }
