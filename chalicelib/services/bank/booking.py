"""Each return and correction of the bank's file is applied once, or kept for staff (I18)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.ach import returns
from chalicelib.domain.ach.findings import AnswerEntry, ChangeEntry, ReturnEntry
from chalicelib.domain.errors import DomainError
from chalicelib.domain.sealing import Sealing
from chalicelib.ports import Signals, Unsealable
from chalicelib.repositories.records import Records
from chalicelib.services.bank.answered import Answered
from chalicelib.services.bank.applying import Applying
from chalicelib.services.bank.correcting import Correcting
from chalicelib.services.bank.file_making import PURPOSES
from chalicelib.services.bank.origins import Origins
from chalicelib.services.bank.quarantine import Quarantine

UNKNOWN = "fits no entry of ours"
SECOND = "its entry was answered before under another code: a second return"
# What is wrong with a record, or with our rows of it. All else is the world's: it comes again.
OF_THE_ITEM = (
    DomainError,
    Unsealable,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
)
MOST_FAILED = 20  # of one chunk: where more fail, it is not they that are wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What booking them needs of the world."""

    origins: Origins
    records: Records
    applying: Applying
    correcting: Correcting
    quarantine: Quarantine
    signals: Signals

    def book(self, items: Sequence[AnswerEntry], at: datetime) -> None:
        """Each by itself; what fails is tried once more after the others, then it is for staff."""
        manifests = self.records.sealings.all() if items else []
        answered = Answered(records=self.records, manifests=manifests)
        failed = [item for item in items if self._failure(item, manifests, answered, at)]
        still = [
            (item, failure)
            for item in failed
            if (failure := self._failure(item, manifests, answered, at))
        ]
        world = [failure for _, failure in still if not isinstance(failure, OF_THE_ITEM)]
        if world or len(still) > MOST_FAILED:
            raise world[0] if world else still[0][1]
        for item, failure in still:
            self.signals.count("ReturnsNotApplied")
            self.quarantine.suspend(item, f"can't be applied ({type(failure).__name__})", at)

    def _failure(
        self, item: AnswerEntry, manifests: Sequence[Sealing], answered: Answered, at: datetime
    ) -> Exception | None:
        try:
            if isinstance(item, ReturnEntry):
                self._return(item, manifests, answered, at)
            else:
                self._change(item, manifests, at)
        except Exception as error:  # noqa: BLE001 - whatever it is, it stops no other item
            return error
        return None

    def _return(
        self, item: ReturnEntry, manifests: Sequence[Sealing], answered: Answered, at: datetime
    ) -> None:
        name = self.quarantine.fingerprint(item)
        if answered.has(item, name):
            return
        self.signals.count("Returns")
        origin = self.origins.of(manifests, item.original_trace, item.entry_id)
        if origin is None or not self.origins.is_same(origin.entry, item):
            self.quarantine.suspend(item, UNKNOWN, at)
            return
        purpose = PURPOSES[origin.entry.kind]
        decision = returns.decide(item.code, purpose, item.addenda.addenda_information)
        if decision.is_alarming:
            self.signals.count("ReturnsAlarming")
        if not self.applying.apply(origin, decision, at, item=name):
            self.quarantine.suspend(item, SECOND, at)

    def _change(self, item: ChangeEntry, manifests: Sequence[Sealing], at: datetime) -> None:
        self.signals.count("Changes")
        origin = self.origins.of(manifests, item.original_trace, item.entry_id)
        if origin is None or not self.origins.is_drawn_from(origin.entry, item.account):
            self.quarantine.suspend(item, UNKNOWN, at)
            return
        self.correcting.apply(item, origin, at)
