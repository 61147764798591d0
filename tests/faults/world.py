"""The whole system on tables in memory, and the world around it: calendar, queues, bank, people.

Everything is as AWS does it: an event that failed comes again twice, a message eight times, a
person tries three times. Nothing is left to chance: an id is a function of what asked for it, and
one that was never kept may be given again, so that a run with a fault can be held against the run
without.
"""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import app
from chalicelib import bootstrap
from chalicelib.adapters.bank_line import S3BankLine
from chalicelib.adapters.bus import EventBus
from chalicelib.adapters.files import S3Files
from chalicelib.adapters.queues import SqsQueue  # noqa: F401 - what GatedQueue stands for
from chalicelib.domain.captcha import open_challenge
from chalicelib.domain.errors import DomainError
from chalicelib.repositories.books import Books
from chalicelib.store import Store
from infra.offline import events, schedules
from infra.offline.bank.counter import Counter
from infra.offline.bank.judge import judge
from infra.offline.bank_desk import customer_of
from infra.offline.resources import load
from tests.entrypoints.gateway import Gateway
from tests.fakes import PlainMailTemplates
from tests.faults.gate import (
    Gate,
    GatedEvents,
    GatedMailer,
    GatedQueue,
    GatedS3,
    GatedStore,
    GatedVault,
)
from tests.faults.state import Randomness, State
from tests.monthly import OUR_BANK
from tests.services.conftest import some_settings
from tests.stores import Crash

OUTBOUND, INBOUND, FEEDS = "outbound/bank/", "inbound/bank/", "inbound/enrollments/"
READERS = {
    "feed": ("import_rows", 1, timedelta(minutes=90)),
    "mail": ("send_mail", 10, timedelta(minutes=6)),
    "work": ("work_shard", 1, timedelta(minutes=18)),
    "bank": ("follow_up", 1, timedelta(minutes=90)),
}
"""Queue -> function, batch, visibility; held against app.py and the resources by a test."""
RECEIVES = 8
TRIES = 3
WAITS = (timedelta(0), timedelta(minutes=1), timedelta(minutes=2))  # Lambda, between its tries
SETTINGS = {**OUR_BANK, "run_shards": 2, "stage": "faults"}


@lru_cache
def calendar() -> list[schedules.Schedule]:
    """Every schedule of the resources."""
    return schedules.read(load())


def pausing(system: bootstrap.System, pause: Callable[[float], None]) -> None:
    """Who waits for another waits so."""
    records = replace(system.records, pause=pause)
    records.__dict__["books"] = Books(system.store, pause)
    system.__dict__["records"] = records


class Failed(Exception):
    """A door did not open, however often it was tried."""


class World:
    """Drives the doors. `patient` lets tries wait as long as AWS does; else they follow at once."""

    app = app

    def __init__(self, now: datetime, *, patient: bool = False, **settings: Any) -> None:
        self.settings = some_settings(**{**SETTINGS, **settings})
        self.customer = customer_of(self.settings.originator)
        self.state = State(now, counter=Counter(self.customer, lists_bank=_any_bank))
        self.gate = Gate()
        self.patient = patient
        self.triggers: list[tuple[str, Callable[[], Any]]] = []
        self.delivered: list[tuple[str, str]] = []
        self.later: list[tuple[datetime, str, Callable[[], Any], int]] = []
        self.page_errors = 0
        self.acts: dict[str, Callable[[], Any]] = {}
        self.closed: set[str] = set()  # queues that nobody reads now
        self.failures: list[BaseException] = []

    # --- a process --------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The clock of every process."""
        return self.state.now

    def store(self) -> Store:
        """The tables, as a process reaches them."""
        return GatedStore(self.state.store, self.gate)

    def system(self, label: str) -> bootstrap.System:
        """A fresh process, as after a crash or a deployment."""
        state, gate = self.state, self.gate
        store, s3 = self.store(), GatedS3(state, gate)
        vault = GatedVault(gate)
        system = bootstrap.build(self.settings, store=store, clock=self)
        queues = {f"{name}_queue": GatedQueue(name, state, gate) for name in READERS}
        system.__dict__.update(
            queues,
            vault=vault,
            files=S3Files(s3, "bucket"),
            bus=EventBus(GatedEvents(state, gate), "bucket"),
            bank=S3BankLine(s3, "bucket", "bucket", vault),
            mailer=GatedMailer(state, gate),
            metrics=state.metrics,
            randomness=Randomness(state, label),
        )
        self.adapt(system)
        system.__dict__["mailing"] = replace(system.mailing, mail_templates=PlainMailTemplates())
        return system

    def adapt(self, system: bootstrap.System) -> None:
        """What another world does otherwise, before the first use case is made."""

    def _invoke(self, label: str, act: Callable[[], Any]) -> Any:
        bootstrap.adopt(self.system(label))
        try:
            return act()
        except (Crash, Exception) as failure:
            self.failures.append(failure)
            raise Failed from failure
        finally:
            bootstrap.adopt()

    # --- what wakes it ----------------------------------------------------------------------------

    def _event(self, label: str, act: Callable[[], Any], tried: int = 0) -> None:
        """Asynchronous: Lambda tries three times, then the dead-letter queue has it."""
        self.acts[label] = act
        for n in range(tried, TRIES):
            if self.patient and n > tried:
                self.later.append((self.now() + WAITS[n], label, act, n))
                return
            try:
                self._invoke(label, act)
            except Failed:
                continue
            return
        self.state.dead.append(("event", label))

    def fire(self, handler: str, at: datetime) -> None:
        """The calendar wakes a function."""
        self.reach(at)
        label, act = self.firing(handler, at)
        self.triggers.append((label, lambda: self._event(label, act)))
        self._event(label, act)

    def firing(self, handler: str, at: datetime) -> tuple[str, Callable[[], Any]]:
        """What the calendar asks of a function, and its name."""

        def act() -> Any:
            event = {"scheduled_at": at.astimezone(UTC).isoformat()}
            return getattr(app, handler)(event, events.LambdaContext(handler))

        return f"{handler}@{at.astimezone(UTC).isoformat()}", act

    def arrives(self, key: str, body: bytes) -> None:
        """Somebody drops a file, and EventBridge says so."""
        self.told(key, self.state.drop(key, body), len(body))

    def told(self, key: str, version: str, size: int) -> None:
        """EventBridge says that an object was made."""
        told = {"key": key, "version-id": version, "size": size, "etag": "e"}
        self._arrived(events.bus_event("aws.s3", "Object Created", {"object": told}, self.now()))

    def _arrived(self, event: events.Event) -> None:
        told = event["detail"]["object"]
        handler = "import_feed" if told["key"].startswith(FEEDS) else "read_bank_file"
        label = f"{handler}@{told['key']}@{told['version-id']}"

        def act() -> Any:
            return getattr(app, handler)(event, events.LambdaContext(handler))

        self.triggers.append((label, lambda: self._event(label, act)))
        self._event(label, act)

    def posts(self, name: str, member: "Member", address: str, **fields: str) -> Any:
        """A member sends a form, and again while the page says that something went wrong."""
        form = urlencode({"csrf": member.csrf, "lang": "en", **fields}).encode()
        cookies = dict(member.cookies)
        label = f"{name}:{address}"

        def send() -> Any:
            for _ in range(TRIES):
                member.cookies = dict(cookies)
                try:
                    answer = self._invoke(label, lambda: member.post(address, form))
                except Failed:
                    continue  # the gateway's 502
                if answer.status < 500:
                    return answer.status, urlsplit(answer.headers.get("Location", "")).path
            return "gave up"

        def again() -> None:
            self.state.answers[f"{label}, again"] = send()

        self.triggers.append((label, again))
        self.state.answers[label] = send()
        return self.state.answers[label]

    def commands(self, name: str, act: Callable[[bootstrap.System], Any]) -> Any:
        """Staff run a command, and again while AWS cannot be reached; a rule's no is an answer."""

        def once() -> Any:
            try:
                return act(bootstrap.system())
            except DomainError as no:
                return no

        def run() -> Any:
            for _ in range(TRIES):
                try:
                    return self._invoke(name, once)
                except Failed:
                    continue
            return "gave up"

        self.triggers.append((name, run))
        said = run()
        self.state.answers[name] = type(said).__name__
        return said

    # --- coming to rest ---------------------------------------------------------------------------

    def quiet(self) -> None:
        """What waits is delivered, and the bank fetches, until nothing moves."""
        for _ in range(10_000):
            self._fetch()
            while self.state.told:
                said = self.state.told.pop(0)
                words = said["Source"], said["DetailType"], json.loads(said["Detail"]), said["Time"]
                self._arrived(events.bus_event(*words))
            if not any(self._deliver(queue) for queue in READERS if queue not in self.closed):
                return
        raise AssertionError("the queues do not come to rest")

    def _deliver(self, queue: str) -> bool:
        _, size, hidden = READERS[queue]
        waiting = self.state.queues[queue]
        batch = [message for message in waiting if message.at <= self.now()][:size]
        if not batch:
            return False
        failed = self.hand_over(queue, [message.body for message in batch])
        for n, message in enumerate(batch):
            message.receives += 1
            if n not in failed:
                waiting.remove(message)
            elif message.receives >= RECEIVES:
                waiting.remove(message)
                self.state.dead.append((queue, message.body))
            elif self.patient:
                message.at = self.now() + hidden
        self.delivered += [
            (queue, message.body) for n, message in enumerate(batch) if n not in failed
        ]
        return True

    def hand_over(self, queue: str, bodies: list[str]) -> set[int]:
        """One batch to its reader; which of them failed."""
        function = READERS[queue][0]
        records = [
            {"messageId": str(n), "receiptHandle": str(n), "body": body, "eventSource": "aws:sqs"}
            for n, body in enumerate(bodies)
        ]
        call = getattr(app, function)
        context = events.LambdaContext(function)
        try:
            answer = self._invoke(
                f"{queue}:{'|'.join(bodies)}", lambda: call({"Records": records}, context)
            )
        except Failed:
            return set(range(len(bodies)))
        return {int(failed["itemIdentifier"]) for failed in answer["batchItemFailures"]}

    def again(self) -> None:
        """Everything that was told is told once more, as AWS may."""
        triggers, delivered = self.triggers, self.delivered
        self.triggers, self.delivered = [], []
        for _, act in triggers:
            act()
            self.quiet()
        for queue, body in delivered:
            self.hand_over(queue, [body])
            self.quiet()

    # --- time -------------------------------------------------------------------------------------

    def reach(self, at: datetime) -> None:
        """Time goes on, and what is due on the way happens: the bank, tries, messages."""
        while (due := self._next()) and due <= at:
            self.state.now = max(due, self.state.now)
            self._due()
            self.quiet()
        self.state.now = max(at, self.state.now)
        self.quiet()

    def _next(self) -> datetime | None:
        assert self.state.counter
        queues = (q for name, q in self.state.queues.items() if name not in self.closed)
        hidden = [message.at for queue in queues for message in queue]
        tries = [each[0] for each in self.later]
        bank = self.state.counter.next_at()
        return min([*hidden, *tries, *([bank] if bank else [])], default=None)

    def _due(self) -> None:
        assert self.state.counter
        for each in self.state.counter.deliveries(self.now()):
            self.arrives(f"{INBOUND}{each.name}", each.data)
            self.quiet()
        due = [each for each in self.later if each[0] <= self.now()]
        self.later = [each for each in self.later if each[0] > self.now()]
        for _, label, act, tried in due:
            self._event(label, act, tried)

    def lives(self, until: datetime, wanted: Callable[[datetime], bool] = lambda _: True) -> None:
        """The calendar goes on; of its days, those that are wanted."""
        for firing in schedules.moves(calendar(), self.now(), until):
            if wanted(firing.at):
                self.fire(firing.handler, firing.at)
                self.quiet()
        self.reach(until)

    # --- the bank ---------------------------------------------------------------------------------

    def _fetch(self) -> None:
        """The bank takes what it has not seen; an empty object is no file."""
        assert self.state.counter
        for key, versions in list(self.state.objects.items()):
            if not key.startswith(OUTBOUND) or key in self.state.has:
                continue
            body = next(iter(versions.values()))[0]
            if not body:
                continue
            said = self.state.counter.take([body], self.now(), key.removeprefix(OUTBOUND))
            self.state.has[key] = judge([body], self.customer, self.now()).kept
            self.state.objections[key] = sorted(said.whys)

    def taken(self) -> Iterator[Any]:
        """Every entry that the bank has."""
        return itertools.chain(*self.state.has.values())


class Member(Gateway):
    """One browser."""

    def call(self, *request: Any) -> Any:
        """As inherited; a page that fails rings."""
        answer = super().call(*request)
        self.world.page_errors += answer.status >= 500  # type: ignore[attr-defined]
        return answer

    def answer_of(self, token: str, journey_id: str) -> str:
        """What the picture says."""
        challenges = bootstrap.system().challenges
        challenge = open_challenge(token, journey_id, self.world.now(), challenges.mac)
        return challenge.picture_code(challenges.mac)


def _any_bank(_: str) -> bool:
    return True
