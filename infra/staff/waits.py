"""A wait of rule 9 is lifted: for a person, a number, or a network address.

What is typed is asked for, never given on the command line: it would stay in the shell's history.
"""

from datetime import date
from typing import Annotated

import typer

from chalicelib.bootstrap import system
from chalicelib.domain.guessing import Counted
from chalicelib.domain.identification import IdType
from chalicelib.services.page.claims import TypedIdentity, said
from infra.staff.terminal import By, Reason, Yes, ask, out, signature, when, wrong

commands = typer.Typer(help="Let somebody try again at once (rule 9).", no_args_is_help=True)
Text = Annotated[str, typer.Option(prompt=True, help="Asked for when not given.")]
Hidden = Annotated[str, typer.Option(prompt=True, hide_input=True, help="Asked for, unseen.")]
WhichNumber = Annotated[IdType, typer.Option(prompt="Which number")]


@commands.command()
def subject(
    first_name: Text,
    last_name: Text,
    birth_date: Text,
    reason: Reason,
    by: By = "",
    yes: Yes = False,
) -> None:
    """For a name and birthday, as the member types them."""
    try:
        born = date.fromisoformat(birth_date.strip())
    except ValueError:
        raise wrong("The birth date must be like 1980-02-29.") from None
    typed = said("", "", first_name, last_name, born.isoformat().split("-"))
    _lift(Counted.SUBJECT, typed, "", by, reason, yes)


@commands.command()
def identifier(
    kind: WhichNumber, number: Hidden, reason: Reason, by: By = "", yes: Yes = False
) -> None:
    """For an Enrollment ID, Social Security number, or billing account number."""
    _lift(Counted.IDENTIFIER, said(kind, number, "", "", ()), "", by, reason, yes)


@commands.command()
def address(network: Text, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """For a network address."""
    _lift(Counted.ADDRESS, said("", "", "", "", ()), network.strip(), by, reason, yes)


def _lift(
    counted: Counted, typed: TypedIdentity, network: str, by: str, reason: str, yes: bool
) -> None:
    here = system()
    now = here.clock.now()
    key = here.finding.keys(typed, network)[counted]
    misses = here.records.counters.read({counted: key})[counted].settled(now)
    if not misses.recent_at and not misses.wait_until:
        raise wrong(f"No miss is counted for this {counted}; there is nothing to lift.")
    until = misses.waits_until(now)
    out().print(
        f"A wait until {when(until)}." if until else "No wait now; misses are counted, though."
    )
    signed = signature(by, reason, now)
    ask(f"Forget the misses of this {counted}?", yes)
    here.records.counters.lift(key, signed)
    out().print("Lifted. The next try is let through.")
