"""What of a known enrollment no row of a feed may change by itself (rule 39)."""

from chalicelib.domain.case import Case
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.errors import DomainError
from chalicelib.domain.feed import FeedRow
from chalicelib.domain.identification import same_name


class WaitsForStaff(DomainError):
    """A row of a known enrollment that is not taken as it is (rule 39); a case says why.

    The reason names columns, never what they hold.
    """

    def __init__(self, case: Case) -> None:
        super().__init__(case.reason)
        self.case = case


def identity_fault(row: FeedRow, known: Enrollment) -> str | None:
    """The column in which a row is not about the enrollment that has its id (rule 39)."""
    fixed = ("subscriber_id", "plan", "plan_year")
    return next((name for name in fixed if getattr(row, name) != getattr(known, name)), None)


def is_another_person(row: FeedRow, known: Enrollment, *, other_ssn: bool) -> bool:
    """Whether number, birthday and last name change all at once (rule 39)."""
    other_name = same_name(row.last_name) != same_name(known.last_name)
    return other_ssn and other_name and row.birth_on != known.birth_on
