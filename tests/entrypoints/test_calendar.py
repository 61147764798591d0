"""A calendar file of coming withdrawals: its bytes, its dates, and who may see it."""

import re
from datetime import UTC, date, datetime

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.entrypoints.calendar_file import Event, calendar_file
from tests.journeys.people import a_row, next_year

AT = datetime(2026, 12, 3, 15, 0, tzinfo=UTC)
GOLDEN = (
    "BEGIN:VCALENDAR\r\n"
    "VERSION:2.0\r\n"
    "PRODID:-//Premium Pay//Monthly payments//EN\r\n"
    "BEGIN:VEVENT\r\n"
    "UID:M1-202612@premium-pay\r\n"
    "DTSTAMP:20261203T150000Z\r\n"
    "DTSTART;VALUE=DATE:20261222\r\n"
    "SUMMARY:Health\\, 2027\r\n"
    "DESCRIPTION:We take $324.80\\; back\\\\slash and a line\\nof its own\\, as many \r\n"
    " letters as it takes to go over the end: ñandú\\, ñandú\\, ñandú\\, ñan\r\n"
    " dú\\, ñandú\r\n"
    "TRANSP:TRANSPARENT\r\n"
    "END:VEVENT\r\n"
    "END:VCALENDAR\r\n"
)


def an_event(**changed):
    text = (
        "We take $324.80; back\\slash and a line\nof its own, as many letters as it takes to go "
        "over the end: ñandú, ñandú, ñandú, ñandú, ñandú"
    )
    usual = {"uid": "M1-202612@premium-pay", "on": date(2026, 12, 22), "summary": "Health, 2027"}
    return Event(**{**usual, "description": text, **changed})


def test_the_file_is_as_rfc_5545_has_it():
    assert calendar_file([an_event()], AT).decode() == GOLDEN


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=200))
def test_another_library_reads_back_any_text_and_no_line_is_too_long(text):
    made = calendar_file([an_event(description=text * 7, summary=text[:40])], AT)
    assert max(len(line) for line in made.split(b"\r\n")) <= 75
    [event] = icalendar.Calendar.from_ical(made).walk("VEVENT")
    assert str(event["DESCRIPTION"]) == text * 7
    assert str(event["SUMMARY"]) == text[:40]
    assert event.decoded("DTSTART") == date(2026, 12, 22)


def set_up(person, pay="total", **fields):
    """Monthly payments; their confirmation number."""
    return person.paid(pay=pay, frequency="monthly", **fields)


def events(answer):
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    found = icalendar.Calendar.from_ical(answer.html).walk("VEVENT")
    return [(event.decoded("DTSTART"), str(event["DESCRIPTION"])) for event in found]


YEAR_2027 = [
    *(date(2027, 1, 22), date(2027, 2, 22), date(2027, 3, 22), date(2027, 4, 22)),
    *(date(2027, 5, 24), date(2027, 6, 22), date(2027, 7, 22), date(2027, 8, 23)),
    *(date(2027, 9, 22), date(2027, 10, 22), date(2027, 11, 22), date(2027, 12, 22)),
]


@pytest.fixture
def member(join):
    """Who owes $231.07 for a plan of 2027."""
    return join(next_year(a_row()))


def half_now(member):
    box = member.enrollment_id
    extra = {f"amount_{box}": "100.00", f"confirm_amount_{box}": "yes"}
    return set_up(member, "other", **extra)


def test_it_has_each_withdrawal_to_the_end_of_coverage_and_the_amount_that_is_known(member):
    number = half_now(member)
    assert f"/calendar/{number}.ics" in member.get("/done").html
    found = events(member.get(f"/calendar/{number}.ics"))
    assert [on for on, _ in found] == [date(2026, 12, 22), *YEAR_2027]
    assert "We take $131.07" in found[0][1]
    assert {"total you owe then" in text for _, text in found[1:]} == {True}


def test_a_month_in_which_nothing_is_taken_is_not_in_it(member):
    found = events(member.get(f"/calendar/{set_up(member)}.ics"))
    assert [on for on, _ in found] == YEAR_2027


def test_it_is_offered_beside_monthly_payments_while_there_are_dates(member):
    address = f"/calendar/{half_now(member)}.ics"
    shown = member.get("/recurring").html
    assert f'href="{address}"' in shown
    [one] = re.findall(r'name="cancel" value="(\w+)"', shown)
    member.post("/recurring", cancel=one, confirm_cancel="yes")
    assert "/calendar/" not in member.get("/recurring").html
    assert member.get(address).status == 404


def test_each_withdrawal_has_one_name_whenever_the_file_is_made(member, wait):
    number = set_up(member)
    first = member.get(f"/calendar/{number}.ics").html
    wait(minutes=5)
    again = member.get(f"/calendar/{number}.ics").html
    uids = [
        [str(event["UID"]) for event in icalendar.Calendar.from_ical(text).walk("VEVENT")]
        for text in (first, again)
    ]
    assert uids[0] == uids[1]
    assert len(set(uids[0])) == len(YEAR_2027)


def test_only_the_visit_that_may_see_it_gets_it(member, join):
    number = set_up(member)
    other = join(next_year(a_row()))
    address = f"/calendar/{number}.ics"
    assert other.get(address).status == 404, "no visit"
    other.found()
    assert other.get(address).status == 404, "another's"
    assert member.get("/calendar/HC-2222-2222.ics").status == 404
    assert member.get(f"/calendar/{number}").status == 404
    assert member.get(address).status == 200
    member.cookies.clear()
    assert member.get(address).status == 404


def test_it_is_gone_when_the_time_is_over(member, wait):
    number = set_up(member)
    wait(minutes=31)
    assert member.get(f"/calendar/{number}.ics").status == 404


def test_a_single_payment_has_no_calendar(person):
    number = person.paid()
    assert person.get(f"/calendar/{number}.ics").status == 404
    assert "calendar" not in person.get("/done").text


def test_what_was_cancelled_is_not_in_it(member):
    number = set_up(member)
    [mandate] = member.ask(f"/mandates/{member.enrollment_id}")
    member.get("/recurring")
    member.post("/recurring", cancel=mandate["mandate_id"], confirm_cancel="yes")
    assert member.get(f"/calendar/{number}.ics").status == 404


def test_no_account_and_no_name_is_in_it(member):
    text = member.get(f"/calendar/{set_up(member)}.ics").html
    assert member.account[-4:] not in text
    assert member.row["last_name"] not in text


def test_the_receipt_has_the_name_and_the_authorization_word_for_word(member):
    member.at_review(frequency="monthly")
    agreed = agreement(member.last)
    member.submit()
    receipt = member.get("/done")
    assert agreement(receipt) == agreed
    assert len(agreed) >= 4
    assert f"{member.row['first_name']} {member.row['last_name']}" in receipt.text


def agreement(answer):
    [box] = re.findall(r'<div class="agreement">(.*?)</div>', answer.html, re.DOTALL)
    return re.findall(r"<p>(.*?)</p>", box)
