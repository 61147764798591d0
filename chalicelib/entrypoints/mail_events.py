"""Mail that came back: SES tells EventBridge, EventBridge wakes us."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes import EventBridgeEvent

from chalicelib.bootstrap import system
from chalicelib.domain.mail import mail_id_of
from chalicelib.entrypoints.log import logger

CAME_BACK = {
    "source": ["aws.ses"],
    "detail-type": ["Email Bounced", "Email Complaint Received", "Email Rejected"],
}


def mail_event(event: Any) -> None:
    """A bounce, a complaint or a rejection: staff phone the member (rule 32)."""
    message = EventBridgeEvent(event.to_dict())
    mail = message.detail["mail"]
    tags = {name: values[0] for name, values in mail.get("tags", {}).items() if values}
    if "mail_id" in tags:
        tags["mail_id"] = mail_id_of(tags["mail_id"])
    logger.append_keys(mail_id=tags.get("mail_id"))
    tags["message_id"] = mail.get("messageId", "unknown")
    here = system()
    here.mailing.came_back(tags, message.detail_type, here.clock.now())
