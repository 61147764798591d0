"""Check your answers, the authorization, the picture; and Submit."""

import base64
from collections.abc import Mapping
from functools import partial
from typing import Any

from chalice import Response

from chalicelib.adapters.captcha_media.audio import spoken
from chalicelib.adapters.captcha_media.picture import picture
from chalicelib.domain.draft import Step
from chalicelib.domain.journey import Journey, Shown
from chalicelib.domain.paying import Standing
from chalicelib.entrypoints.answers import page, say, see_other
from chalicelib.entrypoints.authorization import (
    authorization_text,
    letter_facts,
    statement_note,
    still_text,
)
from chalicelib.entrypoints.page_request import PageRequest
from chalicelib.entrypoints.pages.media import ranged
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.services.page.challenges import AskedChallenge
from chalicelib.services.page.reviewing import Review, SubmitForm, Texts

ADDRESS = "/review"
NEEDS = (Step.CONTACT, Step.BILLING)
FIELDS = frozenset({"captcha_token", "captcha_answer", "agree", "refresh"})
# Of the fields: after a change the picture, but no consent to the old words; after a wrong answer
# the consent, but another picture.
GOES_ON = {"not_as_shown": "captcha_token", "captcha_wrong": "agree"}

routes = Pages(__name__)


@routes.get(ADDRESS)
def show(request: PageRequest) -> Response:
    """Everything on one page; what it shows is what Submit will take."""
    journey = request.at_step(ADDRESS, NEEDS)
    values = journey.draft.typed.get(ADDRESS, {})
    review = request.system.reviewing.show(journey, "", authorization_text, request.now)
    return _page(request, review, values, {}) if review else see_other(request.base, Step.BILLING)


@routes.post(ADDRESS)
def submit(request: PageRequest) -> Response:
    """Submits once; whoever sends it again is shown the same payment."""
    journey = request.at_step(ADDRESS, NEEDS)
    fields = request.fields(FIELDS)
    form = SubmitForm(
        typed=fields,
        wants_another="refresh" in fields,
        agrees=fields.get("agree") == "yes",
        is_as_shown=request.was_shown(journey),
        token=fields.get("captcha_token", ""),
        answer=fields.get("captcha_answer", ""),
        client=request.client,
    )
    texts = Texts(
        authorization_text=authorization_text,
        letter_facts=partial(
            letter_facts,
            language=journey.language,
            window=request.system.settings.return_window,
        ),
    )
    said = request.system.reviewing.submit(journey, form, texts, request.now)
    if said.review is None:
        return see_other(request.base, said.goes_to, says=said.says)
    return _page(request, said.review, _kept(fields, said.errors), said.errors, status=422)


@routes.leave(ADDRESS)
def leave(request: PageRequest) -> Response:
    """The page in the other language; the words of the authorization are others, too."""
    journey = request.at_step(ADDRESS, NEEDS)
    typed = request.fields(FIELDS)
    request.system.visits.leave(journey, ADDRESS, typed, request.lang, request.now)
    return see_other(request.base, ADDRESS)


def _kept(fields: Mapping[str, str], errors: Mapping[str, str]) -> Mapping[str, str]:
    """What goes on when the page is shown anew."""
    for code in errors.values():
        if code in GOES_ON:
            return {name: text for name, text in fields.items() if name == GOES_ON[code]}
    return fields


def _page(
    request: PageRequest,
    review: Review,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    journey, shown = review.journey, review.shown
    said = {name: say(request.lang, code) for name, code in errors.items()}
    return page(
        "review.html",
        request.frame(values=values, errors=said, showing=journey),
        status=status,
        payments=[
            _view(request, each, shown)
            for each in review.standings
            if each.enrollment.enrollment_id in {*shown.amounts_cents, *shown.monthly}
        ],
        captcha=_challenge(review.challenge) if review.challenge else None,
        bank_name=review.bank_name,
        **_answers(journey, shown),
    )


def _answers(journey: Journey, shown: Shown) -> dict[str, Any]:
    """What the member gave, to be checked."""
    draft, amounts = journey.draft, list(shown.amounts_cents.values())
    assert draft.account, "billing comes before review"
    return {
        "total_cents": sum(amounts),
        "contact": draft.contact,
        "member_name": draft.member_name,
        "account": {
            "type": draft.account.account_type,
            "name": draft.account.holder_name,
            "last4": draft.account.last4,
            "routing": draft.account.routing,
        },
        "effective_on": shown.effective_on,
        "authorization": shown.authorization,
        "statement_note": statement_note(amounts, journey.language),
    }


def _view(request: PageRequest, standing: Standing, shown: Shown) -> dict[str, Any]:
    enrollment = standing.enrollment
    amount_cents = shown.amounts_cents.get(enrollment.enrollment_id, 0)
    monthly = shown.monthly.get(enrollment.enrollment_id)
    return {
        "enrollment_id": enrollment.enrollment_id,
        "plan": enrollment.plan,
        "plan_name": enrollment.plan_name,
        "plan_year": enrollment.plan_year,
        "billing_last4": enrollment.billing_account[-4:],
        "amount_cents": amount_cents,
        "owed_cents": standing.owed_cents,
        "left_cents": standing.owed_cents - amount_cents,
        "due_on": request.due_on,
        "monthly": monthly,
        "still_text": still_text(monthly, request.lang) if monthly else None,
    }


def _challenge(asked: AskedChallenge) -> dict[str, Any]:
    encoded = base64.b64encode(picture(asked.code, seed=asked.seed)).decode()
    return {
        "token": asked.token,
        "picture": f"data:image/png;base64,{encoded}",
        "help": {"reference": asked.help_reference} if asked.help_reference else None,
    }


@routes.get("/captcha/{token}/audio")
def audio(request: PageRequest, token: str) -> Response:
    """The spoken numbers of a challenge of this journey; the same token, the same bytes."""
    asked = request.system.challenges.spoken(request.journey_id, token, request.now)
    sound = spoken(asked.code, lang=request.lang, seed=asked.seed)
    return ranged(sound, "audio/wav", request.raw.headers.get("range", ""))
