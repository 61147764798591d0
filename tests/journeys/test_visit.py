"""A visit is one person: found once, it opens journey after journey, and is finished (rule 55)."""

import re

import pytest

from tests.entrypoints.reading import Page
from tests.journeys.people import a_row, another_visit, confirmation_of, next_year
from tests.member import BANK

OTHER_VISIT = "Another visit was started in this browser"
OTHER_JOURNEY = "You started another payment in this visit"
OPEN = "A visit is open in this browser"


@pytest.fixture
def household(join):
    """Somebody with health, dental and the next year's health plan."""
    health = a_row()
    dental = next_year(health, plan="dental", plan_year="2026", balance="41.00", premium="41.00")
    dental |= {"coverage_start": "2026-01-01", "coverage_end": "2026-12-31"}
    person = join(health, dental, next_year(health))
    person.rows = (health, dental, next_year)
    return person


def ids(html):
    return re.findall(r'name="choose_(\w+)"', html)


def born(person):
    claim = person.claim()
    return {name: text for name, text in claim.items() if name.startswith("birth_")}


def test_rule_55_once_found_one_submit_pays_health_dental_and_both_years(household, join):
    assert household.find({**household.claim(), "to": "plans"}).location == "/plans"
    seen = household.get("/plans")
    names = ids(seen.html)
    assert len(names) == 3
    assert "Total you owe $212.40" in seen.text
    assert 'name="email"' not in seen.html
    assert household.post("/plans", **{f"choose_{n}": "yes" for n in names}).location == "/contact"
    assert household.contact().location == "/billing"
    assert household.billing(**{f"pay_{n}": "total" for n in names}).location == "/review"
    assert household.submit().location == "/done"
    done = household.get("/done")
    assert "Your bank statement will show 3 payments: $212.40, $41.00 and $231.07" in done.text
    paid = [household.ask(f"/ledger/{name}")["owed_cents"] for name in names]
    assert paid == [0, 0, 0]
    [mail] = [each for each in household.mails if confirmation_of(done) in each["text"]]
    assert "$41.00" in mail["text"]


def test_rule_55_nothing_chosen_or_what_is_not_the_visits_opens_nothing(household, join):
    other = join()
    household.find({**household.claim(), "to": "plans"})
    household.get("/plans")
    nothing = household.post("/plans")
    assert nothing.status == 422
    assert list(Page(nothing.html).summary) == [f"choose_{ids(nothing.html)[0]}"]
    assert household.post("/plans", **{f"choose_{other.enrollment_id}": "yes"}).status == 422


def test_rule_55_without_a_visit_all_plans_lead_to_being_found_and_back(join):
    person = join()
    assert person.get("/plans").location == "/find"
    assert person.found(to="plans").location == "/plans"


def test_rule_55_after_a_payment_the_next_one_asks_neither_who_one_is_nor_how_to_be_reached(join):
    person = join()
    first = person.paid()
    person.get("/plans")
    answer = person.post("/plans", **{f"choose_{person.enrollment_id}": "yes"})
    assert answer.location == "/billing", "contact data were given in this visit"
    assert person.get("/contact").status == 200, "it can still be changed"
    assert person.pays_other("1.00", confirm_again="yes", **yes(person)).location == "/review"
    assert person.submit().location == "/done"
    second = confirmation_of(person.get("/done"))
    assert second != first
    assert person.payments == [-21240, -100]


def yes(person):
    return {f"confirm_amount_{person.enrollment_id}": "yes"}


def test_rule_55_a_journey_that_was_opened_asks_for_the_account_again(join):
    person = join()
    person.at_review()
    person.get("/plans")
    person.post("/plans", **{f"choose_{person.enrollment_id}": "yes"})
    shown = person.get("/billing")
    assert "Account ending" not in shown.text
    assert person.get("/review").location == "/billing"


def test_rule_55_the_last_confirmation_is_shown_while_another_journey_is_open(join):
    person = join()
    number = person.paid()
    person.get("/plans")
    person.post("/plans", **{f"choose_{person.enrollment_id}": "yes"})
    assert confirmation_of(person.get("/done")) == number


def test_rule_55_a_form_of_a_journey_that_was_dropped_writes_nothing_and_leads_to_the_open_one(
    join,
):
    person = join()
    person.at_review()
    older, review = person.csrf, person.last
    person.get("/plans")
    person.post("/plans", **{f"choose_{person.enrollment_id}": "yes"})
    token = re.search(r'name="captcha_token"[^>]*value="([^"]+)"', review.html)[1]
    picture = person.ask(f"/captcha/{token}")["picture"]
    fields = {"agree": "yes", "captcha_token": token, "captcha_answer": picture}
    answer = person.send("/review", {"csrf": older, "lang": "en", **fields})
    assert (answer.status, answer.location) == (303, "/billing")
    assert OTHER_JOURNEY in person.get(answer.headers["Location"]).text
    assert person.payments == []


def test_rule_55_another_person_in_the_browser_ends_the_visit_and_its_pages_say_so(join):
    ada, ben = join(), join()
    ada.at_review()
    older = ada.csrf
    ben.cookies = ada.cookies
    ben.found()
    answer = ada.send("/review", {"csrf": older, "lang": "en", "agree": "yes"})
    assert (answer.status, answer.location) == (303, "/")
    assert OTHER_VISIT in ada.get(answer.headers["Location"]).text
    assert ada.payments == ben.payments == []
    assert ada.row["plan_name"] not in ben.get("/contact").text
    history = ben.get("/history")
    assert history.status == 200


def test_rule_55_a_tab_that_was_opened_before_anybody_was_found_is_told_so(join):
    ada, ben = join(), join()
    ben.cookies = ada.cookies
    ben.get("/find")
    before = ben.csrf
    ada.found()
    answer = ben.send("/find", {"csrf": before, "lang": "en", **ben.claim()})
    assert (answer.status, answer.location) == (303, "/")


def test_rule_55_the_same_person_found_again_goes_on_with_the_visit(join):
    person = join()
    number = person.paid()
    cookie = dict(person.cookies)
    assert person.found().location == "/contact"
    assert person.cookies == cookie
    assert person.get("/billing").status == 200, "contact data were given in this visit"
    assert confirmation_of(person.get("/done")) == number


def test_rule_55_neither_the_start_nor_find_shows_what_was_typed(join):
    person = join()
    person.at_review()
    for address in ("/", "/find"):
        shown = person.get(address)
        assert OPEN in shown.text
        for text in (person.row["last_name"], person.row["enrollment_id"], 'value="1986"'):
            assert text not in shown.html


def test_rule_55_an_open_visit_goes_on_for_who_knows_the_birthday_and_three_wrong_ones_end_it(join):
    person = join()
    person.found()
    person.contact()
    person.get("/")
    assert person.post("/", **born(person)).location == "/billing"
    wrong = {**born(person), "birth_year": "1987"}
    for _ in range(2):
        person.get("/")
        answer = person.post("/", **wrong)
        assert answer.status == 422
        assert "not the birthday" in answer.text
        assert OPEN in answer.text
    answer = person.post("/", **wrong)
    assert OPEN not in answer.text
    assert person.get("/history").location == "/find"


def test_rule_55_finish_and_clear_leaves_nothing_to_be_seen(join):
    person = join()
    person.paid()
    older = person.csrf
    person.get("/history")
    answer = person.post("/finish")
    assert (answer.status, answer.location) == (303, "/")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    start = person.get(answer.headers["Location"])
    assert "You are done" in start.text
    assert OPEN not in start.text
    for address in ("/plans", "/history", "/recurring", "/done", "/contact", "/billing", "/review"):
        assert person.get(address).location == "/find", address
    assert person.send("/contact", {"csrf": older, "lang": "en"}).location == "/find"


def test_rule_55_a_form_of_a_finished_visit_writes_nothing_and_leads_to_the_start(join):
    person = join()
    person.at_review()
    step = person.csrf
    person.get("/history")
    person.post("/finish")
    answer = person.send("/review", {"csrf": step, "lang": "en", "agree": "yes"})
    assert (answer.status, answer.location) == (303, "/")
    assert person.payments == []


def test_rule_55_without_a_visit_finish_leads_to_the_start(join):
    person = join()
    person.get("/find")
    assert person.post("/finish").location == "/"


def test_rule_55_every_page_of_a_visit_can_finish_it(join):
    person = join()
    person.at_review()
    steps = ("/contact", "/billing", "/review", "/plans", "/history", "/recurring", "/", "/find")
    for address in steps:
        assert "Finish and clear" in person.get(address).text, address
    assert "Finish and clear" not in another_visit(person).get("/find").text


def test_rule_55_history_and_monthly_payments_show_all_of_the_person(household):
    household.found()
    household.contact()
    name = household.rows[1]["enrollment_id"]
    household.get("/plans")
    household.post("/plans", **{f"choose_{name}": "yes"})
    household.get("/billing")
    assert household.billing(**{f"pay_{name}": "total"}, frequency="monthly").location == "/review"
    household.submit()
    assert "Dental plan 2026" in household.get("/recurring").text
    assert "Dental plan 2026" in household.get("/history").text
    assert household.get(f"/statement?enrollment_id={name}").status == 200


def test_rule_55_the_bank_account_of_monthly_payments_is_changed_from_where_they_stand(join):
    person = join()
    person.paid(frequency="monthly")
    seen = person.get("/recurring")
    assert f'formaction="/plans" name="choose_{person.enrollment_id}"' in seen.html
    person.post("/plans", **{f"choose_{person.enrollment_id}": "yes"})
    person.get("/billing")
    other = {"account": "900000001", "account_again": "900000001", "frequency": "monthly"}
    pay = {f"pay_{person.enrollment_id}": "other", f"amount_{person.enrollment_id}": "0.00"}
    assert person.billing(**{**BANK, **other, **pay}).location == "/review"
    assert "This replaces your monthly payments" in person.get("/review").text
    assert person.submit().location == "/done"


def test_rule_55_a_change_from_review_comes_back_to_review(join):
    person = join()
    person.at_review()
    assert person.contact("other@example.com").location == "/review"
    assert "other@example.com" in person.get("/review").text


def test_rule_56_a_cancel_is_asked_as_a_question_and_its_outcome_is_said(join):
    person = join()
    person.paid(frequency="monthly")
    seen = person.get("/recurring")
    name = re.search(r'name="cancel" value="([^"]+)"', seen.html)[1]
    asked = person.post("/recurring", cancel=name)
    assert asked.status == 422
    assert "Error:" not in asked.html
    assert 'id="error-summary"' not in asked.html
    assert "Cancel these monthly payments?" in asked.text
    answer = person.post("/recurring", cancel=name, confirm_cancel="yes")
    assert answer.location == "/recurring"
    said = person.get(answer.headers["Location"])
    assert 'role="status"' in said.html
    assert "Your change is made" in said.text


def test_rule_55_what_waits_of_an_expired_visit_fills_the_forms_of_the_same_person_only(join, wait):
    ada, ben = join(), join()
    ada.found()
    ada.contact("ada@example.com")
    wait(minutes=31)
    ben.cookies = dict(ada.cookies)
    ben.found()
    assert "ada@example.com" not in ben.get("/contact").html
    assert ada.row["last_name"] not in ada.get("/find").html
    ada.found()
    assert "ada@example.com" in ada.get("/contact").html
