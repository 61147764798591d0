"""Sealings, the trace counter, and which collections are taken already."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from chalicelib.domain.ach.changes import Heard
from chalicelib.domain.acknowledgement import Acknowledgement
from chalicelib.domain.answer import Answer
from chalicelib.domain.doubt import Doubt
from chalicelib.domain.identities import joined
from chalicelib.domain.sealing import UNSENT, Sealing
from chalicelib.domain.signature import Signature
from chalicelib.repositories.codec import from_item, to_item
from chalicelib.store import ConditionFailed, Put, Remove, Store, Write, read_all

COUNTER = ("#counter", "#trace")
SEALINGS = "#sealings"
ACKNOWLEDGED = "acknowledged"  # files, with the bank's first word about each
UNDONE = "undone"  # files that the bank refused, and staff took back
ANSWERS = "answers"  # returns of the entries of a sealing, by its name
FINAL = "final"  # which of them have an answer that no other can follow
CHANGES = "changes"  # notifications of change of them
DOUBTS = "doubts"  # what the bank may have sent back


class Sealings:
    """Table `sealings`: (group, name). Taken collections lie in the group they belong to."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def next_trace(self) -> int:
        """The trace that the next sealing starts with."""
        row = self._store.get("sealings", COUNTER)
        return int(row["next_trace"]) if row else 1

    def keep(
        self, sealing: Sealing, taken: Sequence[tuple[str, str]], seen: int, next_trace: int
    ) -> Sealing:
        """The sealing, its traces and its collections, at once; or the one that was kept before."""
        counter = {"group": COUNTER[0], "name": COUNTER[1], "next_trace": next_trace}
        before = seen if seen > 1 else (None, 1)
        rows = [{"group": group, "name": name, "sealing": sealing.sealing} for group, name in taken]
        try:
            self._store.write(
                Put("sealings", _row(sealing), when={"group": None}),
                Put("sealings", counter, when={"next_trace": before}),
                *(Put("sealings", row, when={"group": None}) for row in rows),
            )
        except ConditionFailed:
            kept = self.get(sealing.sealing)
            if kept is None:
                raise  # another sealing moved the counter: try again from there
            return kept
        return sealing

    def get(self, sealing: str) -> Sealing | None:
        """One sealing."""
        item = self._store.get("sealings", (SEALINGS, sealing))
        return from_item(Sealing, item) if item else None

    def all(self) -> list[Sealing]:
        """Oldest first."""
        return _in_order(self._store.query("sealings", SEALINGS))

    def unsent(self) -> list[Sealing]:
        """Oldest first."""
        rows = self._store.query("sealings", SEALINGS)
        return _in_order(row for row in rows if row["state"] in UNSENT)

    def taken(self, group: str) -> dict[str, str]:
        """Of a group of collections, those taken, with the sealing that took them."""
        return {row["name"]: row["sealing"] for row in self._store.query("sealings", group)}

    def that_took(self, group: str, name: str) -> Sealing | None:
        """The sealing that took a collection; None while it waits."""
        row = self._store.get("sealings", (group, name))
        return self.get(row["sealing"]) if row else None

    def answering(self, sealing: Sealing, answer: Answer) -> list[Write]:
        """One row a return, beside all others of entries of this sealing; one final one an entry.

        Two reasons that come at one moment are refused by their row, not by who has read first.
        """
        name = joined(answer.payment_id, answer.code)
        row = {**to_item(answer), "group": joined(ANSWERS, sealing.sealing), "name": name}
        final = {
            "group": joined(FINAL, sealing.sealing),
            "name": answer.payment_id,
            "code": answer.code,
        }
        rows = [row, final] if answer.is_final else [row]
        return [Put("sealings", each, when={"group": None}) for each in rows]

    def answers_of(self, sealing: Sealing, payment_id: str) -> list[Answer]:
        """Of one entry; by code."""
        group = joined(ANSWERS, sealing.sealing)
        rows = self._store.query("sealings", group, prefix=joined(payment_id, ""))
        return [from_item(Answer, row) for row in rows]

    def answered(self, sealing: Sealing, payment_id: str, code: str) -> bool:
        """Whether this return was applied."""
        key = (joined(ANSWERS, sealing.sealing), joined(payment_id, code))
        return self._store.get("sealings", key) is not None

    def answers(self, sealing: Sealing) -> list[Answer]:
        """By payment id."""
        rows = self._store.query("sealings", joined(ANSWERS, sealing.sealing))
        return [from_item(Answer, row) for row in rows]

    def hearing(self, sealing: Sealing, heard: Heard) -> Write:
        """One row a notification of change; apart from the returns, which are counted."""
        row = {**to_item(heard), "group": joined(CHANGES, sealing.sealing), "name": heard.name}
        return Put("sealings", row, when={"group": None})

    def has_heard(self, sealing: Sealing, heard: Heard) -> bool:
        """Whether this notification was applied."""
        return (
            self._store.get("sealings", (joined(CHANGES, sealing.sealing), heard.name)) is not None
        )

    def heard_of(self, sealing: Sealing, payment_id: str) -> list[Heard]:
        """The notifications of change about one entry."""
        group = joined(CHANGES, sealing.sealing)
        rows = self._store.query("sealings", group, prefix=joined(payment_id, ""))
        return [from_item(Heard, row) for row in rows]

    def acknowledge(self, said: Acknowledgement, at: datetime) -> Acknowledgement:
        """Keeps the bank's first word about a file, and answers with the one that stands."""
        key = (ACKNOWLEDGED, said.file)
        row = {**to_item(said), "group": key[0], "name": key[1], "said_at": at.isoformat()}
        try:
            self._store.write(Put("sealings", row, when={"group": None}))
        except ConditionFailed:
            kept = self._store.get("sealings", key)
            return from_item(Acknowledgement, kept) if kept else said
        return said

    def acknowledged(self, files: Sequence[str]) -> dict[str, Acknowledgement]:
        """By file, what the bank said."""
        rows = read_all(self._store, "sealings", [(ACKNOWLEDGED, name) for name in files])
        return {row["name"]: from_item(Acknowledgement, row) for row in rows}

    def keep_doubt(self, doubt: Doubt) -> None:
        """One row a part; the same again changes nothing."""
        row = {**to_item(doubt), "group": DOUBTS, "name": _name_of(doubt)}
        self._store.write(Put("sealings", row))

    def doubts(self) -> list[Doubt]:
        """Those that are not over; few, and mostly none."""
        return [from_item(Doubt, row) for row in self._store.query("sealings", DOUBTS)]

    def forget_doubt(self, doubt: Doubt) -> None:
        """It is over."""
        self._store.write(Remove("sealings", (DOUBTS, _name_of(doubt))))

    def undoing(self, file: str, signature: Signature) -> Write:
        """One row a file, signed."""
        row = {"group": UNDONE, "name": file, "signed": to_item(signature)}
        return Put("sealings", row, when={"group": None})

    def undone(self, files: Sequence[str]) -> set[str]:
        """Those of them that staff took back."""
        rows = read_all(self._store, "sealings", [(UNDONE, name) for name in files])
        return {str(row["name"]) for row in rows}

    def change(self, after: Sealing, before: Sealing) -> bool:
        """False when another worker changed it meanwhile."""
        try:
            self._store.write(self.changing(after, before))
        except ConditionFailed:
            return False
        return True

    def changing(self, after: Sealing, before: Sealing) -> Write:
        """Refused when it is not in the state any more that was read, or was given a later date."""
        when = {"state": str(before.state), "moved_to": to_item(before)["moved_to"]}
        return Put("sealings", _row(after), when=when)


def _name_of(doubt: Doubt) -> str:
    return joined(doubt.case, f"{doubt.part:06}")


def _in_order(rows: Iterable[dict[str, Any]]) -> list[Sealing]:
    found = [from_item(Sealing, row) for row in rows]
    return sorted(found, key=lambda each: (each.sealed_at, each.sealing))


def _row(sealing: Sealing) -> dict[str, object]:
    return {**to_item(sealing), "group": SEALINGS, "name": sealing.sealing}
