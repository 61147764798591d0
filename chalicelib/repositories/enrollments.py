"""Enrollments, and the lookups that lead to them: number -> subscriber -> enrollments."""

from dataclasses import dataclass

from chalicelib.domain.coverage import is_month
from chalicelib.domain.enrollment import Enrollment, slot_of
from chalicelib.domain.identification import IdType, without_separators
from chalicelib.domain.identities import audit_subject, joined
from chalicelib.repositories.codec import from_item, readable, to_item
from chalicelib.store import Change, Item, Put, Remove, Store, Write

NOBODY = "-"  # asked for on a miss, so that hit and miss make the same calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An enrollment as kept, with the place in the feeds its facts came from."""

    enrollment: Enrollment
    feed_order: str
    row_digest: str
    ssn_index: str | None
    version: int


class Enrollments:
    """Tables `enrollments`, `lookups` and `audit`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def known(self, enrollment_id: str) -> Known | None:
        """The facts and where they came from."""
        item = self._store.get("enrollments", (slot_of(enrollment_id), enrollment_id))
        return _known(item) if item else None

    def get(self, enrollment_id: str) -> Enrollment | None:
        """The facts."""
        known = self.known(enrollment_id)
        return known.enrollment if known else None

    def found_by(self, id_type: str, number: str) -> list[Enrollment]:
        """All enrollments of the subscriber; three calls, whatever is found."""
        rows = list(self._store.query("lookups", _lookup(id_type, number), limit=1))
        return self.of_subscriber(rows[0]["subscriber_id"] if rows else NOBODY)

    def of_subscriber(self, subscriber_id: str) -> list[Enrollment]:
        """By plan year and id; two calls."""
        rows = self._store.query("lookups", _lookup("subscriber", subscriber_id), limit=100)
        ids = [row["enrollment_id"] for row in rows] or [NOBODY]
        items = self._store.get_many("enrollments", [(slot_of(each), each) for each in ids])
        found = [_known(item).enrollment for item in items]
        return sorted(found, key=lambda each: (each.plan_year, each.enrollment_id))

    def in_slot(self, slot: int) -> dict[str, Enrollment | None]:
        """All enrollments of a slot, by id; about a thousand when there are a million.

        One bad row is one member's, not the slot's (I15).
        """
        rows = self._store.query("enrollments", slot)
        found = {str(row["enrollment_id"]): readable(_known, row) for row in rows}
        return {name: known.enrollment if known else None for name, known in found.items()}

    def keeping(self, known: Known, before: Known | None) -> list[Write]:
        """Facts, lookups and audit line; refused when the facts changed since they were read."""
        enrollment = known.enrollment
        new, old = _lookups(known), _lookups(before) if before else set()
        row = {
            "enrollment_id": enrollment.enrollment_id,
            "subscriber_id": enrollment.subscriber_id,
        }
        return [
            Put("enrollments", _item(known), when={"version": before.version if before else None}),
            *(Put("lookups", {"lookup": each, **row}) for each in sorted(new)),
            *(Remove("lookups", (each, row["enrollment_id"])) for each in sorted(old - new)),
            Put(
                "audit",
                {
                    "subject": audit_subject("enrollment", enrollment.enrollment_id),
                    "line": known.feed_order,
                    "what": "changed" if before else "first seen",
                },
                when={"line": None},
            ),
        ]

    def confirming(self, known: Known, feed_order: str) -> Write:
        """Moves the facts' place in the feeds forward."""
        enrollment_id = known.enrollment.enrollment_id
        return Change(
            "enrollments",
            (slot_of(enrollment_id), enrollment_id),
            set={"feed_order": feed_order, "version": known.version + 1},
            when={"version": known.version},
        )


def _lookup(kind: str, number: str) -> str:
    # People type an id in any case and with any dashes; it is looked up as they may type it.
    if kind == IdType.ENROLLMENT_ID:
        number = without_separators(number).upper()
    return joined(kind, number)


def _lookups(known: Known) -> set[str]:
    enrollment = known.enrollment
    found = {
        _lookup(IdType.ENROLLMENT_ID, enrollment.enrollment_id),
        _lookup(IdType.BILLING_ACCOUNT, enrollment.billing_account),
        _lookup("subscriber", enrollment.subscriber_id),
    }
    return found | ({_lookup(IdType.SSN, known.ssn_index)} if known.ssn_index else set())


def _item(known: Known) -> Item:
    flat = to_item(known)
    facts = flat.pop("enrollment")
    return {"slot": slot_of(facts["enrollment_id"]), **facts, **flat}


def _known(item: Item) -> Known:
    """Raises KeyError where it was billed through no month, or lies nowhere in the feeds."""
    has_place = isinstance(item["feed_order"], str) and isinstance(item["version"], int)
    if not (has_place and is_month(str(item["billed_through"]))):
        raise KeyError(item["enrollment_id"])
    return Known(
        enrollment=from_item(Enrollment, {"coverage_end_on": None, **item}),
        feed_order=item["feed_order"],
        row_digest=item["row_digest"],
        ssn_index=item.get("ssn_index"),
        version=item["version"],
    )
