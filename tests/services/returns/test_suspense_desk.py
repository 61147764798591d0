"""What waits in suspense is ended by staff: two people where money or a mandate moves (rule 52)."""

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.domain.signature import Signature
from chalicelib.ports import Unsealable
from chalicelib.services.returns.suspense_desk import CannotBook
from tests.bank import Bank
from tests.monthly import at
from tests.services.returns.test_suspense import troubled
from tests.stores import Crash, Interrupted

ONE, TWO = "EN000001", "EN000002"
MORNING, NOON = at(8, 8), at(8, 12)
NOBODY = {"person_id": "HCKLMNPQRSTU234"}  # of our form, and no payment's


@pytest.fixture
def bank():
    return Bank()


@pytest.fixture
def desk(bank):
    return bank.system.suspense_desk


def signed(who="Ada", when=NOON, identity=""):
    return Signature(who=who, why="the bank says so", at=when, identity=identity)


def in_suspense(bank, code="R01", *names, data=None, **changed):
    """A payment whose return names nobody of ours; its id, and its case."""
    ids = [bank.pays(name) for name in names or (ONE,)]
    bank.collect(at(3, 18))
    body = bank.answer((ids[0], code), when=MORNING, data=data, **{**NOBODY, **changed})
    bank.receive(body, MORNING)
    [case] = bank.cases()
    return ids[0], case


def test_rule_52_booked_when_a_second_person_says_the_same_and_the_member_is_told(bank, desk):
    payment_id, case = in_suspense(bank)
    assert not desk.book(case, payment_id, signed("Ada"))
    assert not desk.book(case, payment_id, signed("Ada"))
    assert (bank.owed(), bank.state(payment_id)) == (0, "sent")
    assert desk.book(case, payment_id, signed("Ben"))
    assert (bank.owed(), bank.state(payment_id)) == (42480, "not_paid")
    assert bank.mails("not_paid") == [ONE]
    assert case not in bank.cases()
    whose = [(line.who, line.what) for line in bank.system.records.audit.lines(f"case#{case}")]
    assert whose == [
        ("Ada", f"proposed: booked to {payment_id}"),
        ("Ben", f"booked to {payment_id}"),
    ]
    [line] = bank.system.records.audit.lines(f"payment#{payment_id}")
    assert (line.who, line.what) == ("Ben", f"R01 booked to {payment_id}")


@pytest.mark.parametrize("role", ["StaffActRole-1", "StaffBankRole-2"])
def test_rule_52_one_person_by_two_names_or_two_roles_is_one(bank, desk, role):
    payment_id, case = in_suspense(bank)
    arn = "arn:aws:sts::123456789012:assumed-role/{}/ada"
    first = signed("Ada", identity=arn.format("StaffActRole-1"))
    assert not desk.book(case, payment_id, first)
    assert not desk.book(case, payment_id, signed("Ben", identity=arn.format(role)))
    assert bank.owed() == 0


def test_rule_52_what_was_said_last_is_what_a_second_person_agrees_to(bank, desk):
    first, case = in_suspense(bank, "R01", ONE, TWO)
    second = bank.payment_ids(TWO)[0]
    assert not desk.book(case, first, signed("Ada", at(8, 9)))
    assert not desk.book(case, second, signed("Ben", at(8, 10)))
    assert not desk.book(case, first, signed("Cyd", at(8, 11)))
    assert not desk.drop(case, signed("Ben", at(8, 12)))
    assert (bank.owed(ONE), bank.owed(TWO)) == (0, 0)
    assert not desk.book(case, second, signed("Cyd", at(8, 13)))
    assert desk.book(case, second, signed("Ada", at(8, 14)))
    assert (bank.owed(ONE), bank.owed(TWO)) == (0, 42480)


def test_rule_52_dropped_by_two_nothing_is_booked_and_what_waited_is_paid(bank, desk):
    payment_id, case = in_suspense(bank)
    bank.evening(at(8, 20))
    assert bank.state(payment_id) == "sent"
    assert not desk.drop(case, signed("Ada"))
    bank.evening(at(9, 20))
    assert bank.state(payment_id) == "sent"
    assert desk.drop(case, signed("Ben", at(10, 9)))
    bank.evening(at(10, 20))
    assert (bank.state(payment_id), bank.mails("paid")) == ("paid", [ONE])


def test_rule_52_a_late_return_is_late_when_staff_book_it_too(bank, desk):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    bank.receive(bank.answer((payment_id, "R01"), when=at(9), **NOBODY), at(9))
    [case] = bank.cases()
    desk.book(case, payment_id, signed("Ada", at(14)))
    assert desk.book(case, payment_id, signed("Ben", at(14)))
    assert any("too late" in reason for reason in bank.cases().values())


def test_rule_52_a_correction_is_booked_like_a_return(bank, desk):
    payment_id = bank.begins()
    bank.collect(at(3, 18))
    data = "111122223333"
    bank.receive(bank.answer((payment_id, "C01"), when=MORNING, data=data, **NOBODY), MORNING)
    [case] = bank.cases()
    assert not desk.book(case, payment_id, signed("Ada"))
    assert desk.book(case, payment_id, signed("Ben"))
    [mandate] = bank.system.records.mandates.every(ONE)
    assert (mandate.account.last4, bank.mails("account_corrected")) == ("3333", [ONE])
    assert not bank.cases()


def test_rule_52_read_again_by_one_person_it_is_booked_by_evidence_once_that_is_mended(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    troubled(bank, ONE, 2)
    bank.receive(bank.answer((payment_id, "R01"), when=MORNING), MORNING)
    [(case, reason)] = bank.cases().items()
    assert "can't be applied" in reason
    assert bank.system.suspense_desk.read_again(case, signed()) == payment_id
    assert (bank.owed(), bank.mails("not_paid"), bank.cases()) == (42480, [ONE], {})


@pytest.mark.parametrize("code", ["R01", "R10"])
def test_rule_52_what_still_fits_nothing_stays(bank, desk, code):
    _, case = in_suspense(bank, code)
    with pytest.raises(CannotBook) as refused:
        desk.read_again(case, signed())
    assert (refused.value.code, list(bank.cases())) == ("fits_nothing", [case])


def test_rule_52_to_an_entry_of_another_amount_nothing_is_booked(bank, desk):
    payment_id, case = in_suspense(bank, cents=42479)
    with pytest.raises(CannotBook) as refused:
        desk.book(case, payment_id, signed())
    assert refused.value.code == "other_amount"


@pytest.mark.parametrize("payment_id", ["HCKLMNPQRSTU234", "EN000001", "", "x" * 400])
def test_rule_52_to_what_never_went_out_nothing_is_booked(bank, desk, payment_id):
    _, case = in_suspense(bank)
    with pytest.raises(CannotBook) as refused:
        desk.book(case, payment_id, signed())
    assert refused.value.code == "no_such_entry"


def test_rule_52_an_entry_that_came_back_under_another_code_is_not_booked_twice(bank, desk):
    payment_id, case = in_suspense(bank, "R02")
    bank.receive(bank.answer((payment_id, "R01"), when=NOON), NOON)
    assert not desk.book(case, payment_id, signed("Ada"))
    with pytest.raises(CannotBook) as refused:
        desk.book(case, payment_id, signed("Ben"))
    assert (refused.value.code, bank.owed()) == ("answered_otherwise", 42480)
    assert case in bank.cases()


def test_rule_52_what_the_bank_sent_anew_meanwhile_is_booked_once_and_the_case_ends(bank, desk):
    payment_id, case = in_suspense(bank)
    bank.receive(bank.answer((payment_id, "R01"), when=NOON), NOON)
    desk.book(case, payment_id, signed("Ada"))
    assert desk.book(case, payment_id, signed("Ben"))
    assert (bank.owed(), bank.mails("not_paid")) == (42480, [ONE])
    assert case not in bank.cases()


def test_invariant_11_whoever_dies_while_booking_it_again_is_the_same_end():
    def prepared():
        bank = Bank()
        payment_id, case = in_suspense(bank, "R02")
        bank.system.suspense_desk.book(case, payment_id, signed("Ada"))
        return bank, case, payment_id

    def book(bank, case, payment_id, seen=None):
        again = Bank(bank.store, s3=bank.s3, seen=seen)
        again.here.files.objects = bank.here.files.objects
        assert again.system.suspense_desk.book(case, payment_id, signed("Ben"))

    bank, case, payment_id = prepared()
    book(bank, case, payment_id)
    wanted = bank.kept()
    assert bank.owed() == 42480
    for n in range(1, 200):
        bank, case, payment_id = prepared()
        try:
            book(bank, case, payment_id, Interrupted(bank.store, n))
        except Crash:
            if case in bank.cases():
                book(bank, case, payment_id)
            assert bank.kept() == wanted
        else:
            assert n > 10
            return


def test_rule_52_candidates_come_with_what_speaks_for_each(bank, desk):
    payment_id, case = in_suspense(bank)
    [candidate] = desk.candidates(case)
    assert candidate.entry.payment_id == payment_id
    assert candidate.agrees_in == ("trace", "amount", "account")


def test_what_somebody_changed_in_quarantine_is_not_booked(bank, desk):
    payment_id, case = in_suspense(bank)
    [(key, bodies)] = bank.here.files.objects.items()
    [(version, body)] = bodies.items()
    first, *rest = body.split(b"\n")
    bodies[version] = b"\n".join([*rest, first])
    assert key.startswith("quarantine/suspense-")
    with pytest.raises(Unsealable):
        desk.book(case, payment_id, signed())


@pytest.mark.parametrize("case", ["suspense#nothing@2026-12-08", "return#x", "", "quarantine#a@1"])
def test_what_is_not_in_suspense_is_not_found(bank, desk, case):
    for act in (desk.open, desk.candidates, lambda c: desk.drop(c, signed())):
        with pytest.raises(NotFound):
            act(case)


def test_rule_52_what_lies_nowhere_any_more_can_still_be_dropped(bank, desk):
    payment_id, case = in_suspense(bank)
    bank.here.files.objects.clear()
    with pytest.raises(NotFound):
        desk.book(case, payment_id, signed("Ada"))
    assert not desk.drop(case, signed("Ada"))
    assert desk.drop(case, signed("Ben"))


def test_what_was_ended_is_not_found_again(bank, desk):
    payment_id, case = in_suspense(bank)
    desk.drop(case, signed("Ada"))
    assert desk.drop(case, signed("Ben"))
    with pytest.raises(NotFound):
        desk.book(case, payment_id, signed("Ada"))
