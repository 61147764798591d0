"""Corrections that were not applied by themselves: shown, applied as typed, refused (rule 52)."""

from typing import Annotated

import typer

from chalicelib.bootstrap import system
from chalicelib.domain.ach import changes
from chalicelib.domain.ach.changes import Correction
from chalicelib.domain.ach.refused_changes import REFUSALS
from chalicelib.domain.errors import Wrong
from chalicelib.domain.payment import AccountNumber, AccountType, routing_number
from infra.staff.refusals import in_words
from infra.staff.suspense import SECOND
from infra.staff.terminal import AsJson, By, Reason, Yes, ask, out, signature, told, wrong

commands = typer.Typer(help="One correction of a bank's that waits.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="CASE", help="A case change#… of `cases`.")]
MISSING = "No correction waits under {}."
SHOWN = 4  # signs at the end of what may be an account number


@commands.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show what the bank wrote, masked: why it could not be read. Ask the bank what it meant."""
    with in_words(MISSING.format(name)):
        item = system().correction_desk.open(name)
        may_be = system().refusing_changes.reasons(name)
        until = system().refusing_changes.last_day(name)
    data = item.corrected_data.rstrip()
    hidden = "".join("*" if each.isalnum() else each for each in data[:-SHOWN])
    found = {
        "code": f"{item.code}, {changes.decide(item.code, item.corrected_data).meaning}",
        "account_ending": item.account.last4,
        "wrote": hidden + data[-SHOWN:],
        "may_be_refused_as": ", ".join(f"{each}, {REFUSALS[each]}" for each in may_be),
        "until": f"{until:%B} {until.day}, {until.year}",
    }
    if as_json:
        told(found)
        return
    for what, value in found.items():
        out().print(f"{what.replace('_', ' ')}: {value}", markup=False)


@commands.command()
def apply(
    name: Name,
    reason: Reason,
    account: Annotated[str, typer.Option(help="The right account number.")] = "",
    routing: Annotated[str, typer.Option(help="The right routing number.")] = "",
    account_type: Annotated[str, typer.Option("--type", help="checking or savings.")] = "",
    by: By = "",
    yes: Yes = False,
) -> None:
    """Correct the account as the bank said on the phone; the member is told. By two people."""
    here = system()
    signed = signature(by, reason, here.clock.now())
    typed = _typed(account, routing, account_type)
    ask(f"Correct what is debited, for {name}?", yes)
    with in_words(MISSING.format(name)):
        is_done = here.correction_desk.apply(name, typed, signed)
    out().print(f"Corrected: {name}." if is_done else SECOND, markup=False)


@commands.command()
def refuse(
    name: Name,
    reason: Reason,
    code: Annotated[str, typer.Option(help="C61 to C69; else the one that we can see.")] = "",
    by: By = "",
    yes: Yes = False,
) -> None:
    """Send it back with the next file: the bank must write it anew. Nothing is corrected."""
    here = system()
    if code and code not in REFUSALS:
        raise wrong("\n".join(f"{each}: {what}" for each, what in REFUSALS.items()))
    ask(f"Refuse {name}?", yes)
    signed = signature(by, reason, here.clock.now())  # a collection may have closed meanwhile
    with in_words(MISSING.format(name)):
        entry = here.refusing_changes.refuse(name, code or None, signed)
    assert entry.refused, "a refusal says what it refuses"
    said = f"Refused, {entry.refused.code}: it goes to the bank for {entry.effective_on}."
    out().print(said, markup=False)


def _typed(account: str, routing: str, account_type: str) -> Correction:
    """Raises typer.Exit in the words of whoever typed it."""
    if not (account or routing or account_type):
        raise wrong("Say what is right: --account, --routing or --type.")
    try:
        return Correction(
            account=AccountNumber.parse(account) if account else None,
            routing=routing_number(routing) if routing else None,
            account_type=AccountType(account_type) if account_type else None,
        )
    except Wrong:
        raise wrong("An account number has 4 to 17 digits, a routing number nine.") from None
    except ValueError:
        raise wrong("The type is checking or savings.") from None
