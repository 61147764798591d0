"""What a mail named, as it stands now: read-only, for whoever has the mail's link (rule 58)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.errors import NotFound
from chalicelib.domain.identities import joined, parts_of, withdrawal_line
from chalicelib.domain.ledger import Line
from chalicelib.domain.mail import LINK_ABOUT, StateLink
from chalicelib.domain.mandate import Mandate, MandateState
from chalicelib.domain.month import mandate_state
from chalicelib.domain.month_dates import effective_on
from chalicelib.domain.payment import Submission
from chalicelib.domain.progress import state_as_shown
from chalicelib.domain.purposes import LINK
from chalicelib.ports import Unsealable, Vault
from chalicelib.repositories.records import Records
from chalicelib.services.monthly.months import Months
from chalicelib.services.page.moment import at_one_moment
from chalicelib.services.settlement.tracking import Tracking


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedPayment:
    """Money that moved, or is planned to; a state is the code of its text."""

    enrollment: Enrollment
    line: Line | None  # none where no run has decided yet
    cents: int
    on: date
    is_late: bool  # not before that day
    state: str
    reached: Sequence[tuple[str, datetime]] = ()
    confirmation: str | None = None
    mandate_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedState:
    """The payments and the mandates that a mail names."""

    payments: Sequence[MailedPayment]
    mandates: Sequence[tuple[Mandate, MandateState]]
    addresses: frozenset[str]  # of those, and of what has replaced them since


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedStates:
    """What following a link needs of the world."""

    records: Records
    vault: Vault
    months: Months
    tracking: Tracking

    def of(self, token: str, now: datetime) -> MailedState:
        """Raises NotFound, and nothing else, where it is altered or foreign, or has ended."""
        link = self._opened(token)
        if link.is_over(now):
            raise NotFound
        seen = at_one_moment(lambda: self._state(link, now))
        if not all(link.is_for(address) for address in seen.addresses):
            raise NotFound
        return seen

    def _opened(self, token: str) -> StateLink:
        try:
            text = self.vault.open(LINK, token, LINK_ABOUT)
        except Unsealable:
            raise NotFound from None
        promised_at, enrollment_id, confirmation, named_id, month, *to = parts_of(text)
        return StateLink(
            promised_at=datetime.fromisoformat(promised_at),
            enrollment_id=enrollment_id,
            confirmation=confirmation,
            named_id=named_id,
            month=month,
            to=joined(*to),  # an address may have that mark in it
        )

    def _state(self, link: StateLink, now: datetime) -> MailedState:
        submission = None
        if link.confirmation:
            submission = self.records.books.submission(link.confirmation)
        names = _enrollments_of(submission) if submission else [link.enrollment_id]
        known = self.records.enrollments.known_of(names)
        found = [
            self._of(link, submission, known[name].enrollment, now)
            for name in names
            if name in known
        ]
        payments = [payment for each in found for payment in each.payments]
        mandates = [mandate for each in found for mandate in each.mandates]
        # Links end with a death (rule 46).
        if any(each.enrollment.died for each in known.values()) or not (payments or mandates):
            raise NotFound
        addresses = frozenset(one for each in found for one in each.addresses)
        return MailedState(payments=payments, mandates=mandates, addresses=addresses)

    def _of(
        self, link: StateLink, submission: Submission | None, enrollment: Enrollment, now: datetime
    ) -> MailedState:
        """Of one enrollment."""
        lines = self.records.books.lines(enrollment.enrollment_id)
        every = self.records.mandates.every(enrollment.enrollment_id)
        if link.month:
            mandate = _mandate_of_month(link, lines, every)
            mandates = [mandate] if mandate else []
            payments = self._of_month(link, enrollment, mandate, lines, now)
        else:
            ids = _ids_of(submission) if submission else {link.named_id}
            moved = [line for line in lines if line.collection and line.payment_id in ids]
            payments = [self._moved(enrollment, line, lines) for line in moved]
            named = {link.named_id, *(payment.mandate_id for payment in payments)}
            mandates = [
                each
                for each in every
                if each.mandate_id in named or (submission and _is_of(each, submission))
            ]
        states = [(each, mandate_state(each, enrollment, lines, now)) for each in mandates]
        newest = max(every, key=lambda each: each.created_at) if mandates else None
        addresses = {each.contact.email for each in (*mandates, newest) if each}
        return MailedState(payments=payments, mandates=states, addresses=frozenset(addresses))

    def _of_month(
        self,
        link: StateLink,
        enrollment: Enrollment,
        mandate: Mandate | None,
        lines: Sequence[Line],
        now: datetime,
    ) -> list[MailedPayment]:
        """The withdrawal of this mandate, never of one that came later."""
        line = _decided(link, lines)
        if line and (mandate is None or line.mandate_id in (None, mandate.mandate_id)):
            return [self._moved(enrollment, line, lines)]
        return [self._planned(link, enrollment, mandate, lines, now)] if mandate else []

    def _moved(self, enrollment: Enrollment, line: Line, lines: Sequence[Line]) -> MailedPayment:
        progress = self.tracking.progress(lines).get(str(line.payment_id))
        payment = self.records.books.payment(line.payment_id) if line.payment_id else None
        return MailedPayment(
            enrollment=enrollment,
            line=line,
            cents=abs(line.amount_cents),
            on=local_day(line.at),
            is_late=False,
            state=state_as_shown(line, progress, lines),
            reached=progress.steps if progress else (),
            confirmation=payment.confirmation if payment else None,
            mandate_id=line.mandate_id or (payment.mandate_id if payment else None),
        )

    def _planned(
        self,
        link: StateLink,
        enrollment: Enrollment,
        mandate: Mandate,
        lines: Sequence[Line],
        now: datetime,
    ) -> MailedPayment:
        """What a run would take as things stand; of a mandate that is over by then, nothing."""
        planned = self.months.undecided(mandate, link.month, lines, now)
        cents = planned.cents if mandate.is_active_in(link.month) else 0
        return MailedPayment(
            enrollment=enrollment,
            line=None,
            cents=cents,
            on=planned.on if cents else effective_on(link.month, link.promised_at),
            is_late=cents > 0 and planned.is_late,
            state="planned" if cents else "planned_nothing",
        )


def _enrollments_of(submission: Submission) -> list[str]:
    paid = (payment.enrollment_id for payment in submission.payments)
    return list(dict.fromkeys([*paid, *submission.monthly]))


def _ids_of(submission: Submission) -> set[str]:
    return {payment.payment_id for payment in submission.payments}


def _is_of(mandate: Mandate, submission: Submission) -> bool:
    """Whether this Submit set it up; one that goes on for it later has its number, too."""
    is_its = mandate.confirmation == submission.confirmation
    return is_its and mandate.created_at == submission.submitted_at


def _decided(link: StateLink, lines: Sequence[Line]) -> Line | None:
    return next((line for line in lines if line.line == withdrawal_line(link.month)), None)


def _mandate_of_month(
    link: StateLink, lines: Sequence[Line], every: Sequence[Mandate]
) -> Mandate | None:
    """The one that the mail names, that was decided about by then, or that stood when it left."""
    line = _decided(link, lines)
    by_then = line.mandate_id if line and not link.came_before(line.at) else None
    if named_id := link.named_id or by_then:
        return next((each for each in every if each.mandate_id == named_id), None)
    stood = [each for each in every if not link.came_before(each.created_at)]
    return next((each for each in reversed(stood) if each.from_month <= link.month), None)
