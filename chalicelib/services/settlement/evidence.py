"""Everything a bank may ask for about a payment or a mandate, within ten banking days (Nacha WEB).

Text, version, time and source of the authorization; what was announced; debits and returns. Account
numbers stay sealed: the last four digits and the routing number name the account.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.coverage import month_after, months
from chalicelib.domain.errors import NotFound
from chalicelib.domain.identities import audit_subject, withdrawal_run
from chalicelib.domain.ledger import Line, as_called, taken_back_by
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.payment import BankAccount, Evidence
from chalicelib.domain.signature import AuditLine
from chalicelib.domain.withdrawal import Announcement
from chalicelib.repositories.records import Records
from chalicelib.services.settlement.caused_letters import CausedLetters
from chalicelib.services.settlement.tracking import Tracking


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidencing:
    """What gathering it needs of the world."""

    records: Records
    tracking: Tracking
    caused_letters: CausedLetters

    def of_payment(self, name: str) -> dict[str, Any]:
        """By payment id or confirmation number. Raises NotFound."""
        payment = self.records.books.payment(name) if not name.startswith("HC-") else None
        submission = self.records.books.submission(payment.confirmation if payment else name)
        if submission is None:
            raise NotFound
        debits, moved = [], list[Line]()
        for each in submission.payments:
            lines = self.records.books.lines(each.enrollment_id)
            its = _moved(lines, {each.payment_id})
            debits += self._debits(lines, its)
            moved += its
        return {
            "confirmation": submission.confirmation,
            "member_name": submission.member_name,
            "authorization": _authorization(submission.evidence),
            "account": _account(submission.account),
            "debits": debits,
            "letters": _letters(self.caused_letters.of_submit(submission, moved)),
            "by_staff": _acts(
                self._by_staff({p.enrollment_id for p in submission.payments}, moved)
            ),
        }

    def of_mandate(self, enrollment_id: str, mandate_id: str) -> dict[str, Any]:
        """Of one enrollment. Raises NotFound."""
        found = self.records.mandates.every(enrollment_id)
        mandate = next((each for each in found if each.mandate_id == mandate_id), None)
        if mandate is None:
            raise NotFound
        lines = self.records.books.lines(enrollment_id)
        withdrawals = [line for line in lines if line.mandate_id == mandate_id]
        ids = {line.payment_id for line in withdrawals if line.payment_id}
        moved, later = _moved(lines, ids), mandate.carry_over_evidence
        acts = [*self._by_staff({enrollment_id}, moved), *self._of_runs(mandate, lines)]
        return {
            "mandate_id": mandate_id,
            "enrollment_id": enrollment_id,
            "confirmation": mandate.confirmation,
            "created_at": mandate.created_at.isoformat(),
            "from_month": mandate.from_month,
            "through_month": mandate.through_month,
            "ended_at": mandate.ended_at.isoformat() if mandate.ended_at else None,
            "end_reason": mandate.end_reason,
            "authorization": _authorization(mandate.evidence),
            "goes_on": mandate.carry_over,
            "agreed_later_to_go_on": _authorization(later) if later else None,
            "account": _account(mandate.account),
            "told": self._announced(mandate, lines),
            "decisions": [_decision(line) for line in withdrawals],
            "debits": self._debits(lines, moved),
            "letters": _letters(self.caused_letters.of_mandate(mandate, lines, moved)),
            "by_staff": _acts(acts),
        }

    def _announced(self, mandate: Mandate, lines: Iterable[Line]) -> list[dict[str, Any]]:
        announced = (
            self.records.mandates.announced(mandate.enrollment_id, month)
            for month in _its_months(mandate, lines)
        )
        return [
            _saying(each) for each in announced if each and each.mandate_id == mandate.mandate_id
        ]

    def _by_staff(self, enrollment_ids: set[str], moved: Iterable[Line]) -> list[AuditLine]:
        """About the enrollments, and about the transmissions that took these debits."""
        took = {t.transmission_id for t in map(self.tracking.transmission_of, moved) if t}
        subjects = {audit_subject("enrollment", each) for each in enrollment_ids}
        subjects |= {audit_subject("transmission", each) for each in took}
        return [line for each in subjects for line in self.records.audit.lines(each) if line.who]

    def _of_runs(self, mandate: Mandate, lines: Iterable[Line]) -> list[AuditLine]:
        """What staff stopped and released of it in the runs of its months."""
        runs = map(withdrawal_run, _its_months(mandate, lines))
        acts = (
            line for run in runs for line in self.records.audit.lines(audit_subject("run", run))
        )
        return [line for line in acts if line.what.endswith(mandate.mandate_id)]

    def _debits(self, lines: Sequence[Line], moved: Iterable[Line]) -> list[dict[str, Any]]:
        """With what came back, and when."""
        progress = self.tracking.progress(lines)
        return [
            {
                "payment_id": line.payment_id,
                "of_payment": line.of_payment,
                "enrollment_id": line.enrollment_id,
                "what": as_called(line),
                "cents": abs(line.amount_cents),
                "at": line.at.isoformat(),
                "state": str(progress[str(line.payment_id)].state),
                "reached": {
                    str(state): at.isoformat()
                    for state, at in progress[str(line.payment_id)].reached.items()
                },
                "return_code": back.reason if back else None,
            }
            for line in moved
            for back in [taken_back_by(lines, str(line.payment_id))]
        ]


def _moved(lines: Iterable[Line], payment_ids: set[str]) -> list[Line]:
    """Payments, their retries, and what was given back of either."""
    named, found = set(payment_ids), list[Line]()
    for line in lines:  # in the order of time: what is of a payment comes after it
        if line.collection and {line.payment_id, line.of_payment} & named:
            named.add(str(line.payment_id))
            found.append(line)
    return found


def _its_months(mandate: Mandate, lines: Iterable[Line]) -> list[str]:
    """Through the month after the last that was decided."""
    decided = [str(line.month) for line in lines if line.mandate_id == mandate.mandate_id]
    last = month_after(max(decided)) if decided else mandate.from_month
    return list(months(mandate.from_month, last))


def _acts(lines: Iterable[AuditLine]) -> list[dict[str, Any]]:
    return [
        {
            "at": line.at.isoformat(),
            "who": line.who,
            "identity": line.identity,
            "what": line.what,
            "about": line.about,
            "why": line.why,
        }
        for line in sorted(lines, key=lambda line: line.at)
    ]


def _letters(mails: Iterable[Mail]) -> list[dict[str, Any]]:
    return [
        {
            "mail": mail.kind,
            "to": mail.to,
            "at": mail.created_at.isoformat(),
            "state": str(mail.state),
        }
        for mail in mails
    ]


def _saying(announced: Announcement) -> dict[str, Any]:
    return {
        "month": announced.month,
        "cents": announced.cents,
        "on": announced.on.isoformat(),
        "told_at": announced.announced_at.isoformat(),
        "how": announced.how,
    }


def _authorization(evidence: Evidence) -> dict[str, Any]:
    return {
        "text": list(evidence.text),
        "text_version": evidence.text_version,
        "language": evidence.language,
        "agreed_at": evidence.agreed_at.isoformat(),
        "source_address": evidence.source_address,
        "user_agent": evidence.user_agent,
    }


def _account(account: BankAccount) -> dict[str, Any]:
    return {
        "type": str(account.account_type),
        "holder_name": account.holder_name,
        "routing": account.routing,
        "last4": account.last4,
    }


def _decision(line: Line) -> dict[str, Any]:
    return {
        "month": line.month,
        "verdict": line.verdict,
        "cents": -line.amount_cents,
        "reason": line.reason,
        "at": line.at.isoformat(),
    }
