"""The third leg of the evening's proof: settlement as the bank's own statement has it (rule 48).

Per settlement day, what a statement says that the bank network moved on our account is held against
our files and what came back. A day that is not seen keeps all its payments "sent".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.acknowledgement import FileVerdict
from chalicelib.domain.bank_statement.movements import NotAStatement
from chalicelib.domain.bank_statement.reading import StatedDay, stated_days
from chalicelib.domain.banking_days import banking_day_after, local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_after, month_of, months
from chalicelib.domain.errors import DomainError
from chalicelib.domain.identities import audit_subject, case_id
from chalicelib.domain.money import dollars
from chalicelib.domain.signature import Signature
from chalicelib.domain.transmission import UNSENT, Transmission
from chalicelib.ports import Files, Gone, Metrics
from chalicelib.repositories.records import Records
from chalicelib.services.quarantine.quarantine import Quarantine

UNDER = "inbound/statements/"
LATEST = 2  # banking days after its own by which a statement has come
DIFFERS, MISSING, REFUSED = "settlement", "statement_missing", "bad_statement"
ACCEPTED = "settlement accepted"


class NothingToAccept(DomainError):
    """No case of this day is open: its settlement was seen, was accepted, or is not due yet."""

    code = "nothing_to_accept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """One day: what we say of it, and what statements say."""

    expected_cents: int
    stated: Sequence[StatedDay]
    is_seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementProof:
    """What reading them and holding them against the books needs of the world."""

    records: Records
    files: Files
    quarantine: Quarantine
    metrics: Metrics
    bank_statements: bool
    bank_statement_account: str | None

    def receive(self, key: str, version: str, at: datetime) -> None:
        """Keeps what each day of it says; one that can't be read is kept sealed, with a case."""
        try:
            days = stated_days(self.files.lines(key, version), self.bank_statement_account)
        except Gone:  # the news came twice
            return
        except NotAStatement as refusal:
            self.quarantine.put_aside(key, version, REFUSED, f"no statement: {refusal}", at)
            days = []
        for day in days:
            self.records.settlements.state(day)
        self.files.erase(key, version)

    def unseen(self, transmissions: Sequence[Transmission], at: datetime) -> set[date]:
        """The days on which files settled that no statement shows, and nobody has accepted.

        None of them where no statements are expected. Those that are due open a case, and ring each
        evening; so does a day on which only the statement moves money.
        """
        if not self.bank_statements:
            return set()
        sent = [each for each in transmissions if each.state not in UNSENT]
        waiting = {each.settles_on for each in sent if each.files and not each.settled_at}
        today, book = local_day(at), self.records.settlements
        first = month_after(month_of(min([today, *waiting])), -1)
        lately = list(months(first, month_of(today)))
        stated, seen = book.stated(lately), book.seen(lately)
        for day in sorted({*waiting, *stated} - seen):
            expected = self._expected_cents(day, sent)
            if self._agrees(day, stated.get(day, []), expected, at):
                book.see(day, expected)
                self._close(day, at)
                seen.add(day)
        return waiting - seen

    def of(self, day: date) -> Settlement:
        """How a day stands."""
        sent = [each for each in self.records.transmissions.all() if each.state not in UNSENT]
        month = [month_of(day)]
        return Settlement(
            expected_cents=self._expected_cents(day, sent),
            stated=self.records.settlements.stated(month).get(day, []),
            is_seen=day in self.records.settlements.seen(month),
        )

    def accept(self, day: date, signature: Signature) -> bool:
        """Two people say that what differs is no reason to wait. False: a second one must.

        Raises NothingToAccept.
        """
        open_ids = self.records.cases.open_ids()
        if not {case_id(kind, day.isoformat()) for kind in (DIFFERS, MISSING)} & open_ids:
            raise NothingToAccept
        subject = audit_subject("settlement", day.isoformat())
        if not self.records.is_second(subject, ACCEPTED, signature):
            return False
        closing = [
            write
            for kind in (DIFFERS, MISSING)
            for write in self.records.cases.closing(case_id(kind, day.isoformat()), signature)
        ]
        accepting = self.records.settlements.accepting(day, signature)
        signs = self.records.audit.signing(subject, ACCEPTED, signature)
        self.records.commit(accepting, *closing, *signs)
        return True

    def _expected_cents(self, day: date, sent: Sequence[Transmission]) -> int:
        """What our files of the day bring, of those that the bank took; less what came back."""
        files = [file for each in sent if each.settles_on == day for file in each.files]
        said = self.records.transmissions.acknowledged([file.name for file in files])
        taken = [
            file
            for file in files
            if file.name not in said or said[file.name].verdict is not FileVerdict.REFUSED
        ]
        brought = sum(file.debit_cents - file.credit_cents for file in taken)
        return brought - self.records.settlements.came_back_cents(day)

    def _agrees(self, day: date, stated: Sequence[StatedDay], expected: int, at: datetime) -> bool:
        """Whether the bank says the same; else the case that says what it says."""
        if not stated:
            if local_day(at) >= banking_day_after(day, LATEST):
                self._open(MISSING, day, "no statement has come: its payments wait", at)
            return False
        if len(stated) == 1 and stated[0].cents == expected:
            return True
        amounts = " and ".join(dollars(each.cents) for each in stated)
        short = dollars(abs(expected - stated[0].cents))
        reason = f"the statement says {amounts}, our files and returns say {dollars(expected)}"
        self._open(DIFFERS, day, f"{reason}: {short} apart; its payments wait", at)
        return False

    def _open(self, kind: str, day: date, reason: str, at: datetime) -> None:
        self.metrics.count("Differences")
        name = case_id(kind, day.isoformat())
        said = f"{day}: {reason}"
        case = Case(case_id=name, kind=CaseKind.BANK, reason=said, opened_at=at)
        self.records.cases.open_case(case)

    def _close(self, day: date, at: datetime) -> None:
        signature = Signature(who="settlement", why="its statement agrees", at=at)
        for kind in (DIFFERS, MISSING):
            self.records.cases.close(case_id(kind, day.isoformat()), signature)
