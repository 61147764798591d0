"""The words a member agrees to, and the facts of the letter that repeats them.

Regulation E, 12 CFR 1005.10(b), and Nacha's WEB rules: amount, date, account, how to revoke; the
member gets a copy. The words shown are the words kept.
"""

from collections.abc import Sequence
from typing import Any

from chalicelib.adapters.templating import environment
from chalicelib.domain.banking_days import local_day, paid_on
from chalicelib.domain.identification import same_name
from chalicelib.domain.journey import Journey, Shown
from chalicelib.domain.money import dollars
from chalicelib.domain.paying import Standing
from chalicelib.domain.payment import Submission
from chalicelib.entrypoints.answers import say


def wording(journey: Journey, standings: Sequence[Standing], shown: Shown) -> tuple[str, ...]:
    """The paragraphs of the authorization, in the language of the journey."""
    account = journey.draft.account
    assert account, "billing comes before review"
    text = (
        environment(journey.language)
        .get_template("authorization.txt")
        .render(
            account=account,
            own=same_name(account.holder_name) == same_name(journey.draft.member_name),
            collected_on=shown.collected_on,
            effective_on=shown.effective_on,
            total_cents=sum(shown.amounts_cents.values()),
            payments=[
                {
                    "plan": each.enrollment.plan,
                    "plan_name": each.enrollment.plan_name,
                    "plan_year": each.enrollment.plan_year,
                    "amount_cents": shown.amounts_cents[each.enrollment.enrollment_id],
                }
                for each in standings
                if each.enrollment.enrollment_id in shown.amounts_cents
            ],
        )
    )
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


def statement_note(amounts_cents: Sequence[int], language: str) -> str | None:
    """What the bank statement will show, when one Submit is several debits (rule 11)."""
    if len(amounts_cents) < 2:  # noqa: PLR2004 - one payment needs no note
        return None
    several = [dollars(cents) for cents in amounts_cents]
    listed = ", ".join(several[:-1]) + say(language, "and") + several[-1]
    return say(language, "statement_note", count=str(len(several)), amounts=listed)


def letter_facts(submission: Submission, language: str) -> dict[str, Any]:
    """All that the confirmation letter needs, as committed: text, cents and ISO dates."""
    first = submission.payments[0]
    return {
        "confirmation": submission.confirmation,
        "submitted_at": first.submitted_at.isoformat(),
        "submitted_on": local_day(first.submitted_at).isoformat(),
        "payments": [
            {
                "plan": str(each.plan),
                "plan_name": each.plan_name,
                "plan_year": each.plan_year,
                "billing_last4": each.billing_account[-4:],
                "amount_cents": each.amount_cents,
            }
            for each in submission.payments
        ],
        "total_cents": submission.total_cents,
        "account": {"type": str(first.account.account_type), "last4": first.account.last4},
        "sent_on": first.collected_on.isoformat(),
        "effective_on": first.effective_on.isoformat(),
        "paid_on": paid_on(first.effective_on).isoformat(),
        "authorization": list(submission.evidence.text),
        "statement_note": statement_note([p.amount_cents for p in submission.payments], language),
        "monthly": [],
    }
