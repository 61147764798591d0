"""A whole file from the bank, judged when all its problems are known."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from chalicelib.domain.ach.findings import (
    AnswerEntry,
    BatchRead,
    ChangeEntry,
    Fault,
    ForwardEntry,
    Item,
    Problem,
    ReturnEntry,
)
from chalicelib.domain.ach.reader import read
from chalicelib.domain.bank_profile import DEFAULT, BankProfile

ALL = range(sys.maxsize)
MOST_KEPT = 1000  # problems of each kind, and items that are only looked at: the first ones tell


@dataclass(slots=True)
class Holding:
    """What is wanted of the file while it is read, and of the batch: it may still be unreliable."""

    wanted: range
    answers: list[AnswerEntry] = field(default_factory=list)
    entries: list[ForwardEntry] = field(default_factory=list)
    unreliable: list[Item] = field(default_factory=list)
    count: int = 0
    _answers: list[AnswerEntry] = field(default_factory=list)
    _first: list[Item] = field(default_factory=list)  # of the batch, whatever they are
    _entries: list[ForwardEntry] = field(default_factory=list)
    _count: int = 0

    @property
    def is_open(self) -> bool:
        """Whether something waits for the end of its batch."""
        return bool(self._first)

    def add(self, item: Item) -> None:
        """One more of the batch."""
        if len(self._first) < MOST_KEPT:
            self._first.append(item)
        if isinstance(item, ForwardEntry):
            if len(self._entries) < MOST_KEPT:
                self._entries.append(item)
            return
        if self.count + self._count in self.wanted:
            self._answers.append(item)
        self._count += 1

    def close(self, *, is_sound: bool) -> None:
        """The batch is over: its answers count, or all of it is unreliable."""
        if is_sound:
            self.answers += self._answers
            self.entries += self._entries[: MOST_KEPT - len(self.entries)]
            self.count += self._count
        else:
            self.unreliable += self._first[: MOST_KEPT - len(self.unreliable)]
        self._answers, self._first, self._entries, self._count = [], [], [], 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What can be relied on, and what must be looked at."""

    answers: tuple[AnswerEntry, ...]  # returns and changes, in the file's order: those asked for
    count: int  # of all answers that can be relied on
    entries: tuple[ForwardEntry, ...]
    unreliable: tuple[Item, ...]  # readable, but of a batch that has a grave problem
    problems: tuple[Problem, ...]  # the grave ones first
    is_cut: bool = False  # no file control at its end: what followed never reached us
    batches: int = 0  # that were read, sound or not

    @property
    def returns(self) -> tuple[ReturnEntry, ...]:
        """Of the answers, those of which money or a prenote came back."""
        return tuple(item for item in self.answers if isinstance(item, ReturnEntry))

    @property
    def changes(self) -> tuple[ChangeEntry, ...]:
        """Of the answers, those that correct an account."""
        return tuple(item for item in self.answers if isinstance(item, ChangeEntry))

    @property
    def says_nothing(self) -> bool:
        """Neither a batch nor a control could be read: it may hold any return (rule 48)."""
        is_empty = any(problem.fault is Fault.NOTHING for problem in self.problems)
        return not self.batches and (self.is_cut or is_empty)

    @property
    def is_understood(self) -> bool:
        """False: the file goes to quarantine, and its grave problems are the reason."""
        return not any(problem.is_grave for problem in self.problems)

    @property
    def needs_a_look(self) -> bool:
        """Whether the file is kept for staff, also when what could be read of it was applied."""
        return not self.is_understood or self.is_cut or bool(self.unreliable or self.entries)


def read_whole(
    chunks: Iterable[bytes], wanted: range = ALL, *, profile: BankProfile = DEFAULT
) -> Reading:
    """Judges everything in the file, and keeps the answers that are `wanted`, counted from 0.

    A batch with a grave problem makes all its items unreliable. Memory grows with what is wanted,
    not with the file.
    """
    kept = Holding(wanted)
    grave: list[Problem] = []
    harmless: list[Problem] = []
    is_cut, batches = False, 0
    for found in read(chunks, profile):
        if isinstance(found, Problem):
            is_cut = is_cut or found.fault is Fault.NO_FILE_CONTROL
            problems = grave if found.is_grave else harmless
            if len(problems) < MOST_KEPT:
                problems.append(found)
        elif isinstance(found, BatchRead):
            kept.close(is_sound=found.is_sound)
            batches += found.has_header
        else:
            kept.add(found)
    assert not kept.is_open, "every item belongs to a batch, or to none and is reported so"
    return Reading(
        answers=tuple(kept.answers),
        count=kept.count,
        entries=tuple(kept.entries),
        unreliable=tuple(kept.unreliable),
        problems=(*grave, *harmless),
        is_cut=is_cut,
        batches=batches,
    )
