"""What the bank's statements say of settlement days, beside our files and returns (rule 48)."""

from datetime import date
from typing import Annotated

import typer

from chalicelib.bootstrap import system
from chalicelib.domain.money import dollars
from chalicelib.services.settlement.settlement_proof import NothingToAccept
from infra.staff.refusals import say_no
from infra.staff.suspense import SECOND
from infra.staff.terminal import AsJson, By, Reason, Yes, ask, out, signature, told, wrong

commands = typer.Typer(help="A settlement day on the bank's statement.", no_args_is_help=True)
Day = Annotated[str, typer.Argument(metavar="DAY", help="As 2026-12-04.")]


@commands.command()
def show(day: Day, as_json: AsJson = False) -> None:
    """Say what moved by our files and returns, and what statements say moved."""
    settlement = system().settlement_proof.of(_day(day))
    stated = [each.cents for each in settlement.stated]
    if as_json:
        found = {"seen": settlement.is_seen, "expected_cents": settlement.expected_cents}
        told({"day": day, **found, "stated_cents": stated})
        return
    out().print(f"Our files and returns: {dollars(settlement.expected_cents)}")
    for cents in stated:
        out().print(f"The bank's statement:  {dollars(cents)}")
    if not stated:
        out().print("No statement of that day has come.")
    out().print("Seen, or accepted." if settlement.is_seen else "Not seen: its payments wait.")


@commands.command()
def accept(day: Day, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """What differs, or is missing, is no reason to wait: its payments are paid. By two people."""
    here, on = system(), _day(day)
    signed = signature(by, reason, here.clock.now())
    ask(f"Call the payments that settled on {on} paid all the same?", yes)
    try:
        is_done = here.settlement_proof.accept(on, signed)
    except NothingToAccept as refusal:
        say_no(refusal)
    out().print(f"Accepted: {on}. The next evening goes on." if is_done else SECOND, markup=False)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise wrong("A day is written like 2026-12-04.") from None
