"""Promised messages, on both stores."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.mail import MailState, PendingMail
from chalicelib.repositories.outbox import Outbox
from chalicelib.store import ConditionFailed
from tests.builders import NOW, a_mail

DAY = "2026-12-03"


@pytest.fixture
def outbox(store):
    return Outbox(store)


def test_a_message_comes_back_as_it_was_promised(store, outbox):
    mail = a_mail(facts={"total_cents": 42480, "lines": [{"a": None}], "name": "Núñez"})
    store.write(*outbox.adding(mail))
    assert outbox.get(DAY, mail.mail_id) == mail


def test_a_message_is_promised_once(store, outbox):
    store.write(*outbox.adding(a_mail()))
    with pytest.raises(ConditionFailed):
        store.write(*outbox.adding(a_mail(to="other@example.com")))


def test_what_was_never_promised_is_none(outbox):
    assert outbox.get(DAY, "confirmation.HC-2222-2222") is None


def waiting(outbox, after=None):
    return [(mail.day, mail.mail_id) for mail in outbox.pending(after)]


@pytest.mark.parametrize("promise", ["adding", "add", "add_once"])
def test_a_promise_waits_until_it_is_sent_or_given_up(store, outbox, promise):
    names = ("a", "b", "c", "d")
    for name in names:
        mail = a_mail(mail_id=name)
        store.write(*outbox.adding(mail)) if promise == "adding" else getattr(outbox, promise)(mail)
    states = (MailState.SENT, MailState.FAILED, MailState.PENDING)
    for name, state in zip(names, states, strict=False):
        mail = a_mail(mail_id=name)
        store.write(*outbox.marking(replace(mail, state=state, attempts=1), mail))
    assert sorted(waiting(outbox)) == [(DAY, "c"), (DAY, "d")]


def test_a_promise_that_was_refused_does_not_wait(store, outbox):
    mail = a_mail()
    assert outbox.add_once(mail)
    store.write(*outbox.marking(replace(mail, state=MailState.SENT, attempts=1), mail))
    assert not outbox.add(mail)
    assert not outbox.add_once(mail)
    assert not outbox.add_once(a_mail(created_at=NOW + timedelta(days=1)))
    assert waiting(outbox) == []


def test_what_waits_is_read_from_any_place_on(store, outbox):
    for n in range(40):
        created_at = NOW - timedelta(hours=n, microseconds=n)
        store.write(*outbox.adding(a_mail(mail_id=f"mail.{n}", created_at=created_at)))
    everything = list(outbox.pending())
    assert len({mail.mail_id for mail in everything}) == 40
    for n, mail in enumerate(everything):
        assert list(outbox.pending(mail)) == everything[n + 1 :]
        assert outbox.get(mail.day, mail.mail_id).created_at == mail.promised_at


def test_the_oldest_that_waits_is_known(store, outbox):
    assert outbox.oldest_pending() is None
    for n in range(40):
        created_at = NOW + timedelta(hours=abs(n - 17))
        store.write(*outbox.adding(a_mail(mail_id=f"mail.{n}", created_at=created_at)))
    assert outbox.oldest_pending() == PendingMail(mail_id="mail.17", promised_at=NOW)


def test_that_a_sender_was_woken_is_noted_where_the_mail_still_waits(store, outbox):
    mails = [a_mail(mail_id=name) for name in ("a", "b", "c")]
    store.write(*outbox.adding(*mails))
    waited = list(outbox.pending())
    store.write(*outbox.marking(replace(mails[1], state=MailState.SENT, attempts=1), mails[1]))
    outbox.note_woken(waited, NOW)
    assert {mail.mail_id: mail.woken_at for mail in outbox.pending()} == {"a": NOW, "c": NOW}


def test_the_place_of_a_sweep_is_kept_and_forgotten(store, outbox):
    assert outbox.swept_to() is None
    last = PendingMail(mail_id="a", promised_at=NOW)
    for place in (last, replace(last, woken_at=NOW), None):
        outbox.note_swept_to(place)
        assert outbox.swept_to() == place
    assert waiting(outbox) == []


def test_of_two_senders_that_mark_a_message_one_wins(store, outbox):
    mail = a_mail()
    store.write(*outbox.adding(mail))
    sent = replace(mail, state=MailState.SENT, attempts=1)
    store.write(*outbox.marking(sent, mail))
    with pytest.raises(ConditionFailed):
        store.write(*outbox.marking(replace(mail, attempts=1), mail))
    assert outbox.get(DAY, mail.mail_id) == sent
