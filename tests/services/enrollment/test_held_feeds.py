"""A feed that would change too much is held whole, until staff decide (rule 40)."""

import json
from datetime import timedelta

import pytest

from chalicelib.domain.case import CaseKind
from chalicelib.domain.enrollment import slot_of
from chalicelib.domain.signature import Signature
from chalicelib.services.enrollment.receipts import report_key
from infra.offline.faults import Crash
from tests.builders import NOW, a_feed
from tests.monthly import Exchange, at
from tests.services.conftest import make
from tests.services.enrollment.test_feeds import Mortal, of_kind, rows

HOUR = timedelta(hours=1)
ADA = Signature(who="Ada", why="the exchange says so", at=NOW + 5 * HOUR)


def receipt(here, key):
    return json.loads(here.files.body(report_key(key)))


def held(here):
    return here.system.records.held_feeds.all()


def changed(given, number, **columns):
    """The first so many rows with other columns."""
    return [{**row, **columns} for row in given[:number]] + given[number:]


def first_and_second(here, given, **more):
    """Forty members, and then another feed of them."""
    here.drop(*rows(40), at=NOW)
    return here.drop(*given, at=NOW + HOUR, name="b.csv", **more)[0]


@pytest.mark.parametrize(
    ("number", "bad", "is_held"), [(20, 1, False), (20, 2, True), (40, 2, False), (19, 19, False)]
)
def test_rule_40_more_than_five_per_cent_of_twenty_rows_or_more_are_rejects(
    here, number, bad, is_held
):
    key, _ = here.drop(*changed(rows(number), bad, plan="vision"))
    assert bool(held(here)) is is_held
    assert len(receipt(here, key)["rejected"]) == bad
    assert receipt(here, key)["accepted"] == (0 if is_held else number - bad)


@pytest.mark.parametrize(
    ("premium", "is_held"),
    [("106.19", True), ("106.20", False), ("424.80", False), ("424.81", True)],
)
def test_rule_40_premiums_that_sum_to_less_than_half_or_more_than_twice(here, premium, is_held):
    month = "2026-12"  # of what is wanted next month
    given = rows(40, plan_year="2027", coverage_start="2027-01-01", billed_through="2027-01")
    here.drop(*given, at=NOW)
    head, *lines = a_feed(*[{**row, "premium": premium} for row in given]).decode().splitlines()
    body = "\n".join([f"premium_from,{head}", *(f"{month},{line}" for line in lines), ""])
    here.drop(body=body.encode(), at=NOW + HOUR, name="b.csv")
    assert bool(held(here)) is is_held


@pytest.mark.parametrize(
    ("number", "end", "is_held"),
    [(2, "2026-12-30", False), (3, "2026-12-30", True), (40, "2026-12-31", False)],
)
def test_rule_40_more_than_five_per_cent_that_would_end_earlier(here, number, end, is_held):
    first_and_second(here, changed(rows(40), number, coverage_end=end))
    assert bool(held(here)) is is_held


def test_rule_40_rows_that_moved_against_their_ids_are_rejects(here):
    moved = [
        {**row, "enrollment_id": other["enrollment_id"]}
        for row, other in zip(rows(40), [*rows(40)[1:], rows(40)[0]], strict=True)
    ]
    first_and_second(here, moved)
    assert "40 of 40 rows are rejects" in held(here)[0].why


@pytest.mark.parametrize(("left_out", "is_whole"), [(2, True), (3, True), (3, False)])
def test_rule_40_a_whole_feed_misses_at_most_five_per_cent(left_out, is_whole):
    here = make(feed_is_whole=is_whole)
    first_and_second(here, rows(40)[left_out:])
    assert [each.why for each in held(here)] == (
        [("3 of 40 known enrollments are missing",)] if is_whole and left_out == 3 else []
    )


ENDED = changed(rows(40), 30, coverage_end="2026-12-15", plan_name="Gold")


def test_rule_40_of_a_held_feed_nothing_is_imported_and_it_lies_sealed(here):
    here.drop(*rows(40), at=NOW)
    before = here.kept(without=("feeds", "cases"))
    key, version = here.drop(*ENDED, at=NOW + HOUR, name="b.csv")
    assert here.kept(without=("feeds", "cases")) == before
    [case] = of_kind(here, CaseKind.FEED_HELD)
    why = "30 of 40 known enrollments would end earlier"
    assert case.reason == f"b.csv: nothing of it was imported: {why}"
    said = receipt(here, key)
    assert (said["state"], said["held"], said["held_for"]) == ("held", case.case_id, [why])
    assert (said["rows"], said["accepted"]) == (40, 0)
    assert here.metrics.counts["FeedsHeld"] == 1
    assert key not in here.files.objects
    assert "123-45-6001" not in repr(here.files.objects) + repr(here.store.items)
    here.receive(key, version)  # the news comes again
    assert len(held(here)) == 1


def test_rule_40_it_rings_each_day_until_staff_decide(here):
    first_and_second(here, ENDED)
    for day in (1, 2):
        here.system.unread.rings(NOW + timedelta(days=day))
        assert here.metrics.counts["FeedsHeld"] == 1 + day
    here.system.feed_holding.refuse(held(here)[0], ADA)
    here.system.unread.rings(NOW + timedelta(days=3))
    assert here.metrics.counts["FeedsHeld"] == 3


def arrives(here, key):
    """What was put back is read, as S3 tells of it."""
    [version] = here.files.objects[key]
    here.receive(key, version, NOW + 6 * HOUR)


def test_rule_40_released_late_its_rows_keep_the_order_of_their_object(here):
    key = first_and_second(here, ENDED)
    here.drop(rows(1)[0] | {"plan_name": "Newest"}, at=NOW + 2 * HOUR, name="c.csv")
    here.system.feed_holding.release(held(here)[0], ADA)
    arrives(here, key)
    found = here.system.records.enrollments.get
    assert found("EN000001").plan_name == "Newest"
    assert found("EN000002").plan_name == "Gold"
    assert receipt(here, key)["state"] == "read"
    assert (held(here), of_kind(here, CaseKind.FEED_HELD)) == ([], [])
    assert key not in here.files.objects
    assert not here.system.records.held_feeds.harmed_in(slot_of("EN000002"))


def test_rule_40_what_staff_refuse_is_never_imported(here):
    key = first_and_second(here, ENDED)
    [feed] = held(here)
    here.system.feed_holding.refuse(feed, ADA)
    assert key not in here.files.objects
    assert receipt(here, key)["state"] == "refused"
    assert here.system.records.enrollments.get("EN000002").plan_name != "Gold"
    [line] = here.store.query("audit", f"feed#{feed.name}")
    assert (line["what"], line["who"]) == ("refused", "Ada")


@pytest.mark.parametrize("after", [False, True])
def test_invariant_11_after_a_crash_while_it_is_held_it_is_held_once(after):
    whole = make()
    first_and_second(whole, ENDED)
    for n in range(1, 60):
        here = make()
        here.drop(*rows(40), at=NOW)
        mortal = Mortal(n, after=after)
        mortal.items, mortal._order = here.store.items, here.store._order
        dies = make(mortal)
        dies.files.objects, dies.files.versions = here.files.objects, here.files.versions
        key = "inbound/enrollments/b.csv"
        version = dies.files.drop(key, a_feed(*ENDED))
        try:
            dies.receive(key, version, NOW + HOUR)
        except Crash:
            here.files.since.update(dies.files.since)
            here.receive(key, version, NOW + HOUR)
        else:
            break
        assert here.kept() == whole.kept()
        assert key not in here.files.objects
    assert n > 3


def test_rule_40_on_the_22nd_whom_a_held_feed_ends_is_excluded_and_told():
    exchange = Exchange()
    given = rows(20, plan_year="2027", coverage_start="2027-01-01", billed_through="2027-01")
    exchange.here.drop(*given, at=NOW)
    for name in ("EN000001", "EN000020"):
        exchange.sign_up(exchange.system.records.enrollments.get(name), NOW)
    ends = changed(given, 19, coverage_end="2027-06-30")
    exchange.here.drop(*ends, at=NOW + HOUR, name="b.csv")
    exchange.tell()
    expected = exchange.system.rehearsal.slot("2026-12", slot_of("EN000001"), {})
    reasons = {each.enrollment_id: each.reason for each in expected}
    assert reasons["EN000001"] == "feed_held"
    exchange.withdraw()
    assert exchange.decision("EN000001") == ("excluded", 0, "feed_held")
    assert exchange.decision("EN000020")[0] == "claimed"
    assert exchange.mail("excluded")["reason"] == "feed_held"


def with_death(given, number):
    """The first so many rows say that the member has died."""
    head, *lines = a_feed(*given).decode().splitlines()
    said = [f"{'death' if n < number else ''},{line}" for n, line in enumerate(lines)]
    return "\n".join([f"end_reason,{head}", *said, ""]).encode()


def test_rule_40_on_the_22nd_whom_a_held_feed_says_dead_is_excluded():
    exchange = Exchange()
    given = rows(20, plan_year="2027", coverage_start="2027-01-01", billed_through="2027-01")
    exchange.here.drop(*given, at=NOW)
    for name in ("EN000001", "EN000020"):
        exchange.sign_up(exchange.system.records.enrollments.get(name), NOW)
    ends = [*given[:5], *changed(given[5:], 10, coverage_end="2027-06-30")]
    exchange.here.drop(body=with_death(ends, 5), at=NOW + HOUR, name="b.csv")
    assert held(exchange.here)
    exchange.tell()
    exchange.withdraw()
    assert exchange.decision("EN000001") == ("excluded", 0, "feed_held")
    assert exchange.decision("EN000020")[0] == "claimed"


DEC_28, JAN_3 = at(28), at(3, month="2027-01")
COVERED = {"plan_year": "2027", "coverage_start": "2027-01-01", "billed_through": "2027-01"}


def charged(here, name):
    lines = here.system.records.books.lines(name)
    return {line.line: line.amount_cents for line in lines}


def test_rule_3_a_feed_that_is_released_later_is_billed_as_one_that_comes_then():
    """What the run of January 1 posted for all others is not left to that of February 1."""
    here = make()
    known = rows(40, **COVERED)
    here.drop(*known, at=NOW)
    new = {**known[0], "enrollment_id": "EN000099", "subscriber_id": "SUB99"}
    new |= {"billing_account": "700000099", "ssn": "", "selected_at": "2026-12-01T12:00:00Z"}
    feed = [*changed(known, 30, coverage_end="2027-06-30"), new]
    key, _ = here.drop(*feed, at=DEC_28, name="b.csv")
    here.system.feed_holding.release(held(here)[0], ADA)
    [version] = here.files.objects[key]
    here.receive(key, version, JAN_3, now=JAN_3)
    assert charged(here, "EN000099").keys() == {"opening", "charge#2027-02"}
    assert charged(here, "EN000001").keys() == {"opening", "charge#2027-02"}
