"""The text a member agrees to, and the facts of the letter that repeats them.

Regulation E, 12 CFR 1005.10(b), and Nacha's WEB rules: amount, date, account, how to revoke; the
member gets a copy. The text shown is the text kept.
"""

from collections.abc import Sequence
from dataclasses import asdict

from chalicelib.adapters.date_texts import day
from chalicelib.adapters.templating import environment
from chalicelib.domain.banking_days import ReturnWindow, local_day
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.identification import same_name
from chalicelib.domain.journey import Journey, Shown
from chalicelib.domain.letter_facts import ConfirmedPayment, named
from chalicelib.domain.letters import ConfirmationLetter
from chalicelib.domain.money import dollars
from chalicelib.domain.paying import Standing
from chalicelib.domain.payment import BankAccount, MonthlyPlan, Submission
from chalicelib.entrypoints.answers import on_day, say


def authorization_text(
    journey: Journey, standings: Sequence[Standing], shown: Shown
) -> tuple[str, ...]:
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
            carries_over=shown.carries_over,
            total_cents=sum(shown.amounts_cents.values()),
            payments=[
                {
                    "plan": each.enrollment.plan,
                    "plan_name": _named(each.enrollment, journey.language),
                    "plan_year": each.enrollment.plan_year,
                    "amount_cents": shown.amounts_cents[each.enrollment.enrollment_id],
                }
                for each in standings
                if each.enrollment.enrollment_id in shown.amounts_cents
            ],
            monthly=[
                {
                    **asdict(shown.monthly[each.enrollment.enrollment_id]),
                    "plan_name": _named(each.enrollment, journey.language),
                    "following_on": shown.monthly[each.enrollment.enrollment_id].following_on,
                }
                for each in standings
                if each.enrollment.enrollment_id in shown.monthly
            ],
        )
    )
    return _paragraphs(text)


def carry_over_text(account: BankAccount, language: str) -> tuple[str, ...]:
    """What a member agrees to who has monthly payments, and lets them go on (rule 42)."""
    return _paragraphs(environment(language).get_template("carry_over.txt").render(account=account))


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


def statement_note(amounts_cents: Sequence[int], language: str) -> str | None:
    """What the bank statement will show, when one Submit is several debits (rule 11)."""
    if len(amounts_cents) < 2:  # noqa: PLR2004 - one payment needs no note
        return None
    several = [dollars(cents) for cents in amounts_cents]
    listed = ", ".join(several[:-1]) + say(language, "and") + several[-1]
    few = {2: say(language, "two")}
    count = few.get(len(several), str(len(several)))
    return say(language, "statement_note", count=count, amounts=listed)


def monthly_lines(submission: Submission, language: str) -> list[str]:
    """What monthly payments begin with, some sentences for each enrollment (rules 18, 24)."""
    lines = []
    for plan in submission.monthly.values():
        names = {
            "amount": dollars(plan.next_cents),
            "date": day(language, plan.next_on),
            "next": day(language, plan.following_on) if plan.following_on else "",
        }
        texts = [still_text(plan, language) or ""]
        texts += [say(language, code, **names) for code in _first_withdrawal(plan)]
        said = " ".join(text for text in texts if text)
        if plan.replaces_last4:
            said += " " + say(language, "monthly_replaces", last4=plan.replaces_last4)
        kind = say(language, f"plan_{plan.plan}")
        lines.append(f"{kind} {plan.plan_name} ({plan.plan_year}): {said}")
    return lines


def _named(enrollment: Enrollment, language: str) -> str:
    """With its kind: health and dental of one year may have one name."""
    return say(language, f"named_{enrollment.plan}", name=enrollment.plan_name)


def still_text(plan: MonthlyPlan, language: str) -> str | None:
    """What is taken all the same, for it had started before (rule 20)."""
    if not plan.still_on:
        return None
    return say(
        language,
        "monthly_still",
        amount=dollars(plan.still_cents),
        last4=plan.still_last4 or "",
        when=on_day(language, plan.still_on, is_late=plan.still_late),
    )


def _first_withdrawal(plan: MonthlyPlan) -> list[str]:
    """Which texts say what the first withdrawal takes, or why it takes nothing."""
    if plan.still_on:
        return ["monthly_after_still"]
    if not plan.is_this_month:
        return ["monthly_later", "monthly_later_pay_now"] if plan.next_cents else ["monthly_later"]
    if plan.next_cents:
        return ["monthly_next" if plan.following_on else "monthly_last"]
    if not plan.following_on:
        return ["monthly_last_nothing"]
    if plan.credit_cents:  # also where the payment now made it
        return ["monthly_nothing_credit"]
    return ["monthly_nothing" if plan.first_now_cents else "monthly_nothing_owed"]


def letter_facts(submission: Submission, language: str, window: ReturnWindow) -> ConfirmationLetter:
    """All that the confirmation letter tells."""
    return ConfirmationLetter(
        confirmation=submission.confirmation,
        submitted_at=submission.submitted_at,
        submitted_on=local_day(submission.submitted_at),
        payments=tuple(
            ConfirmedPayment(
                plan=each.plan,
                plan_name=each.plan_name,
                plan_year=each.plan_year,
                billing_last4=each.billing_account[-4:],
                amount_cents=each.amount_cents,
            )
            for each in submission.payments
        ),
        total_cents=submission.total_cents,
        account=named(submission.account),
        sent_on=submission.collected_on,
        effective_on=submission.effective_on,
        paid_on=window.paid_on(submission.effective_on),
        authorization=submission.evidence.text,
        statement_note=statement_note([p.amount_cents for p in submission.payments], language),
        monthly=tuple(monthly_lines(submission, language)),
    )
