"""Evidence lists every letter that a payment or a mandate caused, whatever its kind."""

from datetime import datetime
from pathlib import Path

import pytest

from chalicelib.adapters.randomness import SystemRandomness
from chalicelib.domain.credit import WhyBack
from chalicelib.domain.payment import Contact, EntryKind
from chalicelib.domain.run import RunKind
from chalicelib.domain.signature import Signature
from tests.bank import THURSDAY, Bank
from tests.builders import a_feed_row
from tests.monthly import BILLING, WITHDRAWAL, at, charge, pay
from tests.stores import Interrupted, mail_rows

ONE, TWO = "EN000001", "EN000002"
TEMPLATES = Path(__file__).parents[3] / "chalicelib/templates/mail"
KINDS = {file.name.partition(".")[0] for file in TEMPLATES.glob("*.subject.txt")}
ELSEWHERE = Contact(email="somebody.else@example.com", phone="+16175550100")
JANUARY = "2027-01"


def signed(who, when):
    return Signature(who=who, why="on the phone", at=when)


def standing(bank, name=ONE):
    return bank.system.records.mandates.of(name).standing[-1]


def cancel(bank, when, mandate_id=None, typed=None):
    mandate_id = mandate_id or standing(bank).mandate_id
    bank.system.mandating.cancel(bank.standing(ONE, when), mandate_id, typed, when)
    return mandate_id


def undo(bank, mandate_id, when):
    bank.system.mandating.undo(bank.standing(ONE, when), mandate_id, when)


def sent(bank):
    """A payment of the page that is in the bank's hands."""
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    return payment_id


def came_back(bank, code="R01"):
    payment_id = sent(bank)
    bank.receive(bank.answer((payment_id, code), when=at(8, 8)), at(8, 8))
    return payment_id


def given_back(bank):
    """A paid payment of which staff give some back; the credit's id."""
    bank.enroll()
    payment_id = bank.pays(cents=50000)
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    asked = (EntryKind.REFUND, WhyBack.CREDIT, ONE, payment_id, 7520)
    credit_id = bank.system.crediting.propose(*asked, signed("Ada", at(9))).credit_id
    for who in ("Ada", "Grace"):
        bank.system.crediting.release(credit_id, signed(who, at(9, 10)))
    return credit_id


def monthly(bank, when=THURSDAY, **wish):
    """Monthly payments, as the page sets them up."""
    enrollment = bank.system.records.enrollments.get(ONE) or bank.enroll(plan_year=2027)
    return bank.sign_up(enrollment, when, **wish)


def fed(bank, when, **row):
    facts = {"plan_year": "2027", "billed_through": "2026-12", "balance": "424.80", **row}
    bank.here.drop(a_feed_row(**facts), at=when, name=f"{when:%m%d%H%M}.csv")


# What causes each kind: of a payment, of a mandate, or of either.


def confirmation(bank):
    bank.begins()


def confirmation_of_a_mandate(bank):
    monthly(bank)


def paid(bank):
    sent(bank)
    bank.evening(at(8, 20))


def paid_when_nothing_was_suspected_any_more(bank):
    """Its letter waits until staff close the case, days after it was settled."""
    bank.system.__dict__["randomness"] = (
        SystemRandomness()
    )  # what counts up is digits alone: no id of ours
    payment_id = sent(bank)
    bank.receive(bank.answer((payment_id, "R01"), when=at(8, 8), cents=42479), at(8, 8))
    bank.evening(at(8, 20))
    assert bank.mails("paid") == []
    [case] = bank.cases()
    bank.system.records.cases.close(case, signed("Ada", at(15)))
    bank.evening(at(16, 20))


def paid_withdrawal(bank):
    monthly(bank)
    bank.tell()
    bank.withdraw()
    bank.noon(at(22, 12))
    bank.evening(at(24, 20))
    bank.evening(at(28, 20))


def not_paid(bank):
    came_back(bank)


def retry(bank):
    bank.system.retrying.release(ONE, came_back(bank), signed("Ada", at(8, 10)))


def retry_that_came_back(bank):
    payment = bank.system.retrying.release(ONE, came_back(bank), signed("Ada", at(8, 10)))
    bank.collect(at(8, 18))
    again = bank.answer((payment.payment_id, "R01"), when=at(11, 8))
    bank.receive(again, at(11, 8))


def refund(bank):
    given_back(bank)


def refund_that_came_back(bank):
    credit_id = given_back(bank)
    bank.collect(at(9, 18))
    bank.receive(bank.answer((credit_id, "R03"), when=at(11, 8)), at(11, 8))


def refused_prenote(bank):
    mandate_id = monthly(bank, number="99000003")
    bank.collect(at(3, 18))
    bank.receive(bank.answer((mandate_id, "R03"), when=at(8, 8)), at(8, 8))


def later(bank):
    """Nobody collected on Thursday."""
    bank.pays()
    bank.collect(at(4, 18))


def corrected_for_the_next_time(bank):
    payment_id = sent(bank)
    body = bank.answer((payment_id, "C02"), when=at(8, 8), data="121042882")
    bank.receive(body, at(8, 8))


def corrected(bank):
    payment_id = bank.begins()
    bank.collect(at(3, 18))
    body = bank.answer((payment_id, "C02"), when=at(8, 8), data="121042882")
    bank.receive(body, at(8, 8))


def routing_number_held_and_released(bank):
    monthly(bank)
    numbers = bank.system.routing_numbers
    for day, act in ((5, numbers.hold), (6, numbers.release)):
        for who in ("Ada", "Ben"):
            act(standing(bank).account.routing, signed(who, at(day)))
        bank.follow_up()


def cancelled(bank):
    """Twice, and to two addresses."""
    monthly(bank)
    mandate_id = cancel(bank, at(5), typed=ELSEWHERE)
    undo(bank, mandate_id, at(6))
    cancel(bank, at(9))


def reached_otherwise(bank):
    """Once by both, and once by phone alone."""
    mandate_id = monthly(bank)
    for day, phone in ((5, "+16175550199"), (9, "+16175550188")):
        typed = Contact(email="new@example.com", phone=phone)
        bank.system.contacting.change(bank.standing(ONE, at(day)), mandate_id, typed, at(day))
    assert len(bank.mails("contact_changed")) == 3


def undone(bank):
    monthly(bank)
    mandate_id = cancel(bank, at(5))
    undo(bank, mandate_id, at(7))


def replaced(bank):
    monthly(bank)
    monthly(bank, at(7, 10), number="000987654321")


def notices(bank):
    """Of two months; the second is not decided yet."""
    monthly(bank)
    bank.tell()
    bank.withdraw()
    bank.tell(11, JANUARY)


def notice_before_a_change(bank):
    """What was told is told again by the change; the letter stays what was sent."""
    monthly(bank)
    bank.tell()
    mandate_id = cancel(bank, at(14))
    undo(bank, mandate_id, at(15))
    cancel(bank, at(16))


def withdrawal(bank):
    monthly(bank)
    bank.tell()
    bank.withdraw()


def excluded(bank):
    mandate_id = monthly(bank)
    bank.tell()
    bank.start(WITHDRAWAL, at(22))
    bank.system.running.stop("withdrawal#2026-12", mandate_id, "stopped")
    bank.work()


def excluded_that_can_not_be_read(bank):
    monthly(bank)
    bank.tell()
    row = dict(bank.store.items["mandates"][_live(bank)])
    bank.spoil(standing="nonsense")
    bank.withdraw()
    bank.store.items["mandates"][_live(bank)] = row


def _live(bank):
    return next(key for key in bank.store.items["mandates"] if key[1] == f"live#{ONE}")


def credit(bank):
    """A member pays between the worker's reading of the books and its decision."""
    for n in range(1, 60):
        bank.__init__()
        monthly(bank)
        bank.tell()
        bank.start(WITHDRAWAL, at(22))

        def act():
            if not bank.decision():
                pay(bank, ONE, 10000, at(22, 9, 1))

        bank.again(Interrupted(bank.store, n, act)).work()
        if bank.mails("credit"):
            return
    raise AssertionError("there is no moment between reading and deciding")


def coverage_ended(bank):
    fed(bank, at(1))
    monthly(bank)
    bank.tell()
    fed(bank, at(15), coverage_end="2026-12-21")


def coverage_ended_and_may_go_on(bank):
    fed(bank, at(1))
    monthly(bank, carries_over=True)
    fed(bank, at(15), coverage_end="2027-04-30")
    assert bank.mail("coverage_ended")["carries_on"]


def coverage_back(bank):
    fed(bank, at(1))
    monthly(bank)
    fed(bank, at(15), coverage_end="2027-04-30")
    fed(bank, at(16), plan_name="Gold")


def smaller(bank):
    """January is taken back after it was announced."""
    fed(bank, at(1))
    monthly(bank)
    bank.tell()
    fed(bank, at(15), coverage_end="2026-12-31")


def renewal(bank):
    fed(bank, at(1), plan_year="2026")
    monthly(bank)
    new = {"enrollment_id": TWO, "billing_account": "700000002", "coverage_start": "2027-01-01"}
    fed(bank, at(5), **new, billed_through=JANUARY)


def carried(bank):
    """The mandate that goes on is another one; its own enrollment's evidence has the letter."""
    fed(bank, at(1), plan_year="2026")
    monthly(bank, carries_over=True)
    new = {"enrollment_id": TWO, "billing_account": "700000002", "coverage_start": "2027-01-01"}
    fed(bank, at(5), **new, billed_through=JANUARY)


def reminder(bank):
    """Something came on top of what was announced."""
    monthly(bank)
    bank.tell()
    charge(bank, ONE, 5000, at(12), month="2027-02")
    bank.run(RunKind.REMINDER, at(21))


def ended_debt(bank):
    fed(bank, at(1))
    monthly(bank)
    fed(bank, at(5), coverage_end="2026-12-31")
    bank.run(BILLING, at(1, 6, month=JANUARY))


SCENES = {
    "confirmation": [confirmation, confirmation_of_a_mandate],
    "paid": [paid, paid_when_nothing_was_suspected_any_more, paid_withdrawal],
    "not_paid": [not_paid, retry_that_came_back],
    "retry": [retry],
    "refund": [refund],
    "account_refused": [refund_that_came_back, refused_prenote],
    "later": [later],
    "account_corrected": [corrected_for_the_next_time, corrected],
    "cancelled": [cancelled, notice_before_a_change],
    "contact_changed": [reached_otherwise],
    "routing": [routing_number_held_and_released],
    "undone": [undone],
    "replaced": [replaced],
    "notice": [notices, notice_before_a_change],
    "withdrawal": [withdrawal],
    "excluded": [excluded, excluded_that_can_not_be_read],
    "credit": [credit],
    "coverage_back": [coverage_back],
    "coverage_ended": [coverage_ended, coverage_ended_and_may_go_on],
    "smaller": [smaller],
    "carried": [carried],
    "reminder": [reminder],
    "renewal": [renewal],
    "ended_debt": [ended_debt],
}


def shown(bank):
    """Every letter of the evidence of each Submit, and of each mandate, of one member."""
    records, evidencing = bank.system.records, bank.system.evidencing
    names = [records.books.payment(each) for each in bank.payment_ids()]
    of_payments = [evidencing.of_payment(each.payment_id) for each in names if each]
    mandates = [
        (name, each.mandate_id) for name in (ONE, TWO) for each in records.mandates.every(name)
    ]
    of_mandates = [evidencing.of_mandate(*each) for each in mandates]
    found = [letter for each in (*of_payments, *of_mandates) for letter in each["letters"]]
    return {_letter(letter["mail"], letter["to"], letter["at"]) for letter in found}


def _letter(kind, to, when):
    return kind, to, datetime.fromisoformat(when)


def test_each_kind_has_its_scenes():
    assert SCENES.keys() == KINDS


@pytest.mark.parametrize(
    ("kind", "scene"),
    [(kind, scene) for kind, scenes in SCENES.items() for scene in scenes],
    ids=lambda each: each if isinstance(each, str) else each.__name__,
)
def test_evidence_shows_each_letter_that_was_caused(kind, scene):
    bank = Bank()
    scene(bank)
    promised = {_letter(row["kind"], row["to"], row["created_at"]) for row in mail_rows(bank.store)}
    assert any(each[0] == kind for each in promised)
    assert promised - shown(bank) == set()


def test_a_notice_belongs_to_the_mandate_that_stood_then_and_a_replacement_to_both():
    bank = Bank()
    old = monthly(bank)
    new = monthly(bank, at(7, 10), number="000987654321")
    bank.tell()
    found = [bank.system.evidencing.of_mandate(ONE, each)["letters"] for each in (old, new)]
    kinds = [[letter["mail"] for letter in letters] for letters in found]
    assert kinds == [
        ["confirmation", "replaced"],
        ["confirmation", "replaced", "notice"],
    ]


def test_a_credit_of_a_retry_belongs_to_the_payment():
    """What was tried again, paid and given back is all of one debit's way."""
    bank = Bank()
    first = came_back(bank)
    retried = bank.system.retrying.release(ONE, first, signed("Ada", at(8, 10))).payment_id
    bank.collect(at(8, 18))
    bank.evening(at(11, 20))
    pay(bank, ONE, 7520, at(11, 21))
    asked = (EntryKind.REFUND, WhyBack.CREDIT, ONE, retried, 7520)
    credit_id = bank.system.crediting.propose(*asked, signed("Ada", at(14))).credit_id
    for who in ("Ada", "Grace"):
        bank.system.crediting.release(credit_id, signed(who, at(14, 10)))
    letters = bank.system.evidencing.of_payment(first)["letters"]
    assert [each["mail"] for each in letters] == [
        "confirmation",
        "not_paid",
        "retry",
        "paid",
        "refund",
    ]


def test_what_was_told_is_of_this_mandate_and_of_the_coming_month_too():
    bank = Bank()
    old = monthly(bank)
    bank.tell()
    bank.withdraw()
    new = monthly(bank, at(28, 10), number="000987654321")
    bank.tell(month=JANUARY)
    bank.withdraw(month=JANUARY)
    bank.tell(month="2027-02")
    found = [bank.system.evidencing.of_mandate(ONE, each)["told"] for each in (old, new)]
    assert [[told["month"] for told in each] for each in found] == [
        ["2026-12"],
        [JANUARY, "2027-02"],
    ]
