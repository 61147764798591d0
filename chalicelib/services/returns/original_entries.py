"""The entry of ours that a return or a change is about, found by evidence (rule 47, I18).

Some banks give entries traces of their own, or blank the id; no sign of the two counts alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from chalicelib.domain.ach import returns
from chalicelib.domain.ach.decisions import Rate
from chalicelib.domain.ach.entries import Originator
from chalicelib.domain.ach.findings import AnswerEntry, ChangeEntry, ReturnEntry, name_of
from chalicelib.domain.debited_account import DebitedAccount
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.entry import Batch, Entry, entry_of, entry_of_credit
from chalicelib.domain.ledger import Line, line_of
from chalicelib.domain.mandate import Debited, Mandate
from chalicelib.domain.payment import EntryKind, may_be_payment_id
from chalicelib.domain.purposes import ACCOUNT
from chalicelib.domain.transmission import Transmission
from chalicelib.ports import Unsealable, Vault
from chalicelib.repositories.records import Records
from chalicelib.services.mail.payers import Payer, Payers

LONGEST = timedelta(days=70)  # since its effective date: later only what is unauthorized comes
LEAST_SHOWN = 4  # signs of an account that a bank masks
_MASKED = re.compile(rf"[X*]+(\d{{{LEAST_SHOWN},}})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalEntry:
    """The entry that a return or change is about, and where it stands in the books."""

    transmission: Transmission
    entry: Entry
    line: Line | None  # of its payment, withdrawal or refund; a prenote has none
    enrollment: Enrollment
    payer: Payer

    @property
    def mandate(self) -> Mandate | None:
        """The one that the entry was made under."""
        return self.payer.mandate

    @property
    def debited_account(self) -> DebitedAccount:
        """Which mandates it concerns."""
        mandate = self.payer.mandate
        under = mandate.mandate_id if mandate else None
        entry = Debited(payment_id=self.entry.payment_id, settles_on=self.transmission.settles_on)
        return DebitedAccount(account=self.entry.account, mandate_id=under, entry=entry)


Sent = tuple[Transmission, Entry]
UNAUTHORIZED = Rate.UNAUTHORIZED
MOST_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Match:
    """The one entry that fits, or those that something speaks for."""

    original: OriginalEntry | None
    candidates: tuple[Sent, ...] = ()

    @property
    def candidate_ids(self) -> tuple[str, ...]:
        """Their payments."""
        return tuple(entry.payment_id for _, entry in self.candidates)


@dataclass(slots=True, kw_only=True)
class SentEntries:
    """What went out, looked up by keys; traces by position are read once a batch."""

    records: Records
    manifests: Sequence[Transmission]  # oldest first
    _ids: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def named(self, trace: int | None, name: str) -> Iterator[Sent]:
        """Those of this id in a batch that holds the trace, newest first."""
        for transmission in reversed(self.manifests) if trace is not None else ():
            batch = transmission.batch_of(trace or 0)
            entry = self.records.books.entry(batch.collection, batch.kind, name) if batch else None
            if entry and name not in transmission.left_out_ids:
                yield transmission, entry

    def of_id(self, manifests: Sequence[Transmission], name: str) -> Iterator[Sent]:
        """Those of this id, whatever their trace: the batches are known, so their keys are.

        A payment of the page names its collection itself; a withdrawal's or a prenote's may be any.
        """
        waits_in = self._waits_in(name)
        places = {
            (batch.collection, batch.kind): each
            for each in manifests
            for batch in each.batches
            if waits_in in (None, batch.collection)
        }
        for entry in self.records.books.entries_of(list(places), name):
            transmission = places[entry.collection, entry.batch]
            if name not in transmission.left_out_ids:
                yield transmission, entry

    def _waits_in(self, name: str) -> str | None:
        """The collection of a payment of the page, or of a credit that was released."""
        if payment := self.records.books.payment(name):
            return entry_of(payment).collection
        credit = self.records.books.credit(name)
        if credit and credit.collected_on and credit.account:
            return entry_of_credit(credit).collection
        return None

    def of_trace(self, manifests: Sequence[Transmission], trace: int | None) -> Iterator[Sent]:
        """Those of this trace, whatever their id: its batch is read once, in the file's order."""
        for transmission in reversed(manifests) if trace is not None else ():
            batch = transmission.batch_of(trace or 0)
            if batch is None:
                continue
            ids = self._in_order(batch.collection, batch.kind, transmission)
            name = ids[(trace or 0) - batch.first_trace]
            if entry := self.records.books.entry(batch.collection, batch.kind, name):
                yield transmission, entry

    def _in_order(self, collection: str, kind: Batch, transmission: Transmission) -> list[str]:
        place = (collection, str(kind))
        if place not in self._ids:
            without = transmission.left_out_ids
            entries = self.records.books.entries(collection, kind, without=without)
            self._ids[place] = [entry.payment_id for entry in entries]
        return self._ids[place]


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalEntries:
    """What finding it needs of the world."""

    records: Records
    payers: Payers
    vault: Vault
    originator: Originator

    def sent(self, manifests: Sequence[Transmission]) -> SentEntries:
        """To look up the items of a file in; manifests are oldest first."""
        return SentEntries(records=self.records, manifests=manifests)

    def find(self, item: AnswerEntry, sent: SentEntries, today: date) -> Match:
        """By trace and id; by id; by trace: each with amount and account, where just one fits."""
        name = name_of(item)
        recent = [each for each in sent.manifests if today - each.settles_on <= LONGEST]
        lasts = isinstance(item, ReturnEntry) and returns.decide(item.code).rate is UNAUTHORIZED
        trace = self._ours(item.original_trace)
        by_both = list(sent.named(trace, name))
        fit = [
            (transmission, entry)
            for transmission, entry in by_both
            if (lasts or transmission in recent) and self._fits(item, entry, may_be_masked=True)
        ]
        if len(fit) == 1:
            return Match(self.in_the_books(*fit[0]))
        if may_be_payment_id(name):
            by_one = list(sent.of_id(recent, name))
        else:
            by_one = list(sent.of_trace(recent, trace))
        if not fit and len(fit := [each for each in by_one if self._fits(item, each[1])]) == 1:
            return Match(self.in_the_books(*fit[0]))
        # What the trace names is no evidence against an id of ours, and may be it all the same.
        maybe = (*by_both, *by_one, *sent.of_trace(recent, trace))
        found = {each[1].payment_id: each for each in maybe}
        return Match(None, tuple(found.values())[:MOST_CANDIDATES])

    def agreeing(self, item: AnswerEntry, sent: SentEntries, entry: Entry) -> list[str]:
        """What of an item and an entry is the same, in words: staff weigh it."""
        by_trace = sent.of_trace(sent.manifests, self._ours(item.original_trace))
        has_amount = not isinstance(item, ChangeEntry)
        same = {
            "id": name_of(item) == entry.payment_id,
            "trace": any(each.payment_id == entry.payment_id for _, each in by_trace),
            "amount": has_amount and item.amount_cents == entry.amount_cents,
            "account": self._is_of_account(item, entry, may_be_masked=True),
        }
        return [what for what, is_same in same.items() if is_same]

    def _fits(self, item: AnswerEntry, entry: Entry, *, may_be_masked: bool = False) -> bool:
        """In amount, which a correction has not, and in account."""
        if not isinstance(item, ChangeEntry) and item.amount_cents != entry.amount_cents:
            return False
        return self._is_of_account(item, entry, may_be_masked=may_be_masked)

    def _is_of_account(self, item: AnswerEntry, entry: Entry, *, may_be_masked: bool) -> bool:
        """Leading zeros don't count; of a masked account the last signs do, as many as shown."""
        try:
            digits = self.vault.open(ACCOUNT, entry.account.sealed_number, entry.subscriber_id)
        except Unsealable:
            return False
        if may_be_masked and (shown := _MASKED.fullmatch(item.account.digits)):
            return digits.endswith(shown[1])
        return item.account.digits.lstrip("0") == digits.lstrip("0")

    def _ours(self, trace_number: str) -> int | None:
        """Its last seven digits, where all fifteen are of the form that we give."""
        is_ours = trace_number.isdigit() and trace_number.startswith(self.originator.odfi_id)
        return int(trace_number[-7:]) if is_ours else None

    def in_the_books(self, transmission: Transmission, entry: Entry) -> OriginalEntry | None:
        """Where an entry of ours stands; None when no line asks for it."""
        lines = self.records.books.lines(entry.enrollment_id)
        enrollment = self.records.enrollments.get(entry.enrollment_id)
        line = line_of(lines, entry.payment_id)
        if entry.kind is EntryKind.PRENOTE:  # its id is that of the mandate it asks for
            payer = self.payers.of_mandate(entry.enrollment_id, entry.payment_id)
        elif line:
            payer = self.payers.of(line, lines)
        else:
            return None
        if enrollment is None:
            return None
        return OriginalEntry(
            transmission=transmission,
            entry=entry,
            line=line,
            enrollment=enrollment,
            payer=payer,
        )
