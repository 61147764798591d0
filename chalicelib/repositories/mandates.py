"""Mandates by slot, the freeze of each month, and what was announced to members."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.coverage import is_month
from chalicelib.domain.enrollment import slot_of
from chalicelib.domain.identities import audit_subject, joined, rest_of
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate, Mandates, Past
from chalicelib.domain.withdrawal import Announcement
from chalicelib.repositories.codec import from_item, readable, to_item
from chalicelib.repositories.routing_numbers import paying_at
from chalicelib.store import (
    MOST_LOOKS,
    Check,
    ConditionFailed,
    Contended,
    Item,
    Put,
    Remove,
    Store,
    Write,
)

LIVE, WAS, ANNOUNCED = "live", "was", "announced"
FILLED = "filled"  # its rows name slots
FREEZES_AT_ONCE = 50
MONTHS = ("from_month", "through_month")


class MandateBook:
    """Table `mandates`: `live#<enrollment>`, `was#<…>#<mandate>`, `announced#<month>#<…>`.

    `filled` has a row for each slot that ever had a mandate, so that a run costs what its members
    cost. It is a hint: the evening looks for whom it passed over (decision 0034).
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, enrollment_id: str) -> Mandates:
        """The mandates a run may still meet; none is version 0."""
        item = self._store.get("mandates", (_slot(enrollment_id), joined(LIVE, enrollment_id)))
        return _mandates(item) if item else Mandates(enrollment_id=enrollment_id)

    def past(self, enrollment_id: str) -> list[Mandate]:
        """Those no run will meet again, oldest first."""
        prefix = joined(WAS, enrollment_id, "")
        rows = self._store.query("mandates", _slot(enrollment_id), prefix=prefix)
        found = [from_item(Mandate, row) for row in rows]
        return sorted(found, key=lambda each: (each.created_at, each.mandate_id))

    def every(self, enrollment_id: str) -> list[Mandate]:
        """Past and standing, as at one moment; reads again when a change moved one in between.

        Raises Contended where they change all the time.
        """
        for _ in range(MOST_LOOKS):
            standing = self.of(enrollment_id)
            past = self.past(enrollment_id)
            if self.of(enrollment_id).version == standing.version:
                return [*past, *standing.standing]
        raise Contended(f"the mandates of {enrollment_id} change all the time")

    def find(self, enrollment_id: str, mandate_id: str) -> Mandate | None:
        """The one of this id; looks again where a change may have moved it. Raises Contended."""
        here = [*self.of(enrollment_id).standing, *self.past(enrollment_id)]
        found = {each.mandate_id: each for each in here}.get(mandate_id)
        return found or {each.mandate_id: each for each in self.every(enrollment_id)}.get(
            mandate_id
        )

    def is_frozen(self, month: str, enrollment_id: str) -> bool:
        """Whether this month's run has begun for the enrollment's slot."""
        return self._store.get("mandates", _freeze(month, slot_of(enrollment_id))) is not None

    def changed_at(self, enrollment_id: str) -> list[datetime]:
        """When they changed, oldest first."""
        rows = self._store.query("audit", audit_subject("mandates", enrollment_id))
        return [datetime.fromisoformat(row["at"]) for row in rows if "at" in row]

    def changing(
        self, mandates: Mandates, past: Past, coming: str, audit: str, at: datetime
    ) -> list[Write]:
        """Live row at the version seen, past rows, audit line; the coming month not frozen."""
        enrollment_id = mandates.enrollment_id
        slot = _slot(enrollment_id)
        version = mandates.version + 1
        row = {
            **to_item(mandates),
            "version": version,
            "slot": slot,
            "mandate": joined(LIVE, enrollment_id),
        }
        standing = {each.mandate_id for each in mandates.standing}
        return [
            Check("mandates", _freeze(coming, slot_of(enrollment_id)), when={"slot": None}),
            Put("mandates", row, when={"version": mandates.version or None}),
            *([] if mandates.version else [self.filling(enrollment_id)]),
            *paying_at(mandates),
            *(
                Put("mandates", {**to_item(each), "slot": slot, "mandate": _was(each)})
                for each in past
                if each.mandate_id not in standing
            ),
            *(Remove("mandates", (slot, _was(each))) for each in mandates.standing),
            Put(
                "audit",
                {
                    "subject": audit_subject("mandates", enrollment_id),
                    "line": f"{version:06}",
                    "what": audit,
                    "at": at.isoformat(),
                },
                when={"line": None},
            ),
        ]

    def standing_so(self, mandates: Mandates) -> Write:
        """A check of the live row's version; of its absence where none was there."""
        key = (_slot(mandates.enrollment_id), joined(LIVE, mandates.enrollment_id))
        return Check("mandates", key, when={"version": mandates.version or None})

    def unchanged(
        self, mandates: Mandates, coming: str, announced: Announcement | None
    ) -> list[Write]:
        """Checks only: the live row's version, the coming month's freeze, and its announcement."""
        enrollment_id = mandates.enrollment_id
        said = (_slot(enrollment_id), joined(ANNOUNCED, coming, enrollment_id))
        return [
            Check("mandates", _freeze(coming, slot_of(enrollment_id)), when={"slot": None}),
            self.standing_so(mandates),
            Check("mandates", said, when={"cents": announced.cents if announced else None}),
        ]

    def announcing(self, announced: Announcement) -> Put:
        """What is announced later counts instead."""
        key = joined(ANNOUNCED, announced.month, announced.enrollment_id)
        return Put(
            "mandates",
            {**to_item(announced), "slot": _slot(announced.enrollment_id), "mandate": key},
        )

    def lowering(self, announced: Announcement, cents: int) -> Write:
        """Less is taken than was announced; refused where another amount was, meanwhile."""
        was = announced.cents if announced.lowered_from is None else announced.lowered_from
        lower = self.announcing(replace(announced, cents=cents, lowered_from=was))
        return replace(lower, when={"cents": announced.cents})

    def announced(self, enrollment_id: str, month: str) -> Announcement | None:
        """What was announced to the member for a month."""
        key = (_slot(enrollment_id), joined(ANNOUNCED, month, enrollment_id))
        item = self._store.get("mandates", key)
        return from_item(Announcement, item) if item else None

    def announced_in_slot(self, slot: int, month: str) -> dict[str, Announcement]:
        """By enrollment, what was announced in a slot; what can't be read was not announced."""
        prefix = joined(ANNOUNCED, month, "")
        rows = self._store.query("mandates", str(slot), prefix=prefix)
        found = {row["mandate"].removeprefix(prefix): readable(_announcement, row) for row in rows}
        return {enrollment_id: announced for enrollment_id, announced in found.items() if announced}

    def withdraw_announcement(self, notice: Mail) -> None:
        """Takes back what only this mail announced."""
        month, enrollment_id = notice.facts["month"], notice.enrollment_id
        key = (_slot(enrollment_id), joined(ANNOUNCED, month, enrollment_id))
        with suppress(ConditionFailed):
            self._store.write(Remove("mandates", key, when={"mail_id": notice.mail_id}))

    def freeze(self, month: str, slots: Sequence[int]) -> None:
        """Freezes slots, some in one transaction; those frozen before stay as they are."""
        frozen = {int(row["mandate"]) for row in self._frozen(month)}
        missing = [slot for slot in slots if slot not in frozen]
        for first in range(0, len(missing), FREEZES_AT_ONCE):
            some = [_freeze(month, slot) for slot in missing[first : first + FREEZES_AT_ONCE]]
            rows = [{"slot": partition, "mandate": sort} for partition, sort in some]
            self._store.write(*(Put("mandates", row) for row in rows))

    def filling(self, enrollment_id: str) -> Write:
        """From now on runs look into the slot of this enrollment."""
        return Put("mandates", {"slot": FILLED, "mandate": f"{slot_of(enrollment_id):04}"})

    def filled(self) -> frozenset[int]:
        """The slots that ever had a mandate."""
        return frozenset(int(row["mandate"]) for row in self._store.query("mandates", FILLED))

    def in_slot(self, slot: int, after: str, limit: int) -> list[tuple[str, Mandates | None]]:
        """Live rows in key order beyond `after`; None for one that can't be read."""
        rows = self._store.query(
            "mandates", str(slot), prefix=joined(LIVE, ""), after=after or None, limit=limit
        )
        return [(row["mandate"], readable(_mandates, row)) for row in rows]

    def _frozen(self, month: str) -> Iterator[Item]:
        return self._store.query("mandates", joined("freeze", month))


def enrollment_of(key: str) -> str:
    """Of a live row, by its key."""
    return rest_of(key)


def _mandates(row: Item) -> Mandates:
    """Raises KeyError where it is not what its key says, or names no months: nobody is skipped."""
    found, name = from_item(Mandates, row), rest_of(row["mandate"])
    names = {found.enrollment_id, *(each.enrollment_id for each in found.standing)}
    first, last = ({getattr(each, of) for each in found.standing} for of in MONTHS)
    if names != {name} or "standing" not in row or not all(map(is_month, first | last - {None})):
        raise KeyError(row["mandate"])
    return found


def _announcement(row: Item) -> Announcement:
    return from_item(Announcement, row)


def _slot(enrollment_id: str) -> str:
    return str(slot_of(enrollment_id))


def _freeze(month: str, slot: int) -> tuple[str, str]:
    return joined("freeze", month), f"{slot:04}"


def _was(mandate: Mandate) -> str:
    return joined(WAS, mandate.enrollment_id, mandate.mandate_id)
