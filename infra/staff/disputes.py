"""Money of a return that our bank dishonored with success is booked (rule 51)."""

from typing import Annotated

import typer

from chalicelib.bootstrap import system
from chalicelib.services.returns.disputes import CannotClose
from infra.staff.refusals import say_no
from infra.staff.suspense import SECOND
from infra.staff.terminal import By, Reason, Yes, ask, out, signature

commands = typer.Typer(help="A return that our bank dishonored.", no_args_is_help=True)


@commands.command()
def close(
    enrollment_id: Annotated[str, typer.Argument(metavar="ENROLLMENT", help="Enrollment id.")],
    payment_id: Annotated[str, typer.Argument(metavar="PAYMENT", help="As `payments` lists it.")],
    reason: Reason,
    by: By = "",
    yes: Yes = False,
) -> None:
    """The money is ours after all: the payment counts again, and is told. By two people."""
    here = system()
    signed = signature(by, reason, here.clock.now())
    ask(f"Is the money of {payment_id} on our account again?", yes)
    try:
        is_done = here.disputes.close(enrollment_id, payment_id, signed)
    except CannotClose as refusal:
        say_no(refusal)
    out().print(f"Booked: {payment_id} counts again." if is_done else SECOND, markup=False)
