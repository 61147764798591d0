"""Monthly payments: see them, cancel, undo; replacing goes on through contact and billing."""

from collections.abc import Sequence
from typing import Any

from chalice import Response

from chalicelib.adapters.templating import day
from chalicelib.domain.banking_days import debit_day, local_day
from chalicelib.domain.ledger import LineKind
from chalicelib.domain.mandate import (
    CannotUndo,
    EndReason,
    Mandate,
    MandateState,
    NotThisMandate,
)
from chalicelib.domain.money import dollars
from chalicelib.domain.outlook import Outlook
from chalicelib.domain.paying import Standing
from chalicelib.domain.withdrawal import Exclusion
from chalicelib.entrypoints.answers import page, say, see_other
from chalicelib.entrypoints.pages.history import state_words
from chalicelib.entrypoints.pages.outlooks import nothing_next, when
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.entrypoints.visit import Visit
from chalicelib.services.mail.mandate_mails import ends_on
from chalicelib.services.page.moment import at_one_moment
from chalicelib.services.settlement.tracking import state_as_told

ADDRESS = "/recurring"
FIELDS = frozenset({"cancel", "confirm_cancel", "undo"})

routes = Pages(__name__)


@routes.get(ADDRESS)
def show(visit: Visit) -> Response:
    """All mandates of the found enrollments, with what comes next."""
    visit.found(ADDRESS)
    return _page(visit)


@routes.post(ADDRESS)
def change(visit: Visit) -> Response:
    """Cancels in two clicks, or undoes."""
    standings = _standings(visit)
    fields = visit.fields(FIELDS)
    mandate_id = fields.get("cancel") or fields.get("undo", "")
    standing = _standing_of(visit, standings, mandate_id)
    if standing is None:
        return _page(visit, error="not_this_mandate")
    if "cancel" in fields and fields.get("confirm_cancel") != "yes":
        return _page(visit, asked=mandate_id)
    mandating, kept = visit.system.mandating, visit.kept
    try:
        if "cancel" in fields:
            typed = kept.draft.contact if kept else None
            mandating.cancel(standing, mandate_id, typed, visit.now)
        else:
            mandating.undo(standing, mandate_id, visit.now)
    except CannotUndo:
        return _page(visit, error="cannot_undo")
    except NotThisMandate:
        return _page(visit, error="not_this_mandate")
    return see_other(visit.base, ADDRESS)


def _standings(visit: Visit) -> list[Standing]:
    return visit.system.finding.standings(visit.found(ADDRESS), visit.now, with_ended=True)


def _standing_of(visit: Visit, standings: Sequence[Standing], mandate_id: str) -> Standing | None:
    for standing in standings:
        found = visit.system.mandating.history(standing, visit.now)
        if any(mandate.mandate_id == mandate_id for mandate, _ in found):
            return standing
    return None


def _page(visit: Visit, *, asked: str = "", error: str = "") -> Response:
    shown, has_left = at_one_moment(lambda: _seen(visit, asked))
    errors = {"form": say(visit.lang, error)} if error else {}
    if asked:
        question = next(each["cancel_question"] for each in shown if each["mandate_id"] == asked)
        errors = {"form": question} if question else {"form": say(visit.lang, "not_this_mandate")}
    return page(
        "recurring.html",
        visit.frame(errors=errors),
        status=422 if errors else 200,
        mandates=shown,
        has_left=has_left,
    )


def _seen(visit: Visit, asked: str) -> tuple[list[dict[str, Any]], bool]:
    """All mandates, and whether monthly payments may be set up."""
    standings, has_a_22nd = _standings(visit), visit.system.mandating.has_a_22nd
    views = [view for standing in standings for view in _views(visit, standing, asked)]
    return views, any(has_a_22nd(each.enrollment, visit.now) for each in standings)


def _views(visit: Visit, standing: Standing, asked: str) -> list[dict[str, Any]]:
    mandating = visit.system.mandating
    outlook = mandating.outlook(standing, visit.now)
    coming = mandating.coming(standing.enrollment.enrollment_id, visit.now)
    found = mandating.history(standing, visit.now)
    has_left = mandating.has_a_22nd(standing.enrollment, visit.now)
    lasting = any(mandate.outlives(coming) for mandate, _ in found)
    views = []
    for mandate, state in reversed(found):
        its_own = outlook if outlook and outlook.mandate.mandate_id == mandate.mandate_id else None
        can_cancel = has_left and mandate.outlives(coming) and state is not MandateState.ENDED
        views.append(
            {
                "mandate_id": mandate.mandate_id,
                "plan": mandate.plan,
                "plan_name": mandate.plan_name,
                "plan_year": mandate.plan_year,
                "state_words": _state_words(visit, mandate, state, its_own),
                "account_last4": mandate.account.last4,
                "next_on": its_own.on if its_own else None,
                "is_on_its_way": its_own is not None and its_own.is_frozen,
                "is_late": its_own is not None and its_own.is_late,
                "next_cents": its_own.cents if its_own else 0,
                "nothing_next": nothing_next(visit, its_own, agree="agree_again_there")
                if its_own and not its_own.cents
                else None,
                "ends_on": ends_on(standing.enrollment, its_own.month) if its_own else None,
                "is_on": state in (MandateState.ACTIVE, MandateState.ENDING) and not mandate.held,
                "is_held": mandate.held and state is not MandateState.ENDED,
                "past": _past(visit, standing, mandate),
                "can_cancel": can_cancel,
                "can_undo": has_left and not lasting and _can_undo(visit, mandate, coming),
                "cancel_question": _question(visit, mandate, its_own, coming)
                if can_cancel and mandate.mandate_id == asked
                else None,
            }
        )
    return views


def _can_undo(visit: Visit, mandate: Mandate, coming: str) -> bool:
    """What was cancelled this month, from an account that its bank did not refuse meanwhile."""
    if mandate.undo_before != coming or mandate.end_reason is not EndReason.CANCELLED:
        return False
    return mandate.held or not visit.system.account_validation.is_refused(mandate.account)


def _question(visit: Visit, mandate: Mandate, outlook: Outlook | None, coming: str) -> str:
    """The question says what the cancel would stop, and what is taken all the same (rule 20)."""
    last4 = mandate.account.last4
    if outlook and not outlook.cents:
        return say(visit.lang, "cancel_question_nothing", last4=last4)
    if outlook and outlook.is_frozen:
        return say(
            visit.lang,
            "cancel_question_late",
            last4=last4,
            amount=dollars(outlook.cents),
            when=when(visit, outlook),
        )
    on = outlook.on if outlook else debit_day(coming)
    return say(visit.lang, "cancel_question", last4=last4, date=day(on.isoformat()))


def _state_words(
    visit: Visit, mandate: Mandate, state: MandateState, outlook: Outlook | None
) -> str:
    since = day(local_day(mandate.ended_at)) if mandate.ended_at else ""
    if outlook and outlook.why_not is Exclusion.HELD:
        return say(visit.lang, "state_held")
    if state is MandateState.ENDING and outlook:
        if outlook.month != mandate.through_month:  # coverage ends later than that
            return say(visit.lang, "state_active")
        names = {"amount": dollars(outlook.cents), "date": day(outlook.on)}
        code = "state_ending_taken" if outlook.is_frozen else "state_ending_last"
        return say(visit.lang, code, **names, when=when(visit, outlook))
    if mandate.end_reason is EndReason.CANCELLED and outlook and outlook.is_frozen:
        names = {"amount": dollars(outlook.cents), "when": when(visit, outlook)}
        return say(visit.lang, "state_cancelled_late", date=since, **names)
    if state is MandateState.ENDED and mandate.end_reason:
        return say(visit.lang, f"state_ended_{mandate.end_reason}", date=since)
    return say(visit.lang, f"state_{state}")


def _past(visit: Visit, standing: Standing, mandate: Mandate) -> list[dict[str, Any]]:
    progress = visit.system.tracking.progress(standing.lines)
    return [
        {
            "on": local_day(line.at),
            "amount_cents": -line.amount_cents,
            "state_words": state_words(
                visit,
                line,
                state_as_told(line, progress.get(str(line.payment_id)), standing.lines),
            ),
        }
        for line in standing.lines
        if line.kind is LineKind.WITHDRAWAL and line.mandate_id == mandate.mandate_id
    ]
