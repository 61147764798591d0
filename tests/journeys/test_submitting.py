"""One Submit is one payment, however often and however quickly it is sent (rules 11, 12, 15)."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.domain.payment import AccountNumber
from tests.builders import a_bank_account
from tests.journeys import people
from tests.journeys.people import a_row, another_visit, confirmation_of
from tests.member import BANK

pytestmark = pytest.mark.moto


def the_form(member):
    """What a right Submit of this member holds."""
    shown = member.get("/review")
    token = re.search(r'name="captcha_token"[^>]*value="([^"]+)"', shown.html)[1]
    answer = member.ask(f"/captcha/{token}")["picture"]
    form = {"csrf": member.csrf, "lang": "en", "agree": "yes"}
    return {**form, "captcha_token": token, "captcha_answer": answer}


def at_once(times, what):
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(lambda _: what(), range(times)))


def test_sixty_four_submissions_at_the_same_moment_are_one_payment(person):
    person.at_review()
    form = the_form(person)
    tabs = [another_visit(person) for _ in range(64)]

    def submit_and_look():
        tab = tabs.pop()
        tab.cookies = dict(person.cookies)
        sent = tab.send("/review", form)
        return sent.status, sent.location, confirmation_of(tab.get("/done"))

    answers = at_once(64, submit_and_look)
    assert len(answers) == 64
    assert {answer[:2] for answer in answers} == {(303, "/done")}
    assert len({number for *_, number in answers}) == 1
    assert person.payments == [-21240]
    assert len(person.mails) == 1


def test_the_same_submit_again_shows_the_same_payment(person):
    person.at_review()
    form = the_form(person)
    assert person.send("/review", form).location == "/done"
    number = confirmation_of(person.get("/done"))
    assert person.send("/review", form).location == "/done"
    assert person.send("/review", {**form, "captcha_answer": "XXXXXX"}).location == "/done"
    assert confirmation_of(person.get("/done")) == number
    assert person.payments == [-21240]


def test_back_and_reload_show_the_payment_that_was_made(person):
    number = person.paid()
    for address in ("/contact", "/billing", "/review"):
        assert person.get(address).location == "/done", address
    assert person.contact().location == "/done"
    assert person.pays().location == "/done"
    assert confirmation_of(person.get("/done")) == number
    assert person.payments == [-21240]


def test_after_submit_the_payment_is_seen_until_the_journey_expires(person, wait):
    number = person.paid()
    for _ in range(2):
        history = person.get("/history")
        assert history.status == 200
        assert number in history.text
        assert "Received" in history.text
        assert person.get("/recurring").status == 200
        wait(minutes=20)
    wait(minutes=11)
    assert person.get("/history").status == 303


def test_the_answer_of_submit_that_never_came_is_found_again_by_reload(world, person):
    person.at_review()
    form = the_form(person)
    world.engine.reset_calls()
    world.engine.plan_fault(1, "reply-lost", operation="TransactWriteItems", times=1)
    assert person.send("/review", form).status == 303
    world.engine.forget_faults()
    assert person.payments == [-21240]


def test_a_step_out_of_order_goes_to_the_first_one_missing(person):
    for address in ("/contact", "/billing", "/review", "/done"):
        assert person.get(address).location == "/find", address
    person.found()
    for address in ("/billing", "/review", "/done"):
        assert person.get(address).location == "/contact", address
    person.contact()
    assert person.get("/review").location == "/billing"
    assert person.post("/review", agree="yes").location == "/billing"
    assert person.get("/done").location == "/billing"


def refused_by_its_bank(world, person):
    """A payment of the other plan came back meanwhile, say."""
    validating = world.system.account_validation
    name = validating.fingerprint(person.row["subscriber_id"], AccountNumber(person.account))
    account = a_bank_account(fingerprint=name, routing=BANK["routing"])
    world.system.store.write(*validating.refusing(account, "R02", world.clock.now()))


def is_asked_for_another_account(person):
    """Sent back to /billing, with its words at the box; and the way on is another account."""
    assert (person.last.status, person.last.location) == (303, "/billing")
    shown = person.get("/billing")
    assert shown.status == 200
    assert 'id="account-error"' in shown.html
    assert "Your bank refused this account before. Use another account" in shown.text
    assert person.payments == []
    person.row["billing_account"] = person.row["billing_account"][1:]  # too short for a card's
    assert person.pays().location == "/review"
    assert person.submit().location == "/done"


def test_rule_12_review_names_the_bank_of_the_routing_number_where_the_directory_does(
    world, person
):
    routing = BANK["routing"]
    assert "Harbor" not in person.at_review().text
    world.system.records.routing.load([routing], {routing: "Harbor Savings & Loan"})
    assert f"Routing number {routing} Harbor Savings & Loan" in person.get("/review").text


def test_rule_12_an_account_refused_after_billing_is_no_more_on_review(world, person):
    person.found()
    person.contact()
    person.pays()
    refused_by_its_bank(world, person)
    person.get("/review")
    is_asked_for_another_account(person)


@pytest.mark.parametrize("frequency", ["once", "monthly"])
def test_rule_12_nor_is_it_submitted_when_it_is_refused_after_review(world, person, frequency):
    person.at_review(frequency=frequency)
    refused_by_its_bank(world, person)
    person.submit_as_shown()
    is_asked_for_another_account(person)


def test_rule_21_nor_is_the_undo_of_a_cancel_offered_any_more(world, join):
    person = join(a_row(plan_year="2027", coverage_end="", balance="212.40"))
    person.at_review(frequency="monthly")
    assert person.submit().location == "/done"
    [mandate] = world.system.records.mandates.of(person.enrollment_id).standing
    person.get("/recurring")
    person.post("/recurring", cancel=mandate.mandate_id, confirm_cancel="yes")
    assert "Undo the cancel" in person.get("/recurring").text
    refused_by_its_bank(world, person)
    assert "Undo the cancel" not in person.get("/recurring").text
    answer = person.post("/recurring", undo=mandate.mandate_id)
    assert answer.status == 422
    assert "This can't be undone any more. Set up monthly payments again" in answer.text


def test_pay_another_plan_starts_a_new_journey(person):
    first = person.paid()
    assert "Pay another plan" in person.get("/done").text
    person.found()
    person.contact()
    assert person.pays_other("10.00", **{f"confirm_amount_{person.enrollment_id}": "yes"}).location
    assert person.submit().location == "/done"
    assert confirmation_of(person.get("/done")) != first
    assert sorted(person.payments) == [-21240, -1000]


def test_two_people_at_one_enrollment_do_not_pay_its_total_twice(person):
    other = another_visit(person)
    person.at_review()
    other.at_review()
    assert person.submit().location == "/done"
    answer = other.submit()
    assert answer.status in (303, 422)
    assert answer.location != "/done"
    assert person.payments == [-21240]


def test_rule_12_an_amount_that_changed_since_review_comes_back_with_nothing_written(join):
    person = join(a_row(plan_year="2027", coverage_end="2026-12-31"))
    person.at_review()
    form = the_form(person)
    richer = {**person.row, "coverage_end": ""}  # so that January is charged
    assert person.tell("/feed", people.a_feed(richer))["accepted"] == 1
    books = person.ask(f"/ledger/{person.enrollment_id}")
    answer = person.send("/review", form)
    assert answer.status == 422
    assert "we have not taken any money" in answer.text
    assert "Submit payment of $424.80" in answer.text
    assert 'name="captcha_token"' not in answer.html, "one right answer holds for the journey"
    assert person.ask(f"/ledger/{person.enrollment_id}") == books
    assert not person.mails
    assert person.post("/review", agree="yes").location == "/done"
    assert person.payments == [-42480]


def test_submit_takes_what_its_own_tab_showed_and_not_what_another_tab_changed(person):
    person.at_review()
    old = the_form(person)
    other = another_visit(person)
    other.cookies = dict(person.cookies)
    amount = {f"pay_{person.enrollment_id}": "other", f"amount_{person.enrollment_id}": "50.00"}
    other.get("/billing")
    assert other.post("/billing", **{**BANK, **amount}).location == "/review"
    assert "Submit payment of $50.00" in other.get("/review").text
    answer = person.send("/review", old)
    assert answer.status == 422
    assert "we have not taken any money" in answer.text
    assert "Submit payment of $50.00" in answer.text
    assert person.payments == []
    assert person.submit().location == "/done"
    assert person.payments == [-5000]


@pytest.mark.parametrize("spoiled", [lambda csrf: csrf + "0", lambda csrf: csrf[:-1]])
def test_a_csrf_that_was_cut_or_lengthened_is_none_of_ours(person, spoiled):
    person.at_review()
    form = the_form(person)
    assert person.send("/review", {**form, "csrf": spoiled(form["csrf"])}).status == 403
    assert person.payments == []


def test_review_opened_twice_at_the_same_moment_is_one_review(person):
    person.found()
    person.contact()
    person.pays()
    tabs = [another_visit(person) for _ in range(8)]
    for tab in tabs:
        tab.cookies = dict(person.cookies)
    waiting = list(tabs)
    answers = at_once(8, lambda: waiting.pop().get("/review"))
    # Who comes second is sent to look again.
    assert {(a.status, a.location) for a in answers} <= {(200, ""), (303, "/review")}
    assert person.submit().location == "/done"
    assert person.payments == [-21240]


@pytest.mark.parametrize("step", ["/contact", "/billing"])
def test_a_double_click_on_continue_goes_on(person, step):
    person.found()
    if step == "/billing":
        person.contact()
    person.get(step)
    tabs = [another_visit(person) for _ in range(2)]
    for tab in tabs:
        tab.cookies, tab.csrf = dict(person.cookies), person.csrf
    contact = {"email": person.email, "email_again": person.email, "phone": "617-555-0123"}
    fields = {**people.BANK, f"pay_{person.enrollment_id}": "total"}
    fields = contact if step == "/contact" else fields
    answers = at_once(2, lambda: tabs.pop().post(step, **fields))
    assert {answer.location for answer in answers} == {
        "/billing" if step == "/contact" else "/review"
    }
