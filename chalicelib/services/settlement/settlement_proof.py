"""The third leg of the evening's proof: settlement as the bank's own statement has it (rule 48).

Per settlement day, what a statement says that the bank network moved on our account is held against
our files and what came back: anew each evening, since returns, statements and people come later. A
file waits for its own day, and for each later one that differs: that may be its money coming back.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.acknowledgement import FileVerdict
from chalicelib.domain.bank_profile import BankProfile
from chalicelib.domain.bank_statement.movements import NotAStatement
from chalicelib.domain.bank_statement.reading import stated_days
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_after, month_of, months
from chalicelib.domain.errors import DomainError
from chalicelib.domain.identities import audit_subject, case_id, kind_of, rest_of
from chalicelib.domain.settlement import Settlement
from chalicelib.domain.signature import Signature
from chalicelib.domain.transmission import UNSENT, Transmission
from chalicelib.ports import Files, Gone, Metrics
from chalicelib.repositories.records import Records
from chalicelib.services.quarantine.quarantine import Quarantine

DIFFERS, MISSING, REFUSED = "settlement", "statement_missing", "bad_statement"


class NothingToAccept(DomainError):
    """This day agrees, was accepted as it stands, or its statement is not due yet."""

    code = "nothing_to_accept"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementProof:
    """What reading them and holding them against the books needs of the world."""

    records: Records
    files: Files
    quarantine: Quarantine
    metrics: Metrics
    bank_statements: bool
    bank_statement_account: str | None
    profile: BankProfile

    def receive(self, key: str, version: str, at: datetime) -> None:
        """Keeps what each day of it says; one that can't be read is kept sealed, with a case."""
        try:
            lines = self.profile.unwrapped(self.files.lines(key, version))
            days = stated_days(lines, self.bank_statement_account)
        except Gone:  # the news came twice
            return
        except NotAStatement as refusal:
            self.quarantine.put_aside(key, version, REFUSED, f"no statement: {refusal}", at)
            days = []
        for day in days:
            self.records.settlements.state(day)
        self.files.erase(key, version)

    def unseen(self, transmissions: Sequence[Transmission], at: datetime) -> set[date]:
        """The settlement days whose files wait; none where no statements are expected.

        A day that differs, or whose statement is due and missing, has a case, and rings each
        evening; the case closes itself when the day agrees.
        """
        if not self.bank_statements:
            return set()
        sent = [each for each in transmissions if each.state not in UNSENT]
        waiting = {each.settles_on for each in sent if each.files and not each.settled_at}
        open_ids, today = self.records.cases.open_ids(), local_day(at)
        days = [*waiting, *_days_of(open_ids)]
        found = self._settlements(days, sent, since=month_after(month_of(today), -1), until=today)
        for each in found:
            self._tell(each, open_ids, at)
        last = max((each.day for each in found if each.differs), default=date.min)
        seen = {each.day for each in found if each.is_seen}
        return {day for day in waiting if day not in seen or day <= last}

    def of(self, day: date) -> Settlement:
        """How a day stands."""
        sent = [each for each in self.records.transmissions.all() if each.state not in UNSENT]
        month = month_of(day)
        every = self._settlements([day], sent, since=month, until=day)
        return next(each for each in every if each.day == day)

    def accept(self, day: date, signature: Signature) -> bool:
        """Two people take the day as it stands now. False: a second one must, of the same amounts.

        Raises NothingToAccept.
        """

        def attempt() -> bool:
            settlement = self.of(day)
            if not (settlement.differs or settlement.is_missing(local_day(signature.at))):
                raise NothingToAccept
            subject = audit_subject("settlement", day.isoformat())
            what = f"settlement accepted: {settlement.stands_as}"
            if not self.records.is_second(subject, what, signature):
                return False
            names = [case_id(kind, day.isoformat()) for kind in (DIFFERS, MISSING)]
            self.records.commit(
                self.records.settlements.accepting(day, settlement.stands_as, signature),
                *(each for name in names for each in self.records.cases.closing(name, signature)),
                *self.records.audit.signing(subject, what, signature),
            )
            return True

        return self.records.commit_or_retry(attempt)

    def _settlements(
        self, days: Collection[date], sent: Sequence[Transmission], *, since: str, until: date
    ) -> list[Settlement]:
        """These days, and each that was stated since a month; by day."""
        first = min([since, *map(month_of, days)])
        lately = list(months(first, max([month_of(until), *map(month_of, days)])))
        book = self.records.settlements
        stated, accepted = book.stated(lately), book.accepted(lately)
        return [
            Settlement(
                day=day,
                expected_cents=self._expected_cents(day, sent),
                stated=stated.get(day, []),
                accepted=accepted.get(day),
            )
            for day in sorted({*days, *stated})
        ]

    def _expected_cents(self, day: date, sent: Sequence[Transmission]) -> int:
        """What our files of the day bring, of those that the bank took; less what came back."""
        files = [file for each in sent if each.settles_on == day for file in each.files]
        said = self.records.transmissions.acknowledged([file.name for file in files])
        brought = sum(
            file.debit_cents - file.credit_cents
            for file in files
            if file.name not in said or said[file.name].verdict is not FileVerdict.REFUSED
        )
        return brought - self.records.settlements.came_back_cents(day)

    def _tell(self, settlement: Settlement, open_ids: Collection[str], at: datetime) -> None:
        """Its cases say how it stands; what is over closes."""
        is_missing = settlement.is_missing(local_day(at))
        self._say(DIFFERS, settlement, open_ids, at, holds=settlement.differs)
        self._say(MISSING, settlement, open_ids, at, holds=is_missing)

    def _say(
        self,
        kind: str,
        settlement: Settlement,
        open_ids: Collection[str],
        at: datetime,
        *,
        holds: bool,
    ) -> None:
        name = case_id(kind, settlement.day.isoformat())
        if holds:
            self.metrics.count("Differences")
            said = f"{settlement.day}: {settlement.stands_as}; payments that settled by then wait"
            case = Case(case_id=name, kind=CaseKind.BANK, reason=said, opened_at=at)
            self.records.cases.open_again(case, since=at)
        elif name in open_ids:
            why = "its statement agrees" if settlement.is_seen else "its statement has come"
            self.records.cases.close(name, Signature(who="settlement", why=why, at=at))


def _days_of(open_ids: Collection[str]) -> list[date]:
    """The days that have a case: they are judged until it ends, however long that takes."""
    return [
        date.fromisoformat(rest_of(each))
        for each in open_ids
        if kind_of(each) in (DIFFERS, MISSING)
    ]
