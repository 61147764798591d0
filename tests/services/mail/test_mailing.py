"""Promised messages leave: at least once, tried again, and never forgotten (rules 32, I19, I20)."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.case import CaseKind
from chalicelib.domain.mail import MOST_ATTEMPTS, MailState
from chalicelib.services.mail.mailing import TryAgain
from tests.builders import NOW, a_mail
from tests.fakes import refusal
from tests.services.conftest import make
from tests.stores import Crash, Deaf, Interrupted

DAY = "2026-12-03"
MAIL_ID = "confirmation.HC-7K4M-92QX"
MINUTE = timedelta(minutes=1)


def promise(here, **changed):
    mail = a_mail(**changed)
    here.store.write(*here.system.records.outbox.adding(mail))
    return mail


def send(here, now=NOW):
    here.system.mailing.send(DAY, MAIL_ID, now)


def state(here):
    mail = here.system.records.outbox.get(DAY, MAIL_ID)
    return mail.state, mail.attempts


def test_a_promised_message_is_sent_and_marked(here):
    mail = promise(here)
    send(here)
    ((sent, letter),) = here.mailer.sent
    assert sent == mail
    assert letter.subject == "confirmation"
    assert state(here) == (MailState.SENT, 1)
    assert here.metrics.counts["MailsSent"] == 1


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
    assert here.system.records.cases.open() == []


def test_a_message_that_is_never_taken_becomes_a_case(here):
    promise(here)
    here.mailer.failures = [ConnectionError()] * MOST_ATTEMPTS
    for _ in range(MOST_ATTEMPTS - 1):
        with pytest.raises(TryAgain):
            send(here)
    send(here)  # given up: nobody needs to try again
    assert state(here) == (MailState.FAILED, MOST_ATTEMPTS)
    (case,) = here.system.records.cases.open()
    assert (case.kind, case.enrollment_id) == (CaseKind.MAIL_FAILED, "EN000001")
    assert case.phone == "+16175550123"
    assert here.mailer.sent == []
    send(here)
    assert len(here.system.records.cases.open()) == 1


def test_a_message_that_is_refused_for_ever_becomes_a_case_at_once(here):
    promise(here)
    here.mailer.failures = [refusal()]
    send(here)
    assert state(here) == (MailState.FAILED, 1)
    assert [case.kind for case in here.system.records.cases.open()] == [CaseKind.MAIL_FAILED]


def test_of_two_senders_at_once_one_marks_and_neither_fails(here, monkeypatch):
    mail = promise(here)
    marking = here.system.records.outbox.marking

    def late(changed, before):
        if changed.attempts == 1:
            other = marking(replace(mail, state=MailState.SENT, attempts=1), before)
            monkeypatch.setattr(here.system.records.outbox, "marking", marking)
            here.store.write(*other)
        return marking(changed, before)

    monkeypatch.setattr(here.system.records.outbox, "marking", late)
    send(here)
    assert state(here) == (MailState.SENT, 1)
    assert here.metrics.counts["MailsMarkedByAnother"] == 1


@pytest.mark.parametrize("what", ["Email Bounced", "Email Complaint Received"])
def test_rule_32_a_mail_that_came_back_opens_a_case_with_the_phone_number(here, what):
    promise(here)
    tags = {"mail_id": MAIL_ID, "day": DAY, "message_id": "0100-ses"}
    here.system.mailing.came_back(tags, what, NOW)
    here.system.mailing.came_back(tags, what, NOW + MINUTE)
    (case,) = here.system.records.cases.open()
    assert (case.kind, case.phone) == (CaseKind.PHONE_MEMBER, "+16175550123")
    assert case.enrollment_id == "EN000001"
    assert what in case.reason
    assert "maria@example.com" not in case.reason


@pytest.mark.parametrize("tags", [{"message_id": "0100-ses"}, {}, {"mail_id": "x", "day": DAY}])
def test_a_mail_that_came_back_and_is_not_known_opens_a_case_all_the_same(here, tags):
    here.system.mailing.came_back(tags, "Email Bounced", NOW)
    (case,) = here.system.records.cases.open()
    assert case.enrollment_id is None
    assert case.phone is None


def test_the_mail_never_touches_the_payment(here):
    promise(here)
    before = {t: rows for t, rows in here.kept().items() if t not in ("outbox", "cases")}
    here.mailer.failures = [refusal()]
    send(here)
    here.system.mailing.came_back({"mail_id": MAIL_ID, "day": DAY}, "Email Bounced", NOW)
    assert {t: rows for t, rows in here.kept().items() if t not in ("outbox", "cases")} == before


def test_invariant_11_a_sender_that_dies_between_any_two_calls_leaves_it_waiting_or_done(here):
    for n in range(1, 20):
        name = f"mail.{n}"
        mail = promise(here, mail_id=name)
        again = make(Interrupted(here.store, n))
        with suppress(Crash):
            again.system.mailing.send(DAY, name, NOW)
        mail = here.system.records.outbox.get(DAY, name)
        waits = name in {each.mail_id for each in here.system.records.outbox.pending()}
        assert waits == (mail.state is MailState.PENDING), n
        assert again.mailer.sent or waits, n
        if mail.state is MailState.SENT:
            break
    assert n == 3, "a read and a write"


@pytest.mark.parametrize("is_refused", [False, True])
def test_when_the_reply_to_the_mark_is_lost_nothing_waits_any_more(here, is_refused):
    promise(here)
    deaf = make(Deaf(here.store, lambda write: write.table == "outbox"))
    deaf.mailer.failures = [refusal()] * is_refused
    deaf.system.mailing.send(DAY, MAIL_ID, NOW)
    assert state(here)[0] is (MailState.FAILED if is_refused else MailState.SENT)
    assert list(here.system.records.outbox.pending()) == []


def test_a_sender_that_fails_after_another_has_sent_brings_nothing_back(here):
    promise(here)
    late = make(Interrupted(here.store, 2, lambda: send(here)))  # between its read and its mark
    late.mailer.failures = [refusal()]
    late.system.mailing.send(DAY, MAIL_ID, NOW)
    assert state(here) == (MailState.SENT, 1)
    assert list(here.system.records.outbox.pending()) == []
    assert here.system.records.cases.open() == []
