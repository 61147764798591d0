"""Two tabs of one visit at the same moment: one payment at most, and each page tells the truth."""

import re

import pytest

from chalicelib.entrypoints.cookies import VISIT
from chalicelib.entrypoints.page_request import journey_id_of
from chalicelib.repositories.records import Records
from tests.journeys.people import confirmation_of, next_year
from tests.journeys.test_visit import OTHER_JOURNEY, OTHER_VISIT, yes


@pytest.fixture
def meanwhile(monkeypatch):
    """Something happens once, just before the first commit of this kind."""

    def meanwhile(is_this, act):
        real, done = Records.commit, []

        def commit(self, *writes, mails=()):
            if not done and is_this(writes, mails):
                done.append(act)
                act()
            return real(self, *writes, mails=mails)

        monkeypatch.setattr(Records, "commit", commit)

    return meanwhile


def is_submit(_writes, mails):
    return any(mail.kind == "confirmation" for mail in mails)


def journey_of(world, person):
    found = world.system.records.journeys.get(journey_id_of(person.cookies[VISIT]))
    assert found
    return found


def filled(person):
    """The form of the review page that is open, with its csrf."""
    html = person.last.html
    token = re.search(r'name="captcha_token"[^>]*value="([^"]+)"', html)[1]
    answer = person.ask(f"/captcha/{token}")["picture"]
    fields = {"agree": "yes", "captcha_token": token, "captcha_answer": answer}
    return {"csrf": person.csrf, "lang": "en", **fields}


def opens_another(person):
    person.get("/plans")
    person.post("/plans", **{f"choose_{person.enrollment_id}": "yes"})


def test_rule_55_the_same_submit_again_shows_its_payment_also_from_the_next_journey(join):
    person = join()
    person.at_review()
    form = filled(person)
    assert person.send("/review", form).location == "/done"
    opens_another(person)
    assert person.send("/review", form).location == "/done"
    assert person.payments == [-21240]


@pytest.mark.parametrize("how", ["finished", "another"])
def test_rule_55_who_submitted_before_is_never_told_that_no_payment_was_made(join, how):
    person, other = join(), join()
    person.at_review()
    form = filled(person)
    person.send("/review", form)
    if how == "finished":
        person.get("/history")
        person.post("/finish")
    else:
        other.cookies = person.cookies
        other.found()
    said = person.get(person.send("/review", form).headers["Location"]).text
    assert "This click paid nothing. If you had pressed Submit before" in said
    assert "No payment was made" not in said


def test_rule_16_after_a_time_out_in_the_next_journey_the_last_payment_is_named(join, wait):
    person = join()
    number = person.paid()
    opens_another(person)
    wait(minutes=31)
    said = f"The last payment that you sent has the confirmation number {number}. Nothing was paid"
    assert said in person.get("/find").text


def test_rule_55_found_again_while_a_submit_commits_its_confirmation_stays(join, world, meanwhile):
    person = join()
    person.at_review()
    form = filled(person)
    person.get("/find")
    finding = {"csrf": person.csrf, "lang": "en", **person.claim()}
    meanwhile(
        lambda writes, mails: not mails and len(writes) == 1,
        lambda: person.send("/review", form),
    )
    assert person.send("/find", finding).location == "/contact"
    assert person.payments == [-21240]
    assert "HC-" in confirmation_of(person.get("/done"))


def test_rule_55_a_submit_that_wrote_nothing_is_not_answered_with_another_ones_number(
    join, meanwhile
):
    person = join()
    person.at_review()
    form = filled(person)

    def pays_a_dollar():
        opens_another(person)
        assert person.pays_other("1.00", **yes(person)).location == "/review"
        assert person.submit().location == "/done"

    meanwhile(is_submit, pays_a_dollar)
    answer = person.send("/review", form)
    assert OTHER_JOURNEY in person.get(answer.headers["Location"]).text
    assert person.payments == [-100]


@pytest.mark.parametrize("who", ["plans", "finish"])
def test_rule_55_a_submit_that_loses_to_the_next_journey_or_the_end_leads_on(
    join, world, meanwhile, who
):
    person = join()
    person.at_review()
    form = filled(person)
    now, visits = world.clock.now(), world.system.visits
    journey = journey_of(world, person)
    standings = world.system.finding.all_standings(journey, now)
    meanwhile(
        is_submit,
        lambda: (
            visits.open(journey, standings, now) if who == "plans" else visits.finish(journey, now)
        ),
    )
    answer = person.send("/review", form)
    said = OTHER_JOURNEY if who == "plans" else "Your visit has ended"
    assert said in person.get(answer.headers["Location"]).text
    assert person.payments == []


def test_rule_55_the_visit_of_who_was_there_before_is_over_whoever_has_its_cookie(join):
    ada, ben = join(), join()
    ada.found()
    ben.cookies = dict(ada.cookies)
    ben.found()
    assert ada.get("/plans").location == "/find"
    assert "Set-Cookie" not in ada.get("/find").headers, "it must not come back"
    assert OTHER_VISIT not in ben.get("/contact").text


def test_rule_55_to_look_back_drops_nothing_that_is_under_way(join):
    person = join()
    person.at_review()
    assert person.found(to="history").location == "/history"
    assert person.get("/review").status == 200


def test_rule_55_go_on_leads_to_what_was_come_for(join):
    person = join()
    person.found(to="recurring")
    person.get("/")
    born = {k: v for k, v in person.claim().items() if k.startswith("birth_")}
    assert person.post("/", **born).location == "/recurring"


def test_rule_08_a_plan_that_can_t_be_paid_any_more_leads_to_all_plans(join, world):
    person = join()
    person.found()
    person.contact()
    person.get("/billing")
    journeys = world.system.records.journeys
    before = journey_of(world, person)
    gone = before.opened(before.plan, ("GONE",), world.clock.now())
    world.system.records.commit(journeys.following(before, gone))
    answer = person.get("/billing")
    assert answer.location == "/plans"
    assert "can't be paid now" in person.get(answer.headers["Location"]).text
    assert person.post("/billing", frequency="once").location == "/plans"


def test_rule_15_health_and_dental_of_one_name_are_told_apart_where_they_are_agreed_to(join):
    health = {"plan_name": "Merrimack Gold"}
    row = next_year({**join().row, **health}, plan_name="Merrimack Gold")
    dental = next_year(row, plan="dental", plan_name="Merrimack Gold")
    person = join(row, dental)
    person.found(to="plans")
    seen = person.get("/plans")
    names = re.findall(r'name="choose_(\w+)"', seen.html)[-2:]
    person.post("/plans", **{f"choose_{name}": "yes" for name in names})
    person.contact()
    person.get("/billing")
    person.billing(**{f"pay_{name}": "total" for name in names}, frequency="monthly")
    said = person.get("/review").text
    assert "for the health plan Merrimack Gold (2027)" in said
    assert "for the dental plan Merrimack Gold (2027)" in said
