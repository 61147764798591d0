"""A file of the bank is tried on our readers, before the bank sends the next."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from chalicelib.domain import acknowledgement
from chalicelib.domain.ach.reading import Reading, read_whole
from chalicelib.domain.bank_profile import PROFILES, alien
from chalicelib.domain.bank_statement.movements import NotAStatement
from chalicelib.domain.bank_statement.reading import form_of, stated_days
from chalicelib.domain.money import dollars
from infra.staff.quarantine import print_reading
from infra.staff.terminal import out, wrong

commands = typer.Typer(help="What the bank sends.", no_args_is_help=True)


@commands.callback()
def bank() -> None:
    """A group, though of one command."""


@commands.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="On this machine.")],
    account: Annotated[
        str | None, typer.Option(help="Ours, as BANK_STATEMENT_ACCOUNT names it.")
    ] = None,
    profile: Annotated[
        str, typer.Option(envvar="BANK_PROFILE", help=f"{' or '.join(PROFILES)}.")
    ] = "default",
) -> None:
    """Say how a file would be read. Nothing of it is booked, kept or sent anywhere."""
    if profile not in PROFILES:
        raise wrong(f"A profile is {' or '.join(PROFILES)}.")
    raw = file.read_bytes().splitlines(keepends=True)
    lines = [*PROFILES[profile].unwrapped(raw)]
    out().print(f"As a bank of the profile {profile} would send it:")
    if PROFILES[profile].is_acknowledgement(lines[0]):
        _tell_acknowledged(acknowledgement.read(lines))
    elif form_of(next((line for line in lines if line.strip()), b"")):
        _tell_stated(lines, account)
    else:
        _tell_reading(read_whole(lines, profile=PROFILES[profile]), next(iter(raw), b""))


def _tell_acknowledged(said: acknowledgement.Said) -> None:
    out().print(f"An acknowledgement: it speaks of {len(said.rows)} files.")
    for each in said.problems:
        out().print(f"line {each.line}: {each.fault}", markup=False)


def _tell_stated(lines: list[bytes], account: str | None) -> None:
    try:
        days = stated_days(lines, account)
    except NotAStatement as refusal:
        raise wrong(f"A statement that would be refused: {refusal}.") from None
    out().print(f"A statement of {len(days)} days of our account:")
    for day in days:
        out().print(f"{day.on}: {day.movements} ACH movements, together {dollars(day.cents)}")


def _tell_reading(seen: Reading, first: bytes) -> None:
    kinds = Counter(type(each).__name__.removesuffix("Entry").lower() for each in seen.answers)
    kinds["forward"] = len(seen.entries)
    listed = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()) if n) or "no entry"
    out().print(f"A file in Nacha's form, with {seen.batches} batches: {listed}.")
    print_reading(seen)
    if seen.says_nothing:
        what = alien(first) or "it has neither a batch nor a control"
        raise wrong(f"Nothing can be read: {what}. While its case is open, nothing is called paid.")
    if seen.needs_a_look:
        raise wrong(
            "What can be relied on would be booked; the file is kept, and staff look at it."
        )
    out().print("All of it would be booked, or wait in suspense with its candidates.")
