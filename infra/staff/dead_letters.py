"""Dead letters are listed and sent again: to their queue, or to whom they were for."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import boto3
import typer
from rich.markup import escape
from rich.table import Table

from chalicelib.bootstrap import System, system
from infra.cloud import stacks
from infra.staff.dead_queues import DeadLetter, DeadQueue, dead_queues
from infra.staff.dead_words import Facts, Unclear, about, failure, woken
from infra.staff.terminal import (
    AsJson,
    By,
    Reason,
    Yes,
    ask,
    out,
    problem,
    signature,
    told,
    when,
    wrong,
)

commands = typer.Typer(
    help="What was given up: list it, or send it again.", invoke_without_command=True
)
Name = Annotated[str, typer.Argument(metavar="QUEUE", help="mail, feed, work, bank or events.")]
Only = Annotated[str, typer.Option("--id", help="Only this letter, as the list names it.")]
Send = Callable[[DeadLetter], None]


@commands.callback()
def listed(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List what lies in the dead-letter queues, by codes and ids, oldest first."""
    if ctx.invoked_subcommand:
        return
    here = system()
    now = here.clock.now()
    queues = [_plain(queue, now) for queue in _queues(here).values()]
    if as_json:
        told(queues)
        return
    table = Table("Queue", "Letters", "Oldest, hours")
    for queue in queues:
        table.add_row(
            queue["queue"],
            str(queue["count"]),
            "" if queue["oldest_hours"] is None else str(queue["oldest_hours"]),
        )
    out().print(table)
    letters = [(queue["queue"], each) for queue in queues for each in queue["letters"]]
    if not letters:
        out().print("No letter is dead.")
        return
    table = Table("Queue", "Id", "Sent", "Failure", "About")
    table.columns[1].overflow = "fold"  # it is copied from here
    for name, each in letters:
        words = escape(_words(each["about"]))
        table.add_row(name, each["id"], each["sent_at"], escape(each["failure"]), words)
    out().print(table)
    out().print("Why: search the log for the id, or for what the letter is about.")


@commands.command()
def again(name: Name, reason: Reason, only: Only = "", by: By = "", yes: Yes = False) -> None:
    """Send dead letters again. Mend first what failed; a second delivery is harmless."""
    here = system()
    queue = _queues(here).get(name)
    if queue is None:
        raise wrong(f"There is no queue {name}: {', '.join(_queues(here))}.")
    signed = signature(by, reason, here.clock.now())
    with queue.opened() as found:
        letters = [letter for letter in found if only in ("", letter.id)]
        if not letters:
            raise wrong(f"No letter {only} lies there." if only else "No letter lies there.")
        for letter in letters:
            out().print(f"{letter.id}: {_words(about(name, letter))}", markup=False)
        ask(f"Send {_letters(len(letters))} of {name} again?", yes)
        what = f"sent_again#{only}" if only else "sent_again"
        here.records.commit(*here.records.audit.signing(f"dead-letters#{name}", what, signed))
        sent = sum(_is_sent(queue, letter, _way(here, queue)) for letter in letters)
    out().print(f"Sent again: {_letters(sent)}.")
    if sent < len(letters):
        raise wrong(f"{_letters(len(letters) - sent)} stay: nobody can say whom they were for.")


def _queues(here: System) -> dict[str, DeadQueue]:
    return dead_queues(here.settings, boto3.client("sqs"))


def _way(here: System, queue: DeadQueue) -> Send:
    """How a letter of this queue goes out again. Raises Unclear of one that can't."""
    if queue.source:
        return queue.back_to_source
    functions = stacks.functions(here.settings.stage)
    return lambda letter: functions.wake(*woken(letter))


def _is_sent(queue: DeadQueue, letter: DeadLetter, send: Send) -> bool:
    try:
        queue.send_again(letter, send)
    except Unclear:
        problem(f"{letter.id} stays where it is.")
        return False
    return True


def _plain(queue: DeadQueue, now: datetime) -> dict[str, Any]:
    with queue.opened() as letters:
        ages = [(now - letter.sent_at).total_seconds() / 3600 for letter in letters]
        return {
            "queue": queue.name,
            "count": max(len(letters), queue.count()),
            "oldest_hours": round(max(ages), 1) if ages else None,
            "letters": [
                {
                    "id": letter.id,
                    "sent_at": when(letter.sent_at),
                    "failure": failure(letter),
                    "about": about(queue.name, letter),
                }
                for letter in letters
            ],
        }


def _words(facts: Facts) -> str:
    return ", ".join(f"{key} {value}" for key, value in facts.items())


def _letters(count: int) -> str:
    return f"{count} {'letter' if count == 1 else 'letters'}"
