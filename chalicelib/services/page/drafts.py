"""What a step brought is saved in the journey."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.journey import Draft, Journey
from chalicelib.repositories.records import Records
from chalicelib.store import ConditionFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """What saving them needs of the world."""

    records: Records

    def save(self, journey: Journey, draft: Draft, now: datetime) -> bool:
        """False: another tab has changed the journey, and its member must see the page again."""
        # Review must show the new answers before Submit may take them, in whichever tab.
        changed = replace(journey, draft=draft, shown=None, seen_at=now)
        try:
            self.records.commit(self.records.journeys.changing(changed))
        except ConditionFailed:  # a double click: the same form came just before
            stored = self.records.journeys.get(journey.journey_id)
            return stored is not None and stored.draft.typed == draft.typed
        return True
