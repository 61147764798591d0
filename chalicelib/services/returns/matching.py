"""Each return and correction of the bank's file is applied once, or kept for staff (I18)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from chalicelib.domain.ach import changes, returns
from chalicelib.domain.ach.decisions import ReturnDecision
from chalicelib.domain.ach.findings import AnswerEntry, ChangeEntry, RejectEntry, ReturnEntry
from chalicelib.domain.ach.return_table import ITEM_REFUSED
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.entry import ENTRY_PURPOSES
from chalicelib.domain.errors import DomainError
from chalicelib.domain.transmission import Transmission
from chalicelib.ports import Metrics, Unsealable
from chalicelib.repositories.records import Records
from chalicelib.services.quarantine.quarantine import Quarantine
from chalicelib.services.returns.corrections import Corrections
from chalicelib.services.returns.original_entries import OriginalEntries, OriginalEntry, SentEntries
from chalicelib.services.returns.posting import ReturnPosting
from chalicelib.services.returns.routing_numbers import RoutingNumbers
from chalicelib.store import Write

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


@dataclass(slots=True, kw_only=True)
class AppliedReturns:
    """What was applied before some items of a file are read; not what is applied meanwhile."""

    records: Records
    manifests: Sequence[Transmission]
    _known: dict[str, frozenset[str]] = field(default_factory=dict)

    def has(self, item: AnswerEntry, fingerprint: str) -> bool:
        """Whether just this was applied: a reading may be old, but an answer never goes away."""
        trace = item.original_trace[-7:]
        return trace.isdigit() and any(
            self.knows(transmission, fingerprint)
            for transmission in reversed(self.manifests)
            if transmission.batch_of(int(trace))
        )

    def knows(self, transmission: Transmission, fingerprint: str) -> bool:
        """Whether it was, to an entry of this transmission."""
        return fingerprint in self._of(transmission)

    def _of(self, transmission: Transmission) -> frozenset[str]:
        name = transmission.transmission_id
        if name not in self._known:
            answers = self.records.transmissions.answers(transmission)
            self._known[name] = frozenset(each.item for each in answers if each.item)
        return self._known[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """What booking them needs of the world."""

    original_entries: OriginalEntries
    records: Records
    return_posting: ReturnPosting
    corrections: Corrections
    routing_numbers: RoutingNumbers
    quarantine: Quarantine
    metrics: Metrics

    def book(self, items: Sequence[AnswerEntry], arrived_at: datetime, at: datetime) -> None:
        """Each by itself; what fails is tried once more after the others, then it is for staff.

        Their file came at `arrived_at`; all that they do is done `at`.
        """
        manifests = self.records.transmissions.all() if items else []
        answered = AppliedReturns(records=self.records, manifests=manifests)
        sent = self.original_entries.sent(manifests)
        failed = [item for item in items if self._failure(item, answered, sent, arrived_at, at)]
        still = [
            (item, failure)
            for item in failed
            if (failure := self._failure(item, answered, sent, arrived_at, at))
        ]
        world = [failure for _, failure in still if not isinstance(failure, OF_THE_ITEM)]
        if world or len(still) > MOST_FAILED:
            raise world[0] if world else still[0][1]
        for item, failure in still:
            self.metrics.count("ReturnsNotApplied")
            self.quarantine.suspend(item, f"can't be applied ({type(failure).__name__})", at)

    def _failure(
        self,
        item: AnswerEntry,
        answered: AppliedReturns,
        sent: SentEntries,
        arrived_at: datetime,
        at: datetime,
    ) -> Exception | None:
        try:
            if isinstance(item, ChangeEntry):
                self._change(item, sent, arrived_at, at)
            else:
                self._return(item, answered, sent, arrived_at, at)
        except Exception as error:  # noqa: BLE001 - whatever it is, it stops no other item
            return error
        return None

    def _return(
        self,
        item: ReturnEntry | RejectEntry,
        answered: AppliedReturns,
        sent: SentEntries,
        arrived_at: datetime,
        at: datetime,
    ) -> None:
        name = self.quarantine.fingerprint(item)
        if answered.has(item, name):
            return
        self.metrics.count("Returns")
        found = self.original_entries.find(item, sent, local_day(arrived_at))
        original = found.original
        if original is None:
            self.quarantine.suspend(item, UNKNOWN, at, found.candidate_ids)
            return
        if answered.knows(original.transmission, name):
            return
        if not self.apply(item, original, arrived_at, at):
            self.quarantine.suspend(item, SECOND, at)

    def _change(
        self, item: ChangeEntry, sent: SentEntries, arrived_at: datetime, at: datetime
    ) -> None:
        self.metrics.count("Changes")
        found = self.original_entries.find(item, sent, local_day(arrived_at))
        if found.original is None:
            self.quarantine.suspend(item, UNKNOWN, at, found.candidate_ids)
            return
        self.apply(item, found.original, arrived_at, at)

    def apply(
        self,
        item: AnswerEntry,
        original: OriginalEntry,
        arrived_at: datetime,
        at: datetime,
        *also: Write,
    ) -> bool:
        """Once, to this entry, with what else is to be written; again writes nothing.

        False: the entry was answered already, otherwise.
        """
        if isinstance(item, ChangeEntry):
            self.corrections.apply(item, original, at, *also)
            corrected = changes.decide(item.code, item.corrected_data).correction.routing
            if corrected not in (None, original.entry.account.routing):
                self.routing_numbers.corrected(original.entry, item.code, at)
            return True
        if item.code == returns.BAD_ROUTING and not self._is_answered(original):
            # First: what is kept is not come back to.
            self.routing_numbers.returned(original.entry, at)
        purpose = ENTRY_PURPOSES[original.entry.kind]
        if isinstance(item, RejectEntry):
            decision = returns.of_unmoved(ITEM_REFUSED, purpose)
            decision = replace(decision, settled_on=original.transmission.settles_on)
        else:
            decision = returns.decide(item.code, purpose, item.addenda.addenda_information)
            decision = _dated(decision, item, original.transmission, local_day(arrived_at))
        if decision.is_alarming:
            self.metrics.count("ReturnsAlarming")
        name = self.quarantine.fingerprint(item)
        return self.return_posting.apply(original, decision, at, *also, item=name)

    def _is_answered(self, original: OriginalEntry) -> bool:
        payment_id = original.entry.payment_id
        before = self.records.transmissions.answers_of(original.transmission, payment_id)
        return any(each.is_final for each in before)


def _dated(
    decision: ReturnDecision, item: ReturnEntry, transmission: Transmission, arrived_on: date
) -> ReturnDecision:
    """Late by its own settlement, not by the day that we have it: files travel (rule 50).

    What banks argue about moves money on a day that no file names.
    """
    julian = item.batch.settlement_date if item.batch else ""
    settled_on = returns.settled_on(julian, arrived_on)
    latest = returns.latest_on(item.code, transmission.settles_on)
    is_late = latest is not None and settled_on is not None and settled_on > latest
    moved_on = returns.moved_on(julian, arrived_on) if decision.is_final else None
    return replace(decision, is_late=is_late, settled_on=moved_on)
