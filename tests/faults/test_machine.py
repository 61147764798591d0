"""A sample of the machine; and it sees: each defect that is planted is found within 40 runs."""

import random
from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from chalicelib.domain import ledger, withdrawal
from chalicelib.domain.month_dates import coming_month
from chalicelib.domain.withdrawal import Announcement, Verdict
from chalicelib.repositories.mandates import MandateBook
from chalicelib.repositories.transmissions import TransmissionBook
from chalicelib.services.enrollment.enrolling import Enrolling
from chalicelib.services.monthly.months import Months
from chalicelib.services.returns import posting
from chalicelib.services.returns.matching import AppliedReturns
from tests.faults import agreeing, machine
from tests.faults.model_books import Money
from tests.faults.model_days import collected_on
from tests.faults.street import Street
from tests.faults.town import GOOD, ONE, at_review, row
from tests.monthly import at
from tests.small import shrink

SHORT = settings(machine.RUN, max_examples=6, stateful_step_count=20, derandomize=True)
ENOUGH = 40


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    shrink(monkeypatch.setattr)


def test_whatever_is_done_in_any_order_and_again_all_is_as_a_plain_model_says():
    run_state_machine_as_test(machine.Machine, settings=SHORT)


def test_a_run_is_named_by_its_seed():
    assert len(set(machine.points())) == machine.RUNS
    assert machine.points()[0] == "machine:1"


def a_month(randomness):
    """Somebody sets up monthly payments, is told, and is debited."""
    here = Street(at(30, 20, month="2026-11"), random.Random(randomness))
    here.feed("1.csv", [row(ONE)], here.now())
    member, form = at_review(here, ONE, monthly=True)
    here.posts("submits", member, "/review", **form)
    rows = here.state.store.items
    [payment] = [key[1].partition("#")[2] for key in rows["ledger"] if key[1] != "opening"]
    [mandate] = [e["mandate_id"] for r in rows["mandates"].values() for e in r.get("standing", ())]
    books, now = here.model.books[ONE], here.now()
    paid = Money(payment, "payment", 42480, now, GOOD, mandate, goes_on=collected_on(now))
    here.model.submitted(books, paid, mandate, GOOD, now)
    here.lives(at(23, 21))
    return here, books, paid


def test_what_is_told_to_the_model_is_what_stands():
    here, _, _ = a_month(1)
    assert agreeing.rests(here)
    assert agreeing.disagreements(here, here.model) == []


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("line", lambda _, books, __: books.lines.update({"opening": (1, None)})),
        ("mandate", lambda _, books, __: setattr(books.mandates[0], "held", True)),
        ("told", lambda _, books, __: books.announced.clear()),
        ("state of", lambda _, __, paid: setattr(paid, "back", "R01")),
        ("entry", lambda _, __, paid: setattr(paid, "cents", 1)),
        ("mail", lambda model, _, __: model.mails.clear()),
        ("case", lambda model, _, __: model.cases.update({"excluded#2026-12#EN000001": "open"})),
        ("run", lambda model, _, __: model.runs.popitem()),
        ("freeze", lambda model, _, __: model.frozen.clear()),
    ],
)
def test_each_table_is_held_against_the_model(what, change):
    here, books, paid = a_month(1)
    change(here.model, books, paid)
    assert any(
        line.startswith(f"model: {what} ") for line in agreeing.disagreements(here, here.model)
    )


def takes_all(patch):
    """A withdrawal of what is owed, whatever the member was told."""
    real = withdrawal.decide

    def decide(mandate, month, seen):
        decision = real(mandate, month, seen)
        if decision.verdict is not Verdict.CLAIMED:
            return decision
        return replace(decision, amount_cents=ledger.owed(seen.lines))

    patch.setattr(withdrawal, "decide", decide)


def counts_as_before(patch):
    """A change after the freeze is for this month."""
    changing = MandateBook.changing
    patch.setattr(Months, "coming", lambda _, __, now: coming_month(now))
    patch.setattr(MandateBook, "changing", lambda self, *given: changing(self, *given)[1:])


def books_twice(patch):
    """A return of money that the bank sends again is another one."""
    patch.setattr(AppliedReturns, "has", lambda *_: False)
    answers_of, answering = TransmissionBook.answers_of, TransmissionBook.answering
    patch.setattr(
        TransmissionBook, "answers_of", lambda *of: [e for e in answers_of(*of) if not e.cents]
    )
    patch.setattr(
        TransmissionBook,
        "answering",
        lambda *given: [replace(each, when={}) for each in answering(*given)],
    )
    real, letter, seen = posting._line, posting._letter, defaultdict(set)

    def nth(original, at):
        seen[original.entry.payment_id].add(at)
        return sorted(seen[original.entry.payment_id]).index(at)

    def line(original, decision, at):
        made, n = real(original, decision, at), nth(original, at)
        return replace(made, line=f"{made.line}#{n}") if made and n else made

    def mail(original, why, effect, outcome, at):
        made = letter(original, why, effect, outcome, at)
        return replace(made, mail_id=f"{made.mail_id}.{nth(original, at)}")

    patch.setattr(posting, "_line", line)
    patch.setattr(posting, "_letter", mail)


def believes_the_older(patch):
    """Whatever row is read last is true."""
    real = Enrolling._writes

    def writes(self, row, digest, order, before, at):
        return real(self, row, digest, order, before, at)

    def import_row(self, row, line, order, at):
        digest = line.hex()
        before = self.records.enrollments.known(row.enrollment_id)
        self.records.commit(*writes(self, row, digest, order, before, at))

    patch.setattr(Enrolling, "import_row", import_row)


def tells_nobody_twice(patch):
    """An authorization of the days before counts as this month's notice."""
    patch.setattr(Announcement, "counts", True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "defect",
    [takes_all, counts_as_before, books_twice, believes_the_older, tells_nobody_twice],
    ids=lambda defect: defect.__name__,
)
def test_a_defect_is_found(defect, monkeypatch):
    defect(monkeypatch)
    played = (machine.play(point) for point in machine.points()[:ENOUGH])
    found = next((each for each in played if each.violations), None)
    assert found, f"not within {ENOUGH} runs"
    print(f"{defect.__name__}: {found.point}: {found.violations[0]}")  # noqa: T201
