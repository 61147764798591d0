"""When members are told, and what counts as announced (rules 24, 25)."""

from dataclasses import replace
from datetime import datetime

import pytest

from chalicelib.domain.notice import counts_as_announced, most_announced
from chalicelib.domain.timetable import NEW_YORK, NOTICES
from tests.builders import an_announcement

MONTH = "2026-12"


def new_york(text):
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def announced(how, at, cents=42480):
    return replace(an_announcement(cents), how=how, announced_at=new_york(at), month=MONTH)


def test_the_notices_of_a_month_begin_on_the_10th_at_nine():
    assert NOTICES.first_of(MONTH) == new_york("2026-12-10T09:00")
    assert NOTICES.first_of("2027-03") == new_york("2027-03-10T09:00")


@pytest.mark.parametrize(
    ("how", "at", "counts"),
    [
        ("notice", "2026-12-10T09:00", True),
        ("authorization", "2026-12-10T08:59", False),
        ("authorization", "2026-12-10T09:00", True),
        ("authorization", "2026-12-21T12:00", True),
        ("authorization", "2026-11-24T12:00", False),  # of an undo after November's freeze
    ],
)
def test_rule_24_an_authorization_counts_from_the_first_notice_on(how, at, counts):
    assert counts_as_announced(announced(how, at)) is counts


NOTICE = announced("notice", "2026-12-10T09:00")
EARLIER = announced("authorization", "2026-12-03T10:00")
LATER = announced("authorization", "2026-12-10T10:00")


@pytest.mark.parametrize(
    ("what", "now", "most"),
    [
        (None, "2026-12-03T12:00", None),
        (None, "2026-12-12T23:59", None),
        (None, "2026-12-13T00:00", 0),  # excluded on the 22nd: nobody told
        (EARLIER, "2026-12-09T23:59", None),  # the notice tells again
        (EARLIER, "2026-12-12T12:00", None),
        (EARLIER, "2026-12-13T00:00", 42480),
        (NOTICE, "2026-12-10T12:00", 42480),
        (LATER, "2026-12-10T12:00", 42480),
    ],
)
def test_rule_25_while_a_notice_is_still_to_come_nothing_limits_what_is_taken(what, now, most):
    assert most_announced(what, MONTH, new_york(now)) == most
