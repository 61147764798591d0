"""What the calendar starts; "now" is the scheduled instant in the event (invariant I13)."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.bootstrap import system
from chalicelib.domain.run import RunKind
from chalicelib.entrypoints.log import log_unexpected, logger


def bill(event: Any, _context: Any) -> None:
    """The 1st, 06:00 New York, and daily to the 9th: premiums are charged (rule 28)."""
    _start(RunKind.BILLING, event)


def notify(event: Any, _context: Any) -> None:
    """The 10th to the 12th, 09:00: members are told what will be taken."""
    _start(RunKind.NOTICE, event)


def remind(event: Any, _context: Any) -> None:
    """09:00 daily: three days before a due date, and the day after it, who owes is told (44)."""
    _start(RunKind.REMINDER, event)


def withdraw(event: Any, _context: Any) -> None:
    """The 22nd to the 28th, 09:00: the monthly withdrawal."""
    _start(RunKind.WITHDRAWAL, event)


def watch(event: Any, _context: Any) -> None:
    """The 22nd to the 28th, 15:00: rings when the withdrawal is not closed."""
    system().running.watch(RunKind.WITHDRAWAL, _scheduled_at(event))


def collect(event: Any, _context: Any) -> None:
    """18:00 daily: on banking days the day's payments go to the bank."""
    here = system()
    here.transmission_job.collect(_scheduled_at(event), here.clock.now())


def send_same_day(event: Any, _context: Any) -> None:
    """12:00 from the 22nd on: on the debit day the run's withdrawals go to the bank."""
    here = system()
    here.transmission_job.send_same_day(_scheduled_at(event), here.clock.now())


def settle(event: Any, _context: Any) -> None:
    """20:00 daily: what the bank has and did not send back is paid; the books prove themselves."""
    failures = []
    for failure in system().evening.work(_scheduled_at(event)):
        log_unexpected(failure)
        failures.append(failure)
    if failures:
        raise failures[0]


def send_again(event: Any, _context: Any) -> None:
    """Every half hour: what was sealed and not sent goes on."""
    here = system()
    here.transmission_job.resume(_scheduled_at(event), here.clock.now())


def tell_again(event: Any, _context: Any) -> None:
    """Every half hour: who reads files is told of those that lie unread."""
    system().retelling.tell_again(_scheduled_at(event))


def sweep(event: Any, context: Any) -> None:
    """Wakes whoever should have acted already."""
    system().mailing.sweep(_scheduled_at(event), context.get_remaining_time_in_millis)


def _start(kind: RunKind, event: Any) -> None:
    run = system().running.start(kind, _scheduled_at(event))
    if run:
        logger.append_keys(run=run.run_id)


def _scheduled_at(event: Any) -> datetime:
    return datetime.fromisoformat(event["scheduled_at"]).astimezone(UTC)
