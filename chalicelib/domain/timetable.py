"""Every clock time, cut-off and catch-up day, once (rules 3, 24, 27, 28). New York time.

A job's days go on after its first: who was missed then is caught up. The cron lines of
`infra/resources.yaml` say the same; a test holds both, and the clock times in texts, against this.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class Daily:
    """A job that fires at a clock time, on these days of each month."""

    at: time
    first_day: int = 1
    last_day: int = 31

    def on(self, day: date) -> datetime:
        """Its instant on a day."""
        return datetime.combine(day, self.at, NEW_YORK)

    def first_of(self, month: str) -> datetime:
        """When it fires for the first time in a month ("2026-12")."""
        return self.on(date.fromisoformat(f"{month}-{self.first_day:02}"))


CHARGES = Daily(time(6), 1, 9)
NOTICES = Daily(time(9), 10, 12)
REMINDERS = Daily(time(9))  # on all days: which they are goes by the due date (44)
WITHDRAWALS = Daily(time(9), 22, 28)
WATCH = Daily(time(15), 22, 28)
SAME_DAY_FILES = Daily(time(12), 22)
COLLECTION = Daily(time(18))
SETTLEMENT = Daily(time(20))

JOBS: Mapping[str, Daily | timedelta] = {
    "bill": CHARGES,
    "notify": NOTICES,
    "remind": REMINDERS,
    "withdraw": WITHDRAWALS,
    "watch": WATCH,
    "send_same_day": SAME_DAY_FILES,
    "collect": COLLECTION,
    "settle": SETTLEMENT,
    "send_again": timedelta(minutes=30),
    "tell_again": timedelta(minutes=30),
    "sweep": timedelta(minutes=10),
}
"""Function -> when it fires; a span is how often."""

WITHDRAWAL_DAY = WITHDRAWALS.first_day
LAST_CATCH_UP_DAY = WITHDRAWALS.last_day  # after it nothing is taken for that month (rule 27)
FIRST_NOTICE_DAY, LAST_NOTICE_DAY = NOTICES.first_day, NOTICES.last_day
DUE_DAY = 23  # of the month before the one that is paid for (the tutorial)
LAST_SAME_DAY_WINDOW = time(16, 45)  # Nacha, since 2021: what comes later settles another day

MESSAGE_LIVES = timedelta(days=4)  # SQS, where a queue says nothing else
