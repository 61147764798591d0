"""The bank corrects an account: applied once, told, and never a person's name (Nacha; issue 4)."""

import re

import pytest

from chalicelib.domain.mail import Mail
from chalicelib.domain.payment import AccountType
from chalicelib.domain.signature import Signature
from chalicelib.repositories.codec import from_item
from tests.bank import Bank
from tests.builders import a_charge, letter_templates
from tests.monthly import NUMBER, at
from tests.stores import Crash, Interrupted, mail_rows

ONE = "EN000001"
ROUTING, RIGHT_ROUTING = "231380104", "121042882"
RIGHT = "77001234"
CORRECTED = "account_corrected"
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
    [found] = bank.system.records.mandates.of(name).standing
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


@pytest.mark.parametrize(
    ("code", "first", "second"),
    [("C01", RIGHT, "5500123"), ("C02", RIGHT_ROUTING, ROUTING), ("C05", "37", "27")],
)
def test_invariant_18_a_correction_that_comes_again_does_not_undo_a_later_one(
    bank, payment_id, code, first, second
):
    files = [bank.answer((payment_id, code), when=MORNING, data=data) for data in (first, second)]
    for body, hour in zip(files, (8, 9), strict=True):
        bank.receive(body, at(8, hour))
    after = mandate(bank)
    for hour in (10, 11):
        bank.receive(files[0], at(8, hour))
        bank.receive(files[1], at(8, hour))
    assert mandate(bank) == after
    assert bank.mails("account_corrected") == [ONE, ONE]


def test_invariant_11_after_a_crash_between_any_two_calls_a_correction_ends_as_if_it_came_once():
    def prepared():
        bank = Bank()
        payment_id = bank.begins()
        bank.collect(at(3, 18))
        return bank, bank.answer((payment_id, "C01"), when=MORNING, data=RIGHT)

    bank, body = prepared()
    bank.receive(body, MORNING)
    wanted = summary(bank)
    for n in range(1, 100):
        bank, body = prepared()
        seen = Interrupted(bank.store, n)
        try:
            Bank(bank.store, s3=bank.s3, seen=seen).receive(body, MORNING)
        except Crash:
            Bank(bank.store, s3=bank.s3).receive(body, MORNING)
            assert summary(bank) == wanted
        else:
            assert n > 5
            return


def summary(bank):
    """What came of it; a number that is sealed again has other bytes."""
    return number_of(bank), mandate(bank).version, bank.mails("account_corrected"), bank.cases()


def test_the_proofs_and_the_rates_take_a_correction_for_no_return(bank, payment_id):
    change(bank, payment_id, "C01", RIGHT)
    bank.evening(at(8, 20))
    assert bank.system.records.transmissions.answers(bank.transmission("2026-12-03")) == []
    assert bank.mails("paid") == [ONE]
    assert bank.differences(at(8, 21)) == []


def test_the_payment_itself_stays_as_it_was(bank, payment_id):
    change(bank, payment_id, "C01", RIGHT)
    bank.evening(at(8, 20))
    assert (bank.state(payment_id), bank.owed()) == ("paid", 0)


def test_it_is_applied_before_the_next_entry(bank, payment_id):
    change(bank, payment_id, "C01", RIGHT)
    bank.store.write(bank.system.records.books.adding_line(a_charge("2027-01")))
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
    assert case.startswith(f"change#{payment_id}#C04#")
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
        [case] = bank.cases()
        assert case.startswith(f"change#{payment_id}#{code}#")
        assert bank.mails("account_corrected") == []
    else:
        assert number_of(bank) == RIGHT  # a blank before the number is harmless


def test_a_second_question_about_the_same_entry_is_a_case_of_its_own(bank, payment_id):
    change(bank, payment_id, "C04", "JOSE MARIA")
    change(bank, payment_id, "C04", "MARIA JOSE", at(9, 8))
    change(bank, payment_id, "C04", "JOSE MARIA", at(9, 9))
    assert len(bank.cases()) == 2


def test_a_question_that_staff_have_answered_is_not_asked_again(bank, payment_id):
    change(bank, payment_id, "C04", "JOSE MARIA")
    [case] = bank.cases()
    assert bank.system.records.cases.close(case, Signature(who="Ada", why="asked", at=at(8, 9)))
    change(bank, payment_id, "C04", "JOSE MARIA", at(9, 8))
    assert bank.cases() == {}


# Whose it is: the account's, whoever asked for the entry (decision 0018).


def test_a_single_payment_s_correction_is_told_for_the_next_time(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    for _ in range(2):
        change(bank, payment_id, "C01", RIGHT)
    assert bank.mails("account_corrected") == [ONE]
    facts = bank.mail("account_corrected")
    assert (facts["old_last4"], facts["new_last4"], facts["next_time"]) == ("6789", "1234", True)
    assert RIGHT not in str(bank.store.items)


def test_a_single_payment_s_name_is_a_question_for_staff_and_no_mail(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    change(bank, payment_id, "C04", "JOSE MARIA")
    assert bank.mails("account_corrected") == []
    assert len(bank.cases()) == 1


def test_a_single_payment_corrects_the_monthly_ones_from_the_same_account(bank):
    bank.member()
    payment_id = bank.pays(cents=10000)
    bank.collect(at(3, 18))
    change(bank, payment_id, "C01", RIGHT)
    assert number_of(bank) == RIGHT
    assert bank.mails("account_corrected") == [ONE]
    assert not bank.mail("account_corrected")["next_time"]


def test_a_single_payment_from_elsewhere_corrects_no_monthly_ones(bank):
    bank.member()
    before = bank.system.records.mandates.of(ONE)
    payment_id = bank.pays(cents=10000, number="5550001234")
    bank.collect(at(3, 18))
    change(bank, payment_id, "C01", RIGHT)
    assert bank.system.records.mandates.of(ONE) == before
    assert bank.mail("account_corrected")["next_time"]


@pytest.mark.parametrize(("number", "now"), [(NUMBER, RIGHT), ("5550001234", "5550001234")])
def test_a_payment_of_a_mandate_that_was_replaced_corrects_the_new_one_of_its_account(
    bank, payment_id, number, now
):
    bank.begins(when=at(4, 10), cents=0, number=number)
    change(bank, payment_id, "C01", RIGHT)
    assert number_of(bank) == now
    assert bank.mail("account_corrected")["next_time"] is (number != NUMBER)


@pytest.mark.parametrize("order", [("C01", "C02"), ("C02", "C01")])
def test_two_corrections_of_one_single_payment_are_both_of_the_monthly_ones(bank, order):
    bank.member()
    payment_id = bank.pays(cents=10000)
    bank.collect(at(3, 18))
    data = {"C01": RIGHT, "C02": RIGHT_ROUTING}
    for hour, code in enumerate(order, 8):
        change(bank, payment_id, code, data[code], at(8, hour))
    assert (number_of(bank), mandate(bank).account.routing) == (RIGHT, RIGHT_ROUTING)
    assert not bank.mail("account_corrected")["next_time"]


@pytest.mark.parametrize("order", [("C01", "C02"), ("C02", "C01")])
def test_and_of_a_later_mandate_from_the_account_of_an_earlier_one(bank, payment_id, order):
    bank.begins(when=at(4, 10), cents=0)
    data = {"C01": RIGHT, "C02": RIGHT_ROUTING}
    for hour, code in enumerate(order, 8):
        change(bank, payment_id, code, data[code], at(8, hour))
    later = bank.system.records.mandates.of(ONE).lasting("2026-12")
    assert later.account.routing == RIGHT_ROUTING
    assert later.account.last4 == RIGHT[-4:]


def test_rule_29_what_was_corrected_for_a_single_payment_ends_when_that_comes_back(bank):
    bank.member()
    payment_id = bank.pays(cents=10000)
    bank.collect(at(3, 18))
    change(bank, payment_id, "C01", RIGHT)
    bank.receive(bank.answer((payment_id, "R10"), when=at(14, 8)), at(14, 8))
    assert bank.system.records.mandates.of(ONE).lasting("2026-12") is None
    assert bank.mail("not_paid")["mandate_ended"]


def test_an_older_entry_s_correction_in_other_words_undoes_no_later_one(bank, payment_id):
    bank.store.write(bank.system.records.books.adding_line(a_charge("2027-01")))
    change(bank, payment_id, "C01", RIGHT)
    bank.tell()
    bank.withdraw()
    bank.noon(at(22, 12))
    withdrawal = bank.payment_ids()[-1]
    change(bank, withdrawal, "C01", "5550001234", at(24, 8))
    for _ in range(2):
        change(bank, payment_id, "C06", f"{RIGHT:20}27", at(28, 8))
    assert number_of(bank) == "5550001234"
    assert len(bank.mails("account_corrected")) == 2
    [reason] = bank.cases().values()
    assert "corrected it for a later entry since" in reason


def test_but_one_that_says_the_same_as_the_later_one_asks_nobody(bank, payment_id):
    bank.store.write(bank.system.records.books.adding_line(a_charge("2027-01")))
    bank.tell()
    bank.withdraw()
    bank.noon(at(22, 12))
    change(bank, bank.payment_ids()[-1], "C01", RIGHT, at(24, 8))
    change(bank, payment_id, "C01", RIGHT, at(28, 8))
    assert number_of(bank) == RIGHT
    assert bank.cases() == {}


def test_another_correction_of_the_same_that_says_nothing_new_is_not_told_again(bank, payment_id):
    change(bank, payment_id, "C01", RIGHT)
    after = mandate(bank)
    change(bank, payment_id, "C06", f"{RIGHT:20}27")
    assert mandate(bank) == after
    assert bank.mails("account_corrected") == [ONE]


# What the mail says.

GOES_ON = "We use this for your next payments. You do not need to do anything."
ON_HOLD = "Your monthly payments are on hold. We take nothing until you set them up again."
SAID = {
    "C01": (RIGHT, "", "use the corrected number"),
    "C02": (RIGHT_ROUTING, "", "use the corrected number"),
    "C05": ("37", "This is a savings account.", "choose savings"),
    "C06": (f"{RIGHT:20}27", "This is a checking account.", "use the corrected number"),
    "C07": (
        f"{RIGHT_ROUTING}{RIGHT:17}37",
        "This is a savings account.",
        "use the corrected number",
    ),
}


def read(bank):
    """The newest mail about a correction, as text and as HTML without its tags."""
    rows = [row for row in mail_rows(bank.store) if row["kind"] == CORRECTED]
    newest = from_item(Mail, max(rows, key=lambda row: row["created_at"]))
    templates = letter_templates()
    letter = templates.letter(newest)
    for part in (letter.text, re.sub(r"<[^>]+>", " ", letter.html)):
        yield " ".join(part.split())


@pytest.mark.parametrize("code", SAID)
def test_the_mail_names_what_kind_of_account_it_is_and_that_monthly_payments_go_on(
    bank, payment_id, code
):
    data, kind, _ = SAID[code]
    change(bank, payment_id, code, data)
    for said in read(bank):
        assert f"{kind} {GOES_ON}".strip() in said
        assert ON_HOLD not in said


@pytest.mark.parametrize("code", SAID)
def test_rule_29_on_hold_the_mail_says_so_and_what_to_use_when_they_are_set_up_again(bank, code):
    data, kind, what = SAID[code]
    bank.member(owed_cents=63720)
    stopped, once = bank.pays(cents=10000), bank.pays(cents=5000)
    bank.collect(at(3, 18))
    bank.receive(bank.answer((stopped, "R08"), when=MORNING), MORNING)
    change(bank, once, code, data, at(8, 9))
    assert mandate(bank).held
    for said in read(bank):
        assert f"{kind} {ON_HOLD} When you do, {what}.".strip() in said
        assert GOES_ON not in said


# Of a mandate that was cancelled.


def cancel(bank, when):
    found = mandate(bank)
    bank.system.mandating.cancel(bank.standing(ONE, when), found.mandate_id, None, when)
    return found.mandate_id


def test_rule_21_an_undo_brings_back_the_account_as_it_was_corrected_meanwhile(bank, payment_id):
    mandate_id = cancel(bank, at(5))
    change(bank, payment_id, "C01", RIGHT)
    assert bank.mail("account_corrected")["next_time"], "nothing goes on by itself"
    bank.system.mandating.undo(bank.standing(ONE, at(9)), mandate_id, at(9))
    assert number_of(bank) == RIGHT


def test_rule_21_so_does_the_undo_of_a_cancel_after_the_freeze(bank, payment_id):
    bank.withdraw()
    mandate_id = cancel(bank, at(22, 10))
    change(bank, payment_id, "C02", RIGHT_ROUTING, at(23, 8))
    bank.system.mandating.undo(bank.standing(ONE, at(28)), mandate_id, at(28))
    assert mandate(bank).account.routing == RIGHT_ROUTING


def test_a_mandate_that_no_undo_brings_back_stays_as_it_was(bank, payment_id):
    cancel(bank, at(5))
    bank.withdraw()
    past = bank.system.records.mandates.past(ONE), bank.system.records.mandates.of(ONE)
    change(bank, payment_id, "C01", RIGHT, at(23))
    assert (bank.system.records.mandates.past(ONE), bank.system.records.mandates.of(ONE)) == past
    assert bank.mail("account_corrected")["next_time"]


@pytest.mark.parametrize("was_cancelled", [False, True])
def test_invariant_12_a_cancel_or_undo_between_any_two_calls_loses_no_correction(was_cancelled):
    for n in range(1, 100):
        bank = Bank()
        payment_id = bank.begins()
        bank.collect(at(3, 18))
        mandate_id = mandate(bank).mandate_id
        if was_cancelled:
            cancel(bank, at(5))
        body = bank.answer((payment_id, "C01"), when=MORNING, data=RIGHT)

        def meanwhile(bank=bank, mandate_id=mandate_id):
            if was_cancelled:
                bank.system.mandating.undo(bank.standing(ONE, MORNING), mandate_id, MORNING)
            else:
                cancel(bank, MORNING)

        seen = Interrupted(bank.store, n, meanwhile)
        Bank(bank.store, s3=bank.s3, seen=seen).receive(body, MORNING)
        if not bank.system.records.mandates.of(ONE).standing:
            bank.system.mandating.undo(bank.standing(ONE, at(9)), mandate_id, at(9))
        assert number_of(bank) == RIGHT
        assert bank.mails("account_corrected") == [ONE]
        if seen.left > 0:
            assert n > 8, "there were calls to come between"
            return
    raise AssertionError("the correction never ended")


# What is not ours.


@pytest.mark.parametrize("account", ["99000002", RIGHT, "1234567890"])
def test_a_change_that_names_another_account_than_the_entry_s_waits_for_staff(
    bank, payment_id, account
):
    before = bank.system.records.mandates.of(ONE)
    body = bank.answer((payment_id, "C01"), when=MORNING, data="5500123", account=f"{account:17}")
    bank.receive(body, MORNING)
    assert bank.system.records.mandates.of(ONE) == before
    assert bank.mails("account_corrected") == []
    [case] = bank.system.records.cases.open()
    assert str(case.kind) == "suspense"


def test_leading_zeros_make_no_other_account(bank, payment_id):
    body = bank.answer((payment_id, "C01"), when=MORNING, data=RIGHT, account=f"{'123456789':17}")
    bank.receive(body, MORNING)
    assert number_of(bank) == RIGHT


def test_a_change_of_an_entry_that_is_not_ours_waits_for_staff(bank, payment_id):
    other = {"trace": "231380109999999", "person_id": "HCKLMNPQRSTU234"}
    body = bank.answer((payment_id, "C01"), when=MORNING, data=RIGHT, **other)
    before = mandate(bank)
    bank.receive(body, MORNING)
    assert mandate(bank) == before
    [reason] = bank.cases().values()
    assert reason.startswith("a change C01 of $0.00 for trace 231380109999999, account ending ")


def test_rule_33_the_number_lies_nowhere_in_clear(bank, payment_id):
    change(bank, payment_id, "C01", RIGHT)
    assert RIGHT not in str(bank.store.items)
    assert bank.here.files.objects == {}
