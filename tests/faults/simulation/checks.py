"""What must be true at the end of each month, asked from outside: rows, files, mails, the diary.

To the truths of the matrix come those that only a year can show. Each is a generator of what is
wrong; `broken` names the invariant or rule with it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from chalicelib.domain.timetable import NEW_YORK, NOTICES, WITHDRAWALS
from infra.offline.bank.answers import CORRECTION, answer_to
from infra.offline.bank.opening_days import open_after
from infra.offline.bank.papers import Taken
from tests.faults import truths
from tests.faults.simulation import arithmetic
from tests.faults.simulation.months import Town
from tests.faults.state import State

FIRST = re.compile(r"first \$([\d,]+)\.(\d\d) on \w+, (\w+ \d+, \d+)\.")
SHOWN_FIRST = ("confirmation", "undone")  # by the page, before the mail leaves (rules 21, 25)
UNTIL_PAID = 6  # open days after settlement: then it came back, or is paid
LATE = ("R07", "R10")  # a member may say so for 60 days, when it was called paid


def broken(here: Town, before: State, month: str) -> list[str]:
    """Everything that is not as it must be."""
    found = truths.broken_since(here.world.state, before)
    return found + [f"{name}: {what}" for name, check in CHECKS for what in check(here, month)]


def _rows(here: Town, table: str) -> list[dict[str, Any]]:
    return list(here.world.state.store.items[table].values())


def _claimed(here: Town) -> list[dict[str, Any]]:
    lines = (row for row in _rows(here, "ledger") if row["kind"] == "withdrawal")
    return [line for line in lines if line["verdict"] == "claimed"]


def _when(row: dict[str, Any], name: str = "at") -> datetime:
    return datetime.fromisoformat(row[name])


def owed_is_what_was_fed_and_paid(here: Town, _: str) -> Iterator[str]:
    coverages = [each for p in here.people for each in p.coverages if each.fed]
    books: Counter[str] = Counter()
    for row in _rows(here, "ledger"):
        books[row["enrollment_id"]] += row["amount_cents"]
    wanted = arithmetic.owed(here.world, coverages)
    for name in sorted({*books, *wanted}):
        if books[name] != wanted.get(name):
            yield f"{name} owes {books[name]} by the books, {wanted.get(name)} by the rows fed"


def the_bank_has_what_the_books_have(here: Town, _: str) -> Iterator[str]:
    """In one sum: debits less credits of all files, and of the ledger but for what waits."""
    at_bank, total = arithmetic.moved(here.world)
    went = [row for row in arithmetic.money(here.world) if row["payment_id"] in at_bank]
    books = -sum(row["amount_cents"] for row in went)
    if books != total:
        yield f"the bank has {total}, the books {books}"
    known = {row["payment_id"] for row in arithmetic.money(here.world)}
    strange = [e for e in here.world.taken() if e.cents and e.person_id.strip() not in known]
    yield from (f"{each.person_id} is in a file and in no ledger" for each in strange)


def a_submit_is_a_payment(here: Town, _: str) -> Iterator[str]:
    """As often as was answered; without an answer it may be or not (I6, I8)."""
    lines = [row for row in _rows(here, "ledger") if row["kind"] == "payment"]
    lines = [row for row in lines if not row.get("of_payment")]
    there = Counter((row["enrollment_id"], -row["amount_cents"]) for row in lines)
    sure, maybe = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    for each in here.diary.asked:
        if each.cents:
            (sure if each.sure else maybe)[each.enrollment_id, each.cents] += 1
    for key in sorted({*there, *sure}):
        if not sure[key] <= there[key] <= sure[key] + maybe[key]:
            yield f"{key} is paid {there[key]} times, answered {sure[key]}, perhaps {maybe[key]}"


def no_more_than_was_told(here: Town, _: str) -> Iterator[str]:
    """By a notice that was sent, or an authorization or undone cancel that was shown (rule 25)."""
    sent = {mail_id for mail_id, *_ in here.world.state.sent}
    told: Counter[tuple[str, str]] = Counter()
    for mail in _rows(here, "outbox"):
        if _reached(sent, mail):
            for month, cents in _announced(mail):
                key = mail["enrollment_id"], month
                told[key] = max(told[key], cents)
    for line in _claimed(here):
        most = told[line["enrollment_id"], line["month"]]
        if -line["amount_cents"] > most:
            yield f"{line['enrollment_id']} {line['month']}: {-line['amount_cents']}, told {most}"


def _reached(sent: set[str], mail: dict[str, Any]) -> bool:
    """Whether the member knows what it says; of what the page showed it is only the copy."""
    if mail.get("kind") in SHOWN_FIRST:
        return True
    return "facts" in mail and mail["mail_id"] in sent


def _announced(mail: dict[str, Any]) -> Iterator[tuple[str, int]]:
    facts = mail["facts"]
    if mail["kind"] == "notice":
        yield facts["month"], facts["cents"]
    if mail["kind"] == "undone":
        yield facts["on"][:7], facts["cents"]
    if mail["kind"] == "confirmation":
        for text in facts["authorization"]:
            if found := FIRST.search(text):
                day = datetime.strptime(found[3], "%B %d, %Y")  # noqa: DTZ007 - a day
                yield f"{day:%Y-%m}", int(found[1].replace(",", "") + found[2])


def everybody_is_told(here: Town, month: str) -> Iterator[str]:
    """Of whoever was decided: by this month's notice, or by a later authorization (rule 24)."""
    sent = {mail_id for mail_id, *_ in here.world.state.sent}
    told = set()
    for mail in _rows(here, "outbox"):
        if _reached(sent, mail):
            since = _when(mail, "created_at") >= NOTICES.first_of(month)
            named = mail["facts"].get("month") == month and mail["kind"] == "notice"
            if named or (since and mail["kind"] in ("confirmation", "undone")):
                told.add(mail["enrollment_id"])
    decided = [row for row in _rows(here, "ledger") if row["kind"] == "withdrawal"]
    for line in (row for row in decided if row["month"] == month):
        if line["enrollment_id"] not in told:
            yield f"{line['enrollment_id']} is {line['verdict']} in {month}, and was not told"


def a_cancel_comes_true(here: Town, _: str) -> Iterator[str]:
    """What the page answered: before the withdrawal, or that it is still taken (I9)."""
    claims = _claimed(here)
    for each in here.diary.cancelled:
        mine = [line for line in claims if line["mandate_id"] == each.mandate_id]
        # Of a cancel after the freeze the run may come to the mandate late on, as was answered.
        still = f"{each.at:%Y-%m}" if each.is_late else None
        after = [line for line in mine if _when(line) > each.at and line["month"] != still]
        if after and not each.undone:
            yield f"{each.enrollment_id}: debited for {after[0]['month']}, cancelled {each.at}"
        if each.is_late and not any(line["month"] == f"{each.at:%Y-%m}" for line in mine):
            yield f"{each.enrollment_id}: told that it is still taken, and it was not"


def a_correction_is_followed(here: Town, _: str) -> Iterator[str]:
    """The bank says once that a number is another: no later withdrawal goes to the old one."""
    old = {e.person_id.strip() for e in here.world.taken() if e.account.strip() == CORRECTION[0]}
    wrong = Counter(line["mandate_id"] for line in _claimed(here) if line["payment_id"] in old)
    yield from (
        f"{name} was debited {n} times at its old number" for name, n in wrong.items() if n > 1
    )


def a_stopped_one_is_not_debited(here: Town, _: str) -> Iterator[str]:
    taken = {(line["month"], line["mandate_id"]) for line in _claimed(here)}
    yield from (f"{key} was stopped by staff" for key in here.diary.stopped if key in taken)


def who_set_up_is_decided(here: Town, month: str) -> Iterator[str]:
    """Whoever was answered before the 22nd, and neither cancelled nor came to an end since."""
    freeze = WITHDRAWALS.first_of(month)
    lines = [row for row in _rows(here, "ledger") if row.get("month") == month]
    decided = {row["enrollment_id"] for row in lines if row["kind"] == "withdrawal"}
    back = {row["enrollment_id"] for row in _rows(here, "ledger") if row["kind"] == "return"}
    refused = {row["enrollment_id"] for row in _mails(here, "account_refused")}
    gone = {each.enrollment_id for each in here.diary.cancelled} | here.diary.perhaps_cancelled
    ends = {c.enrollment_id: min(r.end for r in c.fed) for c in _fed(here)}
    for name, at in here.diary.set_up.items():
        may_have_ended = name in back | refused | gone or ends[name] < f"{month}-22"
        if at < freeze and not may_have_ended and name not in decided:
            yield f"{name} set up monthly payments on {at}, and nothing is decided for {month}"


def _fed(here: Town) -> list[Any]:
    return [each for person in here.people for each in person.coverages if each.fed]


def _mails(here: Town, kind: str) -> list[dict[str, Any]]:
    return [row for row in _rows(here, "outbox") if row.get("kind") == kind]


def each_entry_has_its_end(here: Town, _: str) -> Iterator[str]:
    """Paid, after two open days, or come back: the member has a mail of it (rule 17)."""
    rows = [row for row in _rows(here, "outbox") if "kind" in row]
    mails = {row["mail_id"]: _when(row, "created_at") for row in rows}
    for entry in here.world.taken():
        if entry.is_debit and entry.cents:
            name = entry.person_id.strip()
            ends = mails.get(f"paid.{name}"), mails.get(f"not_paid.{name}")
            yield from (f"{name} {what}" for what in _wrong_end(entry, *ends, here.world.now()))


def _wrong_end(
    entry: Taken, paid: datetime | None, not_paid: datetime | None, now: datetime
) -> Iterator[str]:
    answer = answer_to(entry)
    is_back = answer is not None and answer.code.startswith("R")
    if paid and paid.astimezone(NEW_YORK).date() < open_after(entry.settles_on, 2):
        yield f"settled on {entry.settles_on} and was called paid at {paid}"
    if answer and is_back:
        if answer.at <= now and not not_paid:
            yield f"came back with {answer.code}, and no mail says so"
        if answer.code not in LATE and paid:
            yield f"came back with {answer.code}, and was called paid"
    elif not_paid:
        yield "did not come back, and a mail says so"
    elif open_after(entry.settles_on, UNTIL_PAID) < now.date() and not paid:
        yield f"settled on {entry.settles_on}, and no mail says that it is paid"


def a_mail_goes_once(here: Town, _: str) -> Iterator[str]:
    """But where the mail service had taken it, and that was not noted: SES knows none again."""
    sent = [mail_id for mail_id, *_ in here.world.state.sent]
    copies, allowed = len(sent) - len(set(sent)), here.world.gate.may_copy
    if copies > allowed:
        yield f"{copies} second copies of mails, of which {allowed} may be"


def a_bounce_has_its_case(here: Town, _: str) -> Iterator[str]:
    cases = {row["case_id"]: row for row in _rows(here, "cases") if "case_id" in row}
    for mail_id in here.diary.bounced:
        if not cases.get(f"phone_member#{mail_id}", {}).get("phone"):
            yield f"{mail_id} bounced, and nobody has the phone number"


def what_staff_were_answered_is_done(here: Town, _: str) -> Iterator[str]:
    known = Counter(row["payment_id"] for row in arithmetic.money(here.world))
    done = [*here.diary.retried, *here.diary.given_back]
    yield from (
        f"{name} was answered, and is {known[name]} lines" for name in done if known[name] != 1
    )


CHECKS: list[tuple[str, Callable[[Town, str], Iterator[str]]]] = [
    ("I5", owed_is_what_was_fed_and_paid),
    ("I2", the_bank_has_what_the_books_have),
    ("I6", a_submit_is_a_payment),
    ("I4", no_more_than_was_told),
    ("rule 24", everybody_is_told),
    ("I9", a_cancel_comes_true),
    ("I18", a_correction_is_followed),
    ("I15", a_stopped_one_is_not_debited),
    ("I14", who_set_up_is_decided),
    ("rule 17", each_entry_has_its_end),
    ("I19", a_mail_goes_once),
    ("rule 32", a_bounce_has_its_case),
    ("I8", what_staff_were_answered_is_done),
]
