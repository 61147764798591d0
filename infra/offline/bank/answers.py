"""What the bank answers about an entry, and when: by account number, like a test account."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from infra.offline.bank.opening_days import EASTERN, open_after, open_from
from infra.offline.bank.papers import Taken

DELIVERY = time(8)  # New York: when the night's answers are in our folder

NEXT_DAYS = ("R01", "R02", "R03", "R04", "R08", "R09", "R14", "R16", "R20")  # the second open day
WHEN_THE_MEMBER_SPEAKS = ("R07", "R10")  # the fifth
CORRECTION = ("99000101", "C01")
LATE = ("99000110", "R10")
LATE_CALENDAR_DAYS = 45
MOST_OPEN_DAYS_OF_LATE = 33  # 45 calendar days never hold more

# What a bank says about an account even when no money was to be taken.
_ABOUT_THE_ACCOUNT = frozenset({"R02", "R03", "R04", "R14", "R16", "R20", "C01"})

_AFTER = {
    **{f"990000{code[1:]}": (code, 2) for code in NEXT_DAYS},
    **{f"990000{code[1:]}": (code, 5) for code in WHEN_THE_MEMBER_SPEAKS},
    CORRECTION[0]: (CORRECTION[1], 2),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A return or a notification of change that is under way."""

    at: datetime  # when it lies in the folder, UTC
    code: str
    entry: Taken


def accounts() -> list[dict[str, str | int]]:
    """Every account that does not simply pay, and what comes of it."""
    known = [(account, code, days) for account, (code, days) in _AFTER.items()]
    return [
        {"account": account, "answer": code, "after_banking_days": days}
        for account, code, days in sorted([*known, (*LATE, MOST_OPEN_DAYS_OF_LATE)])
    ]


def answers(taken: Taken) -> bool:
    """Whether anything will be heard of this entry."""
    return answer_to(taken) is not None


def answer_to(taken: Taken) -> Answer | None:
    """What comes back, and when; None: it pays."""
    if taken.account == LATE[0]:
        code, day = LATE[1], open_from(taken.settles_on + timedelta(days=LATE_CALENDAR_DAYS))
    elif taken.account in _AFTER:
        code, days = _AFTER[taken.account]
        day = open_after(taken.settles_on, days)
    else:
        return None
    if taken.is_return:
        return None
    moves_a_debit = taken.is_debit and not taken.is_prenote
    if not moves_a_debit and code not in _ABOUT_THE_ACCOUNT:
        return None
    return Answer(delivered(day), code, taken)


def refused(taken: Taken, code: str, received_at: datetime) -> Answer:
    """An entry that the operator sends back by itself: the next morning it is open."""
    return Answer(delivered(open_after(received_at.astimezone(EASTERN).date())), code, taken)


def delivered(day: date) -> datetime:
    """Eight in the morning, New York time."""
    return datetime.combine(day, DELIVERY, EASTERN).astimezone(UTC)
