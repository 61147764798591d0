"""Promised messages leave: at least once, tried again, and never forgotten (rules 32, I19, I20)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.case import CaseKind
from chalicelib.domain.mail import MOST_ATTEMPTS, MailState
from chalicelib.services.mailing import TryAgain
from tests.builders import NOW, a_mail
from tests.fakes import refusal

DAY = "2026-12-03"
MAIL_ID = "confirmation.HC-7K4M-92QX"
MINUTE = timedelta(minutes=1)


def promise(here, **changed):
    mail = a_mail(**changed)
    here.store.write(here.system.outbox.adding(mail))
    return mail


def send(here, now=NOW):
    here.system.mailing.send(DAY, MAIL_ID, now)


def state(here):
    mail = here.system.outbox.get(DAY, MAIL_ID)
    return mail.state, mail.attempts


def test_a_promised_message_is_sent_and_marked(here):
    mail = promise(here)
    send(here)
    ((sent, letter),) = here.mailer.sent
    assert sent == mail
    assert letter.subject == "confirmation"
    assert state(here) == (MailState.SENT, 1)
    assert here.signals.counts["MailsSent"] == 1


def test_a_message_that_was_sent_is_not_sent_again(here):
    promise(here)
    send(here)
    send(here)
    assert len(here.mailer.sent) == 1


def test_invariant_19_what_was_never_promised_is_not_sent(here):
    send(here)
    assert here.mailer.sent == []


def test_what_was_not_taken_is_tried_again(here):
    promise(here)
    here.mailer.failures = [ConnectionError(), TimeoutError()]
    for tried in (1, 2):
        with pytest.raises(TryAgain):
            send(here)
        assert state(here) == (MailState.PENDING, tried)
    send(here)
    assert state(here) == (MailState.SENT, 3)
    assert here.system.cases.open() == []


def test_a_message_that_is_never_taken_becomes_a_case(here):
    promise(here)
    here.mailer.failures = [ConnectionError()] * MOST_ATTEMPTS
    for _ in range(MOST_ATTEMPTS - 1):
        with pytest.raises(TryAgain):
            send(here)
    send(here)  # given up: nobody needs to try again
    assert state(here) == (MailState.FAILED, MOST_ATTEMPTS)
    (case,) = here.system.cases.open()
    assert (case.kind, case.enrollment_id) == (CaseKind.MAIL_FAILED, "EN000001")
    assert case.phone == "+16175550123"
    assert here.mailer.sent == []
    send(here)
    assert len(here.system.cases.open()) == 1


def test_a_message_that_is_refused_for_ever_becomes_a_case_at_once(here):
    promise(here)
    here.mailer.failures = [refusal()]
    send(here)
    assert state(here) == (MailState.FAILED, 1)
    assert [case.kind for case in here.system.cases.open()] == [CaseKind.MAIL_FAILED]


def test_of_two_senders_at_once_one_marks_and_neither_fails(here, monkeypatch):
    mail = promise(here)
    marking = here.system.outbox.marking

    def late(changed, before):
        if changed.attempts == 1:
            other = marking(replace(mail, state=MailState.SENT, attempts=1), before)
            monkeypatch.setattr(here.system.outbox, "marking", marking)
            here.store.write(other)
        return marking(changed, before)

    monkeypatch.setattr(here.system.outbox, "marking", late)
    send(here)
    assert state(here) == (MailState.SENT, 1)
    assert here.signals.counts["MailsMarkedByAnother"] == 1


@pytest.mark.parametrize(
    ("age", "is_woken"),
    [
        (4 * MINUTE, False),  # its own message is still on the way
        (5 * MINUTE, True),
        (timedelta(days=1), True),
        (timedelta(days=4), True),
    ],
)
def test_invariant_20_the_sweeper_wakes_the_sender_for_what_was_missed(here, age, is_woken):
    mail = promise(here, created_at=NOW - age)
    here.system.mailing.sweep(NOW)
    expected = [{"day": mail.created_at.date().isoformat(), "mail_id": MAIL_ID}]
    assert here.mail_queue.take() == (expected if is_woken else [])


@pytest.mark.parametrize("done", [MailState.SENT, MailState.FAILED])
def test_the_sweeper_leaves_what_is_done(here, done):
    promise(here, state=done, created_at=NOW - timedelta(hours=1))
    here.system.mailing.sweep(NOW)
    assert here.mail_queue.take() == []


def test_the_sweeper_finds_a_mail_promised_just_before_midnight(here):
    midnight = NOW.replace(hour=0)
    promise(here, created_at=midnight - MINUTE)
    here.system.mailing.sweep(midnight + 10 * MINUTE)
    assert here.mail_queue.take() == [{"day": "2026-12-02", "mail_id": MAIL_ID}]


@pytest.mark.parametrize("what", ["Email Bounced", "Email Complaint Received"])
def test_rule_32_a_mail_that_came_back_opens_a_case_with_the_phone_number(here, what):
    promise(here)
    tags = {"mail_id": MAIL_ID, "day": DAY, "message_id": "0100-ses"}
    here.system.mailing.came_back(tags, what, NOW)
    here.system.mailing.came_back(tags, what, NOW + MINUTE)
    (case,) = here.system.cases.open()
    assert (case.kind, case.phone) == (CaseKind.PHONE_MEMBER, "+16175550123")
    assert case.enrollment_id == "EN000001"
    assert what in case.reason
    assert "maria@example.com" not in case.reason


@pytest.mark.parametrize("tags", [{"message_id": "0100-ses"}, {}, {"mail_id": "x", "day": DAY}])
def test_a_mail_that_came_back_and_is_not_known_opens_a_case_all_the_same(here, tags):
    here.system.mailing.came_back(tags, "Email Bounced", NOW)
    (case,) = here.system.cases.open()
    assert case.enrollment_id is None
    assert case.phone is None


def test_the_mail_never_touches_the_payment(here):
    promise(here)
    before = {t: rows for t, rows in here.kept().items() if t not in ("outbox", "cases")}
    here.mailer.failures = [refusal()]
    send(here)
    here.system.mailing.came_back({"mail_id": MAIL_ID, "day": DAY}, "Email Bounced", NOW)
    assert {t: rows for t, rows in here.kept().items() if t not in ("outbox", "cases")} == before
