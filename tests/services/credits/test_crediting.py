"""Money goes back to a member: two different people release it, and the books follow."""

from contextlib import suppress
from dataclasses import replace

import pytest

from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.credit import REVERSIBLE, CannotGiveBack, CreditState, WhyBack
from chalicelib.domain.enrollment import Plan
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ledger import LineKind, payments_that_count
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.proof import Differs
from chalicelib.domain.signature import Signature
from tests.bank import THURSDAY, Bank
from tests.builders import a_line
from tests.concurrently import at_once
from tests.monthly import at, charge
from tests.stores import Crash, Deaf, Interrupted

ONE = "EN000001"
PAID = at(8, 20)  # two banking days after the settlement on Friday
WEDNESDAY = at(9, 10)
REFUND, REVERSAL = EntryKind.REFUND, EntryKind.REVERSAL
CREDIT, MISTAKE, DUPLICATE = WhyBack.CREDIT, WhyBack.MISTAKE, WhyBack.DUPLICATE


@pytest.fixture
def bank():
    return Bank()


def paid(bank, *, owed=42480, cents=50000, number="000123456789"):
    """Somebody paid $500.00 of $424.80, and it is paid; the payment's id."""
    bank.enroll(ONE, owed)
    payment_id = bank.pays(cents=cents, number=number)
    bank.collect(at(3, 18))
    bank.evening(PAID)
    return payment_id


def by(who, when=WEDNESDAY):
    return Signature(who=who, why="she asked for it on the phone", at=when)


def proposed(bank, payment_id, cents=7520, *, kind=REFUND, why=CREDIT, when=WEDNESDAY):
    crediting = bank.system.crediting
    return crediting.propose(kind, why, ONE, payment_id, cents, by("Ada", when)).credit_id


def elsewhere(bank, cents, reference="CHECK-1", *, when=WEDNESDAY, account_is_gone=False):
    return bank.system.crediting.propose_elsewhere(
        ONE, cents, reference, by("Ada", when), account_is_gone=account_is_gone
    )


def released(bank, credit_id, *, when=WEDNESDAY):
    """By Ada and Grace."""
    for who in ("Ada", "Grace"):
        after = bank.system.crediting.release(credit_id, by(who, when))
    return after


def reversed_(bank, payment_id, when, why=DUPLICATE):
    credit_id = proposed(bank, payment_id, None, kind=REVERSAL, why=why, when=when)
    released(bank, credit_id, when=when)
    return credit_id


def why_not(act):
    with pytest.raises(CannotGiveBack) as refused:
        act()
    return refused.value.code


# Two people.


def test_a_refund_goes_when_two_different_people_have_released_it(bank):
    credit_id = proposed(bank, paid(bank))
    first = bank.system.crediting.release(credit_id, by("Ada"))
    assert (first.state, bank.owed()) == (CreditState.PROPOSED, -7520)
    second = bank.system.crediting.release(credit_id, by("Grace"))
    assert (second.state, bank.owed()) == (CreditState.RELEASED, 0)


def test_the_same_person_counts_once_however_the_name_is_typed(bank):
    credit_id = proposed(bank, paid(bank))
    release = bank.system.crediting.release
    release(credit_id, by("Ada"))
    for name in ("ada", " ADA "):
        assert why_not(lambda name=name: release(credit_id, by(name))) == "two_people"
    assert bank.owed() == -7520


def test_two_names_of_one_aws_identity_are_one_person(bank):
    credit_id = proposed(bank, paid(bank))
    release = bank.system.crediting.release
    release(credit_id, replace(by("Ada"), identity="arn:aws:iam::1:user/ada"))
    grace = replace(by("Grace"), identity="arn:aws:iam::1:user/ada")
    assert why_not(lambda: release(credit_id, grace)) == "two_people"
    release(credit_id, replace(grace, identity="arn:aws:iam::1:user/grace"))
    assert bank.owed() == 0


def test_what_was_released_is_not_released_again_nor_dropped(bank):
    credit_id = proposed(bank, paid(bank))
    released(bank, credit_id)
    crediting = bank.system.crediting
    assert why_not(lambda: crediting.release(credit_id, by("Joan"))) == "already_released"
    assert why_not(lambda: crediting.drop(credit_id, by("Joan"))) == "already_released"
    assert bank.owed() == 0


def test_a_release_whose_answer_was_lost_is_answered_as_if_just_made(bank):
    credit_id = proposed(bank, paid(bank))
    for who, state, owed in (("Ada", "proposed", -7520), ("Grace", "released", 0)):
        first = bank.system.crediting.release(credit_id, by(who))
        again = bank.system.crediting.release(credit_id, by(who, at(9, 11)))
        assert first == again
        assert (str(again.state), bank.owed()) == (state, owed)


@pytest.mark.parametrize("who", ["Ada", "Grace"])
def test_proposing_the_same_again_is_the_proposal_that_waits(bank, who):
    payment_id = paid(bank)
    first = proposed(bank, payment_id)
    second = bank.system.crediting.propose(REFUND, CREDIT, ONE, payment_id, 7520, by(who))
    assert second.credit_id == first
    assert len(bank.system.crediting.waiting()) == 1
    assert proposed(bank, payment_id, 7519) != first


def test_what_was_dropped_may_be_proposed_anew(bank):
    payment_id = paid(bank)
    first = proposed(bank, payment_id)
    bank.system.crediting.drop(first, by("Ada"))
    again = proposed(bank, payment_id)
    assert again != first
    assert released(bank, again).state is CreditState.RELEASED


def test_a_drop_whose_answer_was_lost_is_answered_as_if_just_made(bank):
    credit_id = proposed(bank, paid(bank))
    first = bank.system.crediting.drop(credit_id, by("Ada"))
    kept = bank.kept()
    assert bank.system.crediting.drop(credit_id, by("Ada", at(9, 11))) == first
    assert bank.kept() == kept


def test_a_proposal_whose_first_try_refuses_the_second_is_made_once(bank):
    payment_id = paid(bank)
    deaf = Deaf(bank.store, lambda write: write.table == "audit")
    other = Bank(bank.store, s3=bank.s3, seen=deaf)
    assert proposed(other, payment_id) == bank.system.crediting.waiting()[0].credit_id
    assert len(bank.system.crediting.waiting()) == 1


def test_a_dropped_credit_never_goes_and_its_case_is_closed(bank):
    credit_id = proposed(bank, paid(bank))
    assert f"credit#{credit_id}" in bank.cases()
    bank.system.crediting.drop(credit_id, by("Ada"))
    assert f"credit#{credit_id}" not in bank.cases()
    release = bank.system.crediting.release
    assert why_not(lambda: release(credit_id, by("Grace"))) == "already_dropped"
    assert bank.system.crediting.waiting() == []
    assert bank.owed() == -7520


def test_a_credit_waits_as_a_case_until_it_is_released(bank):
    credit_id = proposed(bank, paid(bank))
    [waiting] = bank.system.crediting.waiting()
    assert waiting.credit_id == credit_id
    assert "two people" in bank.cases()[f"credit#{credit_id}"]
    released(bank, credit_id)
    assert bank.system.crediting.waiting() == []
    assert bank.cases() == {}


def test_everybody_who_acted_has_signed(bank):
    credit_id = proposed(bank, paid(bank))
    released(bank, credit_id, when=at(9, 11))
    rows = bank.store.query("audit", f"credit#{credit_id}")
    assert [(row["what"], row["who"]) for row in rows] == [
        ("proposed", "Ada"),
        ("released", "Ada"),
        ("released", "Grace"),
    ]
    kept = bank.system.records.books.credit(credit_id)
    assert [each.who for each in kept.releases] == ["Ada", "Grace"]


# To the bank.


@pytest.mark.parametrize(
    ("plan", "description"), [(Plan.HEALTH, "HLTH PREM"), (Plan.DENTAL, "DENTALPREM")]
)
def test_a_refund_is_a_ppd_credit_to_the_account_it_came_from(bank, plan, description):
    bank.enroll(ONE, 42480, plan=plan)
    payment_id = bank.pays(cents=50000)
    bank.collect(at(3, 18))
    bank.evening(PAID)
    credit_id = proposed(bank, payment_id)
    released(bank, credit_id)
    bank.collect(at(9, 18))
    taken = bank.taken()
    entry, debit = taken[credit_id], taken[payment_id]
    assert (entry.entry_class, entry.description.strip(), entry.code) == ("PPD", description, "22")
    assert (entry.cents, entry.account, entry.routing) == (7520, debit.account, debit.routing)
    transmission = bank.transmission("2026-12-09")
    assert (transmission.debit_cents, transmission.credit_cents) == (0, 7520)
    assert [(file.debit_cents, file.credit_cents) for file in transmission.files] == [(0, 7520)]
    assert bank.differences(at(9, 21)) == []


def test_the_member_is_told_why_how_much_and_when(bank):
    released(bank, proposed(bank, paid(bank)))
    mail = bank.mail("refund")
    assert (mail["why"], mail["cents"], mail["payment_cents"]) == ("credit", 7520, 50000)
    assert (mail["arrives_on"], mail["owed_cents"]) == ("2026-12-10", 0)


def test_who_owes_again_after_a_mistake_is_told_how_much_and_by_when(bank):
    released(bank, proposed(bank, paid(bank, cents=42480), 1234, why=MISTAKE))
    mail = bank.mail("refund")
    assert (mail["owed_cents"], mail["due_on"]) == (1234, "2026-12-23")


def test_a_refund_that_comes_back_is_the_member_s_credit_again_and_a_case(bank):
    payment_id = paid(bank)
    credit_id = proposed(bank, payment_id)
    released(bank, credit_id)
    bank.collect(at(9, 18))
    for _ in range(2):
        bank.receive(bank.answer((credit_id, "R02"), when=at(14, 8)), at(14, 8))
    assert bank.owed() == -7520
    assert (bank.state(credit_id), bank.state(payment_id)) == ("not_paid", "paid")
    [reason] = bank.cases().values()
    assert "refund" in reason
    # Rule 37: that account takes nothing any more; the exchange pays it.
    assert why_not(lambda: proposed(bank, payment_id, when=at(14, 10))) == "refuses_credit"
    again = elsewhere(bank, 7520, when=at(14, 10)).credit_id
    released(bank, again, when=at(14, 10))
    assert bank.owed() == 0


def test_a_refund_is_paid_and_nobody_is_told_that_they_paid_it(bank):
    credit_id = proposed(bank, paid(bank))
    released(bank, credit_id)
    bank.collect(at(9, 18))
    before = bank.mails("paid")
    bank.evening(at(14, 20))
    assert bank.state(credit_id) == "paid"
    assert bank.mails("paid") == before


# Any credit, whatever it came from (rule 37).


def with_correction(bank, cents):
    """The exchange says that earlier months cost less."""
    line = a_line(
        line="correction#2026-12#1", kind=LineKind.CORRECTION, amount_cents=-cents, at=at(9, 9),
        enrollment_id=ONE, month="2026-12",
    )  # fmt: skip
    bank.system.records.store.write(bank.system.records.books.adding_line(line))


def test_rule_37_credit_of_a_correction_goes_to_the_account_of_the_newest_paid_payment(bank):
    payment_id = paid(bank, owed=50000)
    with_correction(bank, 20000)
    assert why_not(lambda: elsewhere(bank, 20000)) == "goes_to_account"
    released(bank, proposed(bank, payment_id, 20000))
    assert bank.owed() == 0


def test_rule_37_what_the_payment_did_not_bring_is_paid_elsewhere_by_two_under_its_reference(bank):
    payment_id = paid(bank, owed=50000)
    with_correction(bank, 60000)
    assert why_not(lambda: proposed(bank, payment_id, 50001)) == "more_than_paid"
    assert why_not(lambda: elsewhere(bank, 10001)) == "goes_to_account"
    released(bank, elsewhere(bank, 10000).credit_id)
    released(bank, proposed(bank, payment_id, 50000))
    assert bank.owed() == 0
    lines = bank.system.records.books.lines(ONE)
    [gone] = [e for e in lines if e.kind is LineKind.REFUND and e.reason == "CHECK-1"]
    assert (gone.payment_id, gone.of_payment, gone.collection) == (None, None, None)
    assert not bank.cases()


def test_rule_37_what_is_not_paid_yet_may_still_come_back_and_waits(bank):
    payment_id = paid(bank)
    bank.pays(cents=1000, when=at(9, 8))
    assert bank.owed() == -8520
    assert why_not(lambda: proposed(bank, payment_id, 7521)) == "not_certain_yet"
    assert proposed(bank, payment_id, 7520)


def test_rule_37_only_the_newest_paid_payment_says_where_credit_goes(bank):
    first = paid(bank)
    second = bank.pays(cents=1000, when=at(9, 8))
    bank.collect(at(9, 18))
    bank.evening(at(14, 20))
    later = at(15, 10)
    assert why_not(lambda: proposed(bank, first, 500, when=later)) == "not_the_newest"
    assert proposed(bank, second, 1000, when=later)
    assert elsewhere(bank, 7520, when=later)


def test_rule_37_an_account_that_is_another_s_by_now_is_said_by_staff(bank):
    paid(bank)
    found = elsewhere(bank, 7520, account_is_gone=True)
    assert elsewhere(bank, 7520, account_is_gone=True).credit_id == found.credit_id
    assert why_not(lambda: elsewhere(bank, 7519, account_is_gone=True)) == "reference_used"
    released(bank, found.credit_id)
    assert bank.owed() == 0


def test_rule_37_the_case_of_what_was_left_closes_itself_when_the_credit_is_gone(bank):
    payment_id = paid(bank)
    case = Case(
        case_id=f"refund#{ONE}",
        kind=CaseKind.REFUND,
        enrollment_id=ONE,
        reason="coverage has ended with a credit",
        opened_at=PAID,
    )
    bank.system.records.cases.open_case(case)
    released(bank, proposed(bank, payment_id, 7000))
    assert case.case_id in bank.cases()
    released(bank, proposed(bank, payment_id, 520))
    assert not bank.cases()


# How much, and when.


def test_no_more_than_the_credit_unless_the_debit_was_a_mistake(bank):
    payment_id = paid(bank)
    assert why_not(lambda: proposed(bank, payment_id, 7521)) == "more_than_credit"
    assert proposed(bank, payment_id, 7520)
    assert proposed(bank, payment_id, 50000, why=MISTAKE)


def test_no_more_than_is_left_of_the_payment(bank):
    payment_id = paid(bank)
    released(bank, proposed(bank, payment_id, 30000, why=MISTAKE))
    assert why_not(lambda: proposed(bank, payment_id, 20001, why=MISTAKE)) == "more_than_paid"
    assert why_not(lambda: proposed(bank, payment_id, 0, why=MISTAKE)) == "nothing"
    released(bank, proposed(bank, payment_id, 20000, why=MISTAKE))
    assert bank.owed() == 42480
    that_count = payments_that_count(bank.system.records.books.lines(ONE))
    assert that_count == []  # a payment that was all given back counts no more (rule 7)


def test_what_was_proposed_is_checked_again_when_it_is_released(bank):
    credit_id = proposed(bank, paid(bank))
    bank.system.crediting.release(credit_id, by("Ada"))
    charge(bank, ONE, 7000, at(9, 11))
    release = bank.system.crediting.release
    assert why_not(lambda: release(credit_id, by("Grace"))) == "more_than_credit"
    assert bank.owed() == -520


def test_a_payment_that_may_still_come_back_is_not_refunded(bank):
    bank.enroll(ONE, 42480)
    payment_id = bank.pays(cents=50000)
    assert why_not(lambda: proposed(bank, payment_id, when=THURSDAY)) == "not_paid_yet"
    bank.collect(at(3, 18))
    assert why_not(lambda: proposed(bank, payment_id, when=at(4, 10))) == "not_paid_yet"


def test_a_payment_that_came_back_is_given_to_nobody(bank):
    payment_id = paid(bank)
    bank.receive(bank.answer((payment_id, "R10"), when=at(9, 8)), at(9, 8))
    assert why_not(lambda: proposed(bank, payment_id, 100, why=MISTAKE)) == "came_back"


def test_a_return_of_what_was_given_back_is_a_case_for_both_can_not_stand(bank):
    payment_id = paid(bank)
    released(bank, proposed(bank, payment_id))
    bank.receive(bank.answer((payment_id, "R10"), when=at(10, 8)), at(10, 8))
    reason = bank.cases()[f"return#{payment_id}#R10"]
    assert "given back before" in reason


def test_an_unknown_payment_credit_or_enrollment_is_named(bank):
    payment_id = paid(bank)
    assert why_not(lambda: proposed(bank, "ZZZZZZZZZZZZZZZ")) == "unknown_payment"
    with pytest.raises(NotFound):
        bank.system.crediting.release(payment_id, by("Ada"))
    with pytest.raises(NotFound):
        bank.system.crediting.propose(REFUND, CREDIT, "EN9", payment_id, 1, by("Ada"))


# Reversals.


def test_nacha_a_reversal_is_the_whole_amount_in_the_class_of_its_debit(bank):
    bank.enroll(ONE, 42480)
    payment_id = bank.pays(cents=42480)
    bank.collect(at(3, 18))
    credit_id = reversed_(bank, payment_id, at(4, 10))
    assert bank.owed() == 42480
    bank.collect(at(4, 18))
    entry = bank.taken()[credit_id]
    assert (entry.description.strip(), entry.entry_class, entry.code) == ("REVERSAL", "WEB", "22")
    assert entry.cents == 42480
    mail = bank.mail("refund")
    assert mail["why"] == "duplicate"
    assert bank.differences(at(4, 21)) == []


def test_nacha_a_reversal_reaches_the_bank_within_five_banking_days_of_settlement(bank):
    """The debit settled on Friday the 4th; the fifth banking day after is Friday the 11th."""
    payment_id = paid(bank, cents=42480)
    assert proposed(bank, payment_id, None, kind=REVERSAL, why=DUPLICATE, when=at(10, 17, 59))
    late = at(10, 18)
    assert (
        why_not(lambda: proposed(bank, payment_id, None, kind=REVERSAL, why=DUPLICATE, when=late))
        == "too_late"
    )


@pytest.mark.parametrize("why", sorted(WhyBack))
def test_nacha_only_an_error_is_reversed(bank, why):
    payment_id = paid(bank, cents=42480)

    def act():
        return proposed(bank, payment_id, None, kind=REVERSAL, why=why)

    if why in REVERSIBLE:
        assert act()
    else:
        assert why_not(act) == "not_an_error"


def test_nobody_is_told_that_a_payment_is_paid_which_was_reversed_meanwhile(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    reversed_(bank, payment_id, at(7, 10))
    bank.evening(PAID)
    assert bank.mails("paid") == []


def test_a_payment_that_no_bank_has_seen_is_not_reversed(bank):
    payment_id = bank.pays()
    code = why_not(
        lambda: proposed(bank, payment_id, None, kind=REVERSAL, why=DUPLICATE, when=THURSDAY)
    )
    assert code == "not_sent"


def test_a_payment_is_reversed_once_and_not_after_a_refund(bank):
    payment_id = paid(bank)
    released(bank, proposed(bank, payment_id))
    code = why_not(lambda: proposed(bank, payment_id, None, kind=REVERSAL, why=DUPLICATE))
    assert code == "given_back"


def test_a_part_is_refunded_and_not_reversed(bank):
    payment_id = paid(bank)
    code = why_not(lambda: proposed(bank, payment_id, 100, kind=REVERSAL, why=DUPLICATE))
    assert code == "not_the_whole"


# At the same moment, and after a crash.


def test_invariant_7_sixty_four_releases_at_the_same_moment_send_it_once(bank):
    credit_id = proposed(bank, paid(bank))
    people = [by(f"person {n}") for n in range(64)]
    ended = at_once(
        [lambda who=who: bank.system.crediting.release(credit_id, who) for who in people]
    )
    assert ended.count(None) == 2
    assert bank.owed() == 0
    bank.collect(at(9, 18))
    assert bank.transmission("2026-12-09").entries == 1


def test_two_credits_of_the_same_money_at_the_same_moment_are_one(bank):
    payment_id = paid(bank)
    both = [proposed(bank, payment_id, cents) for cents in (7520, 7519)]
    for credit_id in both:
        bank.system.crediting.release(credit_id, by("Ada"))
    release = bank.system.crediting.release
    ended = at_once([lambda each=each: release(each, by("Grace")) for each in both])
    assert sorted(map(str, ended)) == sorted(map(str, [None, CannotGiveBack]))
    assert bank.owed() in (0, -1)


def test_invariant_11_after_a_crash_anywhere_a_release_again_ends_it_once():
    for n in range(1, 40):
        bank = Bank()
        credit_id = proposed(bank, paid(bank))
        bank.system.crediting.release(credit_id, by("Ada"))
        seen = Interrupted(bank.store, n)
        with suppress(Crash):
            other = Bank(bank.store, s3=bank.s3, seen=seen)
            other.system.crediting.release(credit_id, by("Grace"))
        with suppress(CannotGiveBack):
            bank.system.crediting.release(credit_id, by("Grace"))
        assert bank.owed() == 0
        assert bank.mails("refund") == [ONE]
        assert bank.cases() == {}
        if seen.left > 0:
            break
    assert n > 5


def test_a_release_that_the_same_person_gives_twice_at_once_is_answered_twice():
    """Wherever the second comes between two calls of the first."""
    for n in range(1, 40):
        bank = Bank()
        credit_id = proposed(bank, paid(bank))
        bank.system.crediting.release(credit_id, by("Ada"))
        seen = Interrupted(
            bank.store, n, lambda b=bank, c=credit_id: b.system.crediting.release(c, by("Grace"))
        )
        again = Bank(bank.store, s3=bank.s3, seen=seen)
        assert again.system.crediting.release(credit_id, by("Grace")).state is CreditState.RELEASED
        assert bank.owed() == 0
        if seen.left > 0:
            break
    assert n > 5


@pytest.mark.parametrize("first", ["release", "return"])
def test_a_return_and_a_release_at_the_same_moment_are_never_both_unseen(first):
    """Between any two calls of the one, the other happens."""
    ends = set()
    for n in range(1, 80):
        bank = Bank()
        payment_id = paid(bank, cents=42480)
        credit_id = proposed(bank, payment_id, None, why=MISTAKE)
        bank.system.crediting.release(credit_id, by("Ada"))
        body = bank.answer((payment_id, "R10"), when=at(9, 9))

        def release(bank=bank, credit_id=credit_id):
            with suppress(CannotGiveBack):
                bank.system.crediting.release(credit_id, by("Grace"))

        def come_back(bank=bank, body=body):
            bank.receive(body, at(9, 9))

        act, other = (release, come_back) if first == "release" else (come_back, release)
        seen = Interrupted(bank.store, n, other)
        act(Bank(bank.store, s3=bank.s3, seen=seen))
        if seen.left > 0:
            break
        both = bank.owed() == 84960
        assert both or bank.owed() == 42480
        assert both == ("given back before" in bank.cases()[f"return#{payment_id}#R10"])
        assert bank.mails("refund") == [ONE] * both, "a mail tells what stands (I19)"
        ends.add(both)
    assert ends == {first == "return"}
    assert n > 5


def test_a_refund_that_no_bank_would_take_is_left_out_and_named():
    bank = Bank()
    credit_id = proposed(bank, paid(bank))
    released(bank, credit_id)
    rows = bank.store.items["entries"]
    key = next(key for key, row in rows.items() if row.get("payment_id") == credit_id)
    rows[key] = {**rows[key], "account": {**rows[key]["account"], "sealed_number": "v1.1.x"}}
    bank.collect(at(9, 18))
    assert bank.transmission("2026-12-09").left_out_ids == {credit_id}
    [found] = bank.system.reconciling.reconcile(at(9, 20))
    assert (found.payment_id, found.what) == (credit_id, Differs.LEFT_OUT)


def test_invariant_22_who_dropped_a_proposal_has_signed(bank):
    credit_id = proposed(bank, paid(bank))
    bank.system.crediting.drop(credit_id, by("Ada"))
    rows = bank.store.query("audit", f"credit#{credit_id}")
    assert {(row["what"], row["who"]) for row in rows} == {("proposed", "Ada"), ("dropped", "Ada")}
