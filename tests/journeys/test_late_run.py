"""The withdrawal of the 22nd comes late: page and mail name its real date, or none (20, 27)."""

from datetime import datetime

import pytest

from chalicelib.domain.enrollment import SLOTS
from chalicelib.domain.timetable import NEW_YORK
from tests.journeys import people
from tests.journeys.people import a_row, another_visit


def on(day, hour=10, minute=0):
    return datetime(2026, 12, day, hour, minute, tzinfo=NEW_YORK)


@pytest.fixture
def monthly_since(world_at, canaries):
    """A world of one's own, and somebody who sets up monthly payments in it at that hour."""

    def begin(now):
        world = world_at(now)
        row = a_row(plan_year="2027", coverage_end="", balance="212.40")
        person = people.join(world, canaries, row)
        person.found()
        person.contact()
        assert person.pays_other("0.00", frequency="monthly").location == "/review"
        assert person.submit().location == "/done"
        return world, person

    return begin


def looks(person, to):
    again = another_visit(person)
    again.get(f"/find?to={to}")
    again.post("/find", **again.claim(to=to))
    if to == "pay":
        again.contact()
    return again, again.get("/billing" if to == "pay" else f"/{to}").text


def cancels(person):
    """The question, what the page says after it, and the mail."""
    again, _ = looks(person, "recurring")
    [mandate] = person.ask(f"/mandates/{person.enrollment_id}")
    asked = again.post("/recurring", cancel=mandate["mandate_id"]).text
    again.post("/recurring", cancel=mandate["mandate_id"], confirm_cancel="yes")
    mail = " ".join(person.mails[-1]["text"].split())
    return asked, again.get("/recurring").text, mail


def test_rule_27_once_claimed_everything_names_the_date_of_the_entry(monthly_since):
    world, person = monthly_since(on(22, 9, 30))
    world.pump.move(on(23))
    assert "on or after Thursday, December 24, 2026" in " ".join(person.mails[-1]["text"].split())
    _, billing = looks(person, "pay")
    assert "payment of $424.80 is on its way (Thursday, December 24, 2026)." in billing
    _, recurring = looks(person, "recurring")
    assert "On its way $424.80 Thursday, December 24, 2026" in recurring
    asked, after, mail = cancels(person)
    words = "The payment of $424.80 on Thursday, December 24, 2026 has already started"
    assert words in asked
    assert words in after
    assert "we still take $424.80 on Thursday, December 24, 2026 from" in mail
    for said in (billing, recurring, asked, after):
        assert "Tuesday, December 22" not in said


def test_rule_27_frozen_and_not_decided_nothing_names_a_date_that_is_past(monthly_since):
    world, person = monthly_since(on(23))
    world.system.records.mandates.freeze("2026-12", range(SLOTS))
    late = "on or after Thursday, December 24, 2026"
    _, billing = looks(person, "pay")
    assert f"Your monthly payment of $424.80 is late, but on its way. We take it {late}." in billing
    _, recurring = looks(person, "recurring")
    assert "On its way $424.80 On or after Thursday, December 24, 2026" in recurring
    asked, after, mail = cancels(person)
    assert f"The payment of $424.80 {late} has already started and is still taken." in asked
    assert f"Ending: the payment of $424.80 {late} has already started" in after
    assert f"It is late: we still take $424.80 {late} from your checking account" in mail
    for said in (billing, recurring, asked, after, mail):
        assert "Tuesday, December 22" not in said


def test_rule_20_review_done_page_and_mails_say_what_the_old_account_still_pays(monthly_since):
    world, person = monthly_since(on(21))
    world.pump.move(on(22))
    again, _ = looks(person, "pay")
    other = {"account": "77001234", "account_again": "77001234"}
    assert again.pays_other("0.00", frequency="monthly", **other).location == "/review"
    review = again.get("/review").text
    assert again.submit().location == "/done"
    done = again.get("/done").text
    by_subject = {mail["subject"]: " ".join(mail["text"].split()) for mail in person.mails}
    [confirmed] = [by_subject[each] for each in list(by_subject)[-2:] if "are set up" in each]
    [replaced] = [by_subject[each] for each in by_subject if "have changed" in each]
    last4 = person.account[-4:]
    words = f"payment of $424.80 still comes from the account ending {last4}, on Tuesday, December"
    for said in (review, done, confirmed):
        assert words in said
        assert "pay what you owe now" not in said
    assert "we still take $424.80 on Tuesday, December 22, 2026" in replaced
