"""What each address of the control room says, as plain data (design.md 6)."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from chalicelib.domain import captcha, ledger
from chalicelib.domain.captcha import Challenge
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.errors import Wrong
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mandate import Mandate, MandateState
from chalicelib.domain.paying import standing
from chalicelib.domain.payment import PaymentState
from chalicelib.domain.run import Run
from chalicelib.services.enrollment.receipts import report_key
from infra.offline import members
from infra.offline.clock import written

if TYPE_CHECKING:
    from infra.offline.world import World

Said = Any

LONGEST_MOVE = timedelta(days=3660)


class NotThere(LookupError):
    """404."""


class Unreadable(ValueError):
    """400: the body is not what this address takes."""


class Unusable(ValueError):
    """422: what was sent can't be used; the message says why."""


class Views:
    """Everything is read through the application's own repositories, or from the world itself."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._drops = 0

    def clock(self) -> Said:
        """What time it is here."""
        return {"now": written(self._world.clock.now())}

    def move(self, to: datetime) -> Said:
        """Moves time; every schedule due in between has fired when this answers."""
        if to - self._world.clock.now() > LONGEST_MOVE:
            raise Unusable("one move spans ten years at most")
        self._world.pump.move(to)
        return self.clock()

    def members(self) -> Said:
        """The demo members, from their file."""
        return members.read(self._world.members_file)

    def feed(self, body: bytes) -> Said:
        """Drops a feed where the real one is dropped; answers with the import's own report."""
        return self._drop("enrollments", body)

    def adjustments(self, body: bytes) -> Said:
        """The same with a file of adjustments (rule 36)."""
        return self._drop("adjustments", body)

    def _drop(self, kind: str, body: bytes) -> Said:
        self._drops += 1
        now = self._world.clock.now()
        key = f"inbound/{kind}/{now:%Y%m%dT%H%M%S}-{self._drops:04}.csv"
        s3, bucket = boto3.client("s3"), self._world.stack.environment["BUCKET"]
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="text/csv")
        self._world.pump.settle()
        try:
            report = s3.get_object(Bucket=bucket, Key=report_key(key))["Body"].read()
        except ClientError as error:
            raise RuntimeError("the import failed; the terminal says how") from error
        said = json.loads(report)
        return {name: said[name] for name in ("accepted", "rejected", "held") if name in said}

    def captcha(self, token: str) -> Said:
        """The answers to a picture that some journey was shown."""
        challenges = self._world.system.challenges
        challenge = self._shown(token)
        return {
            "picture": challenge.picture_code(challenges.mac),
            "audio": challenge.audio_code(challenges.mac),
        }

    def _shown(self, token: str) -> Challenge:
        """A token is signed for one journey: look for the one whose signature it is."""
        mac, ever = self._world.system.challenges.mac, datetime(2000, 1, 1, tzinfo=UTC)
        for journey_id in self._world.journey_ids():
            try:
                return captcha.open_challenge(token, journey_id, ever, mac)
            except (Wrong, OverflowError, UnicodeEncodeError):
                continue
        raise NotThere("no journey was shown this picture")

    def mail(self) -> Said:
        """Every message sent."""
        return self._world.mailbox.all()

    def ledger(self, enrollment_id: str) -> Said:
        """The books of one enrollment."""
        self._enrollment(enrollment_id)
        lines = self._world.system.records.books.lines(enrollment_id)
        return {
            "enrollment_id": enrollment_id,
            "owed_cents": ledger.owed(lines),
            "lines": self.seen(lines),
        }

    def seen(self, lines: Sequence[Line]) -> list[Said]:
        """Lines of the books, each with its state."""
        states = self._world.system.tracking.states(lines)
        return [
            {
                "line": line.line,
                "kind": str(line.kind),
                "amount_cents": line.amount_cents,
                "at": written(line.at),
                "state": state(line, states),
            }
            for line in lines
        ]

    def mandates(self, enrollment_id: str) -> Said:
        """The mandates of one enrollment, oldest first, in the state they are in now."""
        system, now = self._world.system, self._world.clock.now()
        enrollment = self._enrollment(enrollment_id)
        books = standing(enrollment, system.records.books.lines(enrollment_id), now)
        return [
            {
                "mandate_id": mandate.mandate_id,
                "state": str(state),
                "created_at": written(mandate.created_at),
                "ended_at": _ended_at(mandate, state, books.lines),
                "account_last4": mandate.account.last4,
            }
            for mandate, state in system.mandating.history(books, now)
        ]

    def runs(self) -> Said:
        """The runs and their counts, oldest first."""
        return [self._run(run) for run in self._world.system.records.runs.all()]

    def _run(self, run: Run) -> Said:
        counts = self._world.system.running.counts(run.run_id)
        return {
            "run": run.run_id,
            "kind": str(run.kind),
            "period": run.period,
            "state": str(run.state),
            "active": counts.active,
            "claimed": counts.claimed,
            "skipped": counts.skipped,
            "excluded": counts.excluded,
            "total_cents": counts.cents,
        }

    def _enrollment(self, enrollment_id: str) -> Enrollment:
        found = self._world.system.records.enrollments.get(enrollment_id)
        if found is None:
            raise NotThere("no such enrollment")
        return found


def _ended_at(mandate: Mandate, state: MandateState, lines: Sequence[Line]) -> str | None:
    """When it was ended, or its last month decided: the later of both (rule 20)."""
    if state is not MandateState.ENDED:
        return None
    last = f"withdrawal#{mandate.through_month}"
    ends = [line.at for line in lines if line.line == last]
    ends += [mandate.ended_at] if mandate.ended_at else []
    return written(max(ends)) if ends else None


def state(line: Line, states: Mapping[str, PaymentState]) -> str | None:
    """How far a payment is; for a withdrawal of nothing, why; else nothing."""
    if line.kind is LineKind.WITHDRAWAL and line.amount_cents == 0:
        return line.verdict
    if line.kind not in (LineKind.PAYMENT, LineKind.WITHDRAWAL):
        return None
    return str(states.get(line.payment_id or "", PaymentState.RECEIVED))
