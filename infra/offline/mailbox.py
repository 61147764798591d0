"""Every message that was sent, as its reader would see it."""

import base64
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

from infra.offline.clock import VirtualClock, written
from infra.offline.engine import Call, Engine

Tags = dict[str, str]


@dataclass(frozen=True, slots=True)
class Sent:
    """One message to one address."""

    to: str
    subject: str
    text: str
    html: str
    sent_at: str


class Mailbox:
    """Reads along when SES is asked to send, for moto keeps neither time nor parts."""

    def __init__(self, engine: Engine, clock: VirtualClock) -> None:
        self._clock = clock
        self._sent: list[Sent] = []
        self._tags: list[Tags] = []  # of each
        engine.on_call(after=self._notice)

    def all(self) -> list[dict[str, str]]:
        """Oldest first."""
        return [asdict(sent) for sent in list(self._sent)]

    def newest(self, most: int) -> list[tuple[dict[str, str], Tags]]:
        """The same of the last ones, each with its tags: under which mail_id and day it waited."""
        sent = zip(self._sent, self._tags, strict=False)  # another may be arriving
        return [(asdict(each), tags) for each, tags in list(sent)[-most:]]

    def _notice(self, call: Call) -> None:
        if call.service == "sesv2" and call.operation == "SendEmail":
            tags = {each["Name"]: each["Value"] for each in json.loads(call.body)["EmailTags"]}
            for sent in opened(call.body, self._clock.now()):
                self._sent.append(sent)
                self._tags.append(tags)


def opened(request: bytes, at: datetime) -> list[Sent]:
    """The messages that one SendEmail asks for."""
    asked = json.loads(request)
    message = message_from_bytes(
        base64.b64decode(asked["Content"]["Raw"]["Data"]),
        policy=policy.default,
    )
    assert isinstance(message, EmailMessage), "the default policy makes these"
    addresses = asked.get("Destination", {}).get("ToAddresses") or [str(message["To"])]
    subject = str(message["Subject"] or "")
    text, html = _part(message, "plain"), _part(message, "html")
    return [Sent(parseaddr(to)[1], subject, text, html, written(at)) for to in addresses]


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""
