"""Enrollments, and the lookups that lead to them: number -> subscriber -> enrollments."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.coverage import is_month
from chalicelib.domain.enrollment import Enrollment, slot_of
from chalicelib.domain.identification import IdType, bare_enrollment_id
from chalicelib.domain.identities import joined
from chalicelib.domain.premium import History
from chalicelib.repositories.audit import by_file
from chalicelib.repositories.codec import from_item, readable, to_item
from chalicelib.store import Change, Check, Item, Put, Remove, Store, Write

MOST_SUBSCRIBERS = 5  # that are tried by one number
MOST_ROWS = 100
CHANGED = "changed"
NOBODY = "-"  # asked for on a miss, so that hit and miss make the same calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An enrollment as kept, with the place in the feeds its facts came from."""

    enrollment: Enrollment
    feed_order: str
    row_digest: str
    ssn_index: str | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """How often the enrollments of a subscriber changed in what makes one follow another (42)."""

    subscriber_id: str
    version: int


class Enrollments:
    """Tables `enrollments`, `lookups` and `audit`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def known(self, enrollment_id: str) -> Known | None:
        """The facts and where they came from."""
        item = self._store.get("enrollments", (slot_of(enrollment_id), enrollment_id))
        return _known(item) if item else None

    def known_of(self, enrollment_ids: Sequence[str]) -> dict[str, Known]:
        """By id, those of up to a hundred that are known and can be read; one call."""
        keys = [(slot_of(each), each) for each in enrollment_ids]
        items = self._store.get_many("enrollments", keys) if keys else []
        found = (readable(_known, item) for item in items)
        return {known.enrollment.enrollment_id: known for known in found if known}

    def get(self, enrollment_id: str) -> Enrollment | None:
        """The facts."""
        known = self.known(enrollment_id)
        return known.enrollment if known else None

    def found_by(self, id_type: str, number: str) -> list[Enrollment]:
        """All enrollments of whoever has this number; seven calls, whatever is found.

        Two subscribers may have one number, by a mistake that is a case; of more than five none is
        found by it (rule 39).
        """
        having = self.having(id_type, number)
        some = sorted(having) if len(having) <= MOST_SUBSCRIBERS else []
        return self._of(*some, *[NOBODY] * (MOST_SUBSCRIBERS - len(some)))

    def having(self, id_type: str, number: str) -> dict[str, list[str]]:
        """By subscriber, the ids of the enrollments that have this number; one call."""
        found = dict[str, list[str]]()
        for row in self._store.query("lookups", _lookup(id_type, number), limit=MOST_ROWS):
            found.setdefault(row["subscriber_id"], []).append(row["enrollment_id"])
        return found

    def of_subscriber(self, subscriber_id: str) -> list[Enrollment]:
        """By plan year and id; two calls."""
        return self._of(subscriber_id)

    def _of(self, *subscribers: str) -> list[Enrollment]:
        most = MOST_ROWS // len(subscribers)  # what one call gets
        partitions = [_lookup("subscriber", each) for each in subscribers]
        rows = [r for each in partitions for r in self._store.query("lookups", each, limit=most)]
        ids = [row["enrollment_id"] for row in rows] or [NOBODY]
        items = self._store.get_many("enrollments", [(slot_of(each), each) for each in ids])
        found = [_known(item).enrollment for item in items]
        return sorted(found, key=lambda each: (each.plan_year, each.enrollment_id))

    def family(self, subscriber_id: str) -> Family:
        """Read before the enrollments of a subscriber, and required where they are judged."""
        found = self._store.query("lookups", _lookup("family", subscriber_id), limit=1)
        version = next((row["version"] for row in found), 0)
        return Family(subscriber_id=subscriber_id, version=version)

    def joining(self, family: Family) -> Write:
        """One comes to them, or ends on another day; refused where another did meanwhile."""
        row = {"enrollment_id": NOBODY, "version": family.version + 1}
        name = _lookup("family", family.subscriber_id)
        return Put("lookups", {"lookup": name, **row}, when={"version": family.version or None})

    def as_seen(self, family: Family) -> Write:
        """A check that none came to them."""
        key = (_lookup("family", family.subscriber_id), NOBODY)
        return Check("lookups", key, when={"version": family.version or None})

    def unchanged(self, known: Known) -> Write:
        """A check that these facts still stand."""
        enrollment_id = known.enrollment.enrollment_id
        key = (slot_of(enrollment_id), enrollment_id)
        return Check("enrollments", key, when={"version": known.version})

    def in_slot(self, slot: int) -> dict[str, Enrollment | None]:
        """All enrollments of a slot, by id; about a thousand when there are a million.

        One bad row is one member's, not the slot's (I15).
        """
        found = self.known_in_slot(slot)
        return {name: known.enrollment if known else None for name, known in found.items()}

    def known_in_slot(self, slot: int) -> dict[str, Known | None]:
        """The same with where their facts came from."""
        rows = self._store.query("enrollments", slot)
        return {str(row["enrollment_id"]): readable(_known, row) for row in rows}

    def changing(
        self, known: Known, before: Known | None, said_by: str | None = None
    ) -> list[Write]:
        """Facts, lookups and audit line; refused when the facts changed since they were read.

        `said_by` is the order of the row, where it is older than the facts.
        """
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
            by_file(
                row["enrollment_id"],
                said_by or known.feed_order,
                CHANGED if before else "first seen",
            ),
        ]

    def confirming(self, known: Known, feed_order: str, premiums: History) -> Write:
        """Moves the facts' place in the feeds forward, and what they said of premiums."""
        enrollment_id = known.enrollment.enrollment_id
        return Change(
            "enrollments",
            (slot_of(enrollment_id), enrollment_id),
            set={
                "feed_order": feed_order,
                "premiums": [to_item(each) for each in premiums],
                "version": known.version + 1,
            },
            when={"version": known.version},
        )

    def saying_died(self, known: Known, died: bool, said_by: str) -> list[Write]:
        """That and no other fact, with an audit line; refused when the facts changed."""
        enrollment_id = known.enrollment.enrollment_id
        return [
            Change(
                "enrollments",
                (slot_of(enrollment_id), enrollment_id),
                set={"died": died, "version": known.version + 1},
                when={"version": known.version},
            ),
            by_file(enrollment_id, said_by, CHANGED),
        ]


def _lookup(kind: str, number: str) -> str:
    # People type an id in any case and with any dashes; it is looked up as they may type it.
    if kind == IdType.ENROLLMENT_ID:
        number = bare_enrollment_id(number)
    return joined(kind, number)


def numbers_of(known: Known) -> dict[str, str]:
    """The numbers of a person by which an enrollment is found, by their kind."""
    ssn = {str(IdType.SSN): known.ssn_index} if known.ssn_index else {}
    return {str(IdType.BILLING_ACCOUNT): known.enrollment.billing_account, **ssn}


def _lookups(known: Known) -> set[str]:
    enrollment = known.enrollment
    numbers = {
        **numbers_of(known),
        IdType.ENROLLMENT_ID: enrollment.enrollment_id,
        "subscriber": enrollment.subscriber_id,
    }
    return {_lookup(kind, number) for kind, number in numbers.items()}


def _item(known: Known) -> Item:
    flat = to_item(known)
    facts = flat.pop("enrollment")
    return {"slot": slot_of(facts["enrollment_id"]), **facts, **flat}


def _known(item: Item) -> Known:
    """Raises KeyError where it was billed through no month, or lies nowhere in the feeds.

    Nor is one without a history of premiums read: its months would be corrected to the newest one.
    """
    has_place = isinstance(item["feed_order"], str) and isinstance(item["version"], int)
    has_history = isinstance(item["premiums"], list)
    if not (has_place and has_history and is_month(str(item["billed_through"]))):
        raise KeyError(item["enrollment_id"])
    return Known(
        enrollment=from_item(Enrollment, {"coverage_end_on": None, **item}),
        feed_order=item["feed_order"],
        row_digest=item["row_digest"],
        ssn_index=item.get("ssn_index"),
        version=item["version"],
    )
