"""What a dead letter was about, in codes and ids; and for events, whom it was to wake."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from chalicelib.domain.mail import mail_id_of
from chalicelib.entrypoints.queues import (
    FOLLOW_UP,
    UNSAID,
    FeedPart,
    PromisedMail,
    ShardOfRun,
)
from infra.staff.dead_queues import DeadLetter

Facts = dict[str, Any]
READERS: Mapping[str, Callable[[str], BaseModel]] = {
    "mail": PromisedMail.model_validate_json,
    "feed": FeedPart.model_validate_json,
    "work": ShardOfRun.model_validate_json,
    "bank": FOLLOW_UP.validate_json,
}
JOBS = frozenset(
    {"bill", "notify", "remind", "withdraw", "watch", "send_same_day", "collect", "settle", "sweep"}
    | {"send_again", "tell_again"}
)
"""What the calendar starts."""
READS = {
    "inbound/enrollments/": "import_feed",
    "inbound/adjustments/": "import_feed",
    "inbound/bank/": "read_bank_file",
    "inbound/statements/": "read_bank_file",
}
"""What a file wakes, by where it lies."""
BROKEN = (ValueError, LookupError, TypeError, AttributeError)
"""What reading something of another form may raise."""


class Unclear(ValueError):
    """It can't be said what this was about; it stays where it is."""


def about(queue: str, letter: DeadLetter) -> Facts:
    """Codes and ids of a letter, never what a person typed or a file is called."""
    try:
        if queue in READERS:
            return READERS[queue](letter.body).model_dump(mode="json", exclude=set(UNSAID))
        return _of_event(letter)
    except BROKEN:
        return {"unreadable": True}


def failure(letter: DeadLetter) -> str:
    """AWS's code of what went wrong, where one comes with the letter; its text may quote people."""
    return letter.attributes.get("ERROR_CODE") or letter.attributes.get("ErrorCode", "")


def woken(letter: DeadLetter) -> tuple[str, Facts]:
    """The function that an event was for, and the event. Raises Unclear."""
    if schedule := letter.attributes.get("SCHEDULE_ARN"):
        # What Scheduler keeps as body depends on its target; the instant it tells beside it.
        job = _job(schedule.rpartition("/")[2].rpartition("-")[2])
        return job, {"scheduled_at": letter.attributes["SCHEDULED_TIME"], "job": job}
    try:
        event: Facts = json.loads(letter.body)
        return _function(event), event
    except BROKEN:
        raise Unclear from None


def _function(event: Facts) -> str:
    match event.get("source"):
        case "aws.s3":
            key = event["detail"]["object"]["key"]
            found = [name for place, name in READS.items() if key.startswith(place)]
            return found[0]
        case "aws.ses":
            return "mail_event"
    return _job(event["job"])


def _job(name: str) -> str:
    """The schedules' names leave out what stands between words."""
    for job in JOBS:
        if name in (job, job.replace("_", "")):
            return job
    raise Unclear


def _of_event(letter: DeadLetter) -> Facts:
    function, event = woken(letter)
    if "scheduled_at" in event:
        return {"function": function, "at": event["scheduled_at"]}
    facts: Facts = {"function": function, "at": event.get("time")}
    if function == "mail_event":
        tags = event["detail"].get("mail", {}).get("tags", {}).get("mail_id", [])
        return {**facts, "mail_id": mail_id_of(tags[0]) if tags else None}
    return {**facts, "version": event["detail"]["object"].get("version-id")}
