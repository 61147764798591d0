"""What may honestly differ from a run without a fault, and what else differs."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.faults.state import State
from tests.faults.world import OUTBOUND

Row = Mapping[str, Any]
ONCE = ("sealed/", OUTBOUND)

MAY_DIFFER: Mapping[tuple[str, str], str] = {
    ("outbox", "attempts"): "how often a mail was tried",
    ("outbox", "woken_at"): "when the sweeper last woke the sender of one that waits",
    ("journeys", "seen_at"): "a form that was sent again was seen later",
    ("journeys", "version"): "a form that was sent again may count once more",
}
"""(table, attribute): why it is left out of the comparison."""

NOT_COMPARED: Mapping[tuple[str, str], str] = {
    ("find", "journeys"): "each search that is sent is one: a new journey under a new secret "
    "(no fixation), and a ticket that is not given back counts as a miss (decision 0029)",
}
"""(flow, table): why it is not compared at all."""


def states(here: State, there: State, flow: str) -> list[str]:
    """A line for each row, object, entry and mail that is not as in the calm run."""
    found: list[str] = []
    for table in here.store.items:
        if (flow, table) in NOT_COMPARED:
            continue
        found += _rows(table, here.store.items[table], there.store.items[table])
    found += _mapped("object", _bytes(here), _bytes(there))
    found += _mapped("file", _entries(here), _entries(there))
    found += _mapped("mail", _mails(here), _mails(there))
    return [f"differs: {line}" for line in found]


def same(here: State, there: State) -> bool:
    """Whether all that decides what happens next is just the same."""
    return (
        here.store.items == there.store.items
        and _bytes(here) == _bytes(there)
        and here.queues == there.queues
        and here.told == there.told
        and here.dead == there.dead
        and here.has == there.has
        and vars(here.counter) == vars(there.counter)
    )


def answers(first: Row, now: Row, calm: Row) -> Iterator[str]:
    """What people were answered, at last and when they asked again."""
    for name, said in calm.items():
        if first.get(name) != said:
            yield f"answered: {name}: {first.get(name)}, not {said}"
        again = now.get(f"{name}, again", said)
        if again != said:
            yield f"answered: {name} once more: {again}, not {said}"


def second_copies(here: State, there: State) -> int:
    """Mails that went oftener than in the calm run."""
    now, then = (Counter(mail[0] for mail in state.sent) for state in (here, there))
    return sum((now - then).values())


def _rows(table: str, here: Mapping[Any, Row], there: Mapping[Any, Row]) -> Iterator[str]:
    for key in sorted({*here, *there}, key=str):
        one, other = _honest(table, here.get(key)), _honest(table, there.get(key))
        if one != other:
            yield f"{table} {key}: {_difference(one, other)}"


def _honest(table: str, row: Row | None) -> Row | None:
    if row is None:
        return None
    return {name: value for name, value in row.items() if (table, name) not in MAY_DIFFER}


def _difference(one: Row | None, other: Row | None) -> str:
    if one is None or other is None:
        return "is not there" if one is None else f"should not be there: {_brief(one)}"
    names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    return ", ".join(
        f"{name} {_brief(one.get(name))} not {_brief(other.get(name))}" for name in names
    )


def _brief(value: Any) -> str:
    return str(value)[:90]


def _bytes(state: State) -> dict[str, Any]:
    """Files with all their versions, for they are written once; of all else the newest."""
    found = {key: [body for body, _ in each.values()] for key, each in state.objects.items()}
    return {key: each if key.startswith(ONCE) else each[-1:] for key, each in found.items()}


def _entries(state: State) -> dict[str, Any]:
    return {key: [(e.person_id, e.cents, e.account, e.effective, e.trace) for e in kept]
            for key, kept in state.has.items()}  # fmt: skip


def _mails(state: State) -> dict[str, Any]:
    return {mail[0]: mail[1:] for mail in state.sent}


def _mapped(what: str, here: Row, there: Row) -> Iterator[str]:
    for key in sorted({*here, *there}):
        if here.get(key) != there.get(key):
            yield f"{what} {key}: {_brief(here.get(key))} not {_brief(there.get(key))}"
