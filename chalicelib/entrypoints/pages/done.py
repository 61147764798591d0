"""The payment is received: its number, what happens next, print."""

from chalice import Response

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.payment import Submission
from chalicelib.entrypoints.answers import page, see_other
from chalicelib.entrypoints.authorization import monthly_lines, statement_note
from chalicelib.entrypoints.page_request import PageRequest
from chalicelib.entrypoints.pages.routing import Pages

routes = Pages(__name__)


@routes.get("/done")
def show(request: PageRequest) -> Response:
    """The last payment of the visit, the same however often it is loaded, while the visit lives."""
    journey = request.journey
    if journey is None:
        return see_other(request.base, "/find")
    submission = request.system.reviewing.payment(journey)
    if submission is None:
        return see_other(request.base, journey.place)
    return _page(request, submission)


def _page(request: PageRequest, submission: Submission) -> Response:
    return page(
        "done.html",
        request.frame(),
        confirmation=submission.confirmation,
        payments=[
            {
                "plan": each.plan,
                "plan_name": each.plan_name,
                "plan_year": each.plan_year,
                "billing_last4": each.billing_account[-4:],
                "amount_cents": each.amount_cents,
            }
            for each in submission.payments
        ],
        total_cents=submission.total_cents,
        submitted_on=local_day(submission.submitted_at),
        submitted_at=submission.submitted_at,
        sent_on=submission.collected_on,
        effective_on=submission.effective_on,
        paid_on=request.system.settings.return_window.paid_on(submission.effective_on),
        email=submission.contact.email,
        account={
            "type": submission.account.account_type,
            "last4": submission.account.last4,
        },
        statement_note=statement_note([p.amount_cents for p in submission.payments], request.lang),
        monthly=monthly_lines(submission, request.lang),
        has_dates=any(
            plan.next_cents or plan.following_on or not plan.is_this_month
            for plan in submission.monthly.values()
        ),
        member_name=submission.member_name,
        account_name=submission.account.holder_name,
        authorization=submission.evidence.text,
        already=False,
    )
