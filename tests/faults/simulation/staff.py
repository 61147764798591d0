"""What staff command, and what they were answered; and a mail that comes back."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from chalicelib.bootstrap import System
from chalicelib.domain.credit import WhyBack
from chalicelib.domain.errors import DomainError
from chalicelib.domain.mail import tag_of
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.signature import Signature
from infra.offline import events
from tests.faults.simulation.people import Diary
from tests.faults.simulation.walks import TurnedAway
from tests.faults.simulation.weather import Year
from tests.faults.town import signed


def command(world: Year, diary: Diary, name: str, act: Callable[[Any], Any]) -> Any:
    """What it answered; None when a rule said no, or nothing was to be reached."""
    said = world.commands(name, act)
    if said == "gave up":
        diary.counts["commands given up"] += 1
        return None
    if isinstance(said, DomainError):
        diary.counts["commands that a rule refused"] += 1
        return None
    world.quiet()
    return said


def retry(world: Year, diary: Diary, enrollment_id: str, payment_id: str) -> None:
    """The member agreed on the phone."""
    by = signed(world)
    made = command(
        world, diary, "retry", lambda here: here.retrying.release(enrollment_id, payment_id, by)
    )
    if made:
        diary.retried.append(made.payment_id)


def refund(world: Year, diary: Diary, enrollment_id: str, payment_id: str, cents: int) -> None:
    """Proposed by one, released by two."""
    what = (EntryKind.REFUND, WhyBack.CREDIT, enrollment_id, payment_id, cents)
    by = [signed(world, who) for who in ("Ada", "Ada", "Grace")]
    credit = command(world, diary, "propose", lambda here: here.crediting.propose(*what, by[0]))
    for each in by[1:]:
        if credit:
            release = partial(_release, credit.credit_id, each)
            credit = command(world, diary, "release", release)
    if credit:
        diary.given_back.append(credit.credit_id)


def _release(credit_id: str, by: Signature, here: System) -> Any:
    return here.crediting.release(credit_id, by)


def stop(world: Year, diary: Diary, month: str, mandate_id: str) -> None:
    """Before the 22nd: this mandate's withdrawal is not to be."""
    by = signed(world)
    name = f"withdrawal#{month}"
    if command(
        world, diary, "stop",
        lambda here: here.running.stop(name, mandate_id, "she asked", by) or True,
    ):  # fmt: skip
        diary.stopped.append((month, mandate_id))


def whole_run(world: Year, diary: Diary, month: str, *, goes_on: bool) -> None:
    """The kill switch, and back. Raises TurnedAway where the run was not let go on: it must be."""
    by, name = signed(world), f"withdrawal#{month}"
    if goes_on:
        at = world.now()
        act = partial(_lets_go_on, name, at, by)
        if command(world, diary, "go on", act) is None:
            raise TurnedAway
    else:
        command(world, diary, "stop", lambda h: h.running.stop(name, "run", "a drill", by) or True)


def _lets_go_on(name: str, at: datetime, by: Signature, here: System) -> bool:
    here.running.release(name, "run", at, by)
    return True


def bounce(world: Year, diary: Diary, mail_id: str, day: str) -> None:
    """The mail service tells that a mail did not arrive."""
    mail = {"messageId": mail_id, "tags": {"mail_id": [tag_of(mail_id)], "day": [day]}}
    event = events.bus_event("aws.ses", "Email Bounced", {"mail": mail}, world.now())

    def act() -> Any:
        return world.app.mail_event(event, events.LambdaContext("mail_event"))

    world._event(f"mail_event@{mail_id}", act)
    diary.bounced.append(mail_id)
    world.quiet()
