"""A message that was promised: committed with what it tells, sent afterwards; and its link."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

MOST_ATTEMPTS = 5
LINK_LIVES = timedelta(days=30)
LINK_ABOUT = "state"  # what a sealed link is about
WAKE_AFTER = timedelta(minutes=5)  # until then the message of its promise is on the way
# A message of the queue is tried eight times, six minutes apart: by then it has ended, either way.
WAKE_AGAIN_AFTER = timedelta(hours=1)


class MailState(StrEnum):
    """Where a promised message is."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"  # tried often enough: a case for staff
    WITHHELD = "withheld"  # the member has died (rule 46)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message to one address. `facts` is all that its template needs, as committed."""

    mail_id: str  # its business identity
    kind: str  # names its template
    to: str
    phone: str  # whom staff call when the mail does not arrive (rule 32)
    language: str
    enrollment_id: str
    facts: Mapping[str, Any]
    created_at: datetime
    state: MailState = MailState.PENDING
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMail:
    """A promised message that was neither sent nor given up."""

    mail_id: str
    promised_at: datetime
    woken_at: datetime | None = None  # when a sweeper last woke the sender for it

    @property
    def day(self) -> str:
        """The day it was promised on."""
        return self.promised_at.date().isoformat()

    def is_missed(self, now: datetime) -> bool:
        """Whether no message can be on the way to the sender any more."""
        if self.woken_at:
            return self.woken_at <= now - WAKE_AGAIN_AFTER
        return self.promised_at <= now - WAKE_AFTER


def tag_of(mail_id: str) -> str:
    """The id as a tag of SES, which takes letters, digits, underscores and dashes, and no dots."""
    return re.sub(r"[^A-Za-z0-9-]", lambda sign: f"_{ord(sign[0]):x}_", mail_id)


def mail_id_of(tag: str) -> str:
    """The id that a tag was made of."""
    return re.sub(r"_([0-9a-f]{1,5})_", lambda code: chr(int(code[1], 16)), tag)


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered message."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLink:
    """What the link in a mail says, sealed; what it leads to is looked up when it is followed."""

    promised_at: datetime  # of the mail: what came later is none of its own
    enrollment_id: str
    confirmation: str = ""
    named_id: str = ""  # of a payment, a refund or a mandate
    month: str = ""  # of the withdrawal that the mail names
    to: str  # the address that it went to

    def is_over(self, now: datetime) -> bool:
        """Whether its 30 days are (rule 58)."""
        return now >= self.promised_at + LINK_LIVES

    def came_before(self, at: datetime) -> bool:
        """Whether the mail was promised before that instant."""
        return self.promised_at < at

    def is_for(self, email: str) -> bool:
        """Whether the mail went there: a mandate with another address ends the link."""
        return self.to.casefold() == email.casefold()
