"""What a shard of a run reported is proved against what stands there; and that it saw everyone."""

from dataclasses import dataclass

from chalicelib.domain.identities import joined, notice_letter, reminder_letter, run_shard
from chalicelib.domain.proof import Difference, Differs, Proof
from chalicelib.domain.run import Counts, Run, RunKind, slots_of
from chalicelib.domain.withdrawal import Announcement
from chalicelib.repositories.mandates import enrollment_of
from chalicelib.repositories.records import Records
from chalicelib.services.monthly.passed_over import PassedOver
from chalicelib.services.monthly.running import PAGE_ROWS

WHOLE_SLOT = 1000 * PAGE_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportProof:
    """What proving a report needs of the world."""

    records: Records
    passed_over: PassedOver

    def of(self, run: Run, shard: int) -> Proof:
        """How many were charged, or told, and the cents; a shard that goes on says nothing yet.

        What a withdrawal claimed is proved with its collection; here, that nobody was passed over.
        """
        if run.kind is RunKind.WITHDRAWAL:
            return Proof(
                tuple(_passed_over(run, each) for each, _ in self.passed_over.of(run, shard))
            )
        place = self.records.runs.checkpoint(run, shard)
        if not place.reported:
            return Proof()
        proving = {RunKind.BILLING: self._charged, RunKind.REMINDER: self._reminded}
        done = proving.get(run.kind, self._announced)
        stands = sum((done(run, slot) for slot in slots_of(shard, run.shards)), Counts())
        said = place.counts
        if (said.claimed, said.cents) == (stands.claimed, stands.cents):
            return Proof()
        found = Difference(
            where=run_shard(run.run_id, shard),
            what=Differs.OTHER_REPORT,
            expected_cents=said.cents,
            found_cents=stands.cents,
        )
        return Proof((found,))

    def _charged(self, run: Run, slot: int) -> Counts:
        """A run's lines are known by its instant."""
        counts = Counts()
        for enrollment_id in self.records.enrollments.in_slot(slot):
            lines = self.records.books.lines(enrollment_id)
            its = [line.amount_cents for line in lines if line.at == run.started_at]
            counts += Counts(claimed=int(bool(its)), cents=sum(its))
        return counts

    def _reminded(self, run: Run, slot: int) -> Counts:
        """By the letters that stand."""
        day, counts = run.started_at.date().isoformat(), Counts()
        for enrollment_id in self.records.enrollments.in_slot(slot):
            letter = self.records.outbox.get(day, reminder_letter(run.run_id, enrollment_id))
            counts += Counts(claimed=int(letter is not None))
        return counts

    def _announced(self, run: Run, slot: int) -> Counts:
        counts = Counts()
        enrollments = [
            enrollment_of(key) for key, _ in self.records.mandates.in_slot(slot, "", WHOLE_SLOT)
        ]
        announced = self.records.mandates.announced_in_slot(slot, run.period) if enrollments else {}
        for enrollment_id in enrollments:
            cents = self._announced_cents(run, enrollment_id, announced.get(enrollment_id))
            if cents is not None:
                counts += Counts(claimed=1, cents=cents)
        return counts

    def _announced_cents(
        self, run: Run, enrollment_id: str, announced: Announcement | None
    ) -> int | None:
        """By the row; where it was taken back, or other words came after it, by the letter."""
        if announced and announced.announced_at <= run.started_at:
            said = announced.cents if announced.lowered_from is None else announced.lowered_from
            return said if announced.announced_at == run.started_at else None
        day = run.started_at.date().isoformat()
        letter = self.records.outbox.get(day, notice_letter(run.run_id, enrollment_id))
        return int(letter.facts["cents"]) if letter else None


def _passed_over(run: Run, enrollment_id: str) -> Difference:
    return Difference(
        where=joined(run.run_id, enrollment_id),
        what=Differs.PASSED_OVER,
        enrollment_id=enrollment_id,
    )
