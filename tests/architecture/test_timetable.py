"""One timetable: cron lines and clock times in texts say what `domain/timetable.py` says."""

import re

import pytest

from chalicelib.domain.timetable import COLLECTION, JOBS, NEW_YORK, WITHDRAWALS, Daily
from infra.offline import resources, schedules
from tests.architecture.sources import ROOT

SCHEDULES = {each.handler: each for each in schedules.read(resources.load())}
CLOCK_TIME = re.compile(r"\b(\d{1,2})(?::\d\d)? ([ap])\.m\.")
TEXTS = [
    *sorted((ROOT / "chalicelib/templates").rglob("*.*")),
    *sorted((ROOT / "chalicelib/entrypoints").rglob("*.py")),
]
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)


def expression(job):
    """What the calendar should say."""
    if not isinstance(job, Daily):
        return f"rate({int(job.total_seconds()) // 60} minutes)"
    days = f"{job.first_day}-{job.last_day}"
    return f"cron({job.at.minute} {job.at.hour} {'*' if days == '1-31' else days} * ? *)"


def test_each_schedule_is_a_job_of_the_timetable_and_the_reverse():
    assert {name: each.expression for name, each in SCHEDULES.items()} == {
        name: expression(job) for name, job in JOBS.items()
    }


@pytest.mark.parametrize("name", [name for name, job in JOBS.items() if isinstance(job, Daily)])
def test_its_clock_is_new_yorks(name):
    assert SCHEDULES[name].zone == NEW_YORK


def test_texts_name_the_hours_of_the_run_and_of_the_cut_off_and_no_others():
    named = {
        (int(hour) % 12 + (12 if half == "p" else 0), path.name)
        for path in TEXTS
        for hour, half in CLOCK_TIME.findall(COMMENT.sub("", path.read_text(encoding="utf-8")))
    }
    assert {hour for hour, _ in named} == {WITHDRAWALS.at.hour, COLLECTION.at.hour}, named
