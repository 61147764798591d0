"""A mail queue that is down stops nothing: what was committed stands, and its letters are sent."""

from datetime import date

import pytest

from chalicelib.domain.mail import MailState
from tests.bank import THURSDAY, Bank
from tests.monthly import BILLING, NOTICE, at
from tests.services.credits.test_crediting import paid, proposed, released
from tests.services.credits.test_retrying import TUESDAY, again, came_back
from tests.services.monthly.test_mandates import cancel, undo

ONE = "EN000001"


def down(*_messages):
    raise ConnectionError("the mail queue takes nothing")


def cancelled(bank):
    mandate_id = bank.sign_up(bank.enroll(plan_year=2027), THURSDAY)
    assert cancel(bank, mandate_id, at(4)).mandate.ended_at


def undone(bank):
    mandate_id = bank.sign_up(bank.enroll(plan_year=2027), THURSDAY)
    cancel(bank, mandate_id, at(4))
    assert undo(bank, mandate_id, at(5)).mandate.ended_at is None


def replaced(bank):
    enrollment = bank.enroll(plan_year=2027)
    bank.sign_up(enrollment, THURSDAY)
    assert bank.sign_up(enrollment, at(4), number="000999999999")


def told_and_taken(bank):
    bank.member()
    bank.run(NOTICE, at(10))
    bank.withdraw()
    assert bank.decision() == ("claimed", 42480, None)
    bank.noon(at(22, 12))
    assert len(bank.taken()) == 1


def excluded(bank):
    bank.member()
    bank.withdraw()
    assert bank.decision()[0] == "excluded"


def billed(bank):
    bank.member(coverage_end_on=date(2026, 11, 20))
    bank.run(BILLING, at(1, 6))
    assert bank.mails("ended_debt") == [ONE]


def settled(bank):
    payment_id = paid(bank)
    assert bank.state(payment_id) == "paid"


def returned(bank):
    payment_id = came_back(bank, monthly=True)
    assert bank.state(payment_id) == "not_paid"


def corrected(bank):
    payment_id = bank.begins()
    bank.collect(at(3, 18))
    body = bank.answer((payment_id, "C01"), when=TUESDAY, data="000777777777")
    bank.receive(body, TUESDAY)
    assert bank.cases() == {}


def tried_again(bank):
    assert again(bank, came_back(bank)).payment_id


def refunded(bank):
    credit_id = proposed(bank, paid(bank))
    assert str(released(bank, credit_id).state) == "released"


FLOWS = [
    *(cancelled, undone, replaced, told_and_taken, excluded, billed, settled, returned),
    *(corrected, tried_again, refunded),
]


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_invariant_20_every_flow_ends_while_the_queue_is_down_and_the_sweeper_sends(flow):
    calm = Bank()
    flow(calm)
    bank = Bank()
    bank.here.mail_queue.send = down
    flow(bank)
    del bank.here.mail_queue.send
    mails = bank.here.mailer
    assert mails.sent == []
    bank.post(at(31, 12))
    rows = calm.store.items["outbox"].values()
    promised = sorted(row["mail_id"] for row in rows if "state" in row)
    sent = [row for row in bank.store.items["outbox"].values() if "state" in row]
    assert sorted(row["mail_id"] for row in sent) == promised
    assert {row["state"] for row in sent} <= {MailState.SENT}
    assert (bank.here.metrics.counts["MailsNotWoken"] > 0) == bool(promised)
