"""A December through the deployed package: billed, told, withdrawn, changed on the 22nd at 10:00.

Each test is a step of one story, and goes on from the one before it. The clock is the story's.
"""

from datetime import datetime

import pytest

from chalicelib.domain.timetable import NEW_YORK
from tests.journeys.people import a_row

MONTHLY = {"frequency": "monthly"}
OWED = 42480  # December's premium, and January's, which is charged on December 1


def on(day, hour, minute=0):
    return datetime(2026, 12, day, hour, minute, tzinfo=NEW_YORK)


@pytest.fixture(scope="module")
def cloud(deploy):
    return deploy("month", datetime(2026, 11, 30, 16, tzinfo=NEW_YORK), RunShards="8")


@pytest.fixture(scope="module")
def people():
    return {}


def the_run(cloud, run):
    """It is closed, and its shards agree."""
    [found] = [each for each in cloud.ask("/runs") if each["run"] == run]
    assert found["state"] == "closed"
    assert found["claimed"] + found["skipped"] + found["excluded"] == found["active"]
    return found


def cancelled(walk):
    """Found again, asked, and said yes to."""
    walk.goto("/find?to=recurring")
    walk.fill_find()
    walk.press("Continue")
    walk.press("Cancel monthly payments")
    walk.press("Yes, cancel these payments")
    return walk


def withdrawal(guest):
    lines = guest.ask(f"/ledger/{guest.enrollment_id}")["lines"]
    [found] = [line for line in lines if line["kind"] == "withdrawal"]
    return found


def test_five_members_are_imported(cloud, people):
    names = ("ana", "ben", "cleo", "dan", "flo")
    row = {"plan_year": "2027", "coverage_end": "", "billed_through": "2026-12"}
    people.update(zip(names, cloud.join(*(a_row(**row) for _ in names)), strict=True))


def test_the_billing_run_of_the_1st_closes_all_its_shards(cloud, people):
    cloud.fire("bill", on(1, 6))
    assert the_run(cloud, "billing#2026-12")["active"] == len(people)


def test_five_set_up_monthly_payments_and_one_of_them_pays_all_at_once(cloud, people):
    cloud.engine.move(on(3, 10))
    for name, guest in people.items():
        guest.found()
        guest.contact()
        said = guest.pays(**MONTHLY) if name == "flo" else guest.pays_other("0.00", **MONTHLY)
        assert said.location == "/review", said.text
        assert guest.submit().location == "/done", guest.last.text


def test_what_was_paid_at_once_goes_to_the_bank(cloud):
    cloud.fire("collect", on(3, 18))
    [judged] = cloud.fetch()
    assert (judged.is_clean, judged.debit_cents) == (True, OWED)
    cloud.answer(on(3, 18, 45))
    cloud.fire("settle", on(8, 20))


def test_the_notice_run_of_the_10th_closes_all_its_shards_and_members_are_told(cloud, people):
    cloud.fire("notify", on(10, 9))
    the_run(cloud, "notice#2026-12-10")
    told = [mail for mail in people["ana"].mails if "December 22, 2026" in mail["text"]]
    assert told


def test_the_withdrawal_of_the_22nd_closes_all_its_shards(cloud, people):
    cloud.fire("withdraw", on(22, 9))
    run = the_run(cloud, "withdrawal#2026-12")
    assert (run["claimed"], run["skipped"], run["total_cents"]) == (4, 1, 4 * OWED)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_at_10_in_chromium_a_member_cancels_and_undoes_it(cloud, people, chromium, javascript):
    guest = people["ana" if javascript else "dan"]
    cloud.engine.move(on(22, 10))
    walk = cancelled(chromium(guest))
    [mandate] = guest.ask(f"/mandates/{guest.enrollment_id}")
    assert mandate["state"] == "ended"
    walk.press("Undo the cancel")
    [mandate] = guest.ask(f"/mandates/{guest.enrollment_id}")
    assert (mandate["state"], mandate["ended_at"]) == ("active", None)


def test_at_10_a_member_who_cancels_is_told_that_this_month_is_still_taken(cloud, people, chromium):
    cancelled(chromium(people["ben"]))
    cloud.settle()
    [mail] = [mail for mail in people["ben"].mails if "cancelled" in mail["subject"]]
    assert "we still take $424.80 on Tuesday, December 22, 2026" in mail["text"]


@pytest.mark.parametrize("address", ["/recurring", "/history"])
def test_at_10_the_pages_of_a_member_whose_withdrawal_is_claimed_open(people, address):
    guest = people["cleo"].again()
    guest.found(to=address.strip("/"))
    assert guest.get(address).status == 200


def test_the_same_day_file_takes_what_was_claimed(cloud, people):
    cloud.fire("send_same_day", on(22, 12))
    [judged, *_] = cloud.fetch()
    assert judged.is_clean, judged.objections
    assert judged.debit_cents == 4 * OWED
    cloud.answer(on(22, 12, 45))


def test_the_watch_of_15_finds_nothing_late(cloud):
    cloud.fire("watch", on(22, 15))
    assert [case for case in cloud.ask("/cases") if "run" in case["kind"]] == []


def test_the_evening_finds_nothing_that_differs(cloud):
    cloud.fire("collect", on(22, 18))
    cloud.fire("settle", on(22, 20))
    assert cloud.system.reconciling.differences(cloud.clock.now()) == []


def test_it_is_paid_on_the_second_banking_day(cloud, people):
    cloud.fire("settle", on(24, 20))
    assert {name: withdrawal(guest)["state"] for name, guest in people.items()} == {
        **dict.fromkeys(("ana", "ben", "cleo", "dan"), "paid"),
        "flo": "skipped",
    }


def test_no_message_is_in_a_dead_letter_queue_of_this_stage(cloud):
    assert cloud.dead_letters() == {}
