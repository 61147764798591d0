"""What lies under inbound/ is unread: it is told again until it is read, and rings."""

from datetime import timedelta

import pytest

from chalicelib.services.quarantine.unread import A_MOMENT, TOO_LONG
from tests.bank import Bank
from tests.builders import NOW, a_feed, a_feed_row
from tests.services.conftest import INBOX, make

FEED, RETURNS = f"{INBOX}a.csv", "inbound/bank/a.ach"


@pytest.fixture
def here():
    return make()


def drop(here, key=FEED, body=None, at=NOW):
    """It arrives, and the news of it is lost."""
    return here.files.drop(key, body or a_feed(a_feed_row()), at)


def look(here, after):
    """Who is told that it arrived."""
    here.bus.told.clear()
    here.system.retelling.tell_again(NOW + after)
    return [(each.key, each.version, each.since) for each in here.bus.told]


@pytest.mark.parametrize("key", [FEED, RETURNS, "inbound/statements/a.csv"])
def test_a_file_whose_news_was_lost_is_told_again_as_it_was_at_first(here, key):
    version = drop(here, key)
    assert look(here, A_MOMENT - timedelta(seconds=1)) == []  # its reader may be at it
    assert look(here, A_MOMENT) == [(key, version, NOW)]


def test_a_feed_that_is_told_again_is_read_as_if_the_news_had_come(here):
    other = make()
    other.drop(a_feed_row())
    drop(here)
    for key, version, since in look(here, A_MOMENT):
        here.receive(key, version, since)
    assert here.kept() == other.kept()
    assert look(here, TOO_LONG) == []


def test_an_older_file_of_the_same_name_is_told_too(here):
    first, second = drop(here), drop(here)
    assert {version for _, version, _ in look(here, A_MOMENT)} == {first, second}


def test_what_is_no_file_that_came_in_is_left_alone(here):
    for key in ("outbound/bank/a.ach", "reports/enrollments/a.csv.json", "quarantine/a"):
        drop(here, key)
    assert look(here, TOO_LONG) == []


@pytest.mark.parametrize(("after", "rings"), [(TOO_LONG - timedelta(seconds=1), 0), (TOO_LONG, 2)])
def test_what_lies_for_too_long_rings_also_when_nobody_hears(here, after, rings):
    drop(here)
    drop(here, RETURNS)
    here.bus.arrived = lambda *_: 1 / 0
    with pytest.raises(ZeroDivisionError):
        here.system.retelling.tell_again(NOW + after)
    assert here.metrics.counts["FilesUnread"] == rings


def test_a_file_that_lies_for_a_day_is_a_case_whoever_sent_it():
    here = Bank().here
    drop(here)
    drop(here, RETURNS)
    here.system.settling.settle(NOW + timedelta(days=1))
    found = {case.case_id: str(case.kind) for case in here.system.records.cases.open()}
    assert found == {
        "unread#enrollments/a.csv@2026-12-03": "feed_refused",
        "unread#a.ach@2026-12-03": "bank",
    }


def test_a_feed_that_lies_unread_keeps_nobody_from_being_told_that_he_paid():
    here = Bank().here
    drop(here)
    assert not here.system.settling.unread.rings(NOW)
    drop(here, RETURNS)
    assert here.system.settling.unread.rings(NOW)
