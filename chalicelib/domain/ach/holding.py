"""What is held of the bank's file while it is read: what is wanted, and the first of the rest."""

from dataclasses import dataclass, field

from chalicelib.domain.ach.findings import AnswerEntry, ForwardEntry, Item

MOST_KEPT = 1000  # problems of each kind, and items that are only looked at: the first ones tell


@dataclass(slots=True)
class Holding:
    """Of the file, and of the batch that is being read: all of it may still be doubtful."""

    wanted: range
    answers: list[AnswerEntry] = field(default_factory=list)
    entries: list[ForwardEntry] = field(default_factory=list)
    doubtful: list[Item] = field(default_factory=list)
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
        """The batch is over: its answers count, or all of it is doubtful."""
        if is_sound:
            self.answers += self._answers
            self.entries += self._entries[: MOST_KEPT - len(self.entries)]
            self.count += self._count
        else:
            self.doubtful += self._first[: MOST_KEPT - len(self.doubtful)]
        self._answers, self._first, self._entries, self._count = [], [], [], 0
