"""Messages leave from what was committed: sent at least once, tried again, and never forgotten."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.carry_over import is_in_time
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_after
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.identities import case_id, first_id_of, joined
from chalicelib.domain.mail import (
    LINK_ABOUT,
    MOST_ATTEMPTS,
    Mail,
    MailState,
    PendingMail,
    StateLink,
)
from chalicelib.domain.purposes import LINK
from chalicelib.ports import (
    HAND_OVER_MS,
    Mailer,
    MailRefused,
    MailTemplates,
    Metrics,
    Queue,
    Remaining,
    Vault,
)
from chalicelib.repositories.records import Records
from chalicelib.store import ConditionFailed, Write

NOTICE, CARRIED = "notice", "carried"  # what they announce counts only where they arrive in time
WAKES_AT_ONCE = 100  # one transaction notes them

# Letters by what they name (rule 58).
OF_MONEY = frozenset({"paid", "not_paid", "later", "retry", "refund", "account_refused"})
OF_A_MONTH = frozenset({"notice", "withdrawal", "credit", "excluded", "smaller", "carried"})
OF_A_MANDATE = frozenset({"account_corrected"})
# Of a mandate, too.
TO_EACH_ADDRESS = frozenset({"cancelled", "contact_changed", "undone", "replaced", "routing"})
# Of coverage, and of money that nobody has paid yet.
OF_NOTHING = frozenset({"coverage_back", "coverage_ended", "ended_debt", "reminder", "renewal"})


class TryAgain(Exception):
    """The mail service did not take it now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """What sending mail needs of the world."""

    records: Records
    vault: Vault
    mail_templates: MailTemplates
    mailer: Mailer
    mail_queue: Queue
    metrics: Metrics

    def send(self, day: str, mail_id: str, now: datetime) -> None:
        """Sends one promised message, once it is committed. Raises TryAgain."""
        mail = self.records.outbox.get(day, mail_id)
        if mail is None or mail.state is not MailState.PENDING:
            return
        enrollment = self._enrollment_of(mail)
        if enrollment and enrollment.died:  # staff write themselves (rule 46)
            self._mark(replace(mail, state=MailState.WITHHELD), mail)
            return
        if mail.kind == CARRIED and not is_in_time(mail.facts["month"], local_day(now)):
            self.records.mandates.withdraw_announcement(mail)  # too late to be a notice (rule 42)
        member = enrollment.short_name if enrollment else None
        letter = self.mail_templates.letter(mail, member=member, token=self._token_of(mail))
        try:
            self.mailer.send(mail, letter)
        except MailRefused:
            self._give_up(mail, now, "the mail service refuses it")
        except Exception as error:
            if mail.attempts + 1 >= MOST_ATTEMPTS:
                self._give_up(mail, now, "the mail service did not take it")
                return
            self._mark(replace(mail, attempts=mail.attempts + 1), mail)
            raise TryAgain from error
        else:
            self._mark(replace(mail, state=MailState.SENT, attempts=mail.attempts + 1), mail)
            self.metrics.count("MailsSent")

    def _enrollment_of(self, mail: Mail) -> Enrollment | None:
        known = self.records.enrollments.known_of([mail.enrollment_id])
        return next((each.enrollment for each in known.values()), None)

    def _token_of(self, mail: Mail) -> str | None:
        """The same for the same mail; it is made here, and kept nowhere (rule 58)."""
        link = link_of(mail)
        return self.vault.seal(LINK, joined(*astuple(link)), LINK_ABOUT) if link else None

    def sweep(self, now: datetime, remaining_ms: Remaining) -> None:
        """Wakes the sender for what was missed: I20, nothing stays in passing for ever.

        Begins where the last sweep ran out of time, so that nobody is always the last in line.
        """
        oldest = self.records.outbox.oldest_pending()
        age = now - oldest.promised_at if oldest else timedelta()
        self.metrics.gauge("OldestMailSeconds", max(int(age.total_seconds()), 0))
        last = self.records.outbox.swept_to()
        pending = self.records.outbox.pending(last)
        while page := list(islice(pending, WAKES_AT_ONCE)):
            if remaining_ms() < HAND_OVER_MS:
                self.records.outbox.note_swept_to(last)
                return
            self._wake([mail for mail in page if mail.is_missed(now)], now)
            last = page[-1]
        self.records.outbox.note_swept_to(None)

    def _wake(self, missed: Sequence[PendingMail], now: datetime) -> None:
        """Noted afterwards: who dies in between wakes twice, not an hour too late."""
        if missed:
            self.mail_queue.send(*({"day": mail.day, "mail_id": mail.mail_id} for mail in missed))
            self.records.outbox.note_woken(missed, now)

    def came_back(self, tags: Mapping[str, str], what: str, now: datetime) -> None:
        """A bounce or complaint: staff phone the member (rule 32)."""
        mail_id, day = tags.get("mail_id", ""), tags.get("day", "")
        mail = self.records.outbox.get(day, mail_id) if day and mail_id else None
        case = Case(
            case_id=case_id("phone_member", mail_id or tags.get("message_id", "unknown")),
            kind=CaseKind.PHONE_MEMBER,
            enrollment_id=mail.enrollment_id if mail else None,
            reason=f"{mail.kind if mail else 'a mail'} did not arrive: {what}",
            opened_at=now,
            phone=mail.phone if mail else None,
        )
        self.records.cases.open_case(case)
        self.metrics.count("MailsCameBack")

    def _give_up(self, mail: Mail, now: datetime, why: str) -> None:
        case = Case(
            case_id=case_id("mail_failed", mail.mail_id),
            kind=CaseKind.MAIL_FAILED,
            enrollment_id=mail.enrollment_id,
            reason=f"{mail.kind}: {why}",
            opened_at=now,
            phone=mail.phone,
        )
        failed = replace(mail, state=MailState.FAILED, attempts=mail.attempts + 1)
        if mail.kind in (NOTICE, CARRIED):  # it does not count as announced (rules 24, 42)
            self.records.mandates.withdraw_announcement(mail)
        self._mark(failed, mail, self.records.cases.opening(case))
        self.metrics.count("MailsFailed")

    def _mark(self, mail: Mail, before: Mail, *writes: Write) -> None:
        try:
            self.records.commit(*self.records.outbox.marking(mail, before), *writes)
        except ConditionFailed:
            self.metrics.count("MailsMarkedByAnother")


def link_of(mail: Mail) -> StateLink | None:
    """Where the link of a mail leads; None where it names no payment and no mandate.

    Nor has one that went to an address beside the mandate's (rule 22): it is not kept with it.
    """
    is_beside = mail.kind in TO_EACH_ADDRESS and not mail.mail_id.endswith(".1")
    if mail.kind in OF_NOTHING or is_beside:
        return None
    name, by_id = first_id_of(mail.mail_id), OF_MONEY | OF_A_MANDATE | TO_EACH_ADDRESS
    return StateLink(
        promised_at=mail.created_at,
        enrollment_id=mail.enrollment_id,
        confirmation=name if mail.kind == "confirmation" else "",
        named_id=name if mail.kind in by_id else "",
        month=_month_of(mail),
        to=mail.to,
    )


def _month_of(mail: Mail) -> str:
    """Of the withdrawal: announced, decided, or still taken whatever was changed (rule 20)."""
    if mail.kind in ("smaller", "undone"):
        return str(mail.facts["on"])[:7]
    if mail.kind in OF_A_MONTH:
        return str(mail.facts["month"])
    if mail.kind in ("cancelled", "replaced") and mail.facts["still_cents"]:
        return month_after(str(mail.facts["coming"]), -1)
    return ""
