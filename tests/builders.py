"""Good examples of each thing, changed only where a test says so. Nobody here is real."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.adapters.mail_templates import JinjaMailTemplates
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.draft import Draft
from chalicelib.domain.enrollment import Enrollment, Plan
from chalicelib.domain.feed import COLUMNS
from chalicelib.domain.identification import Claim, IdType
from chalicelib.domain.journey import Journey, Shown
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mail import Letter, Mail
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.paying import Choice, Frequency, Pay, Standing, standing
from chalicelib.domain.payment import (
    AccountType,
    BankAccount,
    Contact,
    EntryKind,
    Evidence,
    Payment,
    Submission,
)
from chalicelib.domain.withdrawal import Announcement
from chalicelib.repositories.enrollments import Known
from chalicelib.settings import Settings

NOW = datetime(2026, 12, 3, 15, 0, tzinfo=UTC)  # Thursday, 10:00 in New York
TODAY = date(2026, 12, 3)

FEED_ROW = {
    "enrollment_id": "EN000001",
    "subscriber_id": "SUB1",
    "plan": "health",
    "plan_year": "2026",
    "plan_name": "Silver Care 500",
    "issuer": "Bay Health",
    "billing_account": "700000001",
    "ssn": "123-45-6789",
    "first_name": "María José",
    "last_name": "O'Brien-Núñez",
    "birth_date": "1980-02-29",
    "premium": "212.40",
    "balance": "424.80",
    "billed_through": "2026-12",
    "coverage_start": "2026-01-01",
    "coverage_end": "",
    "selected_at": "2025-11-20T16:00:00Z",
}


def a_feed_row(**changed: str) -> dict[str, str]:
    """A good row of the feed, as columns."""
    return {**FEED_ROW, **changed}


def csv_line(row: dict[str, str]) -> str:
    """A row as one line of CSV, without its line end."""
    out = io.StringIO()
    csv.DictWriter(out, COLUMNS, lineterminator="").writerow(row)
    return out.getvalue()


def a_feed(*rows: dict[str, str], line_end: str = "\n") -> bytes:
    """A whole feed."""
    lines = [",".join(COLUMNS), *(csv_line(row) for row in rows)]
    return "".join(line + line_end for line in lines).encode()


def an_enrollment(**changed: Any) -> Enrollment:
    facts: dict[str, Any] = {
        "enrollment_id": "EN000001",
        "subscriber_id": "SUB1",
        "plan": Plan.HEALTH,
        "plan_year": 2026,
        "plan_name": "Silver Care 500",
        "issuer": "Bay Health",
        "billing_account": "700000001",
        "first_name": "María José",
        "last_name": "O'Brien-Núñez",
        "birth_on": date(1980, 2, 29),
        "premium_cents": 21240,
        "billed_through": "2026-12",
        "coverage_start_on": date(2026, 1, 1),
        "coverage_end_on": None,
        "selected_at": datetime(2025, 11, 20, 16, tzinfo=UTC),
    }
    return Enrollment(**{**facts, **changed})


def wide(digits: str) -> str:
    """The same digits as a keyboard for Chinese may send them: a digit to Unicode, not to us."""
    return "".join(chr(ord(digit) + 0xFEE0) for digit in digits)


def known(enrollment: Enrollment | None = None, **changed: Any) -> Known:
    facts: dict[str, Any] = {
        "enrollment": enrollment or an_enrollment(),
        "feed_order": "2026-12-01T00:00:00+00:00#a.csv#000000002",
        "row_digest": "digest",
        "ssn_index": "v1#MAC",
        "version": 1,
    }
    return Known(**{**facts, **changed})


def a_claim(**changed: Any) -> Claim:
    facts: dict[str, Any] = {
        "plan": Plan.HEALTH,
        "id_type": IdType.ENROLLMENT_ID,
        "number": "EN000001",
        "first_name": "María José",
        "last_name": "O'Brien-Núñez",
        "birth_on": date(1980, 2, 29),
    }
    return Claim(**{**facts, **changed})


def a_line(**changed: Any) -> Line:
    facts: dict[str, Any] = {
        "enrollment_id": "EN000001",
        "line": "opening",
        "kind": LineKind.OPENING,
        "amount_cents": 42480,
        "at": datetime(2026, 11, 2, 12, tzinfo=UTC),
    }
    return Line(**{**facts, **changed})


def a_charge(month: str, amount_cents: int = 21240, **changed: Any) -> Line:
    facts = {"line": f"charge#{month}", "kind": LineKind.CHARGE, "month": month, **changed}
    return a_line(amount_cents=amount_cents, **facts)


def a_payment_line(amount_cents: int, payment_id: str = "P1", **changed: Any) -> Line:
    facts = {"line": f"payment#{payment_id}", "payment_id": payment_id, "at": NOW, **changed}
    return a_line(kind=LineKind.PAYMENT, amount_cents=-amount_cents, **facts)


def a_return_line(amount_cents: int, payment_id: str = "P1", **changed: Any) -> Line:
    facts = {"line": f"return#{payment_id}", "payment_id": payment_id, "at": NOW, **changed}
    return a_line(kind=LineKind.RETURN, amount_cents=amount_cents, **facts)


def a_standing(
    owed_cents: int = 42480, *more: Line, at: datetime = NOW, **changed: Any
) -> Standing:
    """An enrollment that owes this much by its opening line, and has these lines besides."""
    lines = [a_line(amount_cents=owed_cents), *more]
    return standing(an_enrollment(**changed), lines, at)


def a_bank_account(**changed: Any) -> BankAccount:
    facts: dict[str, Any] = {
        "account_type": AccountType.CHECKING,
        "holder_name": "María José O'Brien-Núñez",
        "routing": "231380104",
        "last4": "6789",
        "sealed_number": "v1.1.sealed",
        "fingerprint": "f00d",
    }
    return BankAccount(**{**facts, **changed})


def a_contact(**changed: Any) -> Contact:
    return Contact(**{"email": "maria@example.com", "phone": "+16175550123", **changed})


def a_payment(**changed: Any) -> Payment:
    facts: dict[str, Any] = {
        "payment_id": "AAAAABBBBBCCCCC",
        "confirmation": "HC-7K4M-92QX",
        "kind": EntryKind.ONE_TIME,
        "enrollment_id": "EN000001",
        "subscriber_id": "SUB1",
        "plan": Plan.HEALTH,
        "plan_name": "Silver Care 500",
        "plan_year": 2026,
        "billing_account": "700000001",
        "amount_cents": 42480,
        "account": a_bank_account(),
        "submitted_at": NOW,
        "collected_on": date(2026, 12, 3),
        "effective_on": date(2026, 12, 4),
    }
    return Payment(**{**facts, **changed})


def a_submission(*payments: Payment, **changed: Any) -> Submission:
    facts: dict[str, Any] = {
        "confirmation": "HC-7K4M-92QX",
        "journey_id": "journey-1",
        "member_name": "María José O'Brien-Núñez",
        "contact": a_contact(),
        "evidence": Evidence(
            text=("I authorize $424.80.",),
            text_version="0123456789abcdef",
            language="en",
            agreed_at=NOW,
            source_address="192.0.2.7",
            user_agent="Example/1.0",
        ),
        "submitted_at": NOW,
        "collected_on": date(2026, 12, 3),
        "effective_on": date(2026, 12, 4),
        "account": a_bank_account(),
        "payments": payments or (a_payment(),),
    }
    return Submission(**{**facts, **changed})


def a_draft(**changed: Any) -> Draft:
    facts: dict[str, Any] = {
        "typed": {"/find": {"first_name": "María José"}},
        "member_name": "María José O'Brien-Núñez",
        "contact": a_contact(),
        "choices": (Choice(enrollment_id="EN000001", pay=Pay.TOTAL),),
        "frequency": Frequency.ONCE,
        "account": a_bank_account(),
    }
    return Draft(**{**facts, **changed})


def a_journey(**changed: Any) -> Journey:
    """One that has come as far as review."""
    facts: dict[str, Any] = {
        "journey_id": "journey-1",
        "plan": Plan.HEALTH,
        "subscriber_id": "SUB1",
        "started_at": NOW,
        "seen_at": NOW,
        "draft": a_draft(),
    }
    return Journey(**{**facts, **changed})


def shown(**changed: Any) -> Shown:
    facts: dict[str, Any] = {
        "amounts_cents": {"EN000001": 42480},
        "collected_on": date(2026, 12, 3),
        "effective_on": date(2026, 12, 4),
        "authorization": ("I authorize $424.80.",),
    }
    return Shown(**{**facts, **changed})


def a_mail(**changed: Any) -> Mail:
    facts: dict[str, Any] = {
        "mail_id": "confirmation.HC-7K4M-92QX",
        "kind": "confirmation",
        "to": "maria@example.com",
        "phone": "+16175550123",
        "language": "en",
        "enrollment_id": "EN000001",
        "facts": {"confirmation": "HC-7K4M-92QX", "total_cents": 42480, "monthly": []},
        "created_at": NOW,
    }
    return Mail(**{**facts, **changed})


def letter_templates(**changed: Any) -> JinjaMailTemplates:
    facts = {
        "public_url": "https://pay.example",
        "help_phone": "1-877-623-6765",
        "missed_month": Settings.model_fields["missed_month_text"].default,
    }
    return JinjaMailTemplates(**{**facts, **changed})


def a_letter(**changed: Any) -> Letter:
    facts = {"subject": "Your payment", "text": "We have it.\n", "html": "<p>We have it.</p>\n"}
    return replace(Letter(**facts), **changed)


def a_case(**changed: Any) -> Case:
    facts: dict[str, Any] = {
        "case_id": "mail_failed#confirmation.HC-7K4M-92QX",
        "kind": CaseKind.MAIL_FAILED,
        "reason": "confirmation: the mail service did not take it",
        "opened_at": NOW,
        "enrollment_id": "EN000001",
        "phone": "+16175550123",
    }
    return Case(**{**facts, **changed})


def a_mandate(**changed: Any) -> Mandate:
    facts: dict[str, Any] = {
        "mandate_id": "MMMMMNNNNNPPPPP",
        "enrollment_id": "EN000001",
        "subscriber_id": "SUB1",
        "plan": Plan.HEALTH,
        "plan_name": "Silver Care 500",
        "plan_year": 2026,
        "billing_account": "700000001",
        "account": a_bank_account(),
        "contact": a_contact(),
        "language": "en",
        "evidence": a_submission().evidence,
        "confirmation": "HC-7K4M-92QX",
        "created_at": NOW,
        "from_month": "2026-12",
    }
    return Mandate(**{**facts, **changed})


def an_announcement(cents: int = 42480, **changed: Any) -> Announcement:
    facts: dict[str, Any] = {
        "enrollment_id": "EN000001",
        "month": "2026-12",
        "cents": cents,
        "on": date(2026, 12, 22),
        "announced_at": datetime(2026, 12, 10, 14, tzinfo=UTC),
        "how": "notice",
        "mandate_id": "MMMMMNNNNNPPPPP",
    }
    return Announcement(**{**facts, **changed})
