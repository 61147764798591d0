"""The question before a cancel names the day on which the money would be taken."""

from datetime import datetime
from types import SimpleNamespace

import pytest

from chalicelib.domain.month import MandateMonth
from chalicelib.domain.month_dates import effective_on
from chalicelib.domain.timetable import NEW_YORK
from chalicelib.entrypoints.pages.recurring import _question
from tests.builders import a_mandate

MANDATE = a_mandate(plan_year=2027)


def upcoming(month, now):
    return MandateMonth(
        mandate=MANDATE, month=month, now=now, owed_cents=42480, ceiling_cents=2_000_000
    )


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize(
    ("month", "named"),
    [("2026-12", "December 22, 2026"), ("2027-05", "May 24, 2027"), ("2027-02", "February 22")],
)
def test_the_cancel_question_names_a_banking_day(month, named, is_known):
    """May 22, 2027, is a Saturday. Not known: the month before is still on its way."""
    now = datetime.fromisoformat(f"{month}-05T12:00").replace(tzinfo=NEW_YORK)
    payment = SimpleNamespace(
        mandate=MANDATE,
        upcoming=upcoming(month, now) if is_known else None,
        coming_on=effective_on(month, now),
    )
    assert named in _question(SimpleNamespace(lang="en"), payment)
