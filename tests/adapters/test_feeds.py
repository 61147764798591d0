"""Feeds being read: their place, their parts, their reports, on both stores."""

import pytest

from chalicelib.domain.feed import COLUMNS
from chalicelib.repositories.feeds import Feed, Feeds, PartReport


@pytest.fixture
def feeds(store):
    return Feeds(store)


A_FEED = Feed(
    feed="inbound/enrollments/a.csv@v1", order="2026-12-03#a.csv", parts=2, columns=COLUMNS
)


def test_a_feed_comes_back_as_it_was_begun(feeds):
    assert feeds.begin(A_FEED) == A_FEED
    assert feeds.get(A_FEED.feed) == A_FEED


def test_a_feed_that_was_begun_is_not_begun_otherwise(feeds):
    feeds.begin(A_FEED)
    again = Feed(feed=A_FEED.feed, order="2026-12-09#a.csv", parts=9, columns=COLUMNS)
    assert feeds.begin(again) == A_FEED


def test_a_feed_that_never_began_is_none(feeds):
    assert feeds.get("other") is None


def test_rule_03_the_same_content_stays_where_it_was(feeds):
    assert feeds.place("digest", "2026-12-01#a.csv") == ("2026-12-01#a.csv", False)
    assert feeds.place("digest", "2026-12-09#b.csv") == ("2026-12-01#a.csv", False)
    assert feeds.place("other", "2026-12-09#b.csv") == ("2026-12-09#b.csv", False)
    feeds.release("digest")
    assert feeds.place("digest", "2026-12-09#b.csv") == ("2026-12-01#a.csv", True)


ELEVEN_ROWS = PartReport(accepted=10, rejected=((3, "ssn: is not a Social Security number"),))


def test_the_first_report_of_a_part_stands_and_counts_once(feeds):
    feeds.begin(A_FEED)
    feeds.report_part(A_FEED.feed, 2, PartReport(accepted=5))
    for report in (ELEVEN_ROWS, PartReport(accepted=99)):
        feeds.report_part(A_FEED.feed, 1, report)
    assert list(feeds.reports(A_FEED)) == [ELEVEN_ROWS, PartReport(accepted=5)]
    assert feeds.get(A_FEED.feed).reported == 2
    assert feeds.get(A_FEED.feed).is_whole


def test_a_part_of_a_feed_that_nobody_began_is_not_reported(feeds):
    feeds.report_part("other", 2, PartReport(accepted=1))
    assert not feeds.has_reported("other", 2)


def test_the_header_of_a_feed_is_no_part(feeds):
    feeds.begin(A_FEED)
    assert list(feeds.reports(A_FEED)) == []
    assert not feeds.has_reported(A_FEED.feed, 1)
