"""How every command talks: errors in one clear line, a question before danger, a signature."""

import getpass
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TextIO

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from typer.core import TyperGroup

from chalicelib.domain.signature import Signature
from chalicelib.settings import MissingSettings
from chalicelib.store import Contended

WRONG, UNREACHABLE = 1, 3

By = Annotated[
    str, typer.Option(help="Who does this; else STAFF_NAME, else your login.", show_default=False)
]
Reason = Annotated[str, typer.Option(help="Why; kept with your name.", prompt="Why")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose words these are, where they do not come from the terminal of this process."""

    who: str
    identity: str
    columns: int


_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)


@contextmanager
def called_by(caller: Caller) -> Iterator[None]:
    """Meanwhile commands of this thread are theirs; nobody can be asked anything."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


def is_called() -> bool:
    """Whether somebody calls from elsewhere."""
    return _caller.get() is not None


class Careful(TyperGroup):
    """All commands: what the world refuses is told in a line, never as a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """As inherited."""
        try:
            return super().invoke(ctx)
        except MissingSettings as missing:
            problem(f"This is not set up: {missing}.")
        except ClientError as error:
            said = error.response["Error"]
            problem(f"AWS refused {error.operation_name}: {said['Code']}. {said['Message']}")
        except Contended:
            problem("Something changed meanwhile. Look again.")
        except (BotoCoreError, TimeoutError) as error:
            problem(f"AWS cannot be reached: {error}")
        raise typer.Exit(UNREACHABLE)


def out() -> Console:
    """What was asked for."""
    return _console(sys.stdout)


def aside() -> Console:
    """Progress and problems, so that what was asked for can be piped on."""
    return _console(sys.stderr)


def problem(text: str) -> None:
    """One line in red."""
    aside().print(text, style="red", markup=False)


def wrong(text: str) -> typer.Exit:
    """Raise it: what was asked makes no sense, and nothing was done."""
    problem(text)
    return typer.Exit(WRONG)


def bars() -> Progress:
    """How far a long command is."""
    columns = (
        TextColumn("{task.description:<18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=aside(), transient=True, disable=is_called())


def told(value: Any) -> None:
    """Plain JSON, one document."""
    sys.stdout.write(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def ask(question: str, yes: bool) -> None:
    """A person must want it. Without an answer nothing is done."""
    if not yes and is_called():
        raise wrong(f"{question} Nobody can be asked here, and nothing was done. Say --yes.")
    if not yes:
        typer.confirm(question, abort=True, err=True)


def signature(by: str, why: str, at: datetime) -> Signature:
    """Who did it: as given, who calls, or whose session this is. Raises typer.Exit."""
    if not why.strip():
        raise wrong("Say why: --reason.")
    return Signature(who=by.strip() or _user(), why=why.strip(), at=at, identity=identity())


def identity() -> str:
    """Who AWS says is calling: needs no permission, and can't be typed."""
    if caller := _caller.get():
        return caller.identity
    return str(boto3.client("sts").get_caller_identity()["Arn"])


def when(at: datetime) -> str:
    """Whole seconds, UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _console(file: TextIO) -> Console:
    if caller := _caller.get():
        return Console(highlight=False, file=file, width=caller.columns, force_terminal=False)
    return Console(highlight=False, file=file)


def _user() -> str:
    if caller := _caller.get():
        return caller.who
    try:
        return os.environ.get("STAFF_NAME", "").strip() or getpass.getuser()
    except (OSError, KeyError):
        raise wrong("Say who you are: --by, or STAFF_NAME.") from None
