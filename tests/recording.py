"""A year as the outside sees it, written down: what must be equal before and after a change.

python -m tests.recording KEEP.json            plays it, and writes what was seen
python -m tests.recording --against KEEP.json  plays it, and tells every difference; 1 if any
"""

import argparse
import difflib
import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rich.console import Console
from rich.progress import Progress

from chalicelib import bootstrap
from chalicelib.domain.coverage import month_after
from chalicelib.domain.credit import WhyBack
from chalicelib.domain.payment import EntryKind
from infra.offline.bank_views import BankViews
from infra.offline.views import Views
from tests.builders import a_feed
from tests.faults.town import (
    at_review,
    debits,
    found,
    payment_of,
    row,
    signed,
    step,
)
from tests.faults.world import FEEDS, World
from tests.monthly import at
from tests.small import shrink

NAMES = [f"EN00000{n}" for n in range(1, 10)]
FIRST, MONTHS = "2026-12", 14
NSF, CLOSED, NO_AUTHORIZATION, NEW_NUMBER = "99000001", "99000002", "99000007", "99000101"
PAGES = ("billing", "recurring", "history")


class Seen(World):
    """The world of the faults, without one, and with the letters that members get."""

    def system(self, label: str) -> bootstrap.System:
        system = super().system(f"{label} at {self.now().isoformat()}")
        del system.__dict__["mailing"]
        return system


# --- who does what -------------------------------------------------------------------------------


def _pays(name: str, **how: Any) -> Callable[[World], None]:
    def act(world: World) -> None:
        member, form = at_review(world, name, **how)
        world.posts(f"pays {name} {world.now()}", member, "/review", **form)

    return act


def _recurring(name: str, what: str, **more: str) -> Callable[[World], None]:
    def act(world: World) -> None:
        member = found(world, name, to="recurring")
        step(world, "recurring", member, "/recurring")
        wanted = {what: world.state.notes[f"mandate {name}"], **more}
        world.posts(f"{what} {name} {world.now()}", member, "/recurring", **wanted)

    return act


def _cancels(name: str) -> Callable[[World], None]:
    def act(world: World) -> None:
        here = world.system("looks")
        [*_, mandate] = here.records.mandates.of(name).standing
        world.state.notes[f"mandate {name}"] = mandate.mandate_id
        _recurring(name, "cancel", confirm_cancel="yes")(world)

    return act


def _feed(*rows: dict[str, str]) -> Callable[[World], Any]:
    return lambda world: world.arrives(f"{FEEDS}{world.now():%Y%m%d}.csv", a_feed(*rows))


def _retries(name: str, kind: str = "withdrawal") -> Callable[[World], None]:
    def act(world: World) -> None:
        payment_id, by = payment_of(world, name, kind), signed(world)
        world.commands("retry", lambda here: here.retrying.release(name, payment_id, by))

    return act


def _refunds(name: str, cents: int) -> Callable[[World], None]:
    def act(world: World) -> None:
        what = (EntryKind.REFUND, WhyBack.CREDIT, name, payment_of(world, name), cents)
        by = [signed(world, who) for who in ("Ada", "Ada", "Grace")]
        credit = world.commands("propose", lambda here: here.crediting.propose(*what, by[0]))
        for n in (1, 2):
            world.commands(
                f"release {n}",
                lambda here, who=by[n]: here.crediting.release(credit.credit_id, who),
            )

    return act


def _debits(name: str, number: str) -> Callable[[World], None]:
    return lambda world: debits(world, name, number)


ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, EIGHT, NINE = NAMES
ACTS = [
    (at(3, 10), _pays(ONE)),
    (at(3, 11), _pays(TWO, monthly=True)),
    (at(3, 12), _pays(THREE, monthly=True, pay="other", amount="50.00")),
    (at(3, 13), _pays(FOUR, monthly=True, number=NSF)),
    (at(4, 10), _pays(FIVE, monthly=True, number=NEW_NUMBER)),
    (at(4, 11), _pays(SIX, monthly=True)),
    (at(4, 12), _pays(SEVEN, monthly=True)),
    (at(4, 18, 30), _pays(EIGHT, monthly=True)),
    (at(5, 12), _pays(NINE)),
    (at(23, 10), _cancels(SEVEN)),
    (at(3, 10, month="2027-01"), _pays(SEVEN, monthly=True, visit="again")),
    (at(5, 10, month="2027-02"), _cancels(SIX)),
    (at(8, 10, month="2027-02"), _recurring(SIX, "undo")),
    (at(9, 10, month="2027-02"), _debits(EIGHT, NSF)),
    (at(4, 10, month="2027-03"), _retries(EIGHT)),
    (at(5, 10, month="2027-03"), _pays(TWO, monthly=True, number="000987654321", visit="other")),
    (at(8, 4, month="2027-04"), _feed(row(TWO, premium="199.00"), row(THREE))),
    (at(22, 10, month="2027-04"), _cancels(SIX)),
    (at(2, 4, month="2027-05"), _feed(row(NINE, coverage_end="2027-06-30"))),
    (at(3, 10, month="2027-05"), _pays(ONE, pay="other", amount="300.00", visit="may")),
    (at(11, 10, month="2027-05"), _debits(SEVEN, CLOSED)),
    (at(9, 10, month="2027-06"), _pays(NINE, monthly=True, visit="june")),
    (at(11, 10, month="2027-07"), _debits(THREE, NO_AUTHORIZATION)),
    (at(12, 10, month="2027-08"), _pays(FOUR, pay="other", amount="3000.00", visit="august")),
    (at(20, 10, month="2027-08"), _refunds(FOUR, 5000)),
]


# --- what is seen --------------------------------------------------------------------------------


class Mailbox:
    """What was sent since the last look."""

    def __init__(self, world: World) -> None:
        self.world, self.read = world, 0

    def all(self) -> list[dict[str, str]]:
        """Address, subject and text of each message."""
        new = self.world.state.sent[self.read :]
        self.read += len(new)
        return [
            {"mail_id": name, "to": to, "subject": subject, "text": text}
            for name, to, subject, text in new
        ]


def _look(world: World, views: Views, bank: BankViews, files: set[str]) -> dict[str, Any]:
    """What the control room says, the new files of the bank, and the new messages."""
    new = sorted(set(world.state.has) - files)
    files |= set(new)
    return {
        "ledgers": {name: views.ledger(name) for name in NAMES},
        "mandates": {name: views.mandates(name) for name in NAMES},
        "runs": views.runs(),
        "cases": views.cases(),
        "reconciliation": bank.reconciliation(),
        "mail": views.mail(),
        "answers": dict(world.state.answers),
        "files": {
            name: next(iter(world.state.objects[name].values()))[0].decode().splitlines()
            if name in world.state.objects
            else "erased"
            for name in new
        },
    }


def _pages(world: World) -> dict[str, str]:
    """What members see who come in between."""
    seen = {}
    for name in NAMES:
        try:
            member = found(world, name)
        except AssertionError as not_found:
            seen[name] = str(not_found)
            continue
        step(
            world, f"contact {name}", member, "/contact",
            email="m@example.com", email_again="m@example.com", phone="617-555-0123",
        )  # fmt: skip
        for page in PAGES:
            answer = world._invoke(f"{page} {name}", lambda p=page, m=member: m.get(f"/{p}"))
            seen[f"{name} {page}"] = f"{answer.status} {answer.text}"
    return seen


def play(show: Callable[[int], None] = lambda _: None) -> dict[str, Any]:
    """Fourteen months; month -> what was seen at its end, and on the pages of some days."""
    shrink()
    world = Seen(at(1, 4), public_url="https://pay.example")
    _feed(*map(row, NAMES))(world)
    world.quiet()
    outside = SimpleNamespace(
        clock=SimpleNamespace(now=world.now),
        mailbox=Mailbox(world),
    )
    views, bank, files = Views(outside), BankViews(outside), set()
    acts, seen, month = sorted(ACTS, key=lambda a: a[0]), {}, FIRST
    for n in range(MONTHS):
        show(n)
        stops = [(at(day, 10, 30, month=month), None) for day in (7, 11, 22)]
        here = [*_of(acts, month), *stops, (at(1, 3, month=month_after(month)), "end")]
        pages = {}
        for when, act in sorted(here, key=lambda a: a[0]):
            world.lives(when)
            if act is None:
                pages[f"{when:%d}"] = _pages(world)
            elif act != "end":
                act(world)
            world.quiet()
        outside.system = world.system("looks")
        seen[month] = {**_look(world, views, bank, files), "pages": pages}
        month = month_after(month)
    seen["dead"] = world.state.dead
    return json.loads(json.dumps(seen, sort_keys=True, ensure_ascii=False))


def _of(acts: list[Any], month: str) -> list[tuple[datetime, Any]]:
    begin, end = at(1, 4, month=month), at(1, 4, month=month_after(month))
    return [act for act in acts if begin <= act[0] < end]


def differences(before: str, after: str) -> Iterator[str]:
    """Line by line."""
    lines = (text.splitlines() for text in (before, after))
    return difflib.unified_diff(*lines, "before", "after", lineterm="", n=1)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--against", action="store_true")
    given = parser.parse_args()
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("fourteen months", total=MONTHS)
        seen = play(lambda n: bar.update(task, completed=n))
        bar.update(task, completed=MONTHS)
    text = json.dumps(seen, sort_keys=True, indent=1, ensure_ascii=False)
    if not given.against:
        given.file.write_text(text, encoding="utf-8")
        return 0
    found_ = list(differences(given.file.read_text(encoding="utf-8"), text))
    print("\n".join(found_[:200]) or "equal")  # noqa: T201 - a command's answer
    return 1 if found_ else 0


if __name__ == "__main__":
    sys.exit(main())
