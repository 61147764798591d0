"""A sample of the machine; and it sees: each defect that is planted is found within 40 runs."""

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from chalicelib.domain import ledger, withdrawal
from chalicelib.domain.mandate import coming_month
from chalicelib.domain.withdrawal import Verdict
from chalicelib.repositories.mandates import MandateBook
from chalicelib.repositories.sealings import Sealings
from chalicelib.services.enrollment.enrolling import Enrolling
from chalicelib.services.monthly import notices
from chalicelib.services.monthly.mandates import Mandating
from chalicelib.services.returns import posting
from chalicelib.services.returns.matching import AppliedReturns
from tests.faults import machine, world

SHORT = settings(machine.RUN, max_examples=8, stateful_step_count=20, derandomize=True)
ENOUGH = 40


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    world.shrink(monkeypatch.setattr)


def test_whatever_is_done_in_any_order_and_again_all_is_as_a_plain_model_says():
    run_state_machine_as_test(machine.Machine, settings=SHORT)


def test_a_run_is_named_by_its_seed():
    assert len(set(machine.points())) == machine.RUNS
    assert machine.points()[0] == "machine:1"


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
    keeping = MandateBook.keeping
    patch.setattr(Mandating, "coming", lambda _, __, now: coming_month(now, is_frozen=False))
    patch.setattr(MandateBook, "keeping", lambda self, *given: keeping(self, *given)[1:])


def books_twice(patch):
    """A return that the bank sends again is another one."""
    patch.setattr(AppliedReturns, "has", lambda *_: False)
    patch.setattr(Sealings, "answers_of", lambda *_: [])
    answering = Sealings.answering
    patch.setattr(
        Sealings, "answering", lambda *given: [replace(each, when={}) for each in answering(*given)]
    )
    real, letter, seen = posting._line, posting.not_paid_mail, defaultdict(set)

    def nth(origin, at):
        seen[origin.entry.payment_id].add(at)
        return sorted(seen[origin.entry.payment_id]).index(at)

    def line(origin, decision, at):
        made, n = real(origin, decision, at), nth(origin, at)
        return replace(made, line=f"{made.line}#{n}") if made and n else made

    def mail(origin, why, effect, outcome, at):
        made = letter(origin, why, effect, outcome, at)
        return replace(made, mail_id=f"{made.mail_id}.{nth(origin, at)}")

    patch.setattr(posting, "_line", line)
    patch.setattr(posting, "not_paid_mail", mail)


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
    patch.setattr(notices, "counts_as_told", lambda _: True)


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
