"""Every letter that a payment or a mandate caused, each by its id and the day of its promise.

What caused a letter was kept in its transaction, and says when: a ledger line, an answer, a
correction, a change of the mandates. A letter that waits for nothing but time keeps its day itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import month_after, month_of, months
from chalicelib.domain.due import DueDates
from chalicelib.domain.entry import transmitted_as, web_collection
from chalicelib.domain.identities import (
    change_letter,
    confirmation_letter,
    corrected_letter,
    dispute_line,
    ended_debt_letter,
    entry_letter,
    facts_letters,
    heard_letter,
    month_letter,
    notice_letter,
    notice_run,
    reminder_letter,
    reminder_run,
    renewal_letter,
)
from chalicelib.domain.ledger import Line
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import EndReason, Mandate
from chalicelib.domain.payment import Submission
from chalicelib.domain.reminding import Reminding
from chalicelib.domain.timetable import FIRST_NOTICE_DAY, LAST_NOTICE_DAY
from chalicelib.domain.withdrawal import Verdict
from chalicelib.repositories.records import Records
from chalicelib.services.mail.mailing import TO_EACH_ADDRESS

Promise = tuple[date, str]  # on which day, in UTC, and the id

MOST_MONTHS = 14  # a mandate is of one plan year, and may begin before it
ADDRESSES = (1, 2)  # a change is told to the address that is kept, and to another


@dataclass(frozen=True, slots=True, kw_only=True)
class CausedLetters:
    """What finding them needs of the world."""

    records: Records
    due: DueDates

    def of_submit(self, submission: Submission, moved: Iterable[Line]) -> list[Mail]:
        """Its confirmation, and what was said of the ways of its money, oldest first."""
        confirmed = confirmation_letter(submission.confirmation)
        return self._found([(submission.submitted_at.date(), confirmed), *self._of_moved(moved)])

    def of_mandate(
        self, mandate: Mandate, lines: Sequence[Line], moved: Iterable[Line]
    ) -> list[Mail]:
        """What was said of the authorization, of its months, and of its money, oldest first."""
        return self._found(
            [
                (mandate.created_at.date(), confirmation_letter(mandate.confirmation)),
                *self._of_changes(mandate),
                *_of_months(mandate, lines),
                *self._of_prenote(mandate),
                *self._of_its_end(mandate),
                *self._of_moved(moved),
            ],
            [
                *_notices(mandate),
                *self._reminders(mandate),
                *self._of_facts(mandate),
                *self._of_those_before(mandate),
                *self._of_next_year(mandate),
            ],
            mandate,
        )

    def _found(
        self,
        its: Iterable[Promise],
        of_enrollment: Iterable[Promise] = (),
        mandate: Mandate | None = None,
    ) -> list[Mail]:
        """Those of an enrollment only where they were promised while this mandate stood."""
        found = {mail.mail_id: mail for mail in self.records.outbox.found(its)}
        if mandate:
            others = self.records.outbox.found(of_enrollment)
            found |= {each.mail_id: each for each in others if _stood(mandate, each.created_at)}
        return sorted(found.values(), key=lambda mail: mail.created_at)

    # --- of money ---------------------------------------------------------------------------------

    def _of_moved(self, moved: Iterable[Line]) -> Iterator[Promise]:
        for line in moved:
            payment_id = str(line.payment_id)
            for kind in ("retry", "refund"):
                yield line.at.date(), entry_letter(kind, payment_id)
            for kind in ("paid", "later"):
                yield from self.records.outbox.promised_once(entry_letter(kind, payment_id))
            if won := self.records.books.line(line.enrollment_id, dispute_line(payment_id)):
                yield won.at.date(), entry_letter("paid", payment_id)
            if line.collection:
                yield from self._of_entry(line.enrollment_id, payment_id, line.collection)

    def _of_entry(self, enrollment_id: str, payment_id: str, collection: str) -> Iterator[Promise]:
        """What the bank said of it; its transmission knows, also where it left it out."""
        transmission = self.records.transmissions.of(*transmitted_as(collection))
        if transmission is None:
            return
        if transmission.settled_at:  # letters of before kept no day of their own
            yield transmission.settled_at.date(), entry_letter("paid", payment_id)
        for answer in self.records.transmissions.answers_of(transmission, payment_id):
            for kind in ("not_paid", "account_refused"):
                yield answer.answered_at.date(), entry_letter(kind, payment_id)
        for heard in self.records.transmissions.heard_of(transmission, payment_id):
            day = heard.heard_at.date()
            yield day, heard_letter(heard.name)
            for each in self.records.mandates.every(enrollment_id):
                yield from ((day, corrected_letter(each.mandate_id, v)) for v in _versions(each))

    # --- of an authorization ----------------------------------------------------------------------

    def _of_changes(self, mandate: Mandate) -> Iterator[Promise]:
        """By the member, by the bank, by a feed: each day on which its enrollment's changed."""
        name = mandate.mandate_id
        for day in {at.date() for at in self.records.mandates.changed_at(mandate.enrollment_id)}:
            for version in _versions(mandate):
                yield day, corrected_letter(name, version)
                for kind in TO_EACH_ADDRESS:
                    yield from ((day, change_letter(kind, name, version, n)) for n in ADDRESSES)

    def _of_prenote(self, mandate: Mandate) -> Iterator[Promise]:
        """The entry that asked the bank about its account, where one did (rule 12)."""
        submission = self.records.books.submission(mandate.confirmation)
        if submission:
            collection = web_collection(submission.collected_on, mandate.confirmation)
            yield from self._of_entry(mandate.enrollment_id, mandate.mandate_id, collection)

    def _of_its_end(self, mandate: Mandate) -> Iterator[Promise]:
        """Debt is asked for under the last one that an enrollment had (rule 4)."""
        name = mandate.enrollment_id
        if self.records.mandates.every(name)[-1].mandate_id == mandate.mandate_id:
            yield from self.records.outbox.promised_once(ended_debt_letter(name))

    def _of_facts(self, mandate: Mandate) -> Iterator[Promise]:
        """What a feed changed: coverage, a premium, the plan that is paid for (rules 42, 45)."""
        for kind in ("smaller", "coverage_ended", "coverage_back", "carried"):
            name = facts_letters(kind, mandate.enrollment_id)
            yield from self.records.outbox.promised_once(name)

    def _reminders(self, mandate: Mandate) -> Iterator[Promise]:
        """On the day of one, or the day after it, which catches up (rule 44)."""
        for month in months(mandate.from_month, month_after(mandate.from_month, MOST_MONTHS - 1)):
            for is_before in (True, False):
                day = Reminding(due_on=self.due.of(month), is_before=is_before).first_on
                letter = reminder_letter(reminder_run(day), mandate.enrollment_id)
                yield from ((day + timedelta(days=later), letter) for later in (0, 1))

    def _of_those_before(self, mandate: Mandate) -> Iterator[Promise]:
        """That it replaced another (rule 22): its own Submit said so."""
        day = mandate.created_at.date()
        for other in self.records.mandates.every(mandate.enrollment_id):
            for version in _versions(other):
                for n in ADDRESSES:
                    yield day, change_letter("replaced", other.mandate_id, version, n)

    def _of_next_year(self, mandate: Mandate) -> Iterator[Promise]:
        """Promised when the feed first had the plan that follows (rules 23, 41)."""
        for new in self.records.enrollments.of_subscriber(mandate.subscriber_id):
            of_kind = new.plan is mandate.plan and new.enrollment_id != mandate.enrollment_id
            if of_kind and new.plan_year - mandate.plan_year in (0, 1):
                opening = self.records.books.line(new.enrollment_id, "opening")
                if opening:
                    yield opening.at.date(), renewal_letter(new.enrollment_id)


def _of_months(mandate: Mandate, lines: Iterable[Line]) -> Iterator[Promise]:
    """What the 22nd decided; one that could not be read then is excluded by its enrollment."""
    for line in lines:
        unread = line.mandate_id is None and line.verdict == Verdict.EXCLUDED
        if line.mandate_id == mandate.mandate_id or (unread and _stood(mandate, line.at)):
            for kind in ("withdrawal", "credit", "excluded"):
                letter = month_letter(kind, str(line.month), mandate.enrollment_id)
                yield line.at.date(), letter


def _notices(mandate: Mandate) -> Iterator[Promise]:
    """On any of the days of a run, which may go on past midnight in UTC."""
    for month in months(mandate.from_month, month_after(mandate.from_month, MOST_MONTHS - 1)):
        for n in range(FIRST_NOTICE_DAY, LAST_NOTICE_DAY + 1):
            day = date.fromisoformat(f"{month}-{n}")
            letter = notice_letter(notice_run(day), mandate.enrollment_id)
            yield from ((day + timedelta(days=later), letter) for later in (0, 1))


def _versions(mandate: Mandate) -> range:
    return range(1, mandate.version + 1)


def _stood(mandate: Mandate, at: datetime) -> bool:
    """Whether it was set up by then, and not ended; with its coverage only after its last month."""
    ended_at, last = mandate.ended_at, str(mandate.through_month)
    if mandate.end_reason is EndReason.COVERAGE_END and month_of(local_day(at)) <= last:
        ended_at = None
    return mandate.created_at <= at and (ended_at is None or at <= ended_at)
