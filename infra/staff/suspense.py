"""Returns and corrections that wait for staff: weighed, booked, tried again, dropped (rule 52)."""

from typing import Annotated, Any

import typer
from rich.table import Table

from chalicelib.bootstrap import system
from chalicelib.domain.ach import changes, returns
from chalicelib.domain.ach.findings import AnswerEntry, ChangeEntry, ReturnEntry, name_of
from chalicelib.domain.ach.return_table import ITEM_REFUSED
from chalicelib.domain.case import CaseKind
from chalicelib.domain.money import dollars
from chalicelib.domain.payment import is_payment_id
from chalicelib.services.returns.suspense_desk import Candidate
from infra.staff.refusals import in_words
from infra.staff.terminal import AsJson, By, Reason, Yes, ask, out, signature, told, when

commands = typer.Typer(help="What the bank says and fits nothing of ours.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="CASE", help="As `suspense list` lists it.")]
MISSING = "Nothing waits under {}. `suspense list` lists what does."
SECOND = "Proposed. A second person must say the same before it is done."


@commands.command(name="list")
def waiting(as_json: AsJson = False) -> None:
    """List what waits, oldest first."""
    found = [each for each in system().records.cases.open() if each.kind is CaseKind.SUSPENSE]
    if as_json:
        told([{"case": each.case_id, "reason": each.reason} for each in found])
        return
    table = Table("Case", "Since", "What the bank says")
    for each in found:
        table.add_row(each.case_id, when(each.opened_at), each.reason)
    out().print(table if found else "Nothing is in suspense.")


@commands.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show one, masked, and the entries that it may be about with what speaks for each."""
    here = system()
    with in_words(MISSING.format(name)):
        _, item = here.suspense_desk.open(name)
        found = [_weighed(each) for each in here.suspense_desk.candidates(name)]
    if as_json:
        told({**_plain(item), "candidates": found})
        return
    facts = Table.grid(padding=(0, 3))
    for what, value in _plain(item).items():
        facts.add_row(what.replace("_", " "), str(value))
    out().print(facts)
    if not found:
        out().print("Nothing of ours is like it.")
        return
    table = Table("Payment", "Enrollment", "Amount", "Debited on", "Account", "The same")
    for each in found:
        table.add_row(*each.values())
    out().print(table)


@commands.command()
def book(
    name: Name,
    to: Annotated[str, typer.Option(help="Id of the payment that it is about.", prompt="Payment")],
    reason: Reason,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Book it to the entry of a payment; a second person must say the same.

    A return is posted as if the bank had named that payment, with all that follows from its code.
    """
    here = system()
    signed = signature(by, reason, here.clock.now())
    ask(f"Book {name} to {to}?", yes)
    with in_words(MISSING.format(name)):
        is_done = here.suspense_desk.book(name, to, signed)
    out().print(f"Booked to {to}." if is_done else SECOND, markup=False)


@commands.command()
def again(name: Name, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Try it once more by itself, after what was wrong was mended."""
    here = system()
    signed = signature(by, reason, here.clock.now())
    ask(f"Read {name} again?", yes)
    with in_words(MISSING.format(name)):
        payment_id = here.suspense_desk.read_again(name, signed)
    out().print(f"Booked to {payment_id}.", markup=False)


@commands.command()
def drop(name: Name, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Book nothing: it is not ours. A second person must say the same."""
    here = system()
    signed = signature(by, reason, here.clock.now())
    ask(f"Drop {name}?", yes)
    with in_words(MISSING.format(name)):
        is_done = here.suspense_desk.drop(name, signed)
    out().print(f"Dropped: {name}." if is_done else SECOND, markup=False)


def _plain(item: AnswerEntry) -> dict[str, Any]:
    """Nothing that may be an account number is said whole (rule 33)."""
    known = name_of(item)
    return {
        "code": f"{item.code}, {_meaning(item)}",
        "amount": dollars(item.amount_cents),
        "account_ending": item.account.last4,
        "id": known if is_payment_id(known) else "none of ours",
        "settled": item.batch.settlement_date if item.batch else "",
    }


def _meaning(item: AnswerEntry) -> str:
    match item:
        case ReturnEntry():
            return returns.decide(item.code).meaning
        case ChangeEntry():
            return changes.decide(item.code, item.corrected_data).meaning
    return ITEM_REFUSED.meaning


def _weighed(each: Candidate) -> dict[str, str]:
    entry = each.entry
    return {
        "payment": entry.payment_id,
        "enrollment": entry.enrollment_id,
        "amount": dollars(entry.amount_cents),
        "debited_on": entry.effective_on.isoformat(),
        "account_ending": entry.account.last4,
        "the_same": ", ".join(each.agrees_in),
    }
