"""A message that was promised: committed with what it tells, sent afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

MOST_ATTEMPTS = 5


class MailState(StrEnum):
    """Where a promised message is."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"  # tried often enough: a case for staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message to one address. `facts` is all that its template needs, as committed."""

    mail_id: str  # its business identity, of letters, digits, dots and dashes (an SES tag)
    kind: str  # names its template
    to: str
    phone: str  # whom staff call when the mail does not arrive (rule 32)
    language: str
    enrollment_id: str
    facts: Mapping[str, Any]
    created_at: datetime
    state: MailState = MailState.PENDING
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered message."""

    subject: str
    text: str
    html: str
