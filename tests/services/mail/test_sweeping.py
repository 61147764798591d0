"""What was promised and not sent is found again, and its sender woken once an hour (I20)."""

from datetime import timedelta

import pytest

from chalicelib.domain.mail import MOST_ATTEMPTS, WAKE_AGAIN_AFTER, MailState
from chalicelib.ports import HAND_OVER_MS
from chalicelib.services.mail.mailing import WAKES_AT_ONCE, TryAgain
from infra.offline import resources
from infra.rights.acting import RECORDER
from tests.builders import NOW, a_mail
from tests.fakes import refusal
from tests.faults.metered import Metered
from tests.monthly import FOREVER, NOTICE, Exchange, at
from tests.services.conftest import make
from tests.stores import Crash, Deaf, Interrupted, pending_mails

DAY = "2026-12-03"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def promise(here, *names, **changed):
    for name in names or ("confirmation.HC-7K4M-92QX",):
        here.store.write(*here.system.records.outbox.adding(a_mail(mail_id=name, **changed)))


def sweep(here, now, pages=FOREVER):
    """A sweep that has time for so many pages."""
    left = iter([FOREVER] * pages) if pages < FOREVER else None
    here.system.mailing.sweep(now, lambda: next(left, HAND_OVER_MS - 1) if left else FOREVER)


def woken(here):
    """The messages sent since, by the mail they are about."""
    return [message["mail_id"] for message in here.mail_queue.take()]


def work(here, now):
    """The sender reads its messages; those that fail come again another time."""
    for message in here.mail_queue.take():
        try:
            here.system.mailing.send(message["day"], message["mail_id"], now)
        except TryAgain:
            here.mail_queue.send(message)


def state(here, name):
    return here.system.records.outbox.get(DAY, name).state


# Whom it wakes.


@pytest.mark.parametrize(
    ("age", "is_woken"),
    [
        (4 * MINUTE, False),  # its own message is still on the way
        (5 * MINUTE, True),
        (timedelta(days=1), True),
        (timedelta(days=400), True),
    ],
)
def test_invariant_20_the_sender_is_woken_for_what_was_missed(here, age, is_woken):
    promise(here, "a", created_at=NOW - age)
    sweep(here, NOW)
    day = (NOW - age).date().isoformat()
    assert here.mail_queue.take() == ([{"day": day, "mail_id": "a"}] if is_woken else [])


def test_a_mail_promised_just_before_midnight_is_found(here):
    midnight = NOW.replace(hour=0)
    promise(here, "a", created_at=midnight - MINUTE)
    sweep(here, midnight + 10 * MINUTE)
    assert here.mail_queue.take() == [{"day": "2026-12-02", "mail_id": "a"}]


@pytest.mark.parametrize(
    ("failures", "end"),
    [
        ([], MailState.SENT),
        ([refusal()], MailState.FAILED),
        ([ConnectionError()] * MOST_ATTEMPTS, MailState.FAILED),
    ],
)
def test_what_was_sent_or_given_up_waits_no_more(here, failures, end):
    promise(here, "a")
    here.mailer.failures = [*failures]
    for _ in range(MOST_ATTEMPTS):
        here.mail_queue.send({"day": DAY, "mail_id": "a"})
        work(here, NOW)
    assert state(here, "a") is end
    assert pending_mails(here.system) == []
    here.mail_queue.take()
    sweep(here, NOW + HOUR)
    assert woken(here) == []


def test_a_mail_of_a_run_that_goes_on_six_days_later_is_sent_though_its_message_was_lost():
    exchange = Exchange()
    exchange.member()
    exchange.start(NOTICE, at(10))
    exchange.work()
    exchange.here.mail_queue.take()
    exchange.post(at(16))
    assert [mail.kind for mail, _ in exchange.here.mailer.sent] == ["notice"]


# How often.


def test_three_sweeps_over_a_hundred_waiting_mails_send_a_hundred_messages(here):
    names = [f"mail.{n}" for n in range(100)]
    promise(here, *names)
    for minutes in (10, 20, 30):
        sweep(here, NOW + minutes * MINUTE)
    assert sorted(woken(here)) == sorted(names)


def test_a_sender_that_stands_still_gets_one_message_an_hour(here):
    promise(here, "a")
    for minutes in range(10, 200, 10):
        sweep(here, NOW + minutes * MINUTE)
    assert woken(here) == ["a"] * 4  # after 10, 70, 130 and 190 minutes


def test_a_message_that_was_lost_comes_again(here):
    promise(here, "a")
    sweep(here, NOW + 10 * MINUTE)
    assert woken(here) == ["a"]
    sweep(here, NOW + 70 * MINUTE)
    work(here, NOW + 71 * MINUTE)
    assert state(here, "a") is MailState.SENT


def test_it_wakes_again_only_when_the_queue_has_given_the_message_up():
    queue = resources.load()["Resources"]["MailQueue"]["Properties"]
    tries = queue["RedrivePolicy"]["maxReceiveCount"]
    assert timedelta(seconds=tries * queue["VisibilityTimeout"]) < WAKE_AGAIN_AFTER


def test_a_sweep_that_dies_between_any_two_calls_loses_no_message(here):
    promise(here, *(f"mail.{n}" for n in range(2 * WAKES_AT_ONCE)))
    for n in range(1, 100):
        here.mail_queue.take()
        again = make(Interrupted(here.store, n))
        at_ = NOW + n * HOUR  # each hour all are due again
        try:
            sweep(again, at_)
        except Crash:
            sweep(here, at_ + 10 * MINUTE)
            told = set(woken(again)) | set(woken(here))
            assert len(told) == 2 * WAKES_AT_ONCE, n
        else:
            break
    assert n > 3


def test_invariant_20_a_sweep_whose_queue_is_away_wakes_at_the_next_one_and_not_an_hour_later(here):
    promise(here, "a")
    here.mail_queue.send = lambda *_: (_ for _ in ()).throw(OSError)
    with pytest.raises(OSError):
        sweep(here, NOW + 5 * MINUTE)
    del here.mail_queue.send
    sweep(here, NOW + 10 * MINUTE)
    assert woken(here) == ["a"]


def test_a_mail_that_is_sent_while_its_page_is_swept_stays_gone_and_the_others_are_noted(here):
    promise(here, "a", "b", "c")
    waking = here.mail_queue.send

    def send_at_once(*messages):
        waking(*messages)
        with RECORDER.aside():  # it is the sender that sends
            here.system.mailing.send(DAY, "b", NOW)

    here.mail_queue.send = send_at_once
    sweep(here, NOW + 10 * MINUTE)
    left = {mail.mail_id: mail.woken_at for mail in here.system.records.outbox.pending()}
    assert left == {"a": NOW + 10 * MINUTE, "c": NOW + 10 * MINUTE}


def test_a_note_whose_reply_was_lost_does_no_harm(here):
    promise(here, "a", "b")
    deaf = make(Deaf(here.store, lambda write: hasattr(write, "key")))
    sweep(deaf, NOW + 10 * MINUTE)
    sweep(here, NOW + 20 * MINUTE)
    assert sorted(woken(deaf)) == ["a", "b"]
    assert woken(here) == []


# How much it does.


def test_a_sweep_reads_what_waits_and_not_what_was_sent(here):
    def units():
        seen = Metered(here.store)
        sweep(make(seen), NOW + 10 * MINUTE)
        return seen.total, seen.read_units

    nothing = units()
    promise(here, *(f"mail.{n}" for n in range(300)))
    waiting = units()
    sweep(here, NOW + 2 * HOUR)
    work(here, NOW + 2 * HOUR)
    assert len(here.mailer.sent) == 300
    assert waiting > nothing
    assert units() == nothing


def test_a_sweep_stops_in_time_and_the_next_one_goes_on(here):
    promise(here, *(f"mail.{n}" for n in range(3 * WAKES_AT_ONCE)))
    sweep(here, NOW + 10 * MINUTE, pages=2)
    first = woken(here)
    sweep(here, NOW + 20 * MINUTE)
    second = woken(here)
    assert (len(first), len(second)) == (2 * WAKES_AT_ONCE, WAKES_AT_ONCE)
    assert len({*first, *second}) == 3 * WAKES_AT_ONCE


def test_the_last_in_line_is_woken_though_the_first_are_due_again_before_its_turn(here):
    names = [f"mail.{n}" for n in range(10 * WAKES_AT_ONCE)]
    promise(here, *names)
    for minutes in range(10, 110, 10):
        sweep(here, NOW + minutes * MINUTE, pages=1)
    assert sorted(woken(here)) == sorted(names)


def test_invariant_20_after_a_sweep_that_came_to_the_end_the_next_begins_at_the_beginning(here):
    promise(here, *(f"mail.{n}" for n in range(2 * WAKES_AT_ONCE)))
    sweep(here, NOW + 10 * MINUTE, pages=1)
    sweep(here, NOW + 20 * MINUTE)
    names = [f"new.{n}" for n in range(50)]  # before and after the place of the first sweep
    promise(here, *names)
    here.mail_queue.take()
    sweep(here, NOW + 30 * MINUTE)
    assert sorted(woken(here)) == sorted(names)


def test_a_sweep_that_has_no_time_at_all_keeps_the_place(here):
    promise(here, *(f"mail.{n}" for n in range(2 * WAKES_AT_ONCE)))
    sweep(here, NOW + 10 * MINUTE, pages=1)
    first = woken(here)
    sweep(here, NOW + 20 * MINUTE, pages=0)
    sweep(here, NOW + 30 * MINUTE, pages=1)
    assert not set(first) & set(woken(here))


# What it says.


def test_the_age_of_the_oldest_waiting_mail_is_told(here):
    for name, minutes in (("a", 3), ("b", 90), ("c", 7)):
        promise(here, name, created_at=NOW - minutes * MINUTE)
    sweep(here, NOW, pages=0)
    assert here.metrics.gauges == {"OldestMailSeconds": 5400}


@pytest.mark.parametrize("names", [(), ("a",)])
def test_where_nothing_waits_long_the_age_is_nothing_and_is_told_all_the_same(here, names):
    for name in names:
        promise(here, name, created_at=NOW + MINUTE)  # promised after the sweep's instant
    sweep(here, NOW)
    assert here.metrics.gauges == {"OldestMailSeconds": 0}
