"""The world of the stateful machine: it tells the model what happens, and queues have no order."""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chalicelib.domain.enrollment import slot_of
from chalicelib.domain.run import shard_of
from infra.offline import events
from infra.offline.bank.answers import Answer
from infra.offline.bank.outgoing import answer_file
from tests.builders import a_feed
from tests.faults.model import Model
from tests.faults.model_books import Row
from tests.faults.world import FEEDS, INBOUND, READERS, World

OFTEN, SELDOM = ("sweep", "send_again", "tell_again"), 3
DOUBLED = 4  # one message in so many is handed over twice


class Street(World):
    """What waits is delivered in an order by chance, some of it twice, at once or much later."""

    def __init__(self, now: datetime, randomness: random.Random) -> None:
        super().__init__(now)
        self.randomness = randomness
        self.times = 1
        self.known: list[tuple[str, str]] = []  # messages that were delivered
        self.files: list[tuple[str, bytes]] = []  # that the bank has dropped
        self.model = Model(self._name, lambda name: shard_of(slot_of(name), self.shards))
        self.shards = int(self.settings.run_shards)

    def _name(self, enrollment_id: str, line: str) -> str | None:
        row = self.state.store.items["ledger"].get((enrollment_id, line))
        return row.get("payment_id") if row else None

    # --- the calendar -----------------------------------------------------------------------------

    def fire(self, handler: str, at: datetime) -> None:
        """Once to three times; of what fires every few minutes, one in three."""
        if handler in OFTEN:
            if self.randomness.randrange(SELDOM) == 0:
                super().fire(handler, at)
            return
        for _ in range(self.times):
            super().fire(handler, at)
            self.model.fired(handler, at)

    # --- queues -----------------------------------------------------------------------------------

    def hand_over(self, queue: str, bodies: list[str]) -> set[int]:
        """The model hears of it."""
        failed = super().hand_over(queue, bodies)
        for body in bodies:
            self.model.delivered(queue, body, self.now())
            self.known.append((queue, body))
        return failed

    def _deliver(self, queue: str) -> bool:
        """In any order, of any queue."""
        del queue
        open_ones = [name for name in READERS if name not in self.closed]
        waiting = [name for name in open_ones if self.state.queues[name]]
        if not waiting:
            return False
        queue = self.randomness.choice(waiting)
        messages, size = self.state.queues[queue], READERS[queue][1]
        self.randomness.shuffle(messages)
        batch = messages[: self.randomness.randint(1, size)]
        failed = self.hand_over(queue, [message.body for message in batch])
        for n, message in enumerate(batch):
            message.receives += 1
            again = message.receives == 1 and self.randomness.randrange(DOUBLED) == 0
            if n in failed and message.receives >= 8:
                self.state.dead.append((queue, message.body))
            if (n not in failed and not again) or message.receives >= 8:
                messages.remove(message)
        return True

    def late_double(self, pick: int) -> None:
        """A message that was delivered long ago comes once more."""
        queue, body = self.known[pick % len(self.known)]
        self.hand_over(queue, [body])
        self.quiet()

    # --- others -----------------------------------------------------------------------------------

    def feed(self, name: str, rows: Sequence[Row], at: datetime) -> None:
        """The exchange drops a file; the news of it may say an earlier time."""
        key, body = f"{FEEDS}{name}", a_feed(*rows)
        version = self.state.drop(key, body)
        told = {"key": key, "version-id": version, "size": len(body), "etag": "e"}
        self.model.feed(key, rows, at)
        self._arrived(events.bus_event("aws.s3", "Object Created", {"object": told}, at))
        self.quiet()

    def arrives(self, key: str, body: bytes) -> None:
        """The bank may drop it again."""
        self.files.append((key, body))
        super().arrives(key, body)

    def answers(self, entry: Any, code: str) -> None:
        """The bank says something about one entry."""
        file = answer_file([Answer(self.now(), code, entry)], self.customer, self.now())
        number = self.state.notes["answers"] = self.state.notes.get("answers", 0) + 1
        self.arrives(f"{INBOUND}said-{number}.ach", file)
        self.quiet()

    def bounces(self, day: str, mail_id: str) -> None:
        """The mail service tells that a mail did not arrive."""
        tags = {"mail_id": [mail_id], "day": [day]}
        mail = {"mail": {"messageId": "m", "tags": tags}}
        event = events.bus_event("aws.ses", "Email Bounced", mail, self.now())
        self._event(
            f"bounce:{mail_id}",
            lambda: self.app.mail_event(event, events.LambdaContext("mail_event")),
        )
