"""A plan that follows: monthly payments go on with it, or their member is told (23, 41, 42).

Judged whenever either row comes, in any order. What is carried over stands in the transaction of
the row, with its letter; who cancels first wins, for the mandate is required as it was read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import carry_over, ledger
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_after, month_of
from chalicelib.domain.due import DueDates
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.identities import carried_letter, case_id
from chalicelib.domain.ledger import Line
from chalicelib.domain.mandate import Announcement, Mandate, Mandates
from chalicelib.domain.month_dates import debit_day, has_a_22nd
from chalicelib.domain.withdrawal import decision_of, expected_amount
from chalicelib.repositories.records import Records
from chalicelib.services.enrollment.coverage_change import CoverageChange, MonthlyChange
from chalicelib.services.mail.addressees import Addressees
from chalicelib.services.mail.coverage_mails import News, carried_mail, renewal_mail
from chalicelib.services.monthly.months import Months
from chalicelib.store import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A plan with monthly payments, and one that comes after it."""

    old: Enrollment
    new: Enrollment
    mandate: Mandate
    mandates: Mandates
    old_lines: list[Line]
    new_lines: list[Line]

    @property
    def names(self) -> tuple[str, str]:
        """Of both; what is stored of one may be of before the change."""
        return self.old.enrollment_id, self.new.enrollment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What going on needs of the world."""

    records: Records
    due: DueDates
    months: Months
    addressees: Addressees
    debit_ceiling_cents: int
    carry_over: bool

    def writes(
        self, change: CoverageChange, monthly: MonthlyChange | None, now: datetime
    ) -> list[Write]:
        """Of a new enrollment, or of one whose end moved, with its mandates before and after."""
        writes = list[Write]()
        for pair in self._pairs(change, monthly, now):
            first = self._first_month(pair, now)
            if self._goes_on(pair) and has_a_22nd(pair.new, first):
                writes += self._carrying(pair, first, monthly, now)
            elif change.before is None:
                news = self._news(pair, change.at)
                writes += self.records.outbox.adding(renewal_mail(pair.mandate, news))
                break  # told once, whichever mandate it was
        return writes

    def _pairs(
        self, change: CoverageChange, monthly: MonthlyChange | None, now: datetime
    ) -> Iterator[Pair]:
        """With monthly payments on the one, and none on the other."""
        after = change.after
        family = self._family(after)
        is_new = change.before is None
        wanted = [(each, after) for each in family if is_new and each.is_before(after)]
        wanted += [(after, each) for each in family if not is_new and after.is_followed_by(each)]
        for old, new in wanted if not after.never_began else ():
            mandates = monthly.before if monthly else self.records.mandates.of(old.enrollment_id)
            going = monthly.going if monthly else mandates.lasting(month_of(local_day(now)))
            if going is None and old.is_followed_by(new):
                going = self.addressees.ended_with_coverage(old.enrollment_id)
            if going is None or self.records.mandates.of(new.enrollment_id).version:
                continue
            books = self.records.books.lines
            yield Pair(
                old=old,
                new=new,
                mandate=going,
                mandates=mandates,
                old_lines=change.all_lines if old is after else books(old.enrollment_id),
                new_lines=change.all_lines if new is after else books(new.enrollment_id),
            )

    def _family(self, after: Enrollment) -> list[Enrollment]:
        others = self.records.enrollments.of_subscriber(after.subscriber_id)
        return [each for each in others if each.enrollment_id != after.enrollment_id]

    def _goes_on(self, pair: Pair) -> bool:
        """Where two could follow, or be followed, staff look, and nothing goes on by itself."""
        if not (self.carry_over and carry_over.may_go_on(pair.mandate)):
            return False
        if not pair.old.is_followed_by(pair.new):
            return False
        others = [each for each in self._family(pair.new) if each.enrollment_id not in pair.names]
        family = [*others, pair.old, pair.new]
        followers = [each for each in family if pair.old.is_followed_by(each)]
        before = [each for each in family if each.is_followed_by(pair.new)]
        agreed = [each for each in before if each == pair.old or self._agreed(each)]
        if len(followers) == len(agreed) == 1:
            return True
        name = pair.new.enrollment_id
        why = "more than one plan follows" if len(agreed) == 1 else "it follows more than one plan"
        case = Case(
            case_id=case_id("carry_over", name),
            kind=CaseKind.CARRY_OVER,
            enrollment_id=name,
            reason=f"monthly payments did not go on by themselves: {why}",
            opened_at=pair.mandate.created_at,
        )
        self.records.cases.open_case(case)
        return False

    def _agreed(self, old: Enrollment) -> bool:
        every = self.records.mandates.every(old.enrollment_id)
        return bool(every) and carry_over.may_go_on(every[-1])

    def _first_month(self, pair: Pair, now: datetime) -> str:
        """A month later where money of the old plan is there for it, or on its way."""
        first = carry_over.first_month(pair.new, local_day(now))
        decision = decision_of(pair.old_lines, month_of(local_day(now)))
        claim = self.months.claim_under_way(pair.mandates, pair.old_lines, decision, now)
        return month_after(first) if claim or ledger.owed(pair.old_lines) < 0 else first

    def _carrying(
        self, pair: Pair, first: str, monthly: MonthlyChange | None, now: datetime
    ) -> list[Write]:
        """The mandate, what it announces, and the letter that is its notice."""
        mandate = carry_over.carried(pair.mandate, pair.new, first, now)
        name, owed = pair.new.enrollment_id, ledger.owed(pair.new_lines)
        cents, _ = expected_amount(mandate, owed, None, self.debit_ceiling_cents)
        announced = Announcement(
            enrollment_id=name,
            month=first,
            cents=cents,
            on=debit_day(first),
            announced_at=now,
            how="authorization",
            mandate_id=mandate.mandate_id,
            mail_id=carried_letter(name),
        )
        credit_cents = max(-ledger.owed(pair.old_lines), 0)
        if credit_cents:
            self._open_refund(pair.old, credit_cents, now)
        news = self._news(pair, now)
        is_late = announced.on > self.due.before_coverage(pair.new)
        pay_by = news.due_on if is_late and owed > 0 else None
        mail = carried_mail(mandate, pair.old, news, announced, pay_by, credit_cents or None)
        new = Mandates(enrollment_id=name, standing=(mandate,))
        unchanged = [] if monthly else [self.records.mandates.standing_so(pair.mandates)]
        what = f"carried over from {pair.mandate.mandate_id}"
        return [
            *unchanged,
            *self.records.mandates.changing(new, (), first, what, now),
            self.records.mandates.announcing(announced),
            *self.records.outbox.adding_once(mail),
        ]

    def _open_refund(self, old: Enrollment, cents: int, now: datetime) -> None:
        case = Case(
            case_id=case_id("refund", old.enrollment_id),
            kind=CaseKind.REFUND,
            enrollment_id=old.enrollment_id,
            reason=f"coverage goes on with another plan, with a credit of {cents} cents",
            opened_at=now,
        )
        self.records.cases.open_case(case)

    def _news(self, pair: Pair, at: datetime) -> News:
        return News(
            enrollment=pair.new,
            version=1,
            owed_cents=ledger.owed(pair.new_lines),
            due_on=self.due.first_on(pair.new, local_day(at)),
            at=at,
        )
