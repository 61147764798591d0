"""Check your answers, the authorization, the picture; and Submit."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from chalice import Response

from chalicelib.adapters.captcha_media.audio import spoken
from chalicelib.adapters.captcha_media.picture import picture
from chalicelib.domain.captcha import AnswerVerdict, Challenge, open_challenge
from chalicelib.domain.errors import NotFound, Wrong
from chalicelib.domain.journey import Journey, Shown, Step
from chalicelib.domain.paying import Standing
from chalicelib.entrypoints.answers import page, say, see_other
from chalicelib.entrypoints.authorization import letter_facts, statement_note, still_words, wording
from chalicelib.entrypoints.forms.form import Errors
from chalicelib.entrypoints.pages.media import ranged
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.entrypoints.visit import Visit
from chalicelib.services.page.challenges import help_reference
from chalicelib.services.page.moment import at_one_moment
from chalicelib.services.page.paying import NotAsShown

ADDRESS = "/review"
NEEDS = (Step.CONTACT, Step.BILLING)
CHANGED: Errors = {"agree": "not_as_shown"}
FIELDS = frozenset({"captcha_token", "captcha_answer", "agree", "refresh"})

routes = Pages(__name__)


@routes.get(ADDRESS)
def show(visit: Visit) -> Response:
    """Everything on one page; what it shows is what Submit will take."""
    journey = visit.at_step(ADDRESS, NEEDS)
    return _page(visit, journey, journey.draft.typed.get(ADDRESS, {}), {})


@routes.post(ADDRESS)
def submit(visit: Visit) -> Response:
    """Submits once; whoever sends it again is shown the same payment."""
    journey = visit.at_step(ADDRESS, NEEDS)
    fields = visit.fields(FIELDS)
    if "refresh" in fields:
        visit.keep_draft(journey, journey.draft.with_typed(ADDRESS, fields))
        return see_other(visit.base, ADDRESS)
    standings = visit.system.finding.standings(journey, visit.now)
    errors: Errors = {} if fields.get("agree") == "yes" else {"agree": "agree"}
    wants_captcha = needs_captcha(visit, journey)
    if _repeats(journey, standings):
        won = visit.system.records.journeys.get(journey.journey_id)
        if won and won.submitted_at:  # the payment made meanwhile is this one
            return see_other(visit.base, "/done")
        errors["form"] = "paid_meanwhile"
    if wants_captcha and not fields.get("captcha_answer", "").strip():
        errors["captcha_answer"] = "captcha"
    if not errors and not visit.was_shown(journey):  # another tab has changed it since
        return _page(visit, journey, _kept(fields), CHANGED, status=422)
    if errors:
        return _page(visit, journey, fields, errors, status=422)
    if wants_captcha:
        token, answer = fields.get("captcha_token", ""), fields["captcha_answer"]
        verdict = visit.system.challenges.judge(journey, token, answer, visit.now)
        if verdict is not AnswerVerdict.RIGHT:
            return _missed(visit, journey, fields, verdict)
    return _submit(visit, journey, standings, fields, wants_captcha)


def _repeats(journey: Journey, standings: Sequence[Standing]) -> bool:
    """Whether the same amount was paid today, elsewhere, since step 4 could ask (rule 13)."""
    asked = journey.draft.typed.get("/billing", {}).get("confirm_again") == "yes"
    amounts = journey.shown.amounts_cents if journey.shown else {}
    return not asked and any(
        each.was_paid_today(amounts.get(each.enrollment.enrollment_id, 0)) for each in standings
    )


def _submit(
    visit: Visit,
    journey: Journey,
    standings: Sequence[Standing],
    fields: Mapping[str, str],
    solved: bool,
) -> Response:
    def facts(submission: Any) -> dict[str, Any]:
        return letter_facts(submission, journey.language)

    try:
        visit.system.paying.submit(journey, standings, visit.origin, facts, visit.now)
    except NotAsShown:
        if solved:  # one right answer holds for the journey (rule 16)
            journey = visit.system.challenges.note(journey, AnswerVerdict.RIGHT, visit.now)
        journey = visit.system.records.journeys.get(journey.journey_id) or journey
        return _page(visit, journey, _kept(fields), CHANGED, status=422)
    return see_other(visit.base, "/done")


def _kept(fields: Mapping[str, str]) -> dict[str, str]:
    """What goes on when the page is shown anew: the picture, but no consent to the old words."""
    return {name: text for name, text in fields.items() if name == "captcha_token"}


def _missed(
    visit: Visit, journey: Journey, fields: Mapping[str, str], verdict: AnswerVerdict
) -> Response:
    journey = visit.system.challenges.note(journey, verdict, visit.now)
    if journey.submitted_at:
        return see_other(visit.base, "/done")
    kept = {name: text for name, text in fields.items() if name == "agree"}
    return _page(visit, journey, kept, {"captcha_answer": "captcha_wrong"}, status=422)


def needs_captcha(visit: Visit, journey: Journey) -> bool:
    """Whether this journey must still answer a challenge (rule 16)."""
    when = visit.system.settings.captcha
    asked = when == "always" or (when == "suspicious" and journey.suspicious)
    return asked and not journey.captcha_solved


def _page(
    visit: Visit,
    journey: Journey,
    values: Mapping[str, str],
    errors: Errors,
    *,
    status: int = 200,
) -> Response:
    def look() -> tuple[Sequence[Standing], Shown]:
        found = visit.system.finding.standings(journey, visit.now)
        return found, visit.system.paying.would_take(journey, found, visit.now)

    def word(shown: Shown) -> tuple[str, ...]:
        return wording(journey, standings, shown)

    if visit.system.paying.fault(journey):  # since step 4: it says what is wrong, at the box
        return see_other(visit.base, "/billing")
    standings, wanted = at_one_moment(look)
    journey = visit.system.paying.show_review(journey, wanted, word, visit.now)
    shown = journey.shown
    if shown is None or not shown.can_be_taken(visit.system.settings.debit_ceiling_cents):
        return see_other(visit.base, "/billing")
    said = {name: say(visit.lang, code) for name, code in errors.items()}
    return page(
        "review.html",
        visit.frame(values=values, errors=said, showing=journey),
        status=status,
        payments=[
            _view(visit, each, shown)
            for each in standings
            if each.enrollment.enrollment_id in {*shown.amounts_cents, *shown.monthly}
        ],
        captcha=_challenge(visit, journey, values) if needs_captcha(visit, journey) else None,
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


def _view(visit: Visit, standing: Standing, shown: Shown) -> dict[str, Any]:
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
        "due_on": visit.due_on,
        "monthly": monthly,
        "still_words": still_words(monthly, visit.lang) if monthly else None,
    }


def _challenge(visit: Visit, journey: Journey, values: Mapping[str, str]) -> dict[str, Any]:
    """The challenge that was shown, while it is unanswered; else a new one."""
    challenges = visit.system.challenges
    try:
        given = values.get("captcha_token", "")
        challenge = open_challenge(given, journey.journey_id, visit.now, challenges.mac)
    except Wrong:
        challenge = challenges.new(journey.journey_id, visit.now)
    seed = challenges.mac(f"picture-seed|{challenge.token}")
    drawn = picture(challenge.picture_code(challenges.mac), seed=seed)
    reference = help_reference(journey)
    return {
        "token": challenge.token,
        "picture": f"data:image/png;base64,{base64.b64encode(drawn).decode()}",
        "help": {"reference": reference} if reference else None,
    }


@routes.get("/captcha/{token}/audio")
def audio(visit: Visit, token: str) -> Response:
    """The spoken numbers of a challenge of this journey; the same token, the same bytes."""
    challenges = visit.system.challenges
    try:
        challenge: Challenge = open_challenge(token, visit.journey_id, visit.now, challenges.mac)
    except Wrong:
        raise NotFound from None
    seed = challenges.mac(f"audio-seed|{token}")
    sound = spoken(challenge.audio_code(challenges.mac), lang=visit.lang, seed=seed)
    return ranged(sound, "audio/wav", visit.request.headers.get("range", ""))
