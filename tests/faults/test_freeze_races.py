"""A member changes monthly payments while the run begins: the answer is what happens (rule 20, I9).

Orders made by hand: the run, or only its freeze, comes before the n-th call of the change; or the
change comes before the n-th call of the run. And threads, which find orders of their own.
"""

from itertools import count

import pytest

from chalicelib.domain.mandate import CannotUndo
from chalicelib.domain.run import RunState
from chalicelib.services.page.paying import NotAsShown
from tests.concurrently import at_once
from tests.monthly import MONTH, WITHDRAWAL, Exchange, at
from tests.stores import Interrupted

ONE = "EN000001"
OWED = 42480
EVE, NINE = at(22, 8, 59), at(22)
OLD, NEW = "6789", "4321"
NEW_NUMBER = "000987654321"


class Change:
    """A change by a member: what stands before it, what is answered, and what that promises."""

    def prepare(self, exchange):
        """What stands before: monthly payments since the 3rd, told on the 10th."""
        exchange.sign_up(exchange.enroll(plan_year=2027), at(3))
        exchange.tell()

    def act(self, exchange):
        """The change, as a request makes it; the (last4, cents) it says are taken this month."""
        raise NotImplementedError


def mandate_id(exchange):
    mandates = exchange.system.records.mandates
    found = [*mandates.past(ONE), *mandates.of(ONE).standing]
    return found[0].mandate_id


def plan_of(exchange):
    """What the confirmation of the last Submit said."""
    rows = [row for row in exchange.store.items["payments"].values() if row.get("monthly")]
    return max(rows, key=lambda row: row["submitted_at"])["monthly"][ONE]


class Create(Change):
    def prepare(self, exchange):
        exchange.enroll(plan_year=2027)

    def act(self, exchange):
        enrollment = exchange.system.records.enrollments.get(ONE)
        try:
            exchange.sign_up(enrollment, EVE, number=NEW_NUMBER)
        except NotAsShown:
            return None
        plan = plan_of(exchange)
        return (NEW, plan["next_cents"]) if plan["is_this_month"] else None


class Replace(Change):
    def act(self, exchange):
        enrollment = exchange.system.records.enrollments.get(ONE)
        try:
            exchange.sign_up(enrollment, EVE, number=NEW_NUMBER)
        except NotAsShown:
            assert exchange.mails("replaced") == []
            return OLD, OWED
        if plan_of(exchange)["is_this_month"]:
            return NEW, plan_of(exchange)["next_cents"]
        still = exchange.mail("replaced")["still_cents"]
        return (OLD, still) if still else None


class Cancel(Change):
    def act(self, exchange):
        standing = exchange.standing(ONE, EVE)
        change = exchange.system.mandating.cancel(standing, mandate_id(exchange), None, EVE)
        still = change.in_flight
        assert exchange.mail("cancelled")["still_cents"] == (still.cents if still else None)
        return (OLD, still.cents) if still else None


class Undo(Change):
    def prepare(self, exchange):
        super().prepare(exchange)
        standing = exchange.standing(ONE, at(15))
        exchange.system.mandating.cancel(standing, mandate_id(exchange), None, at(15))

    def act(self, exchange):
        standing = exchange.standing(ONE, EVE)
        try:
            change = exchange.system.mandating.undo(standing, mandate_id(exchange), EVE)
        except CannotUndo:
            assert exchange.mails("undone") == []
            return None
        assert change.coming == MONTH, "what the freeze made final is not undone"
        return OLD, exchange.mail("undone")["cents"]


CHANGES = [Create(), Replace(), Cancel(), Undo()]


def prepared(change):
    exchange = Exchange()
    change.prepare(exchange)
    return exchange


def taken(exchange):
    """What the run took: from which account, and how much; and its counts agree."""
    run = exchange.withdraw()
    assert run.state is RunState.CLOSED
    entries = [
        (row["account"]["last4"], row["amount_cents"])
        for row in exchange.store.items["entries"].values()
        if row.get("kind") == "withdrawal"
    ]
    line = exchange.decision()
    assert (line is not None and line[1] > 0) == bool(entries)
    assert len(entries) <= 1
    return entries[0] if entries else None


def freeze(exchange):
    exchange.start(WITHDRAWAL, NINE)


def freeze_and_work(exchange):
    exchange.withdraw()


def change_interrupted(change, run):
    """The run comes before the n-th call of the change, for every n; how often it came."""
    for n in count(1):
        exchange, met = prepared(change), []

        def act(exchange=exchange, met=met):
            met.append(True)
            run(exchange)

        answer = change.act(exchange.again(Interrupted(exchange.store, n, act)))
        assert taken(exchange) == answer, f"{run.__name__} before call {n}"
        if not met:
            return n - 1
    raise AssertionError


def run_interrupted(change):
    """The change comes before the n-th call of the run, for every n; how often it came."""
    for n in count(1):
        exchange, answers = prepared(change), []

        def act(exchange=exchange, answers=answers):
            answers.append(change.act(exchange))

        exchange.again(Interrupted(exchange.store, n, act)).withdraw()
        if not answers:
            return n - 1
        assert taken(exchange) == answers[0], f"change before call {n} of the run"
    raise AssertionError


ORDERS = {}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: type(change).__name__.lower())
def test_invariant_9_the_answer_is_what_happens_in_every_order_made_by_hand(change):
    orders = change_interrupted(change, freeze)
    orders += change_interrupted(change, freeze_and_work)
    orders += run_interrupted(change)
    ORDERS[type(change)] = orders


def test_there_are_two_hundred_of_them():
    if len(ORDERS) < len(CHANGES):
        pytest.skip("the orders were not all played here")
    assert sum(ORDERS.values()) >= 200, ORDERS


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: type(change).__name__.lower())
def test_invariant_9_the_answer_is_what_happens_in_threads(change):
    for _ in range(12):
        exchange, answers = prepared(change), []
        member, run = exchange.again(), Exchange(exchange.store)

        def act(member=member, answers=answers):
            answers.append(change.act(member))

        assert at_once([act, run.withdraw]) == [None, None]
        assert taken(exchange) == answers[0]


def test_two_changes_at_once_and_the_run_agree_with_what_is_kept():
    """Cancel and replace in two tabs: one of them wins, and is what the run meets."""
    for _ in range(8):
        exchange = prepared(Cancel())
        tabs = [exchange.again(), exchange.again()]
        run = Exchange(exchange.store)
        acts = [
            lambda tab=tabs[0]: Cancel().act(tab),
            lambda tab=tabs[1]: Replace().act(tab),
        ]
        at_once([*acts, run.withdraw])
        last4, cents = taken(exchange) or (None, 0)
        decision = exchange.system.records.books.line(ONE, f"withdrawal#{MONTH}")
        mandates = exchange.system.records.mandates
        every = [*mandates.of(ONE).standing, *mandates.past(ONE)]
        active = [each for each in every if each.is_active_in(MONTH)]
        assert len(active) <= 1
        assert (decision and decision.mandate_id) == (active[0].mandate_id if active else None)
        assert (last4, cents) == ((active[0].account.last4, OWED) if active else (None, 0))
