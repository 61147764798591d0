"""Waking who sends promised letters: a hint after a commit, never a part of it (I20)."""

from dataclasses import dataclass

from chalicelib.domain.mail import Mail
from chalicelib.ports import Queue, Signals


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWaker:
    """After the commit the answer is the commit's: what nobody woke for, the sweeper sends."""

    queue: Queue
    signals: Signals

    def wake(self, *mails: Mail) -> None:
        """Tells the sender of letters that are promised. Never raises."""
        if not mails:
            return
        try:
            self.queue.send(*({"day": _day(mail), "mail_id": mail.mail_id} for mail in mails))
        except Exception:  # noqa: BLE001 - whatever the queue says
            self.signals.count("MailsNotWoken", len(mails))


def _day(mail: Mail) -> str:
    return mail.created_at.date().isoformat()
