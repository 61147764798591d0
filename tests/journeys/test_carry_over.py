"""A member agrees that monthly payments go on with the plan that follows, and thinks again (42)."""

import re

from tests.journeys.people import a_row, another_visit, next_year

AGREED = {"frequency": "monthly", "carry_over": "yes"}
SAID = "When a plan ends and another plan of the same kind follows it"
SHOWN = re.compile("your monthly payments go on with it|They go on with the plan that follows")


def at_recurring(member):
    again = another_visit(member)
    again.get("/find?to=recurring")
    assert again.post("/find", **again.claim(to="recurring")).location == "/recurring"
    return again


def test_rule_42_agreed_on_the_page_carried_over_by_the_feed_and_switched_off_again(join, wait):
    row = a_row()
    member = join(row)
    member.found()
    member.contact()
    assert "Also pay the plan that follows this one" in member.get("/billing").text
    assert member.pays("total", **AGREED).location == "/review"
    assert SAID in member.get("/review").text
    assert member.submit().location == "/done"
    assert SAID in member.mails[-1]["text"]

    join(next_year(row))
    wait(hours=1)  # the sweeper finds what the feed promised
    assert "monthly payments go on" in member.mails[-1]["subject"]

    page = at_recurring(member)
    shown = page.get("/recurring")
    assert len(SHOWN.findall(shown.text)) == 2  # of the old plan, and of the new one
    one = re.findall(r'name="carry_off" value="(\w+)"', shown.html)[0]
    assert page.post("/recurring", carry_off=one).location == "/recurring"
    assert len(SHOWN.findall(page.get("/recurring").text)) == 1
    assert page.post("/recurring", carry_off=one).location == "/recurring"
    assert page.post("/recurring", carry_off="NOBODYS").status == 422


def test_rule_42_who_does_not_agree_authorizes_nothing_more(join):
    member = join(a_row())
    member.found()
    member.contact()
    member.pays("total", frequency="monthly")
    assert SAID not in member.get("/review").text
