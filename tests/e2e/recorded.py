"""Events as AWS writes them, for what the emulator can't be made to send."""

from infra.offline.events import bus_event
from tests.journeys.people import THURSDAY


def a_bounce(to, mail_id="confirmation_2e_HC-1"):
    """SES tells EventBridge that a mailbox is not there."""
    mail = {
        "timestamp": "2026-12-03T15:00:00.000Z",
        "source": "payments@example.org",
        "messageId": "0100019-0000",
        "destination": [to],
        "tags": {"ses:configuration-set": ["premium-pay-core"], "mail_id": [mail_id]},
    }
    bounce = {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [{"emailAddress": to, "action": "failed", "status": "5.1.1"}],
        "timestamp": "2026-12-03T15:00:02.000Z",
        "feedbackId": "0100019-0001",
    }
    detail = {"eventType": "Bounce", "mail": mail, "bounce": bounce}
    return bus_event("aws.ses", "Email Bounced", detail, THURSDAY)


def created(bucket, key, version, size):
    """S3 tells EventBridge of a new object."""
    about = {"key": key, "size": size, "etag": "0", "sequencer": "0", "version-id": version}
    detail = {"version": "0", "bucket": {"name": bucket}, "object": about, "reason": "PutObject"}
    return bus_event("aws.s3", "Object Created", detail, THURSDAY)


def a_message(body, message_id):
    """SQS, as Lambda's poller hands it over."""
    return {
        "messageId": message_id,
        "receiptHandle": "AQEB",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1796310000000",
            "SenderId": "AIDA",
            "ApproximateFirstReceiveTimestamp": "1796310000001",
        },
        "messageAttributes": {},
        "md5OfBody": "0",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:queue",
        "awsRegion": "us-east-1",
    }
