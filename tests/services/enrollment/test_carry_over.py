"""Monthly payments go on with the plan that follows, where the member agreed (rule 42)."""

import pytest

from chalicelib.domain.paying import Frequency
from infra.rights.acting import RECORDER
from tests.monthly import BILLING, at, pay
from tests.renewals import DECEMBER, JANUARY, NEW, OLD, ONE, TWO, agreed, feed, standing


@pytest.fixture
def exchange():
    """Who pays 2027 monthly, and agreed that it goes on."""
    return agreed()


@pytest.mark.parametrize(
    ("when", "first", "cents"),
    [
        (at(5, month="2027-11"), DECEMBER, 28000),
        (at(5, month=DECEMBER), DECEMBER, 28000),
        (at(12, month=DECEMBER), DECEMBER, 28000),
        (at(14, month=DECEMBER), JANUARY, 28000),
        (at(21, month=DECEMBER), JANUARY, 28000),
        (at(3, month=JANUARY), JANUARY, 56000),  # with February, which is charged by then
    ],
)
def test_rule_42_a_renewal_is_paid_from_the_first_month_that_was_told_in_time(
    exchange, when, first, cents
):
    feed(exchange, when, NEW)
    [mandate] = standing(exchange)
    assert mandate.from_month == first
    assert exchange.announced(TWO, first) == cents
    facts = exchange.mail("carried", TWO)
    assert (facts["month"], facts["cents"], facts["plan_name"]) == (first, cents, "Gold Care 100")
    assert (facts["pay_by"] is None) is (first == DECEMBER)
    assert exchange.mails("renewal") == []
    if int(when.strftime("%m%d")) < 1210:
        exchange.tell(month=first)
    exchange.withdraw(month=first)
    assert exchange.decision(TWO, first) == ("claimed", cents, None)


def test_rule_42_the_same_row_again_makes_nothing_more(exchange):
    for day in (5, 6, 7):
        feed(exchange, at(day, month=DECEMBER), NEW, plan_name=f"Gold {day}")
    assert len(standing(exchange)) == 1
    assert exchange.mails("carried") == [TWO]


@pytest.mark.parametrize("old_first", [True, False])
@pytest.mark.parametrize(
    ("day", "hour", "first"),
    [
        (1, 10, "2027-06"),
        (9, 10, "2027-06"),
        (11, 10, "2027-06"),
        (15, 10, "2027-07"),
        (22, 1, "2027-07"),
        (22, 10, "2027-07"),
        (29, 10, "2027-07"),
    ],
)
def test_rule_42_a_plan_change_is_followed_on_any_day_and_in_both_orders(
    exchange, day, hour, first, old_first
):
    """The months of the old plan that were paid are its credit: the first month is one later."""
    _plan_changes(exchange, day, hour, old_first)
    [mandate] = standing(exchange)
    assert (mandate.from_month, mandate.carry_over) == (first, True)
    assert exchange.mails("carried") == [TWO]
    assert exchange.mail("carried", TWO)["credit_cents"] == 7 * 31000
    exchange.tell(month=first)
    exchange.withdraw(month=first)
    owed = exchange.announced(TWO, first)
    assert exchange.decision(TWO, first) == ("claimed", owed, None)
    assert exchange.decision(ONE, first) is None


MAY = {**OLD, "coverage_end": "2027-05-31"}
JUNE = {**NEW, "plan_year": "2027", "coverage_start": "2027-06-01", "billed_through": "2027-06"}


def test_rules_41_and_42_the_mail_of_the_end_says_that_a_plan_which_follows_is_paid(exchange):
    """The old plan's row comes first; then the new one's, and it is paid as was said."""
    feed(exchange, at(1, 10, month="2027-05"), MAY)
    assert exchange.mail("coverage_ended")["carries_on"] is True
    feed(exchange, at(1, 11, month="2027-05"), JUNE)
    assert exchange.mails("carried") == [TWO]
    assert exchange.mails("renewal") == []


def test_rules_41_and_42_where_the_new_row_comes_first_its_mail_says_that_it_may_be_paid(exchange):
    """The old plan's end comes later; then the new one is paid as was said."""
    feed(exchange, at(1, 10, month="2027-05"), JUNE)
    assert exchange.mail("renewal")["carries_on"] is True
    feed(exchange, at(1, 11, month="2027-05"), MAY)
    assert exchange.mails("carried") == [TWO]


@pytest.mark.parametrize("case", ["did not agree", "cancelled", "held", "never began", "long over"])
def test_rule_42_the_mail_of_an_end_promises_nothing_that_will_not_be(case):
    exchange = agreed(carries_over=case != "did not agree")
    [mandate] = standing(exchange, ONE)
    when, row = at(1, 10, month="2027-05"), MAY
    if case == "cancelled":
        seen = exchange.standing(ONE, at(3, month="2027-04"))
        exchange.system.mandating.cancel(seen, mandate.mandate_id, None, at(3, month="2027-04"))
        exchange.sign_up(
            seen.enrollment, at(4, month="2027-04"), frequency=Frequency.ONCE, cents=100
        )  # is told, as a payer
    if case == "held":
        exchange.spoil(ONE, standing=[{**row, "held": True} for row in _rows(exchange)])
    if case == "never began":
        when, row = at(5), {**OLD, "coverage_end": "2027-01-01"}
    if case == "long over":
        when = at(16, 10, month="2027-07")
    feed(exchange, when, row)
    assert exchange.mail("coverage_ended")["carries_on"] is False


@pytest.mark.parametrize(
    ("month", "case", "said"),
    [
        (DECEMBER, "", True),
        ("2027-11", "", False),  # is not the last
        (DECEMBER, "did not agree", False),
        (DECEMBER, "switched off", False),
        (DECEMBER, "followed", False),  # its own mail has told that
    ],
)
def test_rule_42_the_last_notice_says_that_a_plan_which_follows_is_paid(month, case, said):
    exchange = agreed(carries_over=case != "did not agree", carry_over=case != "switched off")
    if case == "followed":
        feed(exchange, at(5, month=month), NEW)
    exchange.tell(month=month)
    assert exchange.mail("notice")["carries_on"] is said


def test_rule_42_where_carrying_over_is_switched_off_the_mail_of_an_end_promises_nothing():
    exchange = agreed(carry_over=False)
    feed(exchange, at(1, 10, month="2027-05"), MAY)
    assert exchange.mail("coverage_ended")["carries_on"] is False


@pytest.mark.parametrize("old_first", [True, False])
@pytest.mark.parametrize(
    ("day", "hour"), [(1, 10), (9, 10), (11, 10), (15, 10), (22, 1), (22, 10), (29, 10)]
)
def test_rule_41_a_plan_change_of_who_did_not_agree_is_told_on_any_day_and_takes_nothing(
    day, hour, old_first
):
    exchange = agreed(carries_over=False)
    _plan_changes(exchange, day, hour, old_first)
    assert standing(exchange) == ()
    assert exchange.mails("renewal") == [ONE]
    assert exchange.mail("renewal")["carries_on"] is False
    assert exchange.mails("carried") == []
    exchange.tell(month="2027-06")
    exchange.withdraw(month="2027-06")
    assert exchange.decision(TWO, "2027-06") is None
    assert exchange.decision(ONE, "2027-06") is None


def _plan_changes(exchange, day, hour, old_first):
    """From June on; on the 22nd at ten, May was taken before."""
    rows = [MAY, JUNE]
    if day >= 22:
        exchange.tell(month="2027-05")
    if (day, hour) >= (22, 10):
        exchange.withdraw(month="2027-05")
    for n, row in enumerate(rows if old_first else reversed(rows)):
        feed(exchange, at(day, hour + n, month="2027-05"), row)


@pytest.mark.parametrize("case", ["cancelled", "held", "off", "never", "setting"])
def test_rule_42_who_did_not_agree_or_cancelled_is_told_as_rule_23_says(case):
    exchange = agreed(carries_over=case != "never", carry_over=case != "setting")
    [mandate] = standing(exchange, ONE)
    when = at(4, month=DECEMBER)
    seen = exchange.standing(ONE, when)
    if case == "cancelled":
        exchange.system.mandating.cancel(seen, mandate.mandate_id, None, when)
    if case == "held":
        held = [{**row, "held": True} for row in _rows(exchange)]
        exchange.spoil(ONE, standing=held)
    if case == "off":
        exchange.system.going_on.stay(seen.enrollment, mandate.mandate_id, when)
    feed(exchange, at(5, month=DECEMBER), NEW)
    assert standing(exchange) == ()
    assert exchange.mails("carried") == []
    assert exchange.mails("renewal") == [ONE]


def _rows(exchange):
    rows = exchange.store.items["mandates"].values()
    [live] = [row for row in rows if row["mandate"] == f"live#{ONE}"]
    return live["standing"]


def test_rule_42_where_two_plans_could_follow_nothing_does_by_itself_and_staff_look(exchange):
    feed(exchange, at(4, month=DECEMBER), {**NEW, "enrollment_id": "EN000003"}, ssn="")
    [mandate] = standing(exchange, "EN000003")
    feed(exchange, at(5, month=DECEMBER), NEW)
    assert standing(exchange) == ()
    assert f"carry_over#{TWO}" in exchange.cases()
    assert mandate.enrollment_id == "EN000003"


def test_rule_42_credit_of_the_old_plan_puts_the_first_month_off_and_is_paid_back(exchange):
    pay(exchange, ONE, 9000, at(4, month=DECEMBER))
    feed(exchange, at(5, month=DECEMBER), NEW)
    [mandate] = standing(exchange)
    assert mandate.from_month == JANUARY
    facts = exchange.mail("carried", TWO)
    assert (facts["credit_cents"], facts["cents"]) == (9000, 28000)
    assert f"refund#{ONE}" in exchange.cases()


def test_rule_42_a_letter_that_fails_or_leaves_too_late_announces_nothing(exchange):
    feed(exchange, at(12, month=DECEMBER), NEW)
    assert exchange.announced(TWO, DECEMBER) == 28000
    exchange.post(at(14, month=DECEMBER))
    assert exchange.announced(TWO, DECEMBER) is None
    exchange.withdraw(month=DECEMBER)
    assert exchange.decision(TWO, DECEMBER) == ("excluded", 0, "no_notice")
    assert TWO in exchange.mails("excluded")


def test_invariant_12_who_cancels_first_wins(exchange):
    """The row is read, the member cancels, and then the row is written."""
    [mandate] = standing(exchange, ONE)
    when = at(5, month=DECEMBER)
    mandates = exchange.system.records.mandates
    read, once = mandates.standing_so, []

    def cancels_before(seen):
        if not once:
            once.append(True)
            here = exchange.standing(ONE, when)
            exchange.system.mandating.cancel(here, mandate.mandate_id, None, when)
        return read(seen)

    mandates.standing_so = cancels_before
    feed(exchange, when, NEW)
    assert standing(exchange) == ()
    assert exchange.mails("carried") == []


@pytest.mark.parametrize(("gone", "left"), [(ONE, ("Gold Care 100", 2028)), (TWO, (None, 2027))])
def test_rule_42_the_mail_about_a_cancel_names_the_other_plan_which_goes_on(exchange, gone, left):
    feed(exchange, at(5, month=DECEMBER), NEW)
    when = at(6, month=DECEMBER)
    [mandate] = standing(exchange, gone)
    exchange.system.mandating.cancel(exchange.standing(gone, when), mandate.mandate_id, None, when)
    facts = exchange.mail("cancelled", gone)
    name = left[0] or exchange.system.records.enrollments.get(ONE).plan_name
    assert (facts["other_plan_name"], facts["other_plan_year"]) == (name, left[1])
    [other] = standing(exchange, TWO if gone == ONE else ONE)
    assert other.end_reason is None


def test_rule_42_the_mail_about_a_cancel_names_no_plan_that_is_not_paid_monthly(exchange):
    when = at(6, month=DECEMBER)
    for name in (TWO, ONE):
        feed(exchange, at(5, month=DECEMBER), NEW)
        [mandate] = standing(exchange, name)
        seen = exchange.standing(name, when)
        exchange.system.mandating.cancel(seen, mandate.mandate_id, None, when)
    assert exchange.mail("cancelled", ONE)["other_plan_name"] is None


@pytest.fixture
def undone(exchange):
    """Cancelled before the plan that follows came, and undone after it."""
    [mandate] = standing(exchange, ONE)
    cancelled_at, undone_at = at(4, month=DECEMBER), at(6, month=DECEMBER)
    mandating = exchange.system.mandating

    def undone(**row):
        mandating.cancel(
            exchange.standing(ONE, cancelled_at), mandate.mandate_id, None, cancelled_at
        )
        feed(exchange, at(5, month=DECEMBER), NEW, **row)
        assert standing(exchange) == ()
        for _ in range(2):  # the answer may have been lost
            mandating.undo(exchange.standing(ONE, undone_at), mandate.mandate_id, undone_at)

    return undone


def test_rule_42_an_undo_judges_anew(exchange, undone):
    undone()
    [old], [new] = standing(exchange, ONE), standing(exchange)
    assert (old.end_reason, new.from_month, new.account) == (None, DECEMBER, old.account)
    assert exchange.mails("renewal") == exchange.mails("undone") == [ONE]
    assert exchange.mails("carried") == [TWO]
    assert exchange.announced(TWO, DECEMBER) == exchange.mail("carried", TWO)["cents"] == 28000


def test_rule_42_an_undo_makes_nothing_where_no_plan_follows(exchange, undone):
    undone(coverage_start="2028-03-01", billed_through="2028-03")
    assert standing(exchange) == ()
    assert exchange.mails("carried") == []


def test_rule_42_an_undo_makes_nothing_where_its_member_set_up_the_new_plan_meanwhile(exchange):
    """Between what the undo read and its transaction."""
    [mandate] = standing(exchange, ONE)
    when = at(6, month=DECEMBER)
    exchange.system.mandating.cancel(exchange.standing(ONE, when), mandate.mandate_id, None, when)
    feed(exchange, at(5, month=DECEMBER), NEW)
    store, once = exchange.system.records.store, []
    write = store.write

    def signs_up_before(*writes):
        if not once:
            once.append(True)
            exchange.sign_up(exchange.system.records.enrollments.get(TWO), when)
        return write(*writes)

    store.write = signs_up_before
    seen = exchange.standing(ONE, when)
    exchange.system.mandating.undo(seen, mandate.mandate_id, when)
    [own] = standing(exchange)
    assert own.carry_over is False
    assert exchange.mails("carried") == []
    assert standing(exchange, ONE)[-1].end_reason is None


def first(exchange, table, meanwhile):
    """What others do between the reading of a row and its first write to a table."""
    store, once = exchange.system.records.store, []
    write = store.write

    def others_come_first(*writes):
        if not once and any(each.table == table for each in writes):
            once.append(True)
            with RECORDER.aside():
                meanwhile()
        return write(*writes)

    store.write = others_come_first


@pytest.mark.parametrize("old_first", [True, False])
def test_rule_42_two_rows_of_one_pair_that_are_read_at_the_same_time_see_each_other(
    exchange, old_first
):
    june = {**NEW, "plan_year": "2027", "coverage_start": "2027-06-01", "billed_through": "2027-06"}
    rows = [{**OLD, "coverage_end": "2027-05-31"}, june]
    late, early = rows if old_first else reversed(rows)
    first(exchange, "enrollments", lambda: feed(exchange, at(1, 10, month="2027-05"), early))
    feed(exchange, at(1, 11, month="2027-05"), late)
    [mandate] = standing(exchange)
    assert mandate.from_month == "2027-06"
    assert exchange.mails("carried") == [TWO]


@pytest.mark.parametrize("is_row_late", [True, False])
def test_rule_42_a_row_and_an_undo_at_the_same_time_see_each_other(exchange, is_row_late):
    [mandate] = standing(exchange, ONE)
    when, mandating = at(6, month=DECEMBER), exchange.system.mandating
    mandating.cancel(exchange.standing(ONE, when), mandate.mandate_id, None, when)
    both = [
        lambda: feed(exchange, when, NEW),
        lambda: mandating.undo(exchange.standing(ONE, when), mandate.mandate_id, when),
    ]
    late, early = both if is_row_late else reversed(both)
    first(exchange, "enrollments" if is_row_late else "mandates", early)
    late()
    [new] = standing(exchange)
    assert new.from_month == DECEMBER


def test_rule_42_a_year_goes_over_into_the_next_without_a_visit(exchange):
    """Shows 4: one visit in 2027, none in 2028; coverage is paid without a gap."""
    feed(exchange, at(5, month=DECEMBER), NEW)
    exchange.tell(month=DECEMBER)
    exchange.withdraw(month=DECEMBER)
    exchange.run(BILLING, at(1, 6, month=JANUARY))
    exchange.tell(month=JANUARY)
    exchange.withdraw(month=JANUARY)
    assert exchange.decision(TWO, DECEMBER) == ("claimed", 28000, None)
    assert exchange.decision(TWO, JANUARY) == ("claimed", 28000, None)
    assert exchange.standing(TWO, at(23, month=JANUARY)).owed_cents == 0
