"""The 10th: every active mandate's member is told what will be taken (rules 23 to 25)."""

from datetime import date

import pytest

from chalicelib.domain.enrollment import slot_of
from chalicelib.domain.ledger import FILE_REFUSED, LEFT_OUT
from chalicelib.domain.run import RunState
from chalicelib.store import Change
from tests.builders import NOW, a_return_line, an_enrollment
from tests.fakes import refusal
from tests.monthly import NOTICE, Exchange, at, charge, pay
from tests.stores import Crash, Deaf, Interrupted

TENTH = "notice#2026-12-10"


@pytest.fixture
def exchange():
    return Exchange()


def test_rule_24_every_active_mandate_is_told_amount_date_and_account(exchange):
    exchange.member()
    exchange.member("EN000002", owed_cents=0)
    exchange.member("EN000003", owed_cents=-500)
    exchange.tell()
    assert exchange.mails("notice") == ["EN000001", "EN000002", "EN000003"]
    assert [exchange.announced(f"EN00000{n}") for n in (1, 2, 3)] == [42480, 0, 0]
    facts = exchange.mail("notice")
    assert (facts["cents"], facts["on"], facts["month"]) == (42480, "2026-12-22", "2026-12")
    assert facts["account"] == {"type": "checking", "last4": "6789"}
    assert exchange.counts(TENTH) == (3, 3, 0, 0, 42480)


@pytest.mark.parametrize(
    ("month", "on"),
    [("2026-12", "2026-12-22"), ("2026-08", "2026-08-24"), ("2026-11", "2026-11-23")],
)
def test_rule_24_the_date_told_is_the_real_banking_day(exchange, month, on):
    exchange.member(mandate={"from_month": "2026-01"})
    exchange.tell(month=month)
    assert exchange.mail("notice")["on"] == on


@pytest.mark.parametrize(
    "mandate",
    [
        {"from_month": "2027-01"},
        {"through_month": "2026-11"},
        {"plan_year": 2025},
    ],
)
def test_who_is_not_debited_this_month_is_not_told(exchange, mandate):
    exchange.member(mandate={"from_month": "2026-11", **mandate})
    exchange.tell()
    assert exchange.mails("notice") == []
    assert exchange.counts(TENTH) == (0, 0, 0, 0, 0)


def test_rule_29_a_held_mandate_is_told_that_nothing_is_taken_and_what_is_owed(exchange):
    exchange.member(mandate={"held": True})
    exchange.tell()
    assert exchange.announced() == 0
    facts = exchange.mail("notice")
    assert (facts["cents"], facts["not_taken"]) == (0, "held")
    assert (facts["owed_cents"], facts["due_on"]) == (42480, "2026-12-23")
    exchange.withdraw()
    assert exchange.decision() == ("excluded", 0, "held")


def test_rule_13_above_the_ceiling_the_notice_promises_nothing_and_the_run_takes_nothing(exchange):
    exchange.member(owed_cents=2_000_001)
    exchange.tell()
    assert exchange.announced() == 0
    facts = exchange.mail("notice")
    assert (facts["cents"], facts["not_taken"], facts["owed_cents"]) == (
        0,
        "above_ceiling",
        2_000_001,
    )
    exchange.withdraw()
    assert exchange.decision() == ("excluded", 0, "above_ceiling")
    assert exchange.mails("excluded") == ["EN000001"]


def test_rule_25_who_was_told_nothing_and_paid_down_below_the_ceiling_is_not_debited(exchange):
    exchange.member(owed_cents=2_000_001)
    exchange.tell()
    pay(exchange, "EN000001", 1_000_000, at(15))
    exchange.withdraw()
    assert exchange.decision() == ("skipped", 0, None)


@pytest.mark.parametrize(
    ("mandate", "enrollment", "month", "ends_on"),
    [
        ({}, {}, "2026-12", "2026-12-31"),
        ({}, {}, "2026-11", None),
        (
            {"through_month": "2026-11"},
            {"coverage_end_on": date(2026, 11, 30)},
            "2026-11",
            "2026-11-30",
        ),
        ({}, {"plan_year": 2027}, "2026-12", None),
    ],
)
def test_rule_23_the_last_notice_before_coverage_ends_knows_that(
    exchange, mandate, enrollment, month, ends_on
):
    exchange.member(mandate={"from_month": "2026-10", **mandate}, **enrollment)
    exchange.tell(month=month)
    assert exchange.mail("notice")["ends_on"] == ends_on


def test_rule_24_who_was_told_is_not_told_again_on_the_11th_or_12th(exchange):
    exchange.member()
    exchange.tell(10)
    charge(exchange, "EN000001", 5000, at(10, 12))
    exchange.tell(11)
    exchange.tell(12)
    assert exchange.mails("notice") == ["EN000001"]
    assert exchange.announced() == 42480
    assert exchange.counts("notice#2026-12-11") == (1, 0, 1, 0, 0)
    assert exchange.here.metrics.counts["NoticesLate"] == 0


@pytest.mark.parametrize("what", ["a mandate", "a line", "no enrollment"])
def test_rule_25_from_the_11th_on_it_rings_for_who_can_not_be_told(exchange, what):
    match what:
        case "a mandate":
            exchange.spoil(exchange.member().enrollment_id, standing=[{"mandate_id": 7}])
        case "a line":
            exchange.member()
            for key, row in exchange.store.items["ledger"].items():
                exchange.store.items["ledger"][key] = {**row, "amount_cents": "all of it"}
        case "no enrollment":
            exchange.authorize(an_enrollment())
    exchange.tell(10)
    assert exchange.here.metrics.counts["NoticesLate"] == 0
    exchange.tell(11)
    assert exchange.here.metrics.counts["NoticesLate"] == 1


def test_rule_24_the_notice_run_reaches_who_was_not_reached(exchange):
    exchange.system.running.stop(TENTH, "shard#000", "test")
    exchange.system.running.stop(TENTH, "shard#001", "test")
    exchange.member()
    exchange.tell(10)
    assert exchange.announced() is None
    exchange.tell(11)
    assert exchange.announced() == 42480
    assert exchange.here.metrics.counts["NoticesLate"] == 1  # rule 25: an alarm rings on the 11th


def test_rule_24_a_notice_whose_mail_failed_for_good_is_sent_again_the_next_day(exchange):
    exchange.member()
    exchange.here.mailer.failures = [refusal()]
    exchange.tell(10)
    exchange.post(at(10, 10))
    assert exchange.announced() is None
    assert list(exchange.cases()) == ["mail_failed#notice.2026-12-10.EN000001"]
    exchange.tell(11)
    exchange.post(at(11, 10))
    assert exchange.announced() == 42480
    [(sent, _)] = exchange.here.mailer.sent
    assert sent.mail_id == "notice.2026-12-11.EN000001"


def test_rule_24_the_same_run_again_after_its_mail_failed_tells_nothing_it_did_not_send(exchange):
    exchange.member()
    exchange.here.mailer.failures = [refusal()]
    exchange.start(NOTICE, at(10))
    messages = list(exchange.queue.messages)
    exchange.work()
    exchange.post(at(10, 10))
    for shard in ("shard#000", "shard#001"):  # as if nothing had been reported
        exchange.forget("runs", TENTH, shard)
    exchange.store.write(Change("runs", (TENTH, "#header"), set={"state": "open"}))
    for message in messages:
        exchange.deliver(message)
    assert exchange.announced() is None
    exchange.tell(11)
    assert exchange.announced() == 42480


def test_rule_24_an_authorization_shown_before_the_notices_is_told_again(exchange):
    exchange.sign_up(exchange.enroll(), NOW)
    assert exchange.announced() == 42480
    charge(exchange, "EN000001", 5000, at(9))
    exchange.tell()
    assert exchange.announced() == 47480
    assert exchange.mails("notice") == ["EN000001"]


def test_rule_24_a_mandate_made_after_the_notices_is_told_by_its_authorization(exchange):
    exchange.tell(10)
    exchange.sign_up(exchange.enroll(), at(10, 15), cents=10000)
    exchange.tell(11)
    assert exchange.mails("notice") == []
    assert exchange.announced() == 32480
    assert exchange.counts("notice#2026-12-11") == (1, 0, 1, 0, 0)


def test_rule_24_the_notice_says_why_it_differs_from_last_time(exchange):
    exchange.member(mandate={"from_month": "2026-11"})
    exchange.tell(month="2026-11")
    exchange.withdraw(month="2026-11")
    pay(exchange, "EN000001", 1000, at(2))
    charge(exchange, "EN000001", 21240, at(3))
    exchange.tell()
    facts = exchange.mail("notice")
    assert (facts["last_cents"], facts["last_month"], facts["carried_cents"]) == (
        42480,
        "2026-11",
        0,
    )
    assert [(each["kind"], each["amount_cents"]) for each in facts["since"]] == [
        ("payment", -1000),
        ("charge", 21240),
    ]
    assert facts["cents"] == 20240


@pytest.mark.parametrize(
    ("reason", "said"),
    [("R01", "came_back"), (FILE_REFUSED, "not_taken"), (LEFT_OUT, "not_taken")],
)
def test_rule_24_the_notice_knows_that_last_time_s_withdrawal_was_not_paid(exchange, reason, said):
    exchange.member(mandate={"from_month": "2026-11"})
    exchange.tell(month="2026-11")
    exchange.withdraw(month="2026-11")
    taken = exchange.system.records.books.line("EN000001", "withdrawal#2026-11")
    back = a_return_line(42480, taken.payment_id, at=at(1), reason=reason)
    exchange.store.write(exchange.system.records.books.adding_line(back))
    exchange.tell()
    facts = exchange.mail("notice")
    assert (facts["last_not_paid"], facts["last_cents"], facts["cents"]) == (said, 42480, 42480)


def test_rule_24_what_came_back_before_last_time_is_not_said_of_last_time(exchange):
    exchange.member(mandate={"from_month": "2026-11"})
    exchange.tell(month="2026-11")
    exchange.withdraw(month="2026-11")
    exchange.tell()
    assert exchange.mail("notice")["last_not_paid"] is None


def next_year(exchange, owed_cents=23107):
    return exchange.enroll(
        "EN000009",
        owed_cents,
        subscriber_id="SEN000001",
        plan_year=2027,
        coverage_start_on=date(2027, 1, 1),
        billed_through="2027-01",
    )


def test_rule_23_november_and_december_repeat_that_next_year_is_not_covered(exchange):
    exchange.member(mandate={"from_month": "2026-10"})
    next_year(exchange)
    renewals = {}
    for month in ("2026-10", "2026-11", "2026-12"):
        exchange.tell(month=month)
        renewals[month] = exchange.mail("notice")["renewal"]
    due = {"new_plan_year": 2027, "cents": 23107, "due_on": "2026-12-23"}
    assert renewals == {"2026-10": None, "2026-11": due, "2026-12": due}


def test_rule_23_until_it_is_paid_or_has_a_mandate(exchange):
    exchange.member(mandate={"from_month": "2026-11"})
    new = next_year(exchange)
    exchange.tell(month="2026-11")
    exchange.authorize(new, from_month="2027-01")
    exchange.tell()
    assert exchange.mail("notice")["renewal"] is None
    other = Exchange()
    other.member()
    next_year(other, owed_cents=0)
    other.tell()
    assert other.mail("notice")["renewal"] is None


def test_a_mandate_without_its_enrollment_is_a_case_and_stops_no_other(exchange):
    exchange.member()
    exchange.member("EN000002")
    exchange.forget("enrollments", slot_of("EN000001"), "EN000001")
    exchange.tell()
    assert exchange.announced() is None
    assert exchange.announced("EN000002") == 42480
    assert list(exchange.cases()) == ["not_told#2026-12#EN000001"]
    assert exchange.counts(TENTH) == (2, 1, 0, 1, 42480)


def test_rule_28_the_same_notices_three_times_late_and_out_of_order_tell_once():
    exchange = Exchange()
    exchange.member()
    for day in (12, 10, 11, 10):
        exchange.tell(day)
    assert exchange.mails("notice") == ["EN000001"]
    assert exchange.announced() == 42480
    for day in (10, 11, 12):
        assert exchange.system.records.runs.get(f"notice#2026-12-{day}").state is RunState.CLOSED


def test_invariant_11_killed_at_any_call_each_is_told_once():
    def world():
        exchange = Exchange()
        for name in ("EN000001", "EN000002"):
            exchange.member(name)
        return exchange

    calm = world()
    calm.tell()
    for n in range(1, 60):
        exchange = world()
        try:
            exchange.again(Interrupted(exchange.store, n)).tell()
        except Crash:
            exchange.again().tell()
            assert exchange.here.kept() == calm.here.kept(), n
            exchange.post(at(11))
            assert exchange.pending() == []
        else:
            break
    assert n > 10


def test_invariant_11_whose_notice_failed_for_good_was_not_told_wherever_the_sender_dies():
    for n in range(1, 20):
        exchange = Exchange()
        exchange.member()
        exchange.tell()
        [message] = exchange.here.mail_queue.take()
        sender = exchange.again(Interrupted(exchange.store, n)).here
        sender.mailer.failures = [refusal()]
        try:
            sender.system.mailing.send(message["day"], message["mail_id"], at(10))
        except Crash:
            waits = exchange.pending()
            assert waits or exchange.announced() is None, n
        else:
            break
    assert n > 2
    assert exchange.announced() is None


def test_after_a_reply_that_was_lost_the_run_counts_what_was_told():
    exchange = Exchange()
    exchange.member()
    exchange.member("EN000002")
    run = exchange.start(NOTICE, at(10))
    mine = lambda write: "announced" in str(getattr(write, "item", {}).get("mandate", ""))  # noqa: E731
    exchange.again(Deaf(exchange.store, mine)).work()
    assert exchange.counts(run.run_id) == (2, 2, 0, 0, 2 * 42480)
    assert exchange.mails("notice") == ["EN000001", "EN000002"]
