"""The calendar of resources.yaml, played without waiting for it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from infra.offline import resources, schedules
from infra.offline.cron import BadExpression, Cron
from infra.offline.schedules import Schedule

NEW_YORK = ZoneInfo("America/New_York")
INPUT = '{"scheduled_at":"<aws.scheduler.scheduled-time>"}'


def a_schedule(expression, handler="job", zone=NEW_YORK):
    return Schedule(handler, "name", expression, zone, INPUT)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def played(expression, after, until):
    firings = schedules.ticks([a_schedule(expression)], after, until)
    return [firing.at.strftime("%m-%d %H:%M") for firing in firings]


def test_the_sweep_of_our_own_document_is_found():
    found = {schedule.handler: schedule for schedule in schedules.read(resources.load())}
    sweep = found["sweep"]
    assert sweep.frequent()
    event = {"job": "sweep", "scheduled_at": "2026-12-22T14:00:00Z"}
    assert sweep.event(utc(2026, 12, 22, 14)) == event


def test_logical_names_are_chalices_camel_case():
    assert resources.function_of("MonthlyWithdrawal") == "monthly_withdrawal"
    assert resources.function_of("Sweep") == "sweep"


def test_the_22nd_at_nine_in_new_york_whatever_the_season():
    jobs = schedules.ticks([a_schedule("cron(0 9 22 * ? *)")], utc(2026, 6, 1), utc(2026, 12, 31))
    found = [firing.at.astimezone(UTC).strftime("%m-%d %H") for firing in jobs]
    assert found == [
        "06-22 13",
        "07-22 13",
        "08-22 13",
        "09-22 13",
        "10-22 13",
        "11-22 14",
        "12-22 14",
    ]


def test_each_firing_carries_its_scheduled_instant_in_utc():
    jobs = list(
        schedules.ticks([a_schedule("cron(0 9 22 * ? *)")], utc(2026, 12, 1), utc(2027, 1, 1))
    )
    assert [job.event() for job in jobs] == [{"scheduled_at": "2026-12-22T14:00:00Z"}]


def test_a_local_time_that_does_not_exist_is_skipped():
    # 2026-03-08, 02:30 does not exist in New York.
    assert played("cron(30 2 * * ? *)", utc(2026, 3, 7), utc(2026, 3, 10)) == [
        "03-07 02:30",
        "03-09 02:30",
    ]


def test_a_local_time_that_comes_twice_fires_once():
    assert played("cron(30 1 * * ? *)", utc(2026, 10, 31, 12), utc(2026, 11, 2, 12)) == [
        "11-01 01:30",
        "11-02 01:30",
    ]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("cron(0 6 1-9 * ? *)", ["12-01 06:00", "12-02 06:00", "12-03 06:00"]),
        ("cron(0 18 ? * MON-FRI *)", ["12-01 18:00", "12-02 18:00", "12-03 18:00"]),
        ("cron(0 18 ? * 3 *)", ["12-01 18:00"]),
        ("cron(0/30 7 3 DEC ? 2026)", ["12-03 07:00", "12-03 07:30"]),
        ("cron(15,45 7 3 12 ? *)", ["12-03 07:15", "12-03 07:45"]),
        ("cron(0 0 L * ? *)", ["11-30 00:00"]),
    ],
)
def test_the_six_fields_mean_what_eventbridge_says(expression, found):
    after = datetime(2026, 11, 29, 23, 59, tzinfo=NEW_YORK)
    until = datetime(2026, 12, 3, 23, 59, tzinfo=NEW_YORK)
    if "L" not in expression:
        after += timedelta(days=1, minutes=2)
    assert played(expression, after, until) == found


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 9 22 * *)",
        "cron(0 9 22 * * *)",
        "cron(61 9 22 * ? *)",
        "cron(0 9 22W * ? *)",
        "often",
    ],
)
def test_an_expression_that_we_cannot_play_is_refused(expression):
    document = {
        "Resources": {
            "Job": {
                "Properties": {
                    "Events": {
                        "X": {
                            "Type": "ScheduleV2",
                            "Properties": {"ScheduleExpression": expression},
                        }
                    }
                }
            }
        }
    }
    with pytest.raises(BadExpression):
        schedules.read(document)


def test_the_bounds_are_after_and_until():
    nine = utc(2026, 12, 22, 14)
    assert played("cron(0 9 22 * ? *)", nine - timedelta(seconds=1), nine) == ["12-22 09:00"]
    assert played("cron(0 9 22 * ? *)", nine, nine + timedelta(days=1)) == []


def test_a_rate_ticks():
    assert played("rate(10 minutes)", utc(2026, 12, 1, 12), utc(2026, 12, 1, 12, 25)) == [
        "12-01 07:10",
        "12-01 07:20",
    ]


def test_in_a_move_a_frequent_schedule_fires_before_each_other_instant_and_at_the_end():
    calendar = [
        a_schedule("rate(10 minutes)", "sweep"),
        a_schedule("cron(0 18 * * ? *)", "collect"),
        a_schedule("cron(0 18 * * ? *)", "also"),
        a_schedule("cron(0 20 * * ? *)", "reconcile"),
    ]
    until = utc(2026, 12, 2, 15)
    jobs = list(schedules.moves(calendar, utc(2026, 12, 1, 15), until))
    assert [job.handler for job in jobs] == [
        "sweep", "also", "collect", "sweep", "reconcile", "sweep",
    ]  # fmt: skip
    assert jobs[-1].at == until
    assert [job.at for job in jobs] == sorted(job.at for job in jobs)


def test_no_move_fires_nothing():
    assert (
        list(schedules.moves([a_schedule("rate(10 minutes)")], utc(2026, 1, 1), utc(2026, 1, 1)))
        == []
    )


def test_last_day_of_february():
    days = Cron.parse("0 0 L 2 ? *")
    assert list(days.on(utc(2028, 2, 29).date()))
    assert not list(days.on(utc(2028, 2, 28).date()))
