"""What bank statements say of settlement days, and what people accepted of them (rule 48)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.bank_statement.reading import StatedDay
from chalicelib.domain.identities import joined
from chalicelib.domain.signature import Signature
from chalicelib.repositories.codec import from_item, to_item
from chalicelib.repositories.transmissions import came_back_on
from chalicelib.store import ConditionFailed, Put, Store, Write

STATED = "stated_days"  # what a statement says, once, whichever file said it
ACCEPTED = "accepted_days"  # that two people take a day as it stands


@dataclass(frozen=True, slots=True)
class SettlementBook:
    """Table `transmissions`, beside the manifests that it is about."""

    store: Store

    def state(self, day: StatedDay) -> None:
        """Keeps it; who says the same again changes nothing."""
        name = joined(day.on.isoformat(), day.cents, day.movements)
        row = {**to_item(day), "group": STATED, "name": name}
        try:
            self.store.write(Put("transmissions", row, when={"group": None}))
        except ConditionFailed:
            return

    def stated(self, months: Sequence[str]) -> dict[date, list[StatedDay]]:
        """By day, of some months ("2026-12"); two where statements contradict each other."""
        found: dict[date, list[StatedDay]] = {}
        for month in months:
            for row in self.store.query("transmissions", STATED, prefix=month):
                day = from_item(StatedDay, row)
                found.setdefault(day.on, []).append(day)
        return found

    def came_back_cents(self, day: date) -> int:
        """What left our account again on a day, for what had been debited; less what came."""
        rows = self.store.query("transmissions", came_back_on(day))
        return sum(int(row["cents"]) for row in rows)

    def accepted(self, months: Sequence[str]) -> dict[date, str]:
        """The days of some months that people accepted, and as what."""
        rows = [r for m in months for r in self.store.query("transmissions", ACCEPTED, prefix=m)]
        return {date.fromisoformat(str(row["name"])): str(row["as"]) for row in rows}

    def accepting(self, day: date, stands_as: str, signature: Signature) -> Write:
        """The last word of two people about a day."""
        row = {"group": ACCEPTED, "name": day.isoformat(), "as": stands_as}
        return Put("transmissions", {**row, "signed": to_item(signature)})
