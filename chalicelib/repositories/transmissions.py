"""Transmissions, the trace counter, and which collections are transmitted already."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from chalicelib.domain.ach.changes import Heard
from chalicelib.domain.acknowledgement import Acknowledgement
from chalicelib.domain.answer import Answer
from chalicelib.domain.identities import joined
from chalicelib.domain.signature import Signature
from chalicelib.domain.suspected_return import SuspectedReturn
from chalicelib.domain.transmission import UNSENT, Transmission
from chalicelib.repositories.codec import from_item, to_item
from chalicelib.store import ConditionFailed, Put, Remove, Store, Write, read_all

COUNTER = ("#counter", "#trace")
TRANSMISSIONS = "#transmissions"
ACKNOWLEDGED = "acknowledged"  # files, with the bank's first word about each
UNDONE = "undone"  # files that the bank refused, and staff took back
ANSWERS = "answers"  # returns of the entries of a transmission, by its name
FINAL = "final"  # which of them have an answer that no other can follow
CHANGES = "changes"  # notifications of change of them
SUSPECTED = "suspected_returns"  # what the bank may have sent back


class TransmissionBook:
    """Table `transmissions`: (group, name). A collection that is transmitted lies in its group."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def next_trace(self) -> int:
        """The trace that the next transmission starts with."""
        row = self._store.get("transmissions", COUNTER)
        return int(row["next_trace"]) if row else 1

    def begin(
        self,
        transmission: Transmission,
        collections: Sequence[tuple[str, str]],
        seen: int,
        next_trace: int,
    ) -> Transmission:
        """The transmission, its traces and collections, at once; or the one begun before."""
        counter = {"group": COUNTER[0], "name": COUNTER[1], "next_trace": next_trace}
        before = seen if seen > 1 else (None, 1)
        rows = [
            {"group": group, "name": name, "transmission_id": transmission.transmission_id}
            for group, name in collections
        ]
        try:
            self._store.write(
                Put("transmissions", _row(transmission), when={"group": None}),
                Put("transmissions", counter, when={"next_trace": before}),
                *(Put("transmissions", row, when={"group": None}) for row in rows),
            )
        except ConditionFailed:
            begun = self.get(transmission.transmission_id)
            if begun is None:
                raise  # another transmission moved the counter: try again from there
            return begun
        return transmission

    def get(self, transmission_id: str) -> Transmission | None:
        """One transmission."""
        item = self._store.get("transmissions", (TRANSMISSIONS, transmission_id))
        return from_item(Transmission, item) if item else None

    def all(self) -> list[Transmission]:
        """Oldest first."""
        return _in_order(self._store.query("transmissions", TRANSMISSIONS))

    def unsent(self) -> list[Transmission]:
        """Oldest first."""
        rows = self._store.query("transmissions", TRANSMISSIONS)
        return _in_order(row for row in rows if row["state"] in UNSENT)

    def transmitted(self, group: str) -> dict[str, str]:
        """Of a group of collections, those that are transmitted, with the transmission of each."""
        return {
            row["name"]: row["transmission_id"] for row in self._store.query("transmissions", group)
        }

    def of(self, group: str, name: str) -> Transmission | None:
        """The transmission of a collection; None while it waits."""
        row = self._store.get("transmissions", (group, name))
        return self.get(row["transmission_id"]) if row else None

    def answering(self, transmission: Transmission, answer: Answer) -> list[Write]:
        """One row a return, beside all others of this transmission; one final one an entry.

        Two reasons that come at one moment are refused by their row, not by who has read first.
        """
        name = joined(answer.payment_id, answer.code)
        row = {
            **to_item(answer),
            "group": joined(ANSWERS, transmission.transmission_id),
            "name": name,
        }
        final = {
            "group": joined(FINAL, transmission.transmission_id),
            "name": answer.payment_id,
            "code": answer.code,
        }
        rows = [row, final] if answer.is_final else [row]
        if answer.settled_on and answer.left_cents:
            group = came_back_on(answer.settled_on)
            rows.append({"group": group, "name": name, "cents": answer.left_cents})
        return [Put("transmissions", each, when={"group": None}) for each in rows]

    def answers_of(self, transmission: Transmission, payment_id: str) -> list[Answer]:
        """Of one entry; by code."""
        group = joined(ANSWERS, transmission.transmission_id)
        rows = self._store.query("transmissions", group, prefix=joined(payment_id, ""))
        return [from_item(Answer, row) for row in rows]

    def answered(self, transmission: Transmission, payment_id: str, code: str) -> bool:
        """Whether this return was applied."""
        key = (joined(ANSWERS, transmission.transmission_id), joined(payment_id, code))
        return self._store.get("transmissions", key) is not None

    def answers(self, transmission: Transmission) -> list[Answer]:
        """By payment id."""
        rows = self._store.query("transmissions", joined(ANSWERS, transmission.transmission_id))
        return [from_item(Answer, row) for row in rows]

    def hearing(self, transmission: Transmission, heard: Heard) -> Write:
        """One row a notification of change; apart from the returns, which are counted."""
        group = joined(CHANGES, transmission.transmission_id)
        row = {**to_item(heard), "group": group, "name": heard.name}
        return Put("transmissions", row, when={"group": None})

    def has_heard(self, transmission: Transmission, heard: Heard) -> bool:
        """Whether this notification was applied."""
        return (
            self._store.get(
                "transmissions", (joined(CHANGES, transmission.transmission_id), heard.name)
            )
            is not None
        )

    def heard_of(self, transmission: Transmission, payment_id: str) -> list[Heard]:
        """The notifications of change about one entry."""
        group = joined(CHANGES, transmission.transmission_id)
        rows = self._store.query("transmissions", group, prefix=joined(payment_id, ""))
        return [from_item(Heard, row) for row in rows]

    def acknowledge(self, said: Acknowledgement, at: datetime) -> Acknowledgement:
        """Keeps the bank's first word about a file, and answers with the one that stands."""
        key = (ACKNOWLEDGED, said.file)
        row = {**to_item(said), "group": key[0], "name": key[1], "said_at": at.isoformat()}
        try:
            self._store.write(Put("transmissions", row, when={"group": None}))
        except ConditionFailed:
            first = self._store.get("transmissions", key)
            return from_item(Acknowledgement, first) if first else said
        return said

    def acknowledged(self, files: Sequence[str]) -> dict[str, Acknowledgement]:
        """By file, what the bank said."""
        rows = read_all(self._store, "transmissions", [(ACKNOWLEDGED, name) for name in files])
        return {row["name"]: from_item(Acknowledgement, row) for row in rows}

    def put_suspected_return(self, suspected: SuspectedReturn) -> None:
        """One row a part; the same again changes nothing."""
        row = {**to_item(suspected), "group": SUSPECTED, "name": _name_of(suspected)}
        self._store.write(Put("transmissions", row))

    def suspected_returns(self) -> list[SuspectedReturn]:
        """Those that are not cleared; few, and mostly none."""
        return [
            from_item(SuspectedReturn, row) for row in self._store.query("transmissions", SUSPECTED)
        ]

    def forget_suspected_return(self, suspected: SuspectedReturn) -> None:
        """It is cleared."""
        self._store.write(Remove("transmissions", (SUSPECTED, _name_of(suspected))))

    def undoing(self, file: str, signature: Signature) -> Write:
        """One row a file, signed."""
        row = {"group": UNDONE, "name": file, "signed": to_item(signature)}
        return Put("transmissions", row, when={"group": None})

    def undone(self, files: Sequence[str]) -> set[str]:
        """Those of them that staff took back."""
        rows = read_all(self._store, "transmissions", [(UNDONE, name) for name in files])
        return {str(row["name"]) for row in rows}

    def change(self, after: Transmission, before: Transmission) -> bool:
        """False when another worker changed it meanwhile."""
        try:
            self._store.write(self.changing(after, before))
        except ConditionFailed:
            return False
        return True

    def changing(self, after: Transmission, before: Transmission) -> Write:
        """Refused when it is not in the state any more that was read, or was given a later date."""
        when = {"state": str(before.state), "moved_to": to_item(before)["moved_to"]}
        return Put("transmissions", _row(after), when=when)


def came_back_on(day: date) -> str:
    """The group of what left our account again on a day (rule 48)."""
    return joined("came_back", day.isoformat())


def _name_of(suspected: SuspectedReturn) -> str:
    return joined(suspected.case_id, f"{suspected.part:06}")


def _in_order(rows: Iterable[dict[str, Any]]) -> list[Transmission]:
    found = [from_item(Transmission, row) for row in rows]
    return sorted(found, key=lambda each: (each.sealed_at, each.transmission_id))


def _row(transmission: Transmission) -> dict[str, object]:
    return {**to_item(transmission), "group": TRANSMISSIONS, "name": transmission.transmission_id}
