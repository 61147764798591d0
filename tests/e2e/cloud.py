"""The deployed stack as people meet it: its gateway, its bucket, its mail, its calendar."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from chalicelib import bootstrap
from chalicelib.bootstrap import System
from chalicelib.services.enrollment.receipts import report_key
from chalicelib.settings import Settings
from infra.cloud.engine import ACCOUNT, Engine, Stack
from infra.offline.bank.counter import Counter
from infra.offline.bank_desk import INBOUND, OUTBOUND, customer_of
from infra.offline.case_views import CaseViews
from infra.offline.clock import written
from infra.offline.schedules import SCHEDULED_TIME
from infra.offline.views import Views
from tests.e2e.guest import Guest
from tests.journeys.people import a_feed

PATIENCE_SECONDS, DENIED_SECONDS = 45, 8
CALENDAR = {
    "bill": "Bill",
    "notify": "Notify",
    "remind": "Remind",
    "withdraw": "Withdraw",
    "watch": "Watch",
    "collect": "Collect",
    "send_same_day": "SendSameDay",
    "settle": "Settle",
    "sweep": "Sweep",
}


class Failed(AssertionError):
    """A function failed, or what should have come did not."""


@dataclass
class Cloud:
    """One stage on the emulator. boto3's defaults must speak to it (`Engine.environment`)."""

    engine: Engine
    stack: Stack
    taken: dict[str, bytes] = field(default_factory=dict, repr=False)
    """The files that the bank has fetched."""

    def __post_init__(self) -> None:
        self.settings = Settings.from_environment(self.variables("SendMail"))
        self.system: System = bootstrap.build(self.settings, clock=self.engine)
        self.bank = Counter(customer_of(self.settings.originator))
        self.views = Views(self)  # type: ignore[arg-type] - what it asks of a world is below
        self.cases = CaseViews(self, self.views)  # type: ignore[arg-type]
        self._drops = 0

    def until(self, look: Callable[[], Any], what: str, seconds: int = PATIENCE_SECONDS) -> Any:
        """What `look` finds, as soon as it finds anything. Raises Failed; sooner after a denial."""
        began, before = time.monotonic(), len(self.engine.denied())
        while not (found := look()):
            denied = self.engine.denied()[before:]
            waited = time.monotonic() - began
            if waited > (DENIED_SECONDS if denied else seconds):
                raise Failed(f"after {waited:.0f} s still not so: {what}; denied: {denied}")
            time.sleep(0.1)
        return found

    # --- what the control room's answers ask of a world -------------------------------------------

    @property
    def clock(self) -> Engine:
        return self.engine

    @property
    def mailbox(self) -> "Cloud":
        return self

    def all(self) -> list[dict[str, str]]:
        """Every message that SES was asked to send."""
        said = self.engine.ask("/_ministack/ses/messages")["messages"]
        return [_letter(each) for each in said.get(ACCOUNT, [])]

    def journey_ids(self) -> list[str]:
        table = self.physical("JourneysTable")
        pages = self.engine.client("dynamodb").get_paginator("scan").paginate(TableName=table)
        names = [item["journey"]["S"] for page in pages for item in page["Items"]]
        return [name.removeprefix("journey#") for name in names if name.startswith("journey#")]

    # --- where things are -------------------------------------------------------------------------

    @cached_property
    def lambdas(self) -> Any:
        return self.engine.client("lambda")

    @cached_property
    def s3(self) -> Any:
        return self.engine.client("s3")

    @cached_property
    def _sqs(self) -> Any:
        return self.engine.client("sqs")

    def variables(self, function: str) -> dict[str, str]:
        """What a function is told by its environment."""
        name = self.physical(function)
        said = self.lambdas.get_function_configuration(FunctionName=name)
        return dict(said["Environment"]["Variables"])

    def physical(self, logical: str) -> str:
        """The name that CloudFormation gave."""
        return self.stack.resources[logical]

    @property
    def host(self) -> str:
        """The gateway's, as it is on AWS but for the domain."""
        return f"{self.physical('RestAPI')}.execute-api.localhost:{self.engine.port}"

    # --- what the world does ----------------------------------------------------------------------

    def invoke(self, logical: str, event: Any) -> Any:
        """Runs a function to its end. Raises Failed with what it said."""
        said = self.lambdas.invoke(
            FunctionName=self.physical(logical), Payload=json.dumps(event).encode()
        )
        answer = said["Payload"].read().decode()
        if "FunctionError" in said:
            raise Failed(f"{logical} failed: {answer[:500]}")
        return json.loads(answer or "null")

    def fire(self, job: str, at: datetime) -> None:
        """What the calendar does at that instant: the schedule's own target gets its own input."""
        self.engine.move(at)
        name = f"premium-pay-{self.settings.stage}-{job.replace('_', '')}"
        target = self.engine.client("scheduler").get_schedule(Name=name)["Target"]
        assert target["Arn"].endswith(f":{self.physical(CALENDAR[job])}"), "it wakes its function"
        self.invoke(CALENDAR[job], json.loads(target["Input"].replace(SCHEDULED_TIME, written(at))))
        self.settle()

    def settle(self) -> None:
        """Waits until no queue of ours holds a message."""
        self.until(lambda: not self.waiting(), "all queues are empty", 3 * PATIENCE_SECONDS)

    def waiting(self) -> dict[str, int]:
        """Queue -> messages that wait, are delayed or are being handled; dead letters aside."""
        return self._messages("Queue")

    def dead_letters(self) -> dict[str, int]:
        """Queue -> messages that were given up."""
        return self._messages("DeadLetters")

    def messages(self, queue: str) -> list[str]:
        """The bodies that wait in a queue that wakes nobody; they are taken out."""
        url, found = self.physical(queue), []
        while said := self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in said:
                found.append(message["Body"])
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def _messages(self, suffix: str) -> dict[str, int]:
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        found = {}
        for queue in (each for each in self.stack.resources if each.endswith(suffix)):
            url = self.physical(queue)
            said = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
            found[queue] = sum(map(int, said["Attributes"].values()))
        return {queue: count for queue, count in found.items() if count}

    def feed(self, *rows: dict[str, str]) -> dict[str, Any]:
        """Drops a feed where the exchange drops it; the import's report."""
        self._drops += 1
        key = f"inbound/enrollments/feed of {self.engine.now():%Y-%m-%d} {self._drops}.csv"
        self._put(key, a_feed(*rows))
        return json.loads(self.until(lambda: self.read(report_key(key)), f"a report on {key}"))

    def fetch(self) -> list[Any]:
        """The bank takes the files that lie there for it; its judgements."""
        judged = []
        for name in self.lying(OUTBOUND):
            if name not in self.taken:
                self.taken[name] = self.read(f"{OUTBOUND}{name}")
                judged.append(self.bank.take([self.taken[name]], self.engine.now(), name))
        return judged

    def answer(self, at: datetime) -> list[str]:
        """The bank drops what is due by then; answers their names when all is read."""
        dropped = []
        for delivery in self.bank.deliveries(at):
            self.engine.move(delivery.at)
            self._put(f"{INBOUND}{delivery.name}", delivery.data)
            dropped.append(delivery.name)
            self.until(lambda: not self.lying(INBOUND), f"{delivery.name} is read and gone")
            self.settle()
        self.engine.move(at)
        return dropped

    def lying(self, prefix: str) -> list[str]:
        """Names of the objects under a prefix of the bucket."""
        said = self.s3.list_objects_v2(Bucket=self.settings.bucket, Prefix=prefix)
        return [each["Key"].removeprefix(prefix) for each in said.get("Contents", [])]

    def read(self, key: str) -> bytes:
        """An object of the bucket; nothing when there is none."""
        try:
            return self.s3.get_object(Bucket=self.settings.bucket, Key=key)["Body"].read()
        except self.s3.exceptions.NoSuchKey:
            return b""

    def _put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=self.settings.bucket, Key=key, Body=body)

    def ask(self, address: str) -> Any:
        """What the control room would say of this stage."""
        name, *parts = address.strip("/").split("/")
        says = self.cases if hasattr(self.cases, name) else self.views
        return getattr(says, name)(*map(unquote, parts))

    def join(self, *rows: dict[str, str]) -> list[Guest]:
        """The people of these rows, once they are imported."""
        said = self.feed(*rows)
        assert (said["accepted"], said["rejected"]) == (len(rows), []), said
        return [Guest(self.engine.url, "", row=row, cloud=self) for row in rows]


def _letter(said: dict[str, Any]) -> dict[str, str]:
    """As the mailbox of the offline world tells it."""
    return {
        "to": said["To"][0],
        "subject": said["Subject"],
        "text": said["BodyText"],
        "html": said["BodyHtml"],
        "sent_at": str(said["Timestamp"]),
    }
