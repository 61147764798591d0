"""Everything a bank may ask for about a payment or a mandate, within ten banking days (Nacha WEB).

Text, version, time and source of the authorization; what was told; debits and returns. Account
numbers stay sealed: the last four digits and the routing number name the account.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.coverage import months
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.payment import BankAccount, Evidence
from chalicelib.ports import Books, MandateBook
from chalicelib.services.bank.tracking import Tracking


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidencing:
    """What gathering it needs of the world."""

    books: Books
    mandates: MandateBook
    tracking: Tracking

    def of_payment(self, name: str) -> dict[str, Any]:
        """By payment id or confirmation number. Raises NotFound."""
        payment = self.books.payment(name) if not name.startswith("HC-") else None
        submission = self.books.submission(payment.confirmation if payment else name)
        if submission is None:
            raise NotFound
        debits = [
            row
            for each in submission.payments
            for row in self._debits(each.enrollment_id, {each.payment_id})
        ]
        return {
            "confirmation": submission.confirmation,
            "member_name": submission.member_name,
            "authorization": _authorization(submission.evidence),
            "account": _account(submission.account),
            "debits": debits,
        }

    def of_mandate(self, enrollment_id: str, mandate_id: str) -> dict[str, Any]:
        """Of one enrollment. Raises NotFound."""
        standing = self.mandates.of(enrollment_id).standing
        found = [*self.mandates.past(enrollment_id), *standing]
        mandate = next((each for each in found if each.mandate_id == mandate_id), None)
        if mandate is None:
            raise NotFound
        lines = self.books.lines(enrollment_id)
        withdrawals = [line for line in lines if line.mandate_id == mandate_id]
        ids = {line.payment_id for line in withdrawals if line.payment_id}
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
            "account": _account(mandate.account),
            "told": self._told(mandate, lines),
            "decisions": [_decision(line) for line in withdrawals],
            "debits": self._debits(enrollment_id, ids),
        }

    def _told(self, mandate: Mandate, lines: Iterable[Line]) -> list[dict[str, Any]]:
        last = max([mandate.from_month, *(str(line.month) for line in lines if line.mandate_id)])
        told = [
            self.mandates.told(mandate.enrollment_id, month)
            for month in months(mandate.from_month, last)
        ]
        return [
            {
                "month": each.month,
                "cents": each.cents,
                "on": each.on.isoformat(),
                "told_at": each.told_at.isoformat(),
                "how": each.how,
            }
            for each in told
            if each
        ]

    def _debits(self, enrollment_id: str, payment_ids: set[str]) -> list[dict[str, Any]]:
        lines = self.books.lines(enrollment_id)
        states = self.tracking.states(lines)
        return [
            {
                "payment_id": line.payment_id,
                "enrollment_id": enrollment_id,
                "what": str(line.kind),
                "cents": abs(line.amount_cents),
                "at": line.at.isoformat(),
                "code": line.reason if line.kind is LineKind.RETURN else None,
                "state": str(states[str(line.payment_id)]),
            }
            for line in lines
            if line.payment_id in payment_ids
        ]


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
