"""What a bank may ask for: evidence of an authorization, on demand (Nacha: ten banking days)."""

import html
import json
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from chalicelib.bootstrap import system
from chalicelib.domain.errors import NotFound
from infra.staff.terminal import out, told, wrong

LONGEST_NAME = 60  # of a bank, as review shows it

commands = typer.Typer(help="Evidence of what a member authorized.", no_args_is_help=True)
Out = Annotated[Path | None, typer.Option(help="Write a page (.html) or data (.json) here.")]


@commands.command()
def payment(
    name: Annotated[str, typer.Argument(help="Payment id, or confirmation number HC-….")],
    to: Out = None,
) -> None:
    """Text, version, time and source of a Submit, its debits and returns."""
    try:
        _hand_out(f"Payment {name}", system().evidencing.of_payment(name), to)
    except NotFound:
        raise wrong(f"There is no payment {name}.") from None


@commands.command()
def mandate(
    enrollment_id: Annotated[str, typer.Argument(help="Enrollment id.")],
    mandate_id: Annotated[str, typer.Argument(help="Mandate id.")],
    to: Out = None,
) -> None:
    """Text, version, time and source of a mandate, what was announced, debits and returns."""
    try:
        found = system().evidencing.of_mandate(enrollment_id, mandate_id)
    except NotFound:
        raise wrong(f"{enrollment_id} has no mandate {mandate_id}.") from None
    _hand_out(f"Mandate {mandate_id}", found, to)


def directory(
    file: Annotated[
        Path,
        typer.Argument(
            help="Routing numbers, one in a line; after a comma the bank's name.", exists=True
        ),
    ],
) -> None:
    """Load a directory of routing numbers; from then on only these are accepted (rule 12)."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    rows = [tuple(part.strip(' "') for part in line.partition(",")[::2]) for line in lines]
    bad = [n for n, (number, _) in enumerate(rows, 1) if not re.fullmatch(r"[0-9]{9}", number)]
    if bad:
        raise wrong(f"Line {bad[0]} is no routing number; nothing was loaded.")
    with out().status(f"Loading {len(rows)} routing numbers ..."):
        names = {number: name[:LONGEST_NAME] for number, name in rows}
        loaded = system().records.routing.load([number for number, _ in rows], names)
    out().print(f"{loaded} routing numbers are loaded.")


def _hand_out(title: str, found: dict[str, Any], to: Path | None) -> None:
    if to is None:
        told(found)
        return
    body = page(title, found) if to.suffix == ".html" else json.dumps(found, indent=1)
    to.write_text(body, encoding="utf-8")
    out().print(f"Written to {to}.")


def page(title: str, found: dict[str, Any]) -> str:
    """A page that can be printed and sent to the bank."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title><style>"
        "body{font:16px/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
        "dt{font-weight:bold}dd{margin:0 0 .5rem}section{margin-left:1rem}</style></head>"
        f"<body><h1>{html.escape(title)}</h1>{_shown(found)}</body></html>"
    )


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        rows = (
            f"<dt>{html.escape(name.replace('_', ' '))}</dt><dd>{_shown(each)}</dd>"
            for name, each in value.items()
        )
        return f"<dl>{''.join(rows)}</dl>"
    if isinstance(value, list):
        return "".join(f"<section>{_shown(each)}</section>" for each in value) or "none"
    return html.escape("" if value is None else str(value))
