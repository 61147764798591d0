"""From a feed to what is paid, sent back and corrected: Thursday, December 3, to Wednesday the 9th.

Each test is a step of one story, and goes on from the one before it.
"""

from datetime import datetime

import pytest

from chalicelib.domain.timetable import NEW_YORK
from tests.e2e.recorded import a_bounce
from tests.journeys.people import THURSDAY, a_row, confirmation_of

NO_FUNDS, CLOSED, CHANGED = "99000001", "99000002", "99000101"
BACK = {"ana": NO_FUNDS, "ben": CLOSED, "cleo": CHANGED}
SETTLED = datetime(2026, 12, 8, 20, tzinfo=NEW_YORK)  # the second banking day after the 4th


def on(day, hour, minute=0):
    return datetime(2026, 12, day, hour, minute, tzinfo=NEW_YORK)


def monthly_row():
    """December is owed, and January, which the import charges."""
    return a_row(plan_year="2027", coverage_end="", billed_through="2026-12")


@pytest.fixture(scope="module")
def cloud(deploy):
    return deploy("core", THURSDAY)


@pytest.fixture(scope="module")
def people():
    """By name, once the feed is in."""
    return {}


def test_the_stack_stands(cloud):
    assert len(cloud.stack.resources) > 100
    assert set(cloud.stack.states.values()) == {"CREATE_COMPLETE"}


def test_a_feed_in_the_bucket_is_imported(cloud, people):
    names = ("ana", "ben", "cleo", "dora", "emil")
    rows = [a_row() for _ in names[:-1]] + [monthly_row()]
    people.update(zip(names, cloud.join(*rows), strict=True))


@pytest.mark.parametrize("number", ["enrollment_id", "ssn", "billing_account"])
def test_a_member_is_found_by(people, number):
    guest = people["dora"].again()
    assert guest.found(number).location == "/contact", guest.last.text


def test_who_is_not_in_the_feed_is_not_found(people):
    assert people["dora"].again().found(last_name="Nobody").status == 422


def test_the_page_reads_each_of_its_tables_under_its_own_policy(people):
    assert people["dora"].again().get("/health").status == 200


def test_a_member_pays_once(people):
    assert people["dora"].paid().startswith("HC-")


def test_three_more_pay_from_accounts_that_their_bank_will_answer_for(people):
    for name, account in BACK.items():
        assert people[name].paid(account=account, account_again=account)


def test_the_same_submit_again_is_the_same_payment(people):
    dora = people["dora"]
    first = confirmation_of(dora.get("/done"))
    assert dora.submit().location == "/done"
    assert confirmation_of(dora.get("/done")) == first
    assert dora.payments == [-21240]


def test_a_member_sets_up_monthly_payments(people):
    emil = people["emil"]
    emil.paid(frequency="monthly")
    [mandate] = emil.ask(f"/mandates/{emil.enrollment_id}")
    assert mandate["state"] == "active"


def test_each_is_told_by_mail(cloud, people):
    cloud.settle()
    for guest in people.values():
        assert guest.mails[0]["subject"].startswith("We received your payment request"), guest.mails
        assert "/api/history" in guest.mails[0]["text"]


def test_a_letter_that_came_back_opens_a_case(cloud, people):
    cloud.invoke("MailEvent", a_bounce(people["dora"].email))
    assert [case["kind"] for case in cloud.ask("/cases")] == ["phone_member"]


def test_the_sweep_finds_no_letter_that_was_not_sent(cloud):
    before = len(cloud.all())
    cloud.fire("sweep", on(3, 11))
    assert len(cloud.all()) == before


def test_the_evening_s_collection_lies_there_for_the_bank_which_takes_it(cloud, people):
    cloud.fire("collect", on(3, 18))
    [judged] = cloud.fetch()
    assert judged.is_clean, judged.objections
    assert (judged.entries, judged.debit_cents) == (len(people), 4 * 21240 + 42480)


def test_the_bank_s_acknowledgement_is_read_and_the_plain_copy_is_gone(cloud):
    [receipt] = cloud.answer(on(3, 18, 45))
    assert receipt.endswith(".csv")
    cloud.until(lambda: not cloud.lying("outbound/bank/"), "no plain copy lies there")


def test_nothing_is_called_paid_on_the_same_evening(cloud, people):
    cloud.fire("settle", on(3, 20))
    assert state(people["dora"]) == "sent"


def test_two_returns_and_a_correction_are_read(cloud):
    [name] = cloud.answer(on(8, 9))
    assert name.endswith(".ach")


@pytest.mark.parametrize("name", ["ana", "ben"])
def test_a_payment_that_was_sent_back_is_owed_again_and_told(people, name):
    guest = people[name]
    assert (state(guest), guest.owed_cents) == ("not_paid", 21240)
    assert len(guest.mails) == 2


def test_a_corrected_account_is_told_and_nothing_is_taken_back(people):
    cleo = people["cleo"]
    assert (state(cleo), cleo.owed_cents) == ("sent", 0)
    assert len(cleo.mails) == 2


def test_what_did_not_come_back_is_paid_on_the_second_banking_day(cloud, people):
    cloud.fire("settle", SETTLED)
    assert {name: state(guest) for name, guest in people.items()} == {
        "ana": "not_paid",
        "ben": "not_paid",
        "cleo": "paid",
        "dora": "paid",
        "emil": "paid",
    }


def test_history_says_so_to_the_member(people):
    dora = people["dora"].again()
    dora.found(to="history")
    assert "Paid" in dora.get("/history").text


def test_the_books_agree(cloud):
    assert cloud.system.reconciling.differences(cloud.clock.now()) == []


def test_no_message_is_in_a_dead_letter_queue(cloud):
    assert cloud.dead_letters() == {}


def state(guest):
    """Of the one payment, as the books have it."""
    lines = guest.ask(f"/ledger/{guest.enrollment_id}")["lines"]
    [found] = [line["state"] for line in lines if line["kind"] == "payment"]
    return found
