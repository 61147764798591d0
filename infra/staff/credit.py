"""Money that is to go back to a member: listed, released by two people, or dropped."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from chalicelib.bootstrap import System, system
from chalicelib.domain.credit import CannotGiveBack, Credit, CreditState
from chalicelib.domain.errors import NotFound
from chalicelib.domain.money import dollars
from infra.staff.payments import cents_of
from infra.staff.refusals import say_no
from infra.staff.terminal import AsJson, By, Reason, Yes, ask, out, signature, told, when, wrong

commands = typer.Typer(help="Money that is to go back.", no_args_is_help=True)
refunds = typer.Typer(help="Credit that goes to no account.", no_args_is_help=True)
CreditId = Annotated[str, typer.Argument(metavar="CREDIT", help="As `credits` lists it.")]


def waiting(as_json: AsJson = False) -> None:
    """List the credits that wait for a release, oldest first."""
    found = system().crediting.waiting()
    if as_json:
        told([_plain(each) for each in found])
        return
    table = Table("Credit", "What", "Enrollment", "Payment", "Why", "Proposed", "Released by")
    table.add_column("Amount", justify="right")
    for each in found:
        proposed = escape(f"{each.proposed.who}, {when(each.proposed.at)}: {each.proposed.why}")
        names = ", ".join(escape(one.who) for one in each.releases) or "nobody yet"
        row = (each.credit_id, str(each.kind), each.enrollment_id, _of(each), str(each.why))
        table.add_row(*row, proposed, names, dollars(each.amount_cents))
    out().print(table if found else "No credit waits for a release.")


@commands.command()
def release(credit_id: CreditId, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Release a credit. It goes to the bank when a second person has released it too."""
    here = system()
    found = _credit(here, credit_id)
    signed = signature(by, reason, here.clock.now())
    _show(found)
    ask(f"Release {dollars(found.amount_cents)} to {found.enrollment_id}?", yes)
    try:
        after = here.crediting.release(credit_id, signed)
    except (CannotGiveBack, NotFound) as refusal:
        say_no(refusal)
    if after.state is CreditState.RELEASED:
        if after.elsewhere:
            out().print(f"Released: paid elsewhere, {after.elsewhere}.", markup=False)
            return
        out().print(f"Released. It arrives on or after {after.effective_on}; the member is told.")
    else:
        out().print("Released by you. A second person must release it before it goes.")


@refunds.command(name="paid-elsewhere")
def paid_elsewhere(
    enrollment_id: Annotated[str, typer.Argument(metavar="ENROLLMENT", help="Enrollment id.")],
    amount: Annotated[str, typer.Argument(help="Dollars, such as 12.50.")],
    reference: Annotated[str, typer.Option(help="Under which it is paid.", prompt=True)],
    reason: Reason,
    account_is_gone: Annotated[
        bool, typer.Option("--account-is-gone", help="Corrected away, or another person's by now.")
    ] = False,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Propose that credit is paid by the exchange, not to an account; two must release it."""
    here = system()
    signed, cents = signature(by, reason, here.clock.now()), cents_of(amount)
    ask(f"Propose that {dollars(cents)} of {enrollment_id} is paid elsewhere?", yes)
    try:
        made = here.crediting.propose_elsewhere(
            enrollment_id, cents, reference, signed, account_is_gone=account_is_gone
        )
    except (CannotGiveBack, NotFound) as refusal:
        say_no(refusal)
    out().print(f"Proposed: {made.credit_id}. Two people must release it: `credit release`.")


@commands.command()
def drop(credit_id: CreditId, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Take a proposed credit back; nothing goes."""
    here = system()
    found = _credit(here, credit_id)
    signed = signature(by, reason, here.clock.now())
    _show(found)
    ask(f"Drop {credit_id}?", yes)
    try:
        here.crediting.drop(credit_id, signed)
    except (CannotGiveBack, NotFound) as refusal:
        say_no(refusal)
    out().print(f"Dropped: {credit_id}.")


def _credit(here: System, credit_id: str) -> Credit:
    found = here.records.books.credit(credit_id)
    if found is None:
        raise wrong(f"There is no credit {credit_id}. `credits` lists those that wait.")
    return found


def _show(found: Credit) -> None:
    what = f"{found.kind} of {dollars(found.amount_cents)}, {found.why}, of {_of(found)}"
    out().print(f"{what}: {found.proposed.who} says {found.proposed.why}", markup=False)


def _of(each: Credit) -> str:
    return each.of_payment or f"elsewhere: {each.elsewhere}"


def _plain(each: Credit) -> dict[str, Any]:
    return {
        "credit_id": each.credit_id,
        "kind": str(each.kind),
        "why": str(each.why),
        "enrollment_id": each.enrollment_id,
        "of_payment": each.of_payment,
        "elsewhere": each.elsewhere,
        "cents": each.amount_cents,
        "proposed_by": each.proposed.who,
        "reason": each.proposed.why,
        "released_by": [one.who for one in each.releases],
    }
