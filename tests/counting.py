"""How much of the system a flow goes through: `python -m tests.counting`; a flow's name lists it.

A module counts when a function of it ran inside a process of ours; constants don't. What stands in
for AWS and the bank runs outside, and doesn't count.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import chalicelib
from tests.faults import table
from tests.faults.flows import FLOWS
from tests.faults.world import World
from tests.small import shrink

PAGE = Path(__file__).parents[1] / "docs" / "architecture.md"
BEGIN, END = (f"<!-- written by python -m tests.counting: {end} -->" for end in ("begin", "end"))
COUNTED = {
    "feed": "a feed: two change, two are new, one is bad",
    "submit_one": "Submit",
    "withdrawal": "the 22nd, over four mandates",
    "collection": "18:00: the day's payments go to the bank",
    "returned": "a return, R01, of a first payment and of another one",
    "mail_sender": "three letters are sent",
}
OURS = f"{Path(chalicelib.__file__).parent}/"


class Watch:
    """The modules whose functions ran while somebody watched."""

    def __init__(self) -> None:
        self._files: set[str] = set()

    def on(self, world: World) -> None:
        """From now on, in every process of this world."""
        invoke = world._invoke

        def watched(label: str, act: Callable[[], Any]) -> Any:
            return invoke(label, lambda: self._watching(act))

        world._invoke = watched  # type: ignore[method-assign]

    def _watching(self, act: Callable[[], Any]) -> Any:
        before = sys.getprofile()
        sys.setprofile(self._note)
        try:
            return act()
        finally:
            sys.setprofile(before)

    def _note(self, frame: Any, event: str, _arg: Any) -> None:
        if event == "call":
            self._files.add(frame.f_code.co_filename)

    @property
    def modules(self) -> list[str]:
        """Of chalicelib, as paths without their ends: returns/posting under services."""
        ours = (each.removeprefix(OURS) for each in self._files if each.startswith(OURS))
        return sorted(each.removesuffix(".py") for each in ours)


def modules(name: str) -> list[str]:
    """What a flow goes through, without its preparation."""
    world, watch = FLOWS[name].start(), Watch()
    watch.on(world)
    FLOWS[name].act(world)
    assert not world.failures, f"{name} failed"
    return watch.modules


def rooms(found: list[str]) -> list[str]:
    """The rooms of services/ among them."""
    return sorted({each.split("/")[1] for each in found if each.startswith("services/")})


def counted() -> str:
    """The table."""
    lines = ["| flow | modules | rooms of `services/` | which |", "|---|---|---|---|"]
    for name, words in COUNTED.items():
        found = modules(name)
        which = rooms(found)
        lines.append(f"| {words} | {len(found)} | {len(which)} | {', '.join(which)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    shrink()
    if sys.argv[1:]:
        print(*modules(sys.argv[1]), sep="\n")  # noqa: T201 - the terminal is what it is for
        return
    said = counted()
    print(said, end="")  # noqa: T201
    table.put(BEGIN, said, END, PAGE)


if __name__ == "__main__":
    main()
