"""A mandate goes on with the plan that follows, in the transaction that makes them meet (rule 42).

A row of a feed does, or a member who agrees or undoes a cancel. What is required is what was read:
the old mandates, no mandate of the new plan, and its first month not frozen.
"""

from collections.abc import Sequence
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
from chalicelib.domain.mandate import Mandate, Mandates
from chalicelib.domain.month_dates import first_debit_on, has_a_22nd
from chalicelib.domain.withdrawal import Announcement, decision_of, expected_amount
from chalicelib.repositories.records import Records
from chalicelib.services.mail.coverage_mails import News, carried_mail
from chalicelib.services.monthly.months import Months
from chalicelib.store import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A plan with monthly payments, and one that comes after it."""

    old: Enrollment
    new: Enrollment
    mandate: Mandate
    mandates: Mandates
    old_lines: Sequence[Line]
    new_lines: Sequence[Line]

    @property
    def names(self) -> tuple[str, str]:
        """Of both; what is stored of one may be of before the change."""
        return self.old.enrollment_id, self.new.enrollment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying:
    """What carrying over needs of the world."""

    records: Records
    months: Months
    due: DueDates
    carry_over: bool
    debit_ceiling_cents: int

    def judged(self, pair: Pair, now: datetime, *, own: bool) -> list[Write] | None:
        """The mandate, what it announces, and the letter that is its notice; None: it stays.

        `own`: the old mandates change in this transaction themselves.
        """
        first = self._first_month(pair, now)
        if self._goes_on(pair, now) and has_a_22nd(pair.new, first):
            return self._writes(pair, first, now, own=own)
        return None

    def judged_anew(self, mandate: Mandate, mandates: Mandates, now: datetime) -> list[Write]:
        """Where its member changed it, in that transaction: with what follows its plan by then."""
        if not carry_over.may_go_on(mandate):
            return []
        seen = self.records.enrollments.family(mandate.subscriber_id)
        family = self.records.enrollments.of_subscriber(mandate.subscriber_id)
        old = next(each for each in family if each.enrollment_id == mandate.enrollment_id)
        # Who comes meanwhile has read the mandate of before: then this is judged again.
        writes, lines = [self.records.enrollments.as_seen(seen)], self.records.books.lines
        for new in family:
            if not old.is_followed_by(new) or self.records.mandates.of(new.enrollment_id).version:
                continue
            pair = Pair(
                old=old,
                new=new,
                mandate=mandate,
                mandates=mandates,
                old_lines=lines(old.enrollment_id),
                new_lines=lines(new.enrollment_id),
            )
            writes += self.judged(pair, now, own=True) or []
        return writes

    def waits(self, mandate: Mandate, enrollment: Enrollment, now: datetime) -> bool:
        """Whether it goes on by itself, should a plan follow: none is known yet."""
        if not (self.carry_over and carry_over.waits_to_go_on(mandate, enrollment, local_day(now))):
            return False
        family = self.records.enrollments.of_subscriber(enrollment.subscriber_id)
        return not any(enrollment.is_followed_by(each) for each in family)

    def beside(self, enrollment: Enrollment, now: datetime) -> Mandate | None:
        """The monthly payments of the plan before or after it, which go on without it."""
        family = self.records.enrollments.of_subscriber(enrollment.subscriber_id)
        names = [each.enrollment_id for each in family if each.is_beside(enrollment)]
        month = month_of(local_day(now))
        found = (self.records.mandates.of(name).lasting(month) for name in names)
        return next((mandate for mandate in found if mandate), None)

    def _writes(self, pair: Pair, first: str, now: datetime, *, own: bool) -> list[Write]:
        mandate = carry_over.carried(pair.mandate, pair.new, first, now)
        name, owed = pair.new.enrollment_id, ledger.owed(pair.new_lines)
        cents, _ = expected_amount(mandate, owed, None, self.debit_ceiling_cents)
        announced = Announcement(
            enrollment_id=name,
            month=first,
            cents=cents,
            on=first_debit_on(mandate),
            announced_at=now,
            how="authorization",
            mandate_id=mandate.mandate_id,
            mail_id=carried_letter(name),
        )
        credit_cents = max(-ledger.owed(pair.old_lines), 0)
        if credit_cents:
            old = pair.old.enrollment_id
            said = f"goes on elsewhere, credit of {credit_cents} cents"
            self._open(case_id("refund", old), CaseKind.REFUND, old, said, now)
        news = self.news(pair, now)
        is_late = announced.on > self.due.before_coverage(pair.new)
        pay_by = news.due_on if is_late and owed > 0 else None
        mail = carried_mail(mandate, pair.old, news, announced, pay_by, credit_cents or None)
        new = Mandates(enrollment_id=name, standing=(mandate,))
        unchanged = [] if own else [self.records.mandates.standing_so(pair.mandates)]
        what = f"carried over from {pair.mandate.mandate_id}"
        return [
            *unchanged,
            *self.records.mandates.changing(new, (), first, what, now),
            self.records.mandates.announcing(announced),
            self.records.routing.while_dead(mandate.account.routing, is_dead=False),
            *self.records.outbox.adding_once(mail),
        ]

    def _goes_on(self, pair: Pair, now: datetime) -> bool:
        """Where two could follow, or be followed, staff look, and nothing goes on by itself."""
        if not (self.carry_over and carry_over.may_go_on(pair.mandate)):
            return False
        if pair.new.died or not pair.old.is_followed_by(pair.new):
            return False
        if self.records.routing.is_dead(pair.mandate.account.routing):
            return False
        others = self.records.enrollments.of_subscriber(pair.new.subscriber_id)
        others = [each for each in others if each.enrollment_id not in pair.names]
        family = [*others, pair.old, pair.new]
        followers = [each for each in family if pair.old.is_followed_by(each)]
        before = [each for each in family if each.is_followed_by(pair.new)]
        agreed = [each for each in before if each == pair.old or self._agreed(each)]
        if len(followers) == len(agreed) == 1:
            return True
        self._ask_staff(pair, now, follows_many=len(agreed) > 1)
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

    def _ask_staff(self, pair: Pair, now: datetime, *, follows_many: bool) -> None:
        """Nothing goes on by itself."""
        name = pair.new.enrollment_id
        why = "it follows more than one plan" if follows_many else "more than one plan follows"
        said = f"monthly payments did not go on by themselves: {why}"
        self._open(case_id("carry_over", name), CaseKind.CARRY_OVER, name, said, now)

    def _open(self, name: str, kind: CaseKind, enrollment_id: str, why: str, at: datetime) -> None:
        case = Case(case_id=name, kind=kind, enrollment_id=enrollment_id, reason=why, opened_at=at)
        self.records.cases.open_case(case)

    def news(self, pair: Pair, at: datetime) -> News:
        """What every letter about the new plan has in common."""
        return News(
            enrollment=pair.new,
            version=1,
            owed_cents=ledger.owed(pair.new_lines),
            due_on=self.due.first_on(pair.new, local_day(at)),
            at=at,
        )
