"""What pages say of the next withdrawal: its date, or why nothing is taken and what to do."""

from chalicelib.adapters.date_texts import day
from chalicelib.domain.money import dollars
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.withdrawal import Exclusion
from chalicelib.entrypoints.answers import on_day, say
from chalicelib.entrypoints.page_request import PageRequest


def when(request: PageRequest, upcoming: MandateMonth) -> str:
    """On its date; of one that is late, only that it is not earlier (rule 27)."""
    return on_day(request.lang, upcoming.on, is_late=upcoming.is_late)


def nothing_next(request: PageRequest, upcoming: MandateMonth, *, agree: str) -> str:
    """In sentences; `agree` is the code of how to agree again on that page (rules 13, 29)."""
    phone = request.system.settings.help_phone
    said = [say(request.lang, _why(upcoming), date=day(request.lang, upcoming.on), phone=phone)]
    if upcoming.owed_cents > 0:
        amount, due = dollars(upcoming.owed_cents), day(request.lang, request.due_on)
        said.append(say(request.lang, "pay_by", amount=amount, due=due))
    if upcoming.why_not is Exclusion.HELD:
        said.append(say(request.lang, agree, phone=phone))
    return " ".join(said)


def _why(upcoming: MandateMonth) -> str:
    if upcoming.why_not:
        return f"next_{upcoming.why_not}"
    if upcoming.owed_cents > 0:  # it came on top of what the member was told (rule 25)
        return "next_nothing"
    return "next_nothing_credit" if upcoming.owed_cents < 0 else "next_nothing_owed"
