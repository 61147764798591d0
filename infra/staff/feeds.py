"""Feeds that are held are listed, shown, released and refused (rule 40)."""

from typing import Annotated, Any

import typer
from rich.table import Table

from chalicelib.bootstrap import System, system
from chalicelib.domain.money import dollars
from chalicelib.repositories.held_feeds import HeldFeed
from chalicelib.store import ConditionFailed
from infra.staff.terminal import AsJson, By, Reason, Yes, ask, out, signature, told, when, wrong

commands = typer.Typer(help="One feed that is held.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="FEED", help="As `feeds` lists it.")]


def feeds(as_json: AsJson = False) -> None:
    """List the feeds that are held, oldest first: nothing of them was imported."""
    found = system().records.held_feeds.all()
    if as_json:
        told([_plain(held) for held in found])
        return
    if not found:
        out().print("No feed is held.")
        return
    table = Table("Feed", "Came", "Why", "Released by")
    for held in found:
        names = ", ".join(each.who for each in held.releases)
        table.add_row(held.name, when(held.arrived_at), "\n".join(held.why), names)
    out().print(table)


@commands.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Say what a held feed has: rows, sums, rejects by reason."""
    here = system()
    held = _found(here, name)
    seen = here.feed_holding.totals(held)
    said = {
        "Rows": f"{seen.accepted + seen.rejected:,}",
        "Good": f"{seen.accepted:,}",
        "Premiums": dollars(seen.premium_cents),
        "Balances": dollars(seen.balance_cents),
        **{f"Rejected: {why}": f"{number:,}" for why, number in seen.reasons.most_common()},
        "First rejected lines": ", ".join(map(str, seen.first_lines)),
    }
    if as_json:
        told({**_plain(held), "totals": said})
        return
    for why in held.why:
        out().print(f"Held: {why}.", markup=False)
    table = Table("Of its rows", "")
    for what, number in said.items():
        table.add_row(what, number)
    out().print(table)


@commands.command()
def release(name: Name, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Import a held feed as it is, in the order of the instant at which it came.

    Adjustments are read when a second person has released them, too.
    """
    here = system()
    held = _found(here, name)
    signed = signature(by, reason, here.clock.now())
    ask(f"Import {name}?", yes)
    try:
        is_done = here.feed_holding.release(held, signed)
    except ConditionFailed:
        raise wrong(f"{name} was decided by somebody else meanwhile.") from None
    if is_done:
        out().print(f"Released: {name}. It is read now.", markup=False)
    else:
        out().print("Released by you. A second person must release it before it is read.")


@commands.command()
def refuse(name: Name, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Import nothing of a held feed, ever. Tell the exchange why."""
    here = system()
    held = _found(here, name)
    signed = signature(by, reason, here.clock.now())
    ask(f"Refuse {name}?", yes)
    try:
        here.feed_holding.refuse(held, signed)
    except ConditionFailed:
        raise wrong(f"{name} was decided by somebody else meanwhile.") from None
    out().print(f"Refused: {name}.", markup=False)


def _found(here: System, name: str) -> HeldFeed:
    for held in here.records.held_feeds.all():
        if held.name == name:
            return held
    raise wrong(f"No feed {name} is held. `feeds` lists those that are.")


def _plain(held: HeldFeed) -> dict[str, Any]:
    return {"feed": held.name, "came_at": when(held.arrived_at), "why": list(held.why)}
