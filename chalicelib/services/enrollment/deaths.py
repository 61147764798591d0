"""A death is of the person: each enrollment of the subscriber is treated alike (rule 46)."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.case import CaseKind
from chalicelib.domain.errors import NotFound
from chalicelib.domain.identities import audit_subject, joined
from chalicelib.domain.signature import Signature
from chalicelib.repositories.audit import signing
from chalicelib.repositories.records import Records
from chalicelib.services.enrollment.coverage_change import CoverageChange
from chalicelib.services.enrollment.coverage_effect import CoverageEffect
from chalicelib.store import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Deaths:
    """What it needs of the world."""

    records: Records
    coverage_effect: CoverageEffect

    def reach_all_of(self, subscriber_id: str, at: datetime, now: datetime) -> None:
        """Where one enrollment says it, the others of the subscriber say it, too.

        `at` is the instant of what said it; mandates end `now`. Again changes nothing.
        """
        family = self.records.enrollments.of_subscriber(subscriber_id)
        if any(each.died for each in family):
            for each in family:
                self._change(each.enrollment_id, at, now, died=True)

    def say(self, enrollment_id: str, died_on: date, signed: Signature) -> list[str]:
        """Staff say that the member has died; which enrollments it changed. Raises NotFound."""
        what = f"died on {died_on.isoformat()}"
        return self._say(enrollment_id, signed, what, died=True)

    def take_back(self, enrollment_id: str, signed: Signature) -> list[str]:
        """The member lives. Letters go again; monthly payments must be set up anew, by the member.

        A feed that goes on saying it changes nothing, until it has once not said it. Answers which
        enrollments it changed. Raises NotFound.
        """
        return self._say(enrollment_id, signed, "lives", died=False)

    def _say(self, enrollment_id: str, signed: Signature, what: str, *, died: bool) -> list[str]:
        first = self.records.enrollments.get(enrollment_id)
        if first is None:
            raise NotFound
        family = self.records.enrollments.of_subscriber(first.subscriber_id)
        names = [each.enrollment_id for each in (first, *family)]
        return [
            name
            for name in dict.fromkeys(names)
            if self._change(name, signed.at, signed.at, died=died, signed=signed, what=what)
        ]

    def _change(
        self,
        enrollment_id: str,
        at: datetime,
        now: datetime,
        *,
        died: bool,
        signed: Signature | None = None,
        what: str = "",
    ) -> bool:
        """One enrollment, in one transaction; whether it was not so before."""

        def attempt() -> bool:
            known = self.records.enrollments.known(enrollment_id)
            if known is None or known.enrollment.died == died:
                return False
            version = known.version + 1
            said_by = joined(now.isoformat(), "death", version)
            writes = self.records.enrollments.saying_died(known, died, said_by)
            if signed:
                subject = audit_subject("enrollment", enrollment_id)
                writes += signing(subject, what, signed, enrollment_id)
            change = CoverageChange(
                before=known.enrollment,
                after=replace(known.enrollment, died=died),
                version=version,
                lines=self.records.books.lines(enrollment_id),
                new_lines=(),
                at=at,
            )
            if died:
                writes += self.coverage_effect.writes(change, now)
            elif signed:
                writes += self._closing_cases(enrollment_id, signed)
            self.records.commit(*writes)
            return True

        return self.records.commit_or_retry(attempt)

    def _closing_cases(self, enrollment_id: str, signed: Signature) -> list[Write]:
        """What is owed or comes back is the member's own again."""
        mine = (CaseKind.DEATH, enrollment_id)
        return [
            write
            for case in self.records.cases.open()
            if (case.kind, case.enrollment_id) == mine
            for write in self.records.cases.closing(case.case_id, signed, "lives")
        ]
