"""The acts of one month: members set up monthly payments, and the calendar does what it does."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import month_after
from chalicelib.domain.enrollment import SLOTS, Enrollment
from chalicelib.domain.month_dates import has_a_22nd
from chalicelib.domain.paying import Frequency, Pay, Standing, standing
from chalicelib.domain.timetable import NEW_YORK
from chalicelib.domain.withdrawal import Exclusion
from infra.offline import sign_up
from infra.offline.engine import Call
from infra.offline.sign_up import Wish
from infra.offline.sums import Post
from infra.offline.world import World

Tell = Callable[[str, int, int], None]
"""What is being done, how far, of how much."""

FIRST_SHARE_CENTS = 10_000
CAUGHT_UP = 24  # New York: a debit day is at most two days after the 22nd, or the run is late
ANSWERED = {3: "99000001", 11: "99000002", 19: "99000101"}  # of 25; the others pay
UNREADABLE_EVERY, STOPPED_EVERY, CANCEL_EVERY, PAY_EVERY = 50, 40, 12, 9


@dataclass
class Month:
    """One month of a world: each act moves the clock, and says how far it is."""

    world: World
    month: str
    tell: Tell
    mandates: dict[str, str] = field(default_factory=dict)
    """Enrollment -> mandate."""
    announced_cents: int = 0

    def __post_init__(self) -> None:
        self.post = Post(self.world.engine, self.world.clock)
        self._act = ("", 0, 0)
        self.world.engine.on_call(after=self._notice)

    def set_up(self, count: int) -> None:
        """Members authorize monthly payments: with something paid now, with nothing, with all."""
        chosen = self._usable()[:count]
        self.tell("Monthly payments", 0, len(chosen))
        for n, enrollment in enumerate(chosen, start=1):
            now = self.world.clock.now()
            made = sign_up.submit(self.world.system, enrollment, _wish(n), now)
            self.mandates[enrollment.enrollment_id] = str(made)
            self.tell("Monthly payments", n, len(chosen))
        self.world.pump.settle()

    def bill(self) -> None:
        """The 1st: every covered month is charged."""
        self._play("Bills, the 1st", 1, 1)

    def announce(self) -> None:
        """The 10th to the 12th: every member is told."""
        self._play("Notices, the 10th", 12, 3)
        announced = (
            self.world.system.records.mandates.announced(each, self.month) for each in self.mandates
        )
        self.announced_cents = sum(each.cents for each in announced if each)

    def live(self) -> None:
        """The 15th: some cancel, one of two of them undoes it, some pay; staff stop a mandate."""
        system = self.world.system
        self._move(15)
        for n, (enrollment_id, mandate_id) in enumerate(self.mandates.items(), start=1):
            books, now = self._books(enrollment_id), self.world.clock.now()
            if not system.records.mandates.of(enrollment_id).standing:
                pass  # its bank has ended it: a prenote came back
            elif n % CANCEL_EVERY == 0:
                system.mandating.cancel(books, mandate_id, None, now)
                if n % (2 * CANCEL_EVERY) == 0:
                    system.mandating.undo(books, mandate_id, now)
            elif n % PAY_EVERY == 0 and books.owed_cents > 0:
                once = Wish(frequency=Frequency.ONCE, pay=Pay.TOTAL)
                sign_up.submit(system, books.enrollment, once, now)
            elif n % STOPPED_EVERY == 0:
                system.running.stop(f"withdrawal#{self.month}", mandate_id, Exclusion.STOPPED)
            self.tell("Changes, the 15th", n, len(self.mandates))
        self.world.pump.settle()

    def withdraw(self) -> None:
        """The 22nd, and the file that takes it to the bank."""
        self._play("Withdrawal, the 22nd", CAUGHT_UP, 1)

    def end(self) -> None:
        """The bank answers, what it took is paid, and each evening the books prove themselves."""
        last = date.fromisoformat(f"{month_after(self.month)}-01") - timedelta(days=1)
        days = last.day - CAUGHT_UP
        for done in range(days):
            self.tell("The bank's answers", done, days)
            self._move(CAUGHT_UP + done + 1)
        self.tell("The bank's answers", days, days)

    def _play(self, what: str, until_day: int, runs: int) -> None:
        whole = runs * self.world.system.settings.run_shards
        self._act = (what, 0, whole)
        self.tell(what, 0, whole)
        self._move(until_day)
        self.tell(what, whole, whole)
        self._act = ("", 0, 0)

    def _move(self, day: int) -> None:
        on = date.fromisoformat(f"{self.month}-{day:02}")
        self.world.pump.move(datetime.combine(on, time(21), NEW_YORK))

    def _notice(self, call: Call) -> None:
        """A shard has reported: its last checkpoint was put."""
        what, done, whole = self._act
        if what and call.operation == "PutItem" and b'"reported": {"BOOL": true}' in call.body:
            self._act = (what, done + 1, whole)
            self.tell(*self._act)

    def _usable(self) -> list[Enrollment]:
        """Who can still be withdrawn from in this month, in a steady order."""
        now, system = self.world.clock.now(), self.world.system
        found = [
            each for n in range(SLOTS) for each in system.records.enrollments.in_slot(n).values()
        ]
        usable = [
            each
            for each in found
            if each
            and each.can_be_paid(now)
            and not each.has_ended(local_day(now))
            and has_a_22nd(each, self.month)
        ]
        return sorted(usable, key=lambda each: each.enrollment_id)

    def _books(self, enrollment_id: str) -> Standing:
        system = self.world.system
        enrollment = system.records.enrollments.get(enrollment_id)
        assert enrollment, "who set up monthly payments is enrolled"
        return standing(
            enrollment, system.records.books.lines(enrollment_id), self.world.clock.now()
        )


def _wish(n: int) -> Wish:
    if n % UNREADABLE_EVERY == 0:
        return Wish(sealed_about="somebody else")
    number = ANSWERED.get(n % 25, sign_up.NUMBER)
    share = (Wish(), Wish(cents=FIRST_SHARE_CENTS), Wish(pay=Pay.TOTAL))[n % 3]
    return replace(share, number=number)


def eve(month: str) -> datetime:
    """The afternoon before a month: what the demo file leaves unbilled is due on the next day."""
    last = date.fromisoformat(f"{month}-01") - timedelta(days=1)
    return datetime.combine(last, time(16), NEW_YORK)
