"""The bank corrects an account: applied once, told, and never a person's name (Nacha; issue 4)."""

import pytest

from chalicelib.domain.payment import AccountType
from tests.bank import Bank
from tests.builders import a_charge
from tests.monthly import NUMBER, at

ONE = "EN000001"
ROUTING, RIGHT_ROUTING = "231380104", "121042882"
RIGHT = "77001234"
MORNING = at(8, 8)


@pytest.fixture
def bank():
    return Bank()


@pytest.fixture
def payment_id(bank):
    """The first payment of a mandate, in the bank's hands."""
    payment_id = bank.begins()
    bank.collect(at(3, 18))
    return payment_id


def mandate(bank, name=ONE):
    [found] = bank.system.mandates.of(name).standing
    return found


def number_of(bank, name=ONE):
    found = mandate(bank, name)
    vault = bank.system.vault
    return vault.open("account", found.account.sealed_number, found.subscriber_id)


def change(bank, payment_id, code, data, when=MORNING):
    bank.receive(bank.answer((payment_id, code), when=when, data=data), when)


APPLIED = [
    ("C01", RIGHT, {"number": RIGHT}),
    ("C02", RIGHT_ROUTING, {"routing": RIGHT_ROUTING}),
    ("C03", f"{RIGHT_ROUTING}   {RIGHT}", {"routing": RIGHT_ROUTING, "number": RIGHT}),
    ("C05", "37", {"type": AccountType.SAVINGS}),
    ("C06", f"{RIGHT:20}37", {"number": RIGHT, "type": AccountType.SAVINGS}),
    (
        "C07",
        f"{RIGHT_ROUTING}{RIGHT:17}37",
        {"routing": RIGHT_ROUTING, "number": RIGHT, "type": AccountType.SAVINGS},
    ),
]


@pytest.mark.parametrize(("code", "data", "changed"), APPLIED)
def test_a_correction_is_applied_to_the_mandate_and_told(bank, payment_id, code, data, changed):
    before = mandate(bank)
    change(bank, payment_id, code, data)
    after = mandate(bank)
    account = after.account
    assert {
        "number": number_of(bank),
        "routing": account.routing,
        "type": account.account_type,
    } == {
        "number": NUMBER,
        "routing": ROUTING,
        "type": AccountType.CHECKING,
        **changed,
    }
    assert account.last4 == number_of(bank)[-4:]
    assert after.version == before.version + 1
    assert after.mandate_id == before.mandate_id
    assert bank.mails("account_corrected") == [ONE]
    facts = bank.mail("account_corrected")
    assert (facts["what"], facts["old_last4"]) == (code, "6789")
    assert facts["new_last4"] == account.last4
    assert bank.cases() == {}


@pytest.mark.parametrize(("code", "data", "changed"), APPLIED)
def test_invariant_18_a_correction_is_applied_once(bank, payment_id, code, data, changed):
    body = bank.answer((payment_id, code), when=MORNING, data=data)
    bank.receive(body, MORNING)
    after = mandate(bank)
    for day in (8, 9):
        bank.receive(body, at(day, 9))
    assert mandate(bank) == after
    assert bank.mails("account_corrected") == [ONE]


def test_the_payment_itself_stays_as_it_was(bank, payment_id):
    change(bank, payment_id, "C01", RIGHT)
    bank.evening(at(8, 20))
    assert (bank.state(payment_id), bank.owed()) == ("paid", 0)


def test_it_is_applied_before_the_next_entry(bank, payment_id):
    change(bank, payment_id, "C01", RIGHT)
    bank.store.write(bank.system.books.adding_line(a_charge("2027-01")))
    bank.tell(month="2027-01")
    bank.withdraw(month="2027-01")
    bank.noon(at(22, 12, month="2027-01"))
    [withdrawal] = [each for key, each in bank.taken().items() if key != payment_id]
    assert withdrawal.account.strip() == RIGHT


def test_a_name_is_never_changed_by_a_bank_staff_are_asked(bank, payment_id):
    before = mandate(bank)
    change(bank, payment_id, "C04", "JOSE MARIA")
    assert mandate(bank) == before
    assert bank.mails("account_corrected") == []
    [(case, reason)] = bank.cases().items()
    assert case == f"change#{payment_id}#C04"
    assert "ask_staff" in reason
    assert "JOSE" not in reason


@pytest.mark.parametrize(
    ("code", "data"),
    [("C01", ""), ("C02", "121042883"), ("C05", "99"), ("C01", f" {RIGHT:28}"[:29] + "9")],
)
def test_a_correction_that_has_not_its_form_is_for_staff(bank, payment_id, code, data):
    before = mandate(bank)
    change(bank, payment_id, code, data[:29])
    if mandate(bank) == before:
        assert list(bank.cases()) == [f"change#{payment_id}#{code}"]
        assert bank.mails("account_corrected") == []
    else:
        assert number_of(bank) == RIGHT  # a blank before the number is harmless


def test_of_a_single_payment_nothing_follows(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    before = bank.kept()
    change(bank, payment_id, "C01", RIGHT)
    assert bank.kept() == before


def test_a_mandate_that_ended_meanwhile_stays_as_it_was(bank, payment_id):
    found = mandate(bank)
    bank.system.mandating.cancel(bank.standing(ONE, at(5)), found.mandate_id, None, at(5))
    past = bank.system.mandates.past(ONE), bank.system.mandates.of(ONE)
    change(bank, payment_id, "C01", RIGHT)
    assert (bank.system.mandates.past(ONE), bank.system.mandates.of(ONE)) == past


def test_a_change_of_an_entry_that_is_not_ours_waits_for_staff(bank, payment_id):
    body = bank.answer((payment_id, "C01"), when=MORNING, data=RIGHT, trace="231380109999999")
    before = mandate(bank)
    bank.receive(body, MORNING)
    assert mandate(bank) == before
    [reason] = bank.cases().values()
    assert reason.startswith("a change C01 of $0.00 for trace 231380109999999, account ending ")


def test_rule_33_the_number_lies_nowhere_in_clear(bank, payment_id):
    change(bank, payment_id, "C01", RIGHT)
    assert RIGHT not in str(bank.store.items)
    assert bank.here.files.objects == {}
