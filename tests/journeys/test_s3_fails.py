"""S3 fails while files go to the bank: they go by themselves, and only an uncertain send asks."""

from datetime import date, datetime

import boto3
import pytest

from chalicelib.domain.timetable import NEW_YORK
from infra.offline.bank.judge import judge
from infra.rights.acting import RECORDER
from tests.journeys import people
from tests.journeys.people import a_row

FOREVER = 10_000
SEALED, PUT_OUT = 1, 2  # of a job's PutObjects: its own copy, and the bank's
TRIES = 3 * 2 * 3  # botocore's in each, two in each invocation, three invocations
NOON = "collection#2026-12-22#noon"


def on(day, hour=10, minute=0):
    return datetime(2026, 12, day, hour, minute, tzinfo=NEW_YORK)


@pytest.fixture
def world(request, world_at):
    """On the day before what fails."""
    return world_at(on(21) if "before_noon" in request.fixturenames else on(3))


@pytest.fixture
def before_noon(world, canaries):
    """Somebody's withdrawal is claimed; in a minute it goes to the bank."""
    person = people.join(world, canaries, a_row(plan_year="2027", coverage_end=""))
    person.found()
    person.contact()
    assert person.pays_other("0.00", frequency="monthly").location == "/review"
    assert person.submit().location == "/done"
    world.pump.move(on(22, 11, 59))
    assert not is_fetched(world)
    return person


@pytest.fixture
def before_six(world, canaries):
    """Somebody has paid on the page; in a minute the day is collected."""
    person = people.join(world, canaries, a_row())
    person.paid()
    world.pump.move(on(3, 17, 59))
    return person


def fails(world, n=PUT_OUT, kind="http-500", times=FOREVER):
    world.engine.plan_fault(n, kind, operation="PutObject", times=times)


def redrive(world, function, at):
    """A dead letter of the calendar is sent again."""
    world.pump._tell(function, {"scheduled_at": at.isoformat()})
    world.pump.settle()


def is_out(world, person, name, settles_on):
    """The bank has it and takes it on that date; staff were not asked, no alarm rang."""
    transmission, bank = world.system.records.transmissions.get(name), world.pump.bank
    [file] = transmission.files
    judgement = judge([bank.files[file.name]], bank.customer, transmission.sent_at)
    assert judgement.is_clean
    assert {each.settles_on for each in judgement.kept} == {settles_on} == {transmission.settles_on}
    # At 20:00 the books say what is not out yet.
    asked = {case["case"] for case in person.ask("/cases")}
    assert {case for case in asked if not case.startswith("difference#")} == set()
    assert world.metrics.counts["FilesNotSent"] == 0


def is_fetched(world, day="20261222"):
    return any(day in name for name in world.pump.bank.files)


def told_later(person):
    return [each for each in person.mails if "later than we said" in each["subject"]]


@pytest.mark.parametrize("n", [SEALED, PUT_OUT])
def test_issue_11_show_4_three_errors_at_noon_on_the_22nd_and_nobody_is_called(
    world, before_noon, n
):
    fails(world, n, times=3)
    world.pump.move(on(22, 12, 1))
    is_out(world, before_noon, NOON, date(2026, 12, 22))
    assert world.pump.failures == []
    assert told_later(before_noon) == []


@pytest.mark.parametrize("n", [SEALED, PUT_OUT])
def test_issue_11_what_fails_in_every_try_of_noon_is_out_in_the_afternoon(world, before_noon, n):
    fails(world, n, times=TRIES)
    world.pump.move(on(22, 12, 1))
    assert len(world.pump.failures) == 3
    assert not is_fetched(world)
    world.pump.move(on(22, 13))
    is_out(world, before_noon, NOON, date(2026, 12, 22))
    assert told_later(before_noon) == []


@pytest.mark.parametrize("kind", ["crash-after", "reply-lost"])
def test_a_file_that_landed_unheard_is_found_by_the_next_try(world, before_noon, kind):
    fails(world, kind=kind, times=1)
    world.pump.move(on(22, 12, 1))
    is_out(world, before_noon, NOON, date(2026, 12, 22))
    assert len(world.pump.failures) == (kind == "crash-after")


@pytest.mark.parametrize("kind", ["crash-after", "reply-lost"])
def test_so_it_is_in_the_evening(world, before_six, kind):
    fails(world, kind=kind, times=1)
    world.pump.move(on(3, 18, 1))
    is_out(world, before_six, "collection#2026-12-03", date(2026, 12, 4))
    assert len(world.pump.failures) == (kind == "crash-after")


def test_a_file_that_landed_unheard_in_every_try_is_found_by_the_next_job(world, before_noon):
    fails(world, kind="crash-after", times=1)
    world.engine.plan_fault(1, "http-500", operation="HeadObject", times=TRIES * 2 // 3)
    world.pump.move(on(22, 12, 1))
    assert len(world.pump.failures) == 3
    world.pump.move(on(22, 12, 20))  # before the bank has said a word
    is_out(world, before_noon, NOON, date(2026, 12, 22))


def test_what_goes_again_in_the_afternoon_may_land_unheard_too(world, before_noon):
    fails(world, times=TRIES)
    fails(world, PUT_OUT + TRIES, kind="reply-lost", times=1)
    world.pump.move(on(22, 13))
    is_out(world, before_noon, NOON, date(2026, 12, 22))
    assert len(world.pump.failures) == 3


@pytest.mark.parametrize("function", ["send_again", "send_same_day"])
def test_rule_27_when_s3_is_down_till_the_evening_the_real_date_is_mailed_and_it_goes(
    world, before_noon, function
):
    fails(world)
    world.pump.move(on(22, 18, 20))
    assert not is_fetched(world)
    world.engine.forget_faults()
    redrive(world, function, on(22, 12))
    is_out(world, before_noon, NOON, date(2026, 12, 23))
    [mail] = told_later(before_noon)
    assert "Wednesday, December 23, 2026" in mail["text"]
    assert before_noon.ask("/reconciliation")["agrees"]


@pytest.mark.parametrize("function", ["send_again", "collect"])
def test_rule_27_so_it_is_with_a_payment_of_the_page(world, before_six, function):
    fails(world)
    world.pump.move(on(4, 17))
    world.engine.forget_faults()
    redrive(world, function, on(3, 18))
    is_out(world, before_six, "collection#2026-12-03", date(2026, 12, 7))
    [mail] = told_later(before_six)
    assert "Monday, December 7, 2026" in mail["text"]


def test_what_failed_all_evening_is_in_time_the_next_morning(world, before_six):
    fails(world)
    world.pump.move(on(3, 21))
    world.engine.forget_faults()
    world.pump.move(on(4, 9))
    is_out(world, before_six, "collection#2026-12-03", date(2026, 12, 4))
    assert told_later(before_six) == []


def test_issue_11_show_4_an_uncertain_send_still_asks(world, before_noon):
    """The job dies as its file lands, and somebody takes the file away: who?"""

    def take_away(call):
        if call.operation == "PutObject" and "/outbound/bank/" in call.url:
            key = f"outbound/bank/{call.url.rpartition('/')[2]}"
            bucket = world.stack.environment["BUCKET"]
            with RECORDER.aside():
                boto3.client("s3").delete_object(Bucket=bucket, Key=key)

    world.engine.on_call(after=take_away)
    fails(world, kind="crash-after", times=1)
    world.pump.move(on(22, 15))
    assert [case["case"] for case in before_noon.ask("/cases")] == [f"uncertain_send#{NOON}"]
    assert not is_fetched(world)
    assert world.metrics.counts["FilesNotSent"] > 0
    assert str(world.system.records.transmissions.get(NOON).state) == "sending"


def test_rule_33_a_copy_that_stayed_when_the_bank_had_it_is_erased_in_the_evening(
    world, before_six
):
    world.engine.plan_fault(1, "http-500", operation="DeleteObject", times=FOREVER)
    world.pump.move(on(3, 18, 35))
    transmission = world.system.records.transmissions.get("collection#2026-12-03")
    [file] = transmission.files
    assert world.system.bank.has(file.name)
    world.engine.forget_faults()
    redrive(world, "settle", on(3, 20))
    assert not world.system.bank.has(file.name)
    assert (
        str(world.system.records.transmissions.get(transmission.transmission_id).state)
        == "acknowledged"
    )
