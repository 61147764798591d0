"""Which items of the bank's file were applied before: known by one read a sealing, not by item."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chalicelib.domain.ach.findings import ReturnEntry
from chalicelib.domain.sealing import Sealing
from chalicelib.repositories.records import Records


@dataclass(slots=True, kw_only=True)
class Answered:
    """What was applied before some items of a file are read; not what is applied meanwhile."""

    records: Records
    manifests: Sequence[Sealing]
    _known: dict[str, frozenset[str]] = field(default_factory=dict)

    def has(self, item: ReturnEntry, fingerprint: str) -> bool:
        """Whether just this was applied: a reading may be old, but an answer never goes away."""
        trace = item.original_trace[-7:]
        return trace.isdigit() and any(
            fingerprint in self._of(sealing)
            for sealing in reversed(self.manifests)
            if sealing.part_of(int(trace))
        )

    def _of(self, sealing: Sealing) -> frozenset[str]:
        name = sealing.sealing
        if name not in self._known:
            answers = self.records.sealings.answers(sealing)
            self._known[name] = frozenset(each.item for each in answers if each.item)
        return self._known[name]
