"""Staff at a desk in the offline world: a command is run in it, as a person, one at a time."""

import io
import json
import logging
import threading
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

import typer

from infra.offline.clock import written
from infra.offline.environment import ACCOUNT
from infra.offline.views import Said, Unreadable, Unusable
from infra.staff.__main__ import app
from infra.staff.case_commands import commands_of
from infra.staff.terminal import WRONG, Caller, called_by

if TYPE_CHECKING:
    from infra.offline.world import World

EXAMPLE = '{"words": ["payments", "E123"], "as": "Ada"}'
COLUMNS = 120  # fit into the page of a laptop
LONGEST_NAME = 64  # STS: of a session

log = logging.getLogger("infra.offline")


class StaffDesk:
    """Where commands are typed, and what is to be done lies."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._lock = threading.Lock()  # what a command writes is caught for the whole process

    def view(self) -> Said:
        """The open cases, each with the commands that its kind names."""
        return {
            "cases": [
                {
                    "case": case.case_id,
                    "enrollment_id": case.enrollment_id,
                    "reason": case.reason,
                    "opened_at": written(case.opened_at),
                    "commands": commands_of(case.case_id),
                }
                for case in self._world.system.records.cases.open()
            ]
        }

    def post(self, body: bytes, _content_type: str) -> Said:
        """Runs a command; what it wrote, and how it ended."""
        words, who = _asked(body)
        # As AWS names who has taken the role under their own name: two names are two people.
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/StaffActRole/{who}"
        said = io.StringIO()
        caller = Caller(who=who, identity=arn, columns=COLUMNS)
        with self._lock, redirect_stdout(said), redirect_stderr(said), called_by(caller):
            code = _run(words)
        return {"exit": code, "text": said.getvalue()}


def _asked(body: bytes) -> tuple[list[str], str]:
    try:
        asked = json.loads(body)
    except ValueError:
        raise Unreadable(f"send JSON like {EXAMPLE}") from None
    words, who = (asked.get("words"), asked.get("as")) if isinstance(asked, dict) else (None, None)
    if not isinstance(words, list) or not words or not all(map(_is_text, words)):
        raise Unusable(f"words: a command and what belongs to it, like {EXAMPLE}")
    name = who.strip() if isinstance(who, str) else ""
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise Unusable(f"as: the name of whoever does this, like {EXAMPLE}")
    return words, name


def _is_text(word: object) -> bool:
    """JSON can name half of a sign, which nothing can write."""
    return isinstance(word, str) and not any("\ud800" <= sign <= "\udfff" for sign in word)


def _run(words: list[str]) -> int:
    command = typer.main.get_command(app)  # made anew each time
    _ask_nothing(command)
    try:
        command.main(words, prog_name="python -m infra.staff")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else WRONG
    except Exception as error:  # whoever asked is told, and the room stays open
        log.exception("a command of staff broke")
        typer.echo(f"This command broke: {type(error).__name__}: {error}", err=True)
        return WRONG
    return 0


def _ask_nothing(command: Any) -> None:
    """What a command would ask for must be said with it: nobody sits before this process."""
    for option in command.params:
        if getattr(option, "prompt", None):
            option.prompt, option.required = None, True
    for below in getattr(command, "commands", {}).values():
        _ask_nothing(below)
