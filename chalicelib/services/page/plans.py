"""All plans of a visit's person: owed, on its way, monthly, paid; as they stood at one moment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.enrollment import Plan
from chalicelib.domain.errors import NotFound
from chalicelib.domain.journey import Journey
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mandate import Mandate, MandateState
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.paying import MOST_PAYMENTS_AT_ONCE, Standing
from chalicelib.domain.progress import state_as_shown
from chalicelib.services.monthly.mandates import Mandating
from chalicelib.services.monthly.months import Months
from chalicelib.services.page.finding import Finding
from chalicelib.services.page.moment import at_one_moment
from chalicelib.services.page.visits import Visits
from chalicelib.services.settlement.tracking import Tracking

MOST_PAST = 3  # all of them are in the history
PAID = (LineKind.PAYMENT, LineKind.WITHDRAWAL)

ReadChosen = Callable[[Sequence[str]], Sequence[str]]
"""Of these enrollments, those that are chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonsPlan:
    """A plan with its books, what comes of it, and what was paid last."""

    standing: Standing
    upcoming: MandateMonth | None
    mandate: Mandate | None  # that lasts
    paid: Sequence[tuple[Line, str]]  # newest first, with the code of its state


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonsPlans:
    """All of them; and the journey that was opened for the chosen ones, or what is wrong."""

    plans: Sequence[PersonsPlan]
    opened: Journey | None = None
    error: str | None = None  # code of what is wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """What telling it, and opening a journey for some, needs of the world."""

    finding: Finding
    mandating: Mandating
    months: Months
    tracking: Tracking
    visits: Visits

    def of(self, journey: Journey, now: datetime) -> PersonsPlans:
        """Those that can be paid, or have credit (rules 4, 8); by year, health before dental."""
        return PersonsPlans(plans=at_one_moment(lambda: self._of(journey, now)))

    def choose(self, journey: Journey, read: ReadChosen, now: datetime) -> PersonsPlans:
        """Opens the next journey of the visit for what is chosen (rules 11, 55).

        `read` is given what can be chosen, and says what was.
        """
        found = {each.enrollment.enrollment_id: each for each in self._shown(journey, now)}
        chosen = [found[name] for name in read(list(found))]
        if 0 < len(chosen) <= MOST_PAYMENTS_AT_ONCE:
            return PersonsPlans(plans=(), opened=self.visits.open(journey, chosen, now))
        error = "choose_too_many" if chosen else "choose"
        return replace(self.of(journey, now), error=error)

    def leave(
        self,
        journey: Journey,
        address: str,
        read: Callable[[Sequence[str]], Mapping[str, str]],
        language: str,
        now: datetime,
    ) -> None:
        """The page was left for another language: what was chosen is kept."""
        typed = read([each.enrollment.enrollment_id for each in self._shown(journey, now)])
        self.visits.leave(journey, address, typed, language, now)

    def statement(self, journey: Journey, enrollment_id: str, now: datetime) -> Standing:
        """The books of one, an ended one too (rule 38). Raises NotFound for any other's."""
        for each in at_one_moment(lambda: self.finding.all_standings(journey, now)):
            if each.enrollment.enrollment_id == enrollment_id and each.has_statement:
                return each
        raise NotFound

    def _of(self, journey: Journey, now: datetime) -> list[PersonsPlan]:
        return [self._plan(each, now) for each in self._shown(journey, now)]

    def _shown(self, journey: Journey, now: datetime) -> list[Standing]:
        found = [each for each in self.finding.all_standings(journey, now) if each.is_shown]
        return sorted(found, key=_place)

    def _plan(self, standing: Standing, now: datetime) -> PersonsPlan:
        lines, progress = standing.lines, self.tracking.progress(standing.lines)
        live = [
            mandate
            for mandate, state in self.mandating.history(standing, now)
            if state is not MandateState.ENDED
        ]
        paid = [
            (line, state_as_shown(line, progress.get(str(line.payment_id)), lines))
            for line in lines
            if line.kind in PAID
        ]
        return PersonsPlan(
            standing=standing,
            upcoming=self.months.next_one(standing, now),
            mandate=live[-1] if live else None,
            paid=paid[::-1][:MOST_PAST],
        )


def _place(standing: Standing) -> tuple[int, bool, str]:
    enrollment = standing.enrollment
    return enrollment.plan_year, enrollment.plan is not Plan.HEALTH, enrollment.enrollment_id
