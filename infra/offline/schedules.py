"""When the calendar wakes us: every ScheduleV2 of infra/resources.yaml, played in order.

A local time that a clock change leaves out is skipped, one that comes twice fires once (facts/aws
1.3). A schedule more frequent than daily is not played at every tick of a move: it fires once
before each other firing and once at the end (design.md 6).
"""

import heapq
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from infra.offline.clock import written
from infra.offline.cron import BadExpression, Cron
from infra.offline.resources import Document, function_of

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
UNITS = {"minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True, slots=True)
class Schedule:
    """One entry of the calendar: what it wakes, and when."""

    handler: str
    name: str
    expression: str
    zone: ZoneInfo
    input: str = "{}"

    def event(self, at: datetime) -> dict[str, Any]:
        """What the function is given when it is woken."""
        given: dict[str, Any] = json.loads(self.input.replace(SCHEDULED_TIME, written(at)))
        return given

    def frequent(self) -> bool:
        """More than once a day."""
        rule = _rule(self.expression)
        return rule < timedelta(days=1) if isinstance(rule, timedelta) else rule.more_than_daily()

    def firings(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Its instants in (after, until], in order, in its own zone."""
        rule = _rule(self.expression)
        if isinstance(rule, timedelta):
            yield from self._ticks(rule, after, until)
            return
        day = after.astimezone(self.zone).date()
        while day <= until.astimezone(self.zone).date():
            for local in rule.on(day):
                at = datetime.combine(day, local, self.zone)
                back = at.astimezone(UTC).astimezone(self.zone)
                if back.replace(tzinfo=None) == at.replace(tzinfo=None) and after < at <= until:
                    yield at
            day += timedelta(days=1)

    def _ticks(self, every: timedelta, after: datetime, until: datetime) -> Iterator[datetime]:
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        at = epoch + ((after - epoch) // every + 1) * every
        while at <= until:
            yield at.astimezone(self.zone)
            at += every


@dataclass(frozen=True, slots=True, order=True)
class Firing:
    """One waking."""

    at: datetime
    handler: str
    name: str
    schedule: Schedule = field(compare=False)

    def event(self) -> dict[str, Any]:
        """What the function is given."""
        return self.schedule.event(self.at)


def read(document: Document) -> list[Schedule]:
    """Every schedule of the document. Raises BadExpression, so that a typo fails at start."""
    found = []
    for function, resource in document["Resources"].items():
        for name, event in resource.get("Properties", {}).get("Events", {}).items():
            if event.get("Type") != "ScheduleV2":
                continue
            properties = event["Properties"]
            _rule(properties["ScheduleExpression"])
            zone = ZoneInfo(properties.get("ScheduleExpressionTimezone", "UTC"))
            found.append(
                Schedule(
                    function_of(function),
                    name,
                    properties["ScheduleExpression"],
                    zone,
                    properties.get("Input", "{}"),
                )
            )
    return found


def ticks(schedules: Sequence[Schedule], after: datetime, until: datetime) -> Iterator[Firing]:
    """Every firing in (after, until], in order."""
    return heapq.merge(*(_of(schedule, after, until) for schedule in schedules))


def moves(schedules: Sequence[Schedule], after: datetime, until: datetime) -> Iterator[Firing]:
    """The firings of a move: the frequent ones before each other instant, and at the end."""
    if until <= after:
        return
    frequent = sorted((s for s in schedules if s.frequent()), key=lambda s: (s.handler, s.name))
    others = [schedule for schedule in schedules if not schedule.frequent()]
    swept: datetime | None = None
    for firing in ticks(others, after, until):
        if firing.at != swept:
            swept = firing.at
            yield from (Firing(firing.at, s.handler, s.name, s) for s in frequent)
        yield firing
    yield from (Firing(until, s.handler, s.name, s) for s in frequent)


def _of(schedule: Schedule, after: datetime, until: datetime) -> Iterator[Firing]:
    for at in schedule.firings(after, until):
        yield Firing(at, schedule.handler, schedule.name, schedule)


@lru_cache
def _rule(expression: str) -> Cron | timedelta:
    if found := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression):
        return timedelta(seconds=int(found[1]) * UNITS[found[2]])
    if found := re.fullmatch(r"cron\((.+)\)", expression):
        return Cron.parse(found[1])
    raise BadExpression(f"neither rate(...) nor cron(...): {expression!r}")
