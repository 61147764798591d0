"""Whom a closed run of the 22nd never decided: found in the evening, told, and counted (0034).

A run looks only into slots that a row calls filled. Were such a row lost, its members would be in
no count; so the evening asks every slot for active mandates without a decision.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import ledger
from chalicelib.domain.due import DueDates
from chalicelib.domain.enrollment import Plan
from chalicelib.domain.entry import Batch, run_collection
from chalicelib.domain.ledger import Line
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate, Mandates
from chalicelib.domain.payment import withdrawal_payment_id
from chalicelib.domain.run import Counts, Run, slots_of
from chalicelib.domain.withdrawal import (
    Decision,
    Exclusion,
    Verdict,
    decision_line,
    unreadable_line,
)
from chalicelib.repositories.mandates import enrollment_of
from chalicelib.repositories.records import Records
from chalicelib.services.mail.mandate_mails import excluded_mail
from chalicelib.services.monthly.running import PAGE_ROWS
from chalicelib.services.monthly.withdrawals import excluded_case
from chalicelib.store import ConditionFailed

Undecided = tuple[str, Mandate | None]
"""An enrollment, and its mandate where that can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """What finding them needs of the world."""

    records: Records
    due: DueDates

    def of(self, run: Run, shard: int) -> Iterator[Undecided]:
        """All of a shard that has reported, in key order; none of one that goes on."""
        if not self.records.runs.checkpoint(run, shard).reported:
            return
        for slot in slots_of(shard, run.shards):
            after = ""
            while rows := self.records.mandates.in_slot(slot, after, PAGE_ROWS):
                yield from self._undecided(run, rows)
                after = rows[-1][0]

    def exclude(self, run: Run, shard: int, at: datetime) -> None:
        """Nothing is taken any more: each is excluded, counted, a case, and told, all or none."""
        for enrollment_id, mandate in list(self.of(run, shard)):
            line = _line(run, enrollment_id, mandate, at)
            place = self.records.runs.checkpoint(run, shard)
            case = excluded_case(line, mandate.contact.phone if mandate else None)
            with suppress(ConditionFailed):  # another delivery is at it
                self.records.commit(
                    self.records.mandates.filling(enrollment_id),
                    self.records.books.adding_line(line),
                    self.records.runs.counting(place, Counts(active=1, excluded=1)),
                    self.records.cases.opening(case),
                    mails=self._mails(run, mandate, line),
                )

    def _undecided(self, run: Run, rows: list[tuple[str, Mandates | None]]) -> list[Undecided]:
        asked = dict[str, Mandate | None]()
        for key, mandates in rows:
            mandate = mandates.active_in(run.period) if mandates else None
            if mandates is None or mandate:
                asked[enrollment_of(key)] = mandate
        decided = self.records.books.having(list(asked), run.run_id)
        missing = [each for each in asked.items() if each[0] not in decided]
        return [each for each in missing if not self._is_debited(run, each[0])]

    def _is_debited(self, run: Run, enrollment_id: str) -> bool:
        """Whether an entry stands all the same: then its ledger line is gone, another matter."""
        collection = run_collection(run, enrollment_id)
        payment_id = withdrawal_payment_id(enrollment_id, run.period)
        batches = map(Batch, Plan)
        return any(self.records.books.entry(collection, batch, payment_id) for batch in batches)

    def _mails(self, run: Run, mandate: Mandate | None, line: Line) -> list[Mail]:
        if mandate is None:
            return []  # staff call
        lines = self.records.books.readable_lines(mandate.enrollment_id)
        owed_cents = None if lines is None else ledger.owed(lines)
        enrollment = self.records.enrollments.get(mandate.enrollment_id)
        return [excluded_mail(mandate, line, owed_cents, self.due.of(run.period), enrollment)]


def _line(run: Run, enrollment_id: str, mandate: Mandate | None, at: datetime) -> Line:
    if mandate:
        decision = Decision(verdict=Verdict.EXCLUDED, reason=Exclusion.TOO_LATE)
        return decision_line(mandate, run.period, decision, at)
    return unreadable_line(enrollment_id, run.period, at)
