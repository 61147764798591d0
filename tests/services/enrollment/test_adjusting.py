"""What is owed is adjusted, by a file of the exchange or by people of the staff (rule 36)."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import ledger
from chalicelib.domain.adjustment import adjustment_of
from chalicelib.domain.booking import AdjustmentState, CannotAdjust
from chalicelib.domain.case import CaseKind
from chalicelib.domain.credit import WhyBack
from chalicelib.domain.errors import NotFound
from chalicelib.domain.feed import BadRow
from chalicelib.domain.ledger import LineKind
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.signature import Signature
from chalicelib.domain.statement import statement
from chalicelib.services.enrollment.receipts import report_key
from infra.offline.memory_store import MemoryStore
from tests.bank import Bank
from tests.builders import NOW, a_feed, a_feed_row, a_line
from tests.monthly import Exchange, at
from tests.services.conftest import make
from tests.stores import Crash, Interrupted, mail_rows

INBOX = "inbound/adjustments/"
HEADER = "reference,enrollment_id,month,amount,reason"
LATER = NOW + timedelta(hours=1)
GOOD = "ADJ-1,EN000001,2026-11,-100.00,Late tax credit"


@pytest.fixture
def here():
    here = make()
    here.drop(a_feed_row(enrollment_id="EN000001"), a_feed_row(enrollment_id="EN000002"))
    return here


def adjust(here, *lines, at=LATER, name="adjust.csv", header=HEADER):
    """A file of adjustments arrives, and is read."""
    body = "\n".join([header, *lines, ""]).encode()
    key, _ = here.drop(at=at, name=name, body=body, inbox=INBOX)
    return key


def adjusted(here, name="EN000001"):
    """Line and cents of each adjustment of an enrollment."""
    lines = here.system.records.books.lines(name)
    return [(each.line, each.amount_cents) for each in lines if each.line.startswith("adj")]


def receipt(here, key):
    return json.loads(here.files.body(report_key(key)))


def of_kind(here, kind):
    return [each for each in here.system.records.cases.open() if each.kind is kind]


def signed(who, why="as agreed", when=LATER):
    return Signature(who=who, why=why, at=when)


def typed(**changed):
    given = dict(zip(HEADER.split(","), GOOD.split(","), strict=True))
    return adjustment_of(given | changed)


def test_rule_36_a_file_adjusts_each_enrollment_once_and_leaves_a_receipt(here):
    before = ledger.owed(here.system.records.books.lines("EN000001"))
    key = adjust(here, GOOD, "ADJ-2,EN000002,,12.50,Fee of November")
    assert adjusted(here) == [("adjustment#ADJ-1", -10000)]
    assert adjusted(here, "EN000002") == [("adjustment#ADJ-2", 1250)]
    assert ledger.owed(here.system.records.books.lines("EN000001")) == before - 10000
    said = receipt(here, key)
    assert (said["state"], said["accepted"], said["balance"]) == ("read", 2, "-87.50")
    assert key == "inbound/adjustments/adjust.csv"
    assert report_key(key) == "reports/adjustments/adjust.csv.json"
    assert key not in here.files.objects


def test_rule_36_the_member_reads_the_reason(here):
    adjust(here, GOOD)
    enrollment = here.system.records.enrollments.get("EN000001")
    items = statement(enrollment, here.system.records.books.lines("EN000001")).items
    assert [(i.reason, i.month) for i in items if i.kind == "adjustment"] == [
        ("Late tax credit", "2026-11")
    ]


def test_rule_36_the_same_row_again_is_nothing_and_another_under_its_reference_a_reject(here):
    adjust(here, GOOD)
    kept = here.kept(without=("feeds", "cases"))
    again = adjust(here, GOOD, "", at=LATER + timedelta(days=1), name="again.csv")
    assert (receipt(here, again)["accepted"], receipt(here, again)["rejected"]) == (1, [])
    other = adjust(
        here,
        GOOD.replace("-100.00", "-90.00"),
        GOOD.replace("EN000001", "EN000002"),
        name="other.csv",
        at=LATER + timedelta(days=2),
    )
    why = "reference: stands for another adjustment"
    assert receipt(here, other)["rejected"] == [
        {"line": 2, "reason": why},
        {"line": 3, "reason": why},
    ]
    assert here.kept(without=("feeds", "cases")) == kept
    [case] = of_kind(here, CaseKind.ROWS_REJECTED)
    assert case.reason == f"other.csv: 2 of 2 rows were not taken, first in lines 2, 3: {why} (2)"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("ADJ-1,EN999999,,1.00,x", "enrollment_id: is not known"),
        ("adj-1,EN000001,,1.00,x", "reference: is not 1 to 40 of A-Z, 0-9 and -"),
        (f"{'A' * 41},EN000001,,1.00,x", "reference: is not 1 to 40 of A-Z, 0-9 and -"),
        (",EN000001,,1.00,x", "reference: is not 1 to 40 of A-Z, 0-9 and -"),
        ("ADJ-1,EN000001,,1.005,x", "amount: is not an amount in dollars like 212.40"),
        ("ADJ-1,EN000001,,$1.00,x", "amount: is not an amount in dollars like 212.40"),
        ("ADJ-1,EN000001,,0.00,x", "amount: is zero, or beyond any adjustment"),
        ("ADJ-1,EN000001,,100000.01,x", "amount: is zero, or beyond any adjustment"),
        ("ADJ-1,EN000001,2026-13,1.00,x", "month: is not a month like 2026-12"),
        ("ADJ-1,EN000001,,1.00,", "reason: is empty or longer than 120 signs"),
        ("ADJ-1,EN000001,,1.00", "line: has 4 columns, not 5"),
    ],
)
def test_rule_36_a_bad_row_is_rejected_by_name_and_stops_no_other(here, line, why):
    key = adjust(here, line, GOOD.replace("ADJ-1", "ADJ-9"))
    assert receipt(here, key)["rejected"] == [{"line": 2, "reason": why}]
    assert adjusted(here) == [("adjustment#ADJ-9", -10000)]


@pytest.mark.parametrize("header", [HEADER.replace(",reason", ""), f"{HEADER},amount"])
def test_rule_40_a_file_of_another_form_is_refused_whole(here, header):
    key = adjust(here, GOOD, header=header)
    assert receipt(here, key)["state"] == "refused"
    assert not adjusted(here)


def test_rule_36_a_reference_that_is_the_name_of_a_credit_is_a_reject(here):
    came_back = a_line(line="adjustment#ADJ-1", kind=LineKind.ADJUSTMENT, amount_cents=-1)
    here.store.write(here.system.records.books.adding_line(came_back))
    key = adjust(here, GOOD)
    assert receipt(here, key)["rejected"][0]["reason"] == "reference: stands for another adjustment"


@pytest.mark.parametrize("how", ["file", "typed"])
def test_rule_36_a_reference_that_is_a_credit_s_id_is_refused_before_that_credit_comes_back(how):
    """Its line would have the name of ours; the bank's file could never be read."""
    bank = Bank()
    bank.enroll("EN000001", 42480)
    payment_id = bank.pays(cents=50000)
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    wanted = (EntryKind.REFUND, WhyBack.CREDIT, "EN000001", payment_id, 7520)
    credit = bank.system.crediting.propose(*wanted, signed("Ada", when=at(9)))
    for who in ("Ada", "Ben"):
        bank.system.crediting.release(credit.credit_id, signed(who, when=at(9)))
    bank.collect(at(9, 18))
    if how == "file":
        key = adjust(bank.here, GOOD.replace("ADJ-1", credit.credit_id), at=at(9, 19))
        [rejected] = receipt(bank.here, key)["rejected"]
        assert rejected["reason"] == "reference: stands for another adjustment"
    else:
        with pytest.raises(BadRow, match="stands for another"):
            bank.system.adjusting.propose(typed(reference=credit.credit_id), signed("Ada"))
    bank.receive(bank.answer((credit.credit_id, "R03"), when=at(14)), at(14))
    assert [each for each, _ in adjusted(bank.here)] == [f"adjustment#{credit.credit_id}"]


@pytest.mark.parametrize("columns", [HEADER, "reference,enrollment_id,month,reason,amount"])
def test_rule_36_a_file_that_may_be_cut_in_its_last_amount_is_refused_whole(here, columns):
    row = "ADJ-1,EN000001,,Late,12" if columns.endswith("amount") else "ADJ-1,EN000001,,12,Late"
    key, _ = here.drop(body=f"{columns}\n{row}".encode(), name="cut.csv", inbox=INBOX, at=LATER)
    assert receipt(here, key)["state"] == "refused"
    assert "line end" in receipt(here, key)["rejected"][0]["reason"]
    assert not adjusted(here)


def test_rule_36_what_one_person_released_as_a_feed_is_not_released_as_adjustments(here):
    """A file with the columns of both, good under both names."""
    rows = [dict(a_feed_row(enrollment_id=f"EN1{n:05}")) for n in range(40)]
    here.drop(*rows)
    head, *lines = (
        a_feed(*[{**row, "coverage_end": "2026-12-05"} for row in rows]).decode().splitlines()
    )
    body = f"{head},reference,month,amount,reason\n" + "".join(
        f"{line},BOTH-{n},,-2000.00,x\n" for n, line in enumerate(lines)
    )
    here.drop(body=body.encode(), name="x.csv", at=LATER)
    [held] = here.system.records.held_feeds.all()
    assert here.system.feed_holding.release(held, signed("Ada"))
    key, _ = here.drop(body=body.encode(), name="x.csv", inbox=INBOX, at=LATER)
    assert receipt(here, key)["state"] == "held"
    assert not adjusted(here, "EN100001")


# --- held -----------------------------------------------------------------------------------------


def many(number, cents=100):
    return [f"BIG-{n},EN000001,,{cents / 100:.2f},Fee" for n in range(number)]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (many(101), "101 adjustments, more than 100"),
        (
            [*many(1, 600_000), f"NEG,EN000002,,-{4000:.2f},Fee", *many(2, 1)[1:]],
            "adjustments of $10,000.01 in all, more than $10,000.00",
        ),
    ],
)
def test_rule_36_a_large_file_is_held_until_two_people_release_it(here, lines, why):
    key = adjust(here, *lines)
    assert not adjusted(here)
    [held] = here.system.records.held_feeds.all()
    assert held.why == (why,)
    [case] = of_kind(here, CaseKind.FEED_HELD)
    assert not here.system.feed_holding.release(held, signed("Ada"))
    for again in ("Ada", " ada "):
        [held] = here.system.records.held_feeds.all()
        assert not here.system.feed_holding.release(held, signed(again))
    assert here.system.feed_holding.release(held, signed("Ben", when=LATER + timedelta(hours=1)))
    [version] = here.files.objects[key]
    here.receive(key, version, LATER + timedelta(hours=6))
    assert len(adjusted(here)) + len(adjusted(here, "EN000002")) == len(lines)
    assert receipt(here, key)["state"] == "read"
    assert not of_kind(here, CaseKind.FEED_HELD)
    said = [(each["who"], each["what"]) for each in here.store.query("audit", f"feed#{held.name}")]
    assert said == [("Ada", "released by one"), ("Ben", "released, after Ada")]
    assert case.case_id == f"feed_held#{held.name}"


def test_rule_36_a_file_of_just_so_much_is_read(here):
    adjust(here, *many(100))
    assert len(adjusted(here)) == 100
    assert not here.system.records.held_feeds.all()


def test_rule_36_one_may_refuse_what_another_released(here):
    adjust(here, *many(101))
    [held] = here.system.records.held_feeds.all()
    here.system.feed_holding.release(held, signed("Ada"))
    here.system.feed_holding.refuse(held, signed("Ben"))
    assert not here.system.records.held_feeds.all()


# --- typed ----------------------------------------------------------------------------------------


def test_rule_36_a_typed_one_is_posted_by_a_second_person_and_the_audit_names_both(here):
    adjusting = here.system.adjusting
    made = adjusting.propose(typed(), signed("Ada"))
    assert (made.state, adjusted(here)) == (AdjustmentState.PROPOSED, [])
    assert [each.adjustment.reference for each in adjusting.waiting()] == ["ADJ-1"]
    with pytest.raises(CannotAdjust, match="typed_by_you"):
        adjusting.release("ADJ-1", signed("ada "))
    adjusting.release("ADJ-1", signed("Ben"))
    assert adjusted(here) == [("adjustment#ADJ-1", -10000)]
    assert adjusting.waiting() == of_kind(here, CaseKind.ADJUSTMENT) == []
    said = [(each["who"], each["what"]) for each in here.store.query("audit", "adjustment#ADJ-1")]
    assert said == [("Ada", "proposed"), ("Ben", "posted, typed by Ada")]
    assert adjusting.release("ADJ-1", signed("Ben")).state is AdjustmentState.POSTED  # again
    with pytest.raises(CannotAdjust, match="already_posted"):
        adjusting.release("ADJ-1", signed("Cyd"))


@pytest.mark.parametrize(("cents", "alone"), [("4.99", True), ("-4.99", True), ("-5.00", False)])
def test_rule_36_from_a_limit_on_a_typed_one_needs_two_people(cents, alone):
    here = make(adjustment_typed_cents=500)
    here.drop(a_feed_row(enrollment_id="EN000001"))
    here.system.adjusting.propose(typed(amount=cents), signed("Ada"))
    assert bool(adjusted(here)) is alone


def test_rule_36_typed_again_it_is_the_same_and_another_needs_another_reference(here):
    adjusting = here.system.adjusting
    adjusting.propose(typed(), signed("Ada"))
    assert adjusting.propose(typed(), signed("Ben")).signed[0].who == "Ada"
    with pytest.raises(CannotAdjust, match="reference_used"):
        adjusting.propose(typed(amount="-1.00"), signed("Ada"))
    with pytest.raises(BadRow, match="is not known"):
        adjusting.propose(typed(reference="X", enrollment_id="EN9"), signed("Ada"))
    with pytest.raises(NotFound):
        adjusting.release("X", signed("Ben"))


def test_rule_36_what_was_dropped_is_never_posted(here):
    adjusting = here.system.adjusting
    adjusting.propose(typed(), signed("Ada"))
    for _ in range(2):
        adjusting.drop("ADJ-1", signed("Ada"))
    with pytest.raises(CannotAdjust, match="already_dropped"):
        adjusting.release("ADJ-1", signed("Ben"))
    with pytest.raises(CannotAdjust, match="already_dropped"):
        adjusting.propose(typed(), signed("Ada"))
    key = adjust(here, GOOD)
    assert receipt(here, key)["rejected"][0]["reason"] == "reference: stands for another adjustment"
    assert not of_kind(here, CaseKind.ADJUSTMENT)


# --- what it means for monthly payments -----------------------------------------------------------


def test_rule_45_an_adjustment_lowers_what_was_announced_and_the_member_reads_why():
    exchange = Exchange()
    exchange.member("EN000001", 42480, plan_year=2027)
    exchange.tell()
    adjust(exchange.here, GOOD, at=at(12))
    assert exchange.system.records.mandates.announced("EN000001", "2026-12").cents == 32480
    mail = exchange.mail("smaller")
    assert (mail["was_cents"], mail["cents"]) == (42480, 32480)
    assert [item["reason"] for item in mail["since"]] == ["Late tax credit"]
    exchange.withdraw()
    assert exchange.decision("EN000001")[:2] == ("claimed", 32480)


def test_rule_25_an_adjustment_that_makes_more_owed_is_not_taken_before_it_is_told():
    exchange = Exchange()
    exchange.member("EN000001", 42480, plan_year=2027)
    exchange.tell()
    adjust(exchange.here, GOOD.replace("-", "", 2), at=at(12))
    exchange.withdraw()
    assert exchange.decision("EN000001")[:2] == ("claimed", 42480)


def test_invariant_11_killed_at_any_call_it_is_posted_once_with_its_letter():
    def world(store=None):
        exchange = Exchange(store)
        exchange.member("EN000001", 42480, plan_year=2027)
        exchange.tell()
        return exchange

    for n in range(1, 60):
        exchange = world()
        dying = exchange.again(Interrupted(exchange.store, n))
        try:
            adjust(dying.here, GOOD, at=at(12))
        except Crash:
            adjust(exchange.here, GOOD, at=at(12))
            assert adjusted(exchange.here) == [("adjustment#ADJ-1", -10000)], n
            told = [row for row in mail_rows(exchange.store) if row["kind"] == "smaller"]
            assert len(told) == 1, n
        else:
            break
    assert n > 5


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(["-1.00", "2.00"])),
        max_size=12,
    )
)
def test_rule_36_whatever_files_come_in_whatever_order_each_reference_counts_once(rows):
    here = make(MemoryStore())
    here.drop(a_feed_row(enrollment_id="EN000001"))
    first = {}
    for n, (reference, amount) in enumerate(rows):
        first.setdefault(reference, amount)
        adjust(here, f"{reference},EN000001,,{amount},x", name=f"{n}.csv")
    posted = sum(cents for _, cents in adjusted(here))
    assert posted == sum(round(float(amount) * 100) for amount in first.values())
