"""What the model expects of the bank's answers, and of staff (rules 29 to 32)."""

from datetime import date, datetime, timedelta

from tests.faults.model import HOLDS, KEEPS, LASTING, Credit, Model
from tests.faults.model_books import Books, Money, coming_month
from tests.faults.model_books import same_number as same
from tests.faults.model_days import (
    LAST_DAY_TO_CATCH_UP,
    collected_on,
    day_of,
    month_after,
    month_at,
    open_after,
)

MAY_BE_RETRIED = {"R01", "R09", "R08"}
MOST_RETRIES, RETRY_WITHIN = 2, timedelta(days=180)
ON_ITS_WAY = ("received", "sent")


def find(model: Model, name: str) -> tuple[Books, Money]:
    """Whose entry it is."""
    found = [(b, b.money[name]) for b in model.books.values() if name in b.money]
    assert found, f"{name} is at the bank, and in no book"
    return found[0]


# --- the bank ----------------------------------------------------------------------------------


def returned(model: Model, name: str, code: str, at: datetime) -> None:
    """Once; a second answer of another code is kept for staff (I18)."""
    books, money = find(model, name)
    if money.back:
        return
    effect = "keep" if code in KEEPS else "hold" if code in HOLDS else "end"
    money.back = code
    if money.is_debit:
        books.lines[f"return#{name}"] = money.cents, code
    if money.kind == "refund":
        books.lines[f"adjustment#{name}"] = -money.cents, None
    if effect != "keep":
        _pre_empt(model, books, money, at)
    figures = max(books.owed, 0), _will_take(model, books, money, effect, at)
    model.mail("not_paid" if money.is_debit else "account_refused", books, figures)
    if effect != "keep":
        _touch(model, books, money, effect, at)
    if code in LASTING:
        model.accounts[books.row["subscriber_id"], same(money.account)] = code


def _pre_empt(model: Model, books: Books, money: Money, at: datetime) -> None:
    """After the freeze and before the claim it is never debited."""
    month = month_at(at)
    here = books.asked_in(month)
    line = f"withdrawal#{month}"
    if month in model.frozen and line not in books.lines and here in books.concerned(money):
        books.lines[line] = 0, "returned"


def _will_take(model: Model, books: Books, money: Money, effect: str, at: datetime) -> int | None:
    """Rule 30: what the mail says is taken all the same; nothing is promised that is not told."""
    month = month_at(at)
    undecided = books.asked_in(month) and f"withdrawal#{month}" not in books.lines
    in_time = day_of(at).day <= LAST_DAY_TO_CATCH_UP
    if not (undecided and in_time and month in model.frozen):
        month = _coming(model, at)
    active, announced = books.active_in(month), books.announced.get(month)
    stopped = effect != "keep" and active in books.concerned(money)
    if active is None or announced is None or stopped or active.held:
        return None
    return min(max(books.owed, 0), announced.cents) or None


def _coming(model: Model, at: datetime) -> str:
    month = coming_month(at, set())
    while month in model.frozen:
        month = month_after(month)
    return month


def _touch(model: Model, books: Books, money: Money, effect: str, at: datetime) -> None:
    coming, before = _coming(model, at), repr(books.mandates)
    for each in books.concerned(money):
        lasts = not each.is_past and each.outlives(coming)
        if not lasts and not each.can_be_undone(coming):
            continue
        if effect == "hold":
            each.held = True
            continue
        each.undo_before = None
        if lasts:
            each.through, each.why = month_after(coming, -1), "returned"
    if repr(books.mandates) != before:
        books.leave(at)


def corrected(model: Model, name: str, number: str, at: datetime) -> None:
    """C01: what is debited next has the new number; once for each entry and number."""
    books, money = find(model, name)
    if ("C01", number) in money.corrections:
        return
    money.corrections.add(("C01", number))
    coming = _coming(model, at)
    assert money.settles_on
    touched = [
        each
        for each in books.concerned(money)
        if (not each.is_past or each.can_be_undone(coming)) and same(each.account) != same(number)
    ]
    lasting = books.lasting(coming)
    next_time = lasting is None or lasting not in books.concerned(money)
    outdated = [each for each in touched if _is_outdated(each.corrected_for, money)]
    if ((touched or next_time) and model.refuses(books, number)) or outdated:
        return  # a case
    if next_time or lasting in touched:
        model.mail("account_corrected", books)
    for each in touched:
        each.account, each.corrected_for = number, (name, money.settles_on)


def _is_outdated(last: tuple[str, date] | None, money: Money) -> bool:
    assert money.settles_on
    return last is not None and last[0] != money.name and last[1] > money.settles_on


# --- staff -------------------------------------------------------------------------------------


def cannot_retry(model: Model, books: Books, money: Money, at: datetime) -> str | None:
    """Why not, if so (rule 31)."""
    first = books.money[money.of] if money.of else money
    retries = [each for each in books.money.values() if each.of == first.name and each.is_debit]
    last = max([first, *retries], key=lambda each: each.at)
    given = _given(books, first) > 0
    again_on = open_after(collected_on(at))
    faults = [
        (last.back is None, "not_returned"),
        (last.back not in MAY_BE_RETRIED, "not_retryable"),
        (len(retries) >= MOST_RETRIES, "too_often"),
        (not first.settles_on or again_on > first.settles_on + RETRY_WITHIN, "too_late"),
        (given, "given_back"),
        (books.owed < first.cents, "not_owed"),
        (_withdrawal_comes(model, books, at), "withdrawal_coming"),
        (model.refuses(books, _account_again(books, first)), "account_refused"),
    ]
    return next((code for holds, code in faults if holds), None)


def _given(books: Books, money: Money) -> int:
    """Cents that went back, and arrived."""
    refunds = [e for e in books.money.values() if e.of == money.name and e.kind == "refund"]
    return sum(each.cents for each in refunds if not each.back)


def _withdrawal_comes(model: Model, books: Books, at: datetime) -> bool:
    month, coming = month_at(at), coming_month(at, model.frozen)
    active, here, announced = (
        books.active_in(coming),
        books.active_in(month),
        books.announced.get(coming),
    )
    announced = active and not active.held and announced and announced.cents > 0
    undecided = month in model.frozen and f"withdrawal#{month}" not in books.lines
    moving = any(e.kind == "withdrawal" and e.state in ON_ITS_WAY for e in books.money.values())
    return bool(announced or (undecided and here and not here.held) or moving)


def _account_again(books: Books, first: Money) -> str:
    """With what the bank has corrected since."""
    mandate = next((each for each in books.mandates if each.name == first.mandate), None)
    return mandate.account if mandate else first.account


def retried(books: Books, money: Money, name: str, at: datetime, model: Model) -> None:
    """The same amount with the next collection."""
    first = books.money[money.of] if money.of else money
    number = sum(line.startswith("retry#") for line in books.lines) + 1
    books.lines[f"retry#{number}"] = -first.cents, None
    books.money[name] = Money(
        name, "retry", first.cents, at, _account_again(books, first), first.mandate,
        of=first.name, goes_on=collected_on(at),
    )  # fmt: skip
    model.mail("retry", books, first.cents)


def cannot_give(model: Model, books: Books, money: Money, cents: int) -> str | None:
    """Why credit does not go back so (rule 37)."""
    given = _given(books, money)
    debits = [each for each in books.money.values() if each.is_debit]
    paid = [each for each in debits if each.state == "paid"]
    uncertain = sum(each.cents for each in debits if each.state in ("received", "sent"))
    faults = [
        (money.state == "not_paid", "came_back"),
        (money.state != "paid", "not_paid_yet"),
        (cents <= 0, "nothing"),
        (given + cents > money.cents, "more_than_paid"),
        (cents > -books.owed, "more_than_credit"),
        (cents > -books.owed - uncertain, "not_certain_yet"),
        (not paid or max(paid, key=lambda each: each.at) is not money, "not_the_newest"),
        (model.refuses(books, money.account), "refuses_credit"),
    ]
    return next((code for holds, code in faults if holds), None)


def released(model: Model, credit_id: str, who: str, at: datetime) -> str | None:
    """By two different people; the money goes with the second. Why not, if so."""
    credit = model.credits[credit_id]
    if credit.releases and credit.releases[-1] == who:
        return None
    books, money = credit.books, credit.books.money[credit.of]
    why = f"already_{credit.state}" if credit.state != "proposed" else None
    why = why or ("two_people" if who in credit.releases else None)
    why = why or cannot_give(model, books, money, credit.cents)
    if why:
        return why
    credit.releases.append(who)
    if len(credit.releases) > 1:
        credit.state = "released"
        number = sum(line.startswith("refund#") for line in books.lines) + 1
        books.lines[f"refund#{number}"] = credit.cents, None
        model.credit_is_gone(books)
        books.money[credit_id] = Money(
            credit_id, "refund", credit.cents, at, money.account,
            of=money.name, goes_on=collected_on(at),
        )  # fmt: skip
        model.mail("refund", books, credit.cents)
    return None


def proposed(model: Model, credit_id: str, books: Books, of: str, cents: int) -> None:
    """One that waits already is the answer."""
    model.credits.setdefault(credit_id, Credit(books, of, cents))
