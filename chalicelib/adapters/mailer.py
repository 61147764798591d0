"""E-mail through Amazon SES v2, as raw MIME: text and HTML, our own headers."""

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.domain.mail import Letter, Mail, tag_of
from chalicelib.ports import MailRefused

NEVER = frozenset({"MessageRejected", "BadRequestException", "InvalidParameterValue"})


class SesMailer:
    """SES has no idempotency key: a rare second copy carries the same Message-ID."""

    def __init__(self, ses: Any, *, sender: str, configuration_set: str) -> None:
        self._ses = ses
        self._sender = sender
        self._configuration_set = configuration_set

    def send(self, mail: Mail, letter: Letter) -> None:
        """Raises MailRefused when it has no address, or SES will never take it."""
        try:
            self._ses.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [mail.to]},
                Content={"Raw": {"Data": self._message(mail, letter).as_bytes()}},
                ConfigurationSetName=self._configuration_set,
                EmailTags=[
                    {"Name": "mail_id", "Value": tag_of(mail.mail_id)},
                    {"Name": "day", "Value": mail.created_at.date().isoformat()},
                ],
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in NEVER:
                raise MailRefused(error.response["Error"]["Code"]) from None
            raise

    def _message(self, mail: Mail, letter: Letter) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = _address(mail.to)
        message["Subject"] = " ".join(letter.subject.split())
        domain = self._sender.rpartition("@")[2].rstrip(">")
        message["Message-ID"] = f"<{mail.mail_id}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        message["Content-Language"] = mail.language  # last: setting content clears such headers
        return message


def _address(text: str) -> Address:
    """One address; line breaks and second addresses are refused."""
    try:
        return Address(addr_spec=text)
    except (ValueError, IndexError, MessageError):  # the library's ways to say that it is none
        raise MailRefused("address") from None
