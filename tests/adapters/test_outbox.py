"""Promised messages, on both stores."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.dynamodb.outbox import DynamoOutbox
from chalicelib.domain.mail import MailState
from chalicelib.ports import Refused
from tests.builders import NOW, a_mail

DAY = "2026-12-03"


@pytest.fixture
def outbox(store):
    return DynamoOutbox(store)


def test_a_message_comes_back_as_it_was_promised(store, outbox):
    mail = a_mail(facts={"total_cents": 42480, "lines": [{"a": None}], "name": "Núñez"})
    store.write(outbox.adding(mail))
    assert outbox.get(DAY, mail.mail_id) == mail


def test_a_message_is_promised_once(store, outbox):
    store.write(outbox.adding(a_mail()))
    with pytest.raises(Refused):
        store.write(outbox.adding(a_mail(to="other@example.com")))


def test_what_was_never_promised_is_none(outbox):
    assert outbox.get(DAY, "confirmation.HC-2222-2222") is None


def test_pending_are_those_of_the_day_that_were_neither_sent_nor_given_up(store, outbox):
    for name, state in (("a", MailState.PENDING), ("b", MailState.SENT), ("c", MailState.FAILED)):
        store.write(outbox.adding(a_mail(mail_id=name, state=state)))
    store.write(outbox.adding(a_mail(mail_id="d", created_at=NOW - timedelta(days=1))))
    assert [mail.mail_id for mail in outbox.pending(DAY)] == ["a"]
    assert [mail.mail_id for mail in outbox.pending("2026-12-02")] == ["d"]
    assert list(outbox.pending("2026-12-01")) == []


def test_of_two_senders_that_mark_a_message_one_wins(store, outbox):
    mail = a_mail()
    store.write(outbox.adding(mail))
    sent = replace(mail, state=MailState.SENT, attempts=1)
    store.write(outbox.marking(sent, mail))
    with pytest.raises(Refused):
        store.write(outbox.marking(replace(mail, attempts=1), mail))
    assert outbox.get(DAY, mail.mail_id) == sent
