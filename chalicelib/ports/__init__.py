"""All we ask of the world: services know these, adapters keep them, bootstrap joins them.

A `Write` is a change that has not happened yet: repositories make them, `Keep` does them, all or
none.
"""

from chalicelib.ports.books import Accounts, Books, Enrollments, Known, MandateBook, Runs, Sealings
from chalicelib.ports.visits import Audit, Cases, Counters, Feed, Feeds, Journeys, Outbox
from chalicelib.ports.world import (
    BankLine,
    Bus,
    Chance,
    Clock,
    Files,
    Gone,
    Hasher,
    Keep,
    Letters,
    Lying,
    Mailer,
    MailRefused,
    NotPutOut,
    Outbound,
    Queue,
    Refused,
    Signals,
    Unsealable,
    Vault,
    Write,
)

__all__ = [
    "Accounts",
    "Audit",
    "BankLine",
    "Books",
    "Bus",
    "Cases",
    "Chance",
    "Clock",
    "Counters",
    "Enrollments",
    "Feed",
    "Feeds",
    "Files",
    "Gone",
    "Hasher",
    "Journeys",
    "Keep",
    "Known",
    "Letters",
    "Lying",
    "MailRefused",
    "Mailer",
    "MandateBook",
    "NotPutOut",
    "Outbound",
    "Outbox",
    "Queue",
    "Refused",
    "Runs",
    "Sealings",
    "Signals",
    "Unsealable",
    "Vault",
    "Write",
]
