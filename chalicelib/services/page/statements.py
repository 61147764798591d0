"""What makes up what is owed for one enrollment of the visit (rule 38)."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.errors import NotFound
from chalicelib.domain.journey import Journey
from chalicelib.domain.paying import Standing
from chalicelib.services.page.finding import Finding
from chalicelib.services.page.moment import at_one_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """What telling it needs of the world."""

    finding: Finding

    def of(self, journey: Journey, enrollment_id: str, now: datetime) -> Standing:
        """The enrollment with its books, an ended one too. Raises NotFound for any other's."""
        for each in at_one_moment(lambda: self.finding.standings(journey, now, with_ended=True)):
            if each.enrollment.enrollment_id == enrollment_id and each.has_statement:
                return each
        raise NotFound
