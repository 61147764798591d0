"""The clock runs on, and can be moved, but never back."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.offline.clock import NoZone, VirtualClock, WentBack, read, written

START = datetime(2026, 12, 3, 15, 0, tzinfo=UTC)


def test_it_runs_on_from_where_it_was_put():
    clock = VirtualClock(START)
    first = clock.now()
    assert START <= first <= clock.now() < START + timedelta(seconds=5)
    assert first.tzinfo is UTC


def test_it_can_be_moved_on():
    clock = VirtualClock(START)
    clock.set(read("2026-12-22T10:00:00-05:00"))
    assert written(clock.now()).startswith("2026-12-22T15:00:0")


def test_it_cannot_be_moved_back():
    with pytest.raises(WentBack):
        VirtualClock(START).set(START - timedelta(seconds=1))


def test_it_is_there_at_least_whatever_passed_meanwhile():
    clock = VirtualClock(START)
    clock.reach(START - timedelta(seconds=1))
    assert clock.now() < START + timedelta(seconds=5)
    clock.reach(START + timedelta(hours=1))
    assert clock.now() >= START + timedelta(hours=1)


@pytest.mark.parametrize("text", ["2026-12-22T15:00:00", "2026-12-22", "noon", ""])
def test_an_instant_without_zone_is_refused(text):
    with pytest.raises(ValueError):
        read(text)


def test_a_start_without_zone_is_refused():
    with pytest.raises(NoZone):
        VirtualClock(START.replace(tzinfo=None))


def test_instants_are_written_in_utc_with_a_z():
    assert written(read("2026-12-22T10:00:00-05:00")) == "2026-12-22T15:00:00Z"
