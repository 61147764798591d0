"""What bank statements say of settlement days, and on which days they were found right (48)."""

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
SEEN = "settled_days"  # days whose money was seen, or that two people accepted


@dataclass(frozen=True, slots=True)
class SettlementBook:
    """Table `transmissions`, beside the manifests that it is about."""

    store: Store

    def state(self, day: StatedDay) -> None:
        """Keeps it; who says the same again changes nothing."""
        name = joined(day.on.isoformat(), day.cents, day.movements)
        self._put_once({**to_item(day), "group": STATED, "name": name})

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

    def seen(self, months: Sequence[str]) -> set[date]:
        """The days of some months that are seen, or accepted."""
        rows = [row for m in months for row in self.store.query("transmissions", SEEN, prefix=m)]
        return {date.fromisoformat(str(row["name"])) for row in rows}

    def see(self, day: date, cents: int) -> None:
        """The bank says what we say."""
        self._put_once({"group": SEEN, "name": day.isoformat(), "cents": cents})

    def accepting(self, day: date, signature: Signature) -> Write:
        """The same, because two people say so. Refused where it stands."""
        row = {"group": SEEN, "name": day.isoformat(), "signed": to_item(signature)}
        return Put("transmissions", row, when={"group": None})

    def _put_once(self, row: dict[str, object]) -> None:
        try:
            self.store.write(Put("transmissions", row, when={"group": None}))
        except ConditionFailed:
            return
