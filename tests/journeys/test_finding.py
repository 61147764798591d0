"""Who is found, who is not, and how guessing is slowed (rules 8, 9, 10)."""

import re

import pytest

from tests.journeys.people import a_row, next_year

MISS = "We could not find your account"


@pytest.mark.parametrize(
    "name",
    [
        {"first_name": "maria josé", "last_name": "PENA RIVERA"},
        {"first_name": "MARÍAJOSE", "last_name": "Peña-Rivera"},
        {"first_name": " María  José ", "last_name": "pen\u0303a\u2019rivera"},
    ],
)
def test_rule_8_a_name_is_exact_in_meaning_and_forgiving_in_form(join, name):
    member = join(a_row(last_name="Peña-Rivera"))
    assert member.found(**name).location == "/contact"


@pytest.mark.parametrize(
    "name",
    [
        {"first_name": "M."},
        {"first_name": "Mari"},
        {"first_name": "María"},
        {"last_name": "Peña"},
        {"last_name": "Pena-Rivera Jr."},
    ],
)
def test_rule_8_an_initial_or_a_nickname_does_not_match_a_full_name(join, name):
    member = join(a_row(last_name="Peña-Rivera"))
    answer = member.found(**name)
    assert answer.status == 422
    assert MISS in answer.text


def test_rule_9_who_is_not_found_is_asked_whether_the_plan_is_the_right_one(join):
    member = join(a_row(plan="health"))
    answer = member.found(plan="dental")
    assert answer.status == 422
    assert "Did you choose the right one, Health or Dental?" in answer.text


def test_rule_8_an_initial_matches_where_the_application_has_it(join):
    member = join(a_row(first_name="J. R.", last_name="O'Brien III"))
    assert member.found(first_name="j r", last_name="OBRIEN III").location == "/contact"


def test_rule_8_every_miss_is_one_page(join):
    member = join()
    stranger = join(a_row(plan="dental"))
    new = join(a_row(selected_at="2026-12-03T13:00:00Z"))
    claims = [
        member.claim(enrollment_id="E99999999"),
        member.claim(last_name="Somebody"),
        member.claim(birth_year="1987"),
        member.claim(plan="dental"),
        member.claim("ssn", ssn="212-09-9999", ssn_again="212-09-9999"),
        member.claim("billing_account", billing_account=stranger.row["billing_account"]),
        new.claim(),
    ]
    pages = set()
    for claim in claims:
        answer = member.find(claim)
        assert answer.status == 422
        alert = re.search(r'<div class="usa-alert.*?</div>', answer.html, re.DOTALL)[0]
        pages.add(alert)
    assert len(pages) == 1
    [page] = pages
    assert "1-877-623-6765" in page
    assert "Your ID number must be correct" in page
    assert "If you finished choosing your plan after 6:" in page  # four hours before now


def test_rule_8_a_plan_chosen_less_than_four_hours_ago_is_found_when_they_are_over(join, wait):
    member = join(a_row(selected_at="2026-12-03T15:00:00Z"))
    assert member.found().status == 422
    wait(hours=4)
    assert member.found().location == "/contact"


def test_rule_8_whichever_number_leads_to_the_subscriber_all_plan_years_are_shown(join):
    old = a_row()
    member = join(old, next_year(old))
    for id_type in ("enrollment_id", "ssn", "billing_account"):
        member.found(id_type)
        member.contact()
        shown = member.get("/billing").text
        assert "Health plan 2026" in shown, id_type
        assert "Health plan 2027" in shown, id_type


def test_rule_8_an_ended_enrollment_is_shown_while_it_owes_or_has_credit(join):
    over = {"coverage_end": "2026-08-31", "billed_through": "2026-08"}
    owes = join(a_row(**over))
    owes.found()
    owes.contact()
    shown = owes.get("/billing").text
    assert "Your coverage ended on Monday, August 31, 2026." in shown
    assert "Paying does not bring it back. Call 1-877-623-6765" in shown
    credit = join(a_row(**over, balance="-50.00"))
    credit.found()
    credit.contact()
    assert "You have a credit of $50.00" in credit.get("/billing").text
    settled = join(a_row(**over, balance="0.00"))
    assert settled.found().status == 422


def test_rule_35_a_plan_that_never_began_is_shown_while_it_has_credit(join):
    never = {"coverage_start": "2026-12-15", "coverage_end": "2026-12-15"}
    credit = join(a_row(**never, balance="-50.00"))
    credit.found()
    credit.contact()
    shown = credit.get("/billing").text
    assert "This plan was cancelled: it never began." in shown
    assert "Your coverage ended" not in shown
    owes = join(a_row(**never))
    assert owes.found().status == 422


def test_rule_10_find_says_which_number_a_new_member_has_and_where_each_is(person):
    text = person.get("/find").text
    assert "Health and dental are separate payments, on your bank statement too" in text
    assert "Your Reference ID is the same number" in text
    assert "on the “Enrollments” screen" in text
    assert "First payment, and no bill yet? Use your Enrollment ID or your Social Security" in text
    assert "It starts with 7" in text


class TestGuessing:
    """Rule 9: misses make waits; form errors and hits don't."""

    def miss(self, member, times=1):
        for _ in range(times):
            answer = member.found(last_name=f"{member.row['last_name']} Somebody")
        return answer

    def test_rule_9_the_fifth_miss_starts_a_wait_in_which_a_right_answer_gets_429(self, person):
        assert self.miss(person, 5).status == 422
        answer = person.found()
        assert answer.status == 429
        assert 50 <= int(answer.headers["Retry-After"]) <= 60
        assert re.search(r"You can try again at \d{1,2}:\d\d [ap]\.m\., in 1 minute\.", answer.text)
        assert "1-877-623-6765" in answer.text
        assert person.get("/find").status == 200, "the form can be looked at"

    def test_rule_9_after_the_wait_the_right_answer_is_taken(self, person, wait):
        self.miss(person, 5)
        wait(minutes=1)
        assert person.found().location == "/contact"

    def test_rule_9_each_further_miss_doubles_the_wait_to_one_hour_at_most(self, person, wait):
        self.miss(person, 5)
        waits = []
        for _ in range(8):
            answer = person.found()
            waits.append(round(int(answer.headers["Retry-After"]) / 60))
            wait(seconds=int(answer.headers["Retry-After"]) + 1)
            self.miss(person)
        assert waits == [1, 2, 4, 8, 16, 32, 60, 60]

    def test_rule_9_form_errors_are_no_misses(self, person):
        for _ in range(6):
            assert person.found(birth_day="32").status == 422
        assert person.found().location == "/contact"

    def test_rule_9_who_knows_the_name_is_slowed_whatever_number_is_tried(self, person):
        for n in range(5):
            assert person.found("ssn", ssn=f"21209100{n}", ssn_again=f"21209100{n}").status == 422
        assert person.found("billing_account").status == 429

    def test_rule_9_one_members_wait_is_not_anothers(self, person, join):
        self.miss(person, 5)
        assert person.found().status == 429
        assert join().found().location == "/contact"

    def test_rule_9_a_wait_says_the_same_whether_the_answer_is_right_or_wrong(self, person):
        self.miss(person, 5)
        right, wrong = person.found(), self.miss(person)
        assert (right.status, wrong.status) == (429, 429)
        assert right.html == wrong.html
