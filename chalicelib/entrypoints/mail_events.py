"""Mail that came back: SES tells EventBridge, EventBridge wakes us."""

from typing import Any

from chalicelib.bootstrap import system
from chalicelib.domain.mail import mail_id_of

CAME_BACK = {
    "source": ["aws.ses"],
    "detail-type": ["Email Bounced", "Email Complaint Received", "Email Rejected"],
}


def mail_event(event: Any) -> None:
    """A bounce, a complaint or a rejection: staff phone the member (rule 32)."""
    facts = event.to_dict()
    mail = facts["detail"]["mail"]
    tags = {name: values[0] for name, values in mail.get("tags", {}).items() if values}
    if "mail_id" in tags:
        tags["mail_id"] = mail_id_of(tags["mail_id"])
    tags["message_id"] = mail.get("messageId", "unknown")
    here = system()
    here.mailing.came_back(tags, str(facts["detail-type"]), here.clock.now())
