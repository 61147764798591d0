"""A whole file from the bank, judged when all its problems are known."""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.ach.findings import (
    BatchRead,
    ChangeEntry,
    Fault,
    ForwardEntry,
    Item,
    Problem,
    ReturnEntry,
)
from chalicelib.domain.ach.reader import read

MOST_PROBLEMS = 1000  # kept of each kind; the first ones tell what is wrong with a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What can be relied on, and what must be looked at."""

    returns: tuple[ReturnEntry, ...]
    changes: tuple[ChangeEntry, ...]
    entries: tuple[ForwardEntry, ...]
    doubtful: tuple[Item, ...]  # readable, but of a batch that has a grave problem
    problems: tuple[Problem, ...]  # the grave ones first
    is_cut: bool = False  # no file control at its end: what followed never reached us

    @property
    def is_understood(self) -> bool:
        """False: the file goes to quarantine, and its grave problems are the reason."""
        return not any(problem.is_grave for problem in self.problems)

    @property
    def needs_a_look(self) -> bool:
        """Whether the file is kept for staff, also when what could be read of it was applied."""
        return not self.is_understood or self.is_cut or bool(self.doubtful or self.entries)


def read_whole(chunks: Iterable[bytes]) -> Reading:
    """Everything in the file. A batch with a grave problem makes all its items doubtful."""
    sound: list[Item] = []
    doubtful: list[Item] = []
    waiting: list[Item] = []
    grave: list[Problem] = []
    harmless: list[Problem] = []
    is_cut = False
    for found in read(chunks):
        if isinstance(found, Problem):
            is_cut = is_cut or found.fault is Fault.NO_FILE_CONTROL
            kept = grave if found.is_grave else harmless
            if len(kept) < MOST_PROBLEMS:
                kept.append(found)
        elif isinstance(found, BatchRead):
            (sound if found.is_sound else doubtful).extend(waiting)
            waiting.clear()
        else:
            waiting.append(found)
    assert not waiting, "every item belongs to a batch, or to none and is reported so"
    return Reading(
        returns=tuple(item for item in sound if isinstance(item, ReturnEntry)),
        changes=tuple(item for item in sound if isinstance(item, ChangeEntry)),
        entries=tuple(item for item in sound if isinstance(item, ForwardEntry)),
        doubtful=tuple(doubtful),
        problems=(*grave, *harmless),
        is_cut=is_cut,
    )
