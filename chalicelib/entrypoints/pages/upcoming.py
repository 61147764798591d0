"""What pages say of the next withdrawal: its date, or why nothing is taken and what to do."""

from chalicelib.adapters.templating import day
from chalicelib.domain.money import dollars
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.withdrawal import Exclusion
from chalicelib.entrypoints.answers import on_day, say
from chalicelib.entrypoints.visit import Visit


def when(visit: Visit, upcoming: MandateMonth) -> str:
    """On its date; of one that is late, only that it is not earlier (rule 27)."""
    return on_day(visit.lang, upcoming.on, is_late=upcoming.is_late)


def nothing_next(visit: Visit, upcoming: MandateMonth, *, agree: str) -> str:
    """In sentences; `agree` is the code of how to agree again on that page (rules 13, 29)."""
    phone = visit.system.settings.help_phone
    said = [say(visit.lang, _why(upcoming), date=day(upcoming.on), phone=phone)]
    if upcoming.owed_cents > 0:
        amount, due = dollars(upcoming.owed_cents), day(visit.due_on)
        said.append(say(visit.lang, "pay_by", amount=amount, due=due))
    if upcoming.why_not is Exclusion.HELD:
        said.append(say(visit.lang, agree, phone=phone))
    return " ".join(said)


def _why(upcoming: MandateMonth) -> str:
    if upcoming.why_not:
        return f"next_{upcoming.why_not}"
    if upcoming.owed_cents > 0:  # it came on top of what the member was told (rule 25)
        return "next_nothing"
    return "next_nothing_credit" if upcoming.owed_cents < 0 else "next_nothing_owed"
