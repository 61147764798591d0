"""A plan that follows: monthly payments go on with it, or their member is told (23, 41, 42).

Judged whenever either row comes, in any order. What is carried over stands in the transaction of
the row, with its letter; who cancels first wins, for the mandate is required as it was read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import month_of
from chalicelib.domain.enrollment import Enrollment
from chalicelib.repositories.records import Records
from chalicelib.services.enrollment.coverage_change import CoverageChange, MonthlyChange
from chalicelib.services.mail.addressees import Addressees
from chalicelib.services.mail.coverage_mails import renewal_mail
from chalicelib.services.monthly.carrying import Carrying, Pair
from chalicelib.store import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What going on needs of the world."""

    records: Records
    addressees: Addressees
    carrying: Carrying

    def writes(
        self, change: CoverageChange, monthly: MonthlyChange | None, now: datetime
    ) -> list[Write]:
        """Of a new enrollment, or of one whose end moved, with its mandates before and after.

        Of two rows that are read at the same time the second is read again, and sees the first.
        """
        enrollments = self.records.enrollments
        writes = [enrollments.joining(enrollments.family(change.after.subscriber_id))]
        for pair in self._pairs(change, monthly, now):
            carried = self.carrying.judged(pair, now, own=monthly is not None)
            if carried is not None:
                writes += carried
            elif change.before is None:
                news = self.carrying.news(pair, change.at)
                waits = self.carrying.waits(pair.mandate, pair.old, now)
                mail = renewal_mail(pair.mandate, news, carries_on=waits)
                writes += self.records.outbox.adding(mail)
                writes.append(self.records.mandates.standing_so(pair.mandates))  # nor undone since
                break  # told once, whichever mandate it was
        return writes

    def _pairs(
        self, change: CoverageChange, monthly: MonthlyChange | None, now: datetime
    ) -> Iterator[Pair]:
        """With monthly payments on the one, and none on the other."""
        after = change.after
        family = self._family(after)
        if any(each.died for each in family):  # of a death on one no letter goes out (rule 46)
            return
        is_new = change.before is None
        wanted = [(each, after) for each in family if is_new and each.is_before(after)]
        wanted += [(after, each) for each in family if not is_new and after.is_followed_by(each)]
        for old, new in wanted if not after.never_began else ():
            mandates = monthly.before if monthly else self.records.mandates.of(old.enrollment_id)
            going = monthly.going if monthly else mandates.lasting(month_of(local_day(now)))
            if going is None and old.is_followed_by(new):
                find, name = self.addressees, old.enrollment_id
                going = find.ended_with_coverage(name) or find.agreed(name)
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
