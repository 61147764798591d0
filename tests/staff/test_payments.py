"""Payments are tried again and given back from the terminal, in words a person understands."""

from datetime import timedelta

import pytest

from chalicelib.domain.ledger import LineKind, line_of, owed
from chalicelib.domain.paying import Frequency
from infra.offline import sign_up
from infra.offline.sign_up import Wish
from infra.staff.refusals import TEXTS
from tests.staff.conftest import WRITES

WITHOUT_MONEY = "99000001"  # the bank says R01
ADA = "arn:aws:sts::123456789012:assumed-role/staff/Ada"


@pytest.fixture(scope="module")
def payment(world):
    """A payment from the page that the bank has not seen yet, and a withdrawal, of anybody."""
    for slot in range(1024):
        for name in world.system.records.enrollments.in_slot(slot):
            lines = world.system.records.books.lines(name)
            found = [each for each in lines if each.kind is LineKind.PAYMENT]
            if found:
                return found[0]
    raise AssertionError("nobody has paid")


def test_the_payments_of_an_enrollment_are_listed_with_their_states(staff, said, payment):
    [row, *_] = said("payments", payment.enrollment_id)
    assert row["payment_id"] == payment.payment_id
    assert row["cents"] == -payment.amount_cents
    assert row["state"] in {"received", "sent", "paid", "not_paid"}
    assert payment.payment_id in staff("payments", payment.enrollment_id).stdout


def test_who_is_unknown_is_said(staff, payment):
    answer = staff("payments", "EN999999")
    assert (answer.exit_code, answer.stderr.strip()) == (1, "There is no enrollment EN999999.")
    answer = staff("payment", "retry", payment.enrollment_id, "ZZZ", "--agreed", "phone", "--yes")
    assert answer.exit_code == 1
    assert "no such payment" in answer.stderr
    answer = staff("credit", "release", "ZZZ", "--reason", "why not", "--yes")
    assert answer.exit_code == 1
    assert "no credit ZZZ" in answer.stderr


def test_a_payment_that_did_not_come_back_is_not_tried_again(staff, payment):
    words = ("payment", "retry", payment.enrollment_id, payment.payment_id)
    answer = staff(*words, "--agreed", "on the phone", "--yes")
    assert answer.exit_code == 1
    assert "has not come back" in answer.stderr


def test_nothing_is_done_when_the_question_is_not_answered(staff, payment, calls):
    words = ("payment", "refund", payment.enrollment_id, payment.payment_id, "--mistake")
    assert staff(*words, "--reason", "twice", typed="n\n").exit_code == 1
    made = calls(lambda: staff(*words, "--reason", "twice", typed="n\n"))
    assert ("dynamodb", "Query") in made
    assert not made & WRITES


@pytest.mark.parametrize("amount", ["lots", "-3", "1.234"])
def test_an_amount_that_is_none_is_refused(staff, payment, amount):
    words = ("payment", "refund", payment.enrollment_id, payment.payment_id)
    answer = staff(*words, f"--amount={amount}", "--reason", "why", "--yes")
    assert answer.exit_code == 1
    assert "dollars and cents" in answer.stderr


def test_a_refund_is_proposed_by_one_and_released_by_two(world, staff, said, payment):
    """The last of the story: the clock goes on until the payment is paid."""
    world.pump.move(world.clock.now().replace(month=1, day=12, hour=15, year=2027))
    enrollment_id, payment_id = payment.enrollment_id, payment.payment_id
    states = {row["payment_id"]: row["state"] for row in said("payments", enrollment_id)}
    if states[payment_id] != "paid":
        pytest.fail(f"the payment is {states[payment_id]}")
    before = owed(world.system.records.books.lines(enrollment_id))
    words = ("payment", "refund", enrollment_id, payment_id, "--mistake", "--amount", "1.25")
    answer = staff(*words, "--reason", "she paid for her sister", "--yes")
    assert answer.exit_code == 0, answer.stderr
    [waiting] = said("credits")
    assert (waiting["cents"], waiting["why"], waiting["proposed_by"]) == (125, "mistake", "Ada")
    assert waiting["credit_id"] in staff("credits").stdout
    release = ("credit", "release", waiting["credit_id"], "--reason", "looked at it", "--yes")
    assert "second person" in staff(*release).stdout
    assert "second person" in staff(*release).stdout  # her answer may have been lost
    same = staff(*release, "--by", "Grace", identity=ADA)
    assert (same.exit_code, "Another person" in same.stderr) == (1, True)  # two names, one login
    answer = staff(*release, "--by", "Grace")
    assert "arrives on or after" in answer.stdout
    assert said("credits") == []
    lines = world.system.records.books.lines(enrollment_id)
    assert owed(lines) == before + 125
    assert line_of(lines, waiting["credit_id"]).kind is LineKind.REFUND


def test_a_reversal_of_no_error_is_refused_in_words(staff, payment):
    words = ("payment", "reverse", payment.enrollment_id, payment.payment_id, "--why", "mistake")
    answer = staff(*words, "--reason", "so it is", "--yes")
    assert answer.exit_code == 1
    assert " ".join(answer.stderr.split()) == TEXTS["not_an_error"]


def test_a_payment_is_stopped_while_its_collection_is_open_and_not_after(world, staff, payment):
    """A member calls before 18:00, as the authorization says, and one calls the day after."""
    known = world.system.records.enrollments.get(payment.enrollment_id)
    now, once = world.clock.now(), Wish(frequency=Frequency.ONCE, cents=1300)
    sign_up.submit(world.system, known, once, now)
    new = world.system.records.books.lines(known.enrollment_id)[-1]
    words = ("payment", "stop", known.enrollment_id, new.payment_id, "--reason", "she called")
    answer = staff(*words, "--yes")
    assert (answer.exit_code, "not sent" in answer.stdout) == (0, True), answer.stderr
    late = staff("payment", "stop", known.enrollment_id, payment.payment_id, *words[4:], "--yes")
    assert (late.exit_code, " ".join(late.stderr.split())) == (1, TEXTS["already_collected"])


def test_a_retry_whose_answer_was_lost_is_answered_with_the_same_one(world, staff):
    """What somebody signed before is read again, and their role may read it."""
    records, now = world.system.records, world.clock.now()
    known = next(
        each
        for slot in range(1024)
        for name, each in records.enrollments.in_slot(slot).items()
        if not records.mandates.every(name) and owed(records.books.lines(name)) > 1400
    )
    name = known.enrollment_id
    wish = Wish(frequency=Frequency.ONCE, cents=1400, number=WITHOUT_MONEY)
    sign_up.submit(world.system, known, wish, now)
    new = records.books.lines(name)[-1]
    world.pump.move(now + timedelta(days=7))
    words = ("payment", "retry", name, new.payment_id, "--agreed", "on the phone", "--yes")
    first, again = staff(*words), staff(*words)
    assert (first.exit_code, again.exit_code) == (0, 0), (first.stderr, again.output)
    assert again.stdout == first.stdout


def test_rule_37_what_can_go_to_an_account_is_not_paid_elsewhere(staff, payment):
    words = ("refund", "paid-elsewhere", payment.enrollment_id, "1.00", "--reference", "CHECK-7")
    answer = staff(*words, "--reason", "she moved", "--yes")
    assert answer.exit_code == 1
    assert answer.stderr.strip() in {TEXTS["more_than_credit"], TEXTS["goes_to_account"]}


def test_rule_38_staff_read_what_is_owed_as_its_member_does(world, staff, said, payment):
    told = said("statement", payment.enrollment_id)
    lines = world.system.records.books.lines(payment.enrollment_id)
    assert told["owed_cents"] == owed(lines) == sum(e["amount_cents"] for e in told["items"])
    assert "You paid" in staff("statement", payment.enrollment_id).stdout
    assert staff("statement", "EN999999").exit_code == 1
