"""A message that was promised: committed with what it tells, sent afterwards."""

import re
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
