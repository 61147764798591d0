"""A member agrees that monthly payments go on with the plan that follows, and thinks again (42)."""

import re

import pytest

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

    old, new = re.findall(r'name="cancel" value="(\w+)"', page.get("/recurring").html)
    assert "Each is cancelled alone" in page.post("/recurring", cancel=old).text
    page.post("/recurring", cancel=old, confirm_cancel="yes")
    assert "(2027) are not cancelled: they go on" in member.mails[-1]["text"]
    left = page.get("/recurring")
    assert left.text.count("(2027) are apart from these, and go on without them") == 1
    assert f'name="cancel" value="{new}"' in left.html


def test_rule_42_who_does_not_agree_authorizes_nothing_more(join):
    member = join(a_row())
    member.found()
    member.contact()
    member.pays("total", frequency="monthly")
    assert SAID not in member.get("/review").text


@pytest.mark.parametrize("is_there", [False, True])
def test_rule_42_agreed_later_by_the_words_that_were_shown(join, wait, is_there):
    """Whether the plan that follows comes after that, or is there already."""
    row = a_row()
    member = join(row)
    member.found()
    member.contact()
    member.pays("total", frequency="monthly")
    assert member.submit().location == "/done"

    if is_there:
        join(next_year(row))
    page = at_recurring(member)
    shown = page.get("/recurring")
    assert not SHOWN.search(shown.text)
    [one] = re.findall(r'name="carry_on" value="(\w+)"', shown.html)
    asked = page.post("/recurring", carry_on=one)
    assert asked.status == 422
    assert SAID in asked.text
    assert 'name="cancel"' not in asked.html  # one question at a time
    [words] = re.findall(r'name="confirm_carry_on" value="(\w+)"', asked.html)
    assert SAID in page.post("/recurring", carry_on=one, confirm_carry_on="0" * 16).text
    assert not SHOWN.search(page.get("/recurring").text)  # other words than these
    for _ in range(2):  # the answer may have been lost
        agreed = page.post("/recurring", carry_on=one, confirm_carry_on=words)
        assert (agreed.status, agreed.location) == (303, "/recurring")
    assert SHOWN.search(page.get("/recurring").text)
    assert page.post("/recurring", carry_on=one).status == 422

    if not is_there:
        join(next_year(row))
    wait(hours=1)  # the sweeper finds what was promised
    assert any("monthly payments go on" in mail["subject"] for mail in member.mails)
