"""Rows of a feed that are about somebody else, and numbers that two people have (rule 39)."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.feed import FeedRow
from chalicelib.domain.identities import case_id
from chalicelib.domain.identity_guard import (
    WaitsForStaff,
    identity_fault,
    is_another_person,
)
from chalicelib.domain.purposes import FEED
from chalicelib.ports import Vault
from chalicelib.repositories.enrollments import Known, numbers_of
from chalicelib.repositories.records import Records

MARK_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityGuard:
    """What guarding needs of the world."""

    records: Records
    vault: Vault

    def check(self, row: FeedRow, before: Known, ssn_index: str | None, at: datetime) -> None:
        """An id stays with its subscriber, plan and year, and with a person. Raises WaitsForStaff.

        One that would make somebody else of the member waits until staff accept just this person.
        """
        known, name = before.enrollment, row.enrollment_id
        if fault := identity_fault(row, known):
            mark = self._mark(f"{row.subscriber_id}|{row.plan}|{row.plan_year}")
            why = f"{fault}: is not that of the enrollment known by this enrollment_id"
            case = case_id("identity_changed", name, mark)
            raise WaitsForStaff(_case(case, CaseKind.IDENTITY_CHANGED, name, why, at))
        if is_another_person(row, known, other_ssn=ssn_index != before.ssn_index):
            mark = self._mark(f"{ssn_index}|{row.birth_on}|{row.last_name}")
            case = case_id("person_changed", name, mark)
            if not self.records.cases.was_accepted(case):
                why = "ssn, birth_date, last_name: all change at once"
                raise WaitsForStaff(_case(case, CaseKind.PERSON_CHANGED, name, why, at))

    def look_for_duplicates(self, known: Known, before: Known | None, at: datetime) -> None:
        """A number of a person that another subscriber has, too, is a case."""
        mine, old = known.enrollment, numbers_of(before) if before else {}
        for kind, number in numbers_of(known).items():
            if old.get(kind) == number:
                continue
            having = self.records.enrollments.having(kind, number)
            others = [name for who in having.keys() - {mine.subscriber_id} for name in having[who]]
            if others:
                name, why = mine.enrollment_id, f"{kind}: also that of another subscriber's"
                case = case_id("duplicate_number", kind, name, min(others))
                why = f"{why} {', '.join(sorted(others))}"
                self.records.cases.open_case(_case(case, CaseKind.DUPLICATE_NUMBER, name, why, at))

    def _mark(self, said: str) -> str:
        """The same again is the same case; what the row said is in its name as a digest only."""
        return self.vault.mac(FEED, said)[:MARK_BYTES].hex()


def _case(case: str, kind: CaseKind, enrollment_id: str, why: str, at: datetime) -> Case:
    return Case(case_id=case, kind=kind, enrollment_id=enrollment_id, reason=why, opened_at=at)
