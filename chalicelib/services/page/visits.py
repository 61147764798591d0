"""A visit is one person: it opens journey after journey, goes on, and is ended (rule 55)."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.draft import Draft
from chalicelib.domain.journey import MOST_WRONG_BIRTHDAYS, Journey
from chalicelib.domain.paying import Standing
from chalicelib.repositories.records import Records
from chalicelib.store import ConditionFailed

Change = Callable[[Journey], Journey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """What changing a visit as a whole needs of the world."""

    records: Records

    def open(self, journey: Journey, chosen: Collection[Standing], now: datetime) -> Journey:
        """The next journey of the visit, for these enrollments of its person."""
        first = next(iter(chosen)).enrollment
        names = tuple(each.enrollment.enrollment_id for each in chosen)
        return self._follow(journey, lambda before: before.opened(first.plan, names, now))

    def save(self, journey: Journey, draft: Draft, now: datetime) -> bool:
        """What a step brought. False: another tab has changed the journey, so it is shown again."""
        # Review must show the new answers before Submit may take them, in whichever tab.
        changed = replace(journey, draft=draft, shown=None, seen_at=now)
        try:
            self.records.commit(self.records.journeys.changing(changed))
        except ConditionFailed:  # a double click: the same form came just before
            stored = self.records.journeys.get(journey.journey_id)
            return stored is not None and stored.draft.typed == draft.typed
        return True

    def leave(
        self, journey: Journey, address: str, typed: Mapping[str, str], language: str, now: datetime
    ) -> None:
        """A page was left for another language: the visit keeps both, and nothing was checked.

        Overtaken or not, the page is shown again.
        """
        draft = journey.draft.with_unread(address, typed)
        self.save(replace(journey, language=language), draft, now)

    def finish(self, journey: Journey, now: datetime) -> None:
        """Nothing that was given or shown in it can be seen after that."""
        self._follow(journey, lambda before: before.ended(now))

    def goes_on(self, journey: Journey, birth_on: date | None, now: datetime) -> Journey:
        """The visit, for whoever knows its person's birthday; else with one more that is wrong.

        Who is wrong too often has ended it.
        """
        if birth_on and birth_on == journey.draft.birth_on:
            return self._follow(journey, lambda before: _with_misses(before, 0))
        return self._follow(journey, lambda before: _wrong(before, now))

    def _follow(self, journey: Journey, change: Change) -> Journey:
        def attempt() -> Journey:
            before = self.records.journeys.get(journey.journey_id) or journey
            after = change(before)
            if after != before:
                self.records.commit(self.records.journeys.following(before, after))
            return after

        return self.records.commit_or_retry(attempt)


def _wrong(journey: Journey, now: datetime) -> Journey:
    misses = journey.wrong_birthdays + 1
    return journey.ended(now) if misses >= MOST_WRONG_BIRTHDAYS else _with_misses(journey, misses)


def _with_misses(journey: Journey, misses: int) -> Journey:
    if misses == journey.wrong_birthdays:
        return journey
    return replace(journey, wrong_birthdays=misses, version=journey.version + 1)
