"""A routing number that takes no payments any more is looked at, held, and released (rule 49)."""

from typing import Annotated

import typer

from chalicelib.bootstrap import system
from chalicelib.domain.errors import Wrong
from chalicelib.domain.payment import routing_number
from infra.staff.suspense import SECOND
from infra.staff.terminal import AsJson, By, Reason, Yes, ask, out, signature, told, wrong

commands = typer.Typer(help="One routing number.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Nine digits.")]


@commands.command()
def show(number: Number, as_json: AsJson = False) -> None:
    """Say whether payments go there, what the directory says, and how many have it."""
    book, routing = system().records.routing, _routing(number)
    is_listed = book.is_listed(routing)
    found = {
        "routing": routing,
        "held": book.is_dead(routing),
        "in_directory": is_listed,
        "enrollments": len(book.who_pays_at(routing)),
    }
    if as_json:
        told(found)
        return
    directory = {
        None: "No directory is loaded.",
        True: "The directory lists it.",
        False: "The directory does not list it.",
    }
    out().print("Held: nothing is debited there." if found["held"] else "Not held.")
    out().print(directory[is_listed])
    out().print(f"{found['enrollments']} enrollments have, or had, monthly payments from there.")


@commands.command()
def hold(number: Number, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Debit nothing there: who pays monthly from there is held and told. By two people."""
    here, routing = system(), _routing(number)
    signed = signature(by, reason, here.clock.now())
    ask(f"Hold all monthly payments from {routing}?", yes)
    is_done = here.routing_numbers.hold(routing, signed)
    out().print(f"Held: {routing}. Members are told one by one." if is_done else SECOND)


@commands.command()
def release(number: Number, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """What the number held is active again, without new consent, and told. By two people."""
    here, routing = system(), _routing(number)
    signed = signature(by, reason, here.clock.now())
    ask(f"Release all monthly payments from {routing}?", yes)
    is_done = here.routing_numbers.release(routing, signed)
    out().print(f"Released: {routing}. Members are told one by one." if is_done else SECOND)


def _routing(typed: str) -> str:
    try:
        return routing_number(typed)
    except Wrong:
        raise wrong("A routing number has nine digits; the last one checks the others.") from None
