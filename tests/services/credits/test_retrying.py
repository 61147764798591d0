"""A payment that came back is tried again, when staff say so and nothing else takes it (31)."""

from contextlib import suppress
from datetime import date

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.domain.retry import CannotRetry
from chalicelib.domain.signature import Signature
from tests.bank import Bank
from tests.concurrently import at_once
from tests.monthly import at, charge, pay
from tests.stores import Crash, Deaf, Interrupted

ONE = "EN000001"
TUESDAY = at(8, 8)  # when what settled on Friday comes back
AT_TEN = at(8, 10)
AGREED = "on the phone, December 8"


@pytest.fixture
def bank():
    return Bank()


def came_back(bank, code="R01", *, monthly=False, number="000123456789"):
    """A payment of $424.80 that its bank did not pay; its id."""
    payment_id = bank.begins(number=number) if monthly else bank.pays(number=number)
    bank.collect(at(3, 18))
    bank.receive(bank.answer((payment_id, code), when=TUESDAY), TUESDAY)
    return payment_id


def agreed(when, who="Ada"):
    return Signature(who=who, why=AGREED, at=when)


def again(bank, payment_id, when=AT_TEN):
    return bank.system.retrying.release(ONE, payment_id, agreed(when))


def why_not(bank, payment_id, when=AT_TEN):
    before = bank.kept()
    with pytest.raises(CannotRetry) as refused:
        again(bank, payment_id, when)
    assert bank.kept() == before
    return refused.value.code


def returned(bank, payment_id, code, when):
    bank.receive(bank.answer((payment_id, code), when=when), when)


def test_rule_31_a_retry_is_never_automatic(bank):
    payment_id = came_back(bank)
    for day in (8, 9, 10, 11, 14):
        bank.collect(at(day, 18))
        bank.evening(at(day, 20))
    assert bank.taken().keys() == {payment_id}


def test_rule_31_it_goes_in_a_batch_of_its_own_with_the_same_amount_name_and_account(bank):
    first = came_back(bank)
    other = bank.pays("EN000002", at(8, 9))
    retry = again(bank, first)
    bank.collect(at(8, 18))
    taken = bank.taken()
    assert taken.keys() == {first, other, retry.payment_id}
    same = ("cents", "account", "routing", "company", "company_id", "person", "code", "extra")
    entry, before = taken[retry.payment_id], taken[first]
    assert [getattr(entry, each) for each in same] == [getattr(before, each) for each in same]
    assert (entry.description, entry.entry_class) == ("RETRY PYMT", "WEB")
    assert entry.settles_on.day == 9


def test_a_retry_counts_as_a_payment_from_its_release_and_has_a_state_of_its_own(bank):
    first = came_back(bank)
    assert bank.owed() == 42480
    retry = again(bank, first).payment_id
    assert bank.owed() == 0
    assert (bank.state(first), bank.state(retry)) == ("not_paid", "received")
    bank.collect(at(8, 18))
    assert (bank.state(first), bank.state(retry)) == ("not_paid", "sent")
    bank.evening(at(11, 20))
    assert (bank.state(first), bank.state(retry)) == ("not_paid", "paid")
    assert bank.mails("paid") == [ONE]
    assert bank.differences(at(11, 21)) == []


def test_the_member_is_told_the_date_and_staff_have_signed(bank):
    retry = again(bank, came_back(bank)).payment_id
    mail = bank.mail("retry")
    assert (mail["cents"], mail["on"], mail["confirmation"][:3]) == (42480, "2026-12-09", "HC-")
    [line] = bank.store.query("audit", f"payment#{retry}")
    assert (line["what"], line["who"], line["why"]) == ("retried", "Ada", AGREED)


def test_a_retry_of_a_withdrawal_is_recurring_and_stays_with_its_mandate(bank):
    bank.member(plan_year=2027)
    bank.tell()
    bank.withdraw()
    bank.noon(at(22, 12))
    [withdrawal] = bank.payment_ids()
    returned(bank, withdrawal, "R01", at(24, 8))
    retry = again(bank, withdrawal, at(24, 10)).payment_id
    bank.collect(at(24, 18))
    assert bank.taken()[retry].extra.strip() == "R"
    returned(bank, retry, "R10", at(31, 8))
    [(_, state)] = bank.system.mandating.history(bank.standing(ONE, at(31)), at(31))
    assert (str(state), bank.owed()) == ("ended", 42480)


# What stands against it.


def test_what_has_not_come_back_is_not_tried_again(bank):
    payment_id = bank.pays()
    assert why_not(bank, payment_id) == "not_returned"
    bank.collect(at(3, 18))
    assert why_not(bank, payment_id) == "not_returned"


@pytest.mark.parametrize("code", ["R02", "R03", "R04", "R07", "R10", "R16", "R20", "R29"])
def test_nacha_other_returns_are_not_tried_again(bank, code):
    assert why_not(bank, came_back(bank, code)) == "not_retryable"


@pytest.mark.parametrize("code", ["R01", "R09", "R08"])
def test_nacha_want_of_funds_is_and_a_stopped_payment_with_consent(bank, code):
    assert again(bank, came_back(bank, code)).amount_cents == 42480


def test_rule_31_at_most_two_and_each_after_the_return_of_the_one_before(bank):
    first = came_back(bank)
    second = again(bank, first).payment_id
    assert again(bank, first, at(8, 11)).payment_id == second  # the same command, no second one
    bank.collect(at(8, 18))
    returned(bank, second, "R01", at(11, 8))
    third = again(bank, second, at(11, 10)).payment_id  # named by whichever attempt
    bank.collect(at(11, 18))
    returned(bank, third, "R09", at(16, 8))
    assert len({first, second, third}) == 3
    for each in (first, second, third):
        assert why_not(bank, each, at(16, 10)) == "too_often"


def test_rule_31_what_the_last_attempt_came_back_for_decides(bank):
    first = came_back(bank)
    second = again(bank, first).payment_id
    bank.collect(at(8, 18))
    returned(bank, second, "R02", at(11, 8))
    assert why_not(bank, first, at(11, 10)) == "not_retryable"


def test_nacha_in_180_days_of_the_first_settlement(bank):
    first = came_back(bank)  # it settled on December 4; June 2 is the 180th day after it
    assert why_not(bank, first, at(2, 10, month="2027-06")) == "too_late"
    assert why_not(bank, first, at(1, 18, month="2027-06")) == "too_late"
    assert again(bank, first, at(1, 10, month="2027-06")).effective_on == date(2027, 6, 2)


def test_rule_31_only_if_the_whole_amount_is_still_owed(bank):
    first = came_back(bank)
    pay(bank, ONE, 1, at(8, 9))
    assert why_not(bank, first) == "not_owed"
    charge(bank, ONE, 1, at(8, 9, 30))
    assert again(bank, first)


def test_rule_31_not_while_a_withdrawal_is_announced(bank):
    first = came_back(bank, monthly=True)
    assert bank.announced() == 0  # with all paid, nothing was to be taken in December
    bank.tell()
    assert bank.announced() == 42480
    assert why_not(bank, first, at(10, 10)) == "withdrawal_coming"


def test_rule_31_not_while_one_is_on_its_way_and_again_when_it_came_back(bank):
    first = came_back(bank, monthly=True)
    bank.tell()
    charge(bank, ONE, 42480, at(21, 9))
    bank.withdraw()
    assert why_not(bank, first, at(22, 10)) == "withdrawal_coming"
    bank.noon(at(22, 12))
    assert why_not(bank, first, at(23, 10)) == "withdrawal_coming"
    withdrawal = bank.payment_ids()[-1]
    returned(bank, withdrawal, "R01", at(24, 8))
    assert again(bank, first, at(24, 10))


def test_rule_31_not_while_last_month_s_withdrawal_is_on_its_way(bank):
    """Caught up on the 28th it settles on the 29th, and is paid on the 31st."""
    first = came_back(bank, monthly=True)
    bank.tell()
    charge(bank, ONE, 42480, at(21, 9))
    bank.withdraw(28)
    bank.collect(at(28, 18))
    bank.answers(at(28, 20))
    new_year = at(1, 10, month="2027-01")
    assert bank.state(bank.payment_ids()[-1]) == "sent"
    assert why_not(bank, first, new_year) == "withdrawal_coming"
    bank.evening(at(4, 20, month="2027-01"))
    assert again(bank, first, at(5, 10, month="2027-01"))


def test_rule_31_not_between_the_freeze_and_the_decision(bank):
    first = came_back(bank, monthly=True)
    bank.system.records.mandates.freeze("2026-12", range(1024))
    assert why_not(bank, first, at(22, 9, 1)) == "withdrawal_coming"


def test_an_unknown_payment_or_enrollment_is_named(bank):
    payment_id = came_back(bank)
    assert why_not(bank, "ZZZZZZZZZZZZZZZ") == "unknown_payment"
    with pytest.raises(NotFound):
        bank.system.retrying.release("EN999999", payment_id, agreed(at(8, 10)))


# At the same moment, and after a crash.


def test_invariant_7_sixty_four_releases_at_the_same_moment_are_one(bank):
    first = came_back(bank)
    assert at_once([lambda: again(bank, first)] * 64) == [None] * 64  # each is told of the one
    assert (len(bank.payment_ids()), bank.owed()) == (2, 0)


def test_invariant_7_sixty_four_people_at_the_same_moment_release_it_once(bank):
    first = came_back(bank)
    retry = bank.system.retrying.release
    people = [agreed(AT_TEN, f"person {n}") for n in range(64)]
    ended = at_once([lambda who=who: retry(ONE, first, who) for who in people])
    assert ended.count(None) == 1
    assert set(ended) == {None, CannotRetry}
    assert (len(bank.payment_ids()), bank.owed()) == (2, 0)


@pytest.mark.parametrize("what", ["withdraw", "tell"])
def test_a_run_or_a_notice_in_between_never_takes_the_same_money_too(what):
    """Between any two calls of the release; then the rest of the month is played."""
    ends = set()
    for n in range(1, 60):
        bank = Bank()
        first = came_back(bank, monthly=True)
        seen = Interrupted(bank.store, n, getattr(bank, what))
        other = Bank(bank.store, s3=bank.s3, seen=seen, queue=bank.queue)
        with suppress(CannotRetry):
            other.system.retrying.release(ONE, first, agreed(at(10, 8)))
        bank.tell(12)
        bank.withdraw()
        moved = [line for line in bank.system.records.books.lines(ONE) if line.amount_cents < 0]
        ends.add(tuple(sorted(str(line.kind) for line in moved[1:])))
        assert bank.owed() >= 0
        if seen.left > 0:
            break
    assert ("payment",) in ends
    assert ends <= {("payment",), ("withdrawal",), ()}
    assert (("withdrawal",) in ends) == (what == "tell")


def test_invariant_11_after_a_crash_anywhere_there_is_one_retry_or_none():
    ends = set()
    for n in range(1, 40):
        bank = Bank()
        first = came_back(bank)
        seen = Interrupted(bank.store, n)
        with suppress(Crash):
            Bank(bank.store, s3=bank.s3, seen=seen).system.retrying.release(
                ONE, first, agreed(at(8, 10))
            )
        found = bank.payment_ids()
        ends.add((len(found), bank.owed(), len(bank.mails("retry"))))
        if seen.left > 0:
            break
    assert ends == {(1, 42480, 0), (2, 0, 1)}


def test_a_retry_whose_answer_was_lost_is_answered_as_if_just_made(bank):
    first = came_back(bank)
    deaf = Deaf(bank.store, lambda write: write.table == "audit")
    retry = again(Bank(bank.store, s3=bank.s3, seen=deaf), first)
    assert again(bank, first, at(8, 11)) == retry
    assert (len(bank.payment_ids()), bank.owed(), bank.mails("retry")) == (2, 0, [ONE])


def test_somebody_else_s_retry_of_what_is_under_way_is_refused(bank):
    first = came_back(bank)
    again(bank, first)
    with pytest.raises(CannotRetry) as refused:
        bank.system.retrying.release(ONE, first, agreed(AT_TEN, "Grace"))
    assert refused.value.code == "not_returned"


def test_rule_31_two_retries_at_the_same_moment_take_no_more_than_is_owed(bank):
    """Two payments came back, one of them was paid on the page since: only one may go again."""
    bank.enroll(ONE, 84960)
    both = [bank.pays(cents=42480, when=at(3, hour)) for hour in (10, 11)]
    bank.collect(at(3, 18))
    bank.receive(bank.answer(*((each, "R01") for each in both), when=TUESDAY), TUESDAY)
    pay(bank, ONE, 42480, at(8, 9))
    ended = at_once([lambda each=each: again(bank, each) for each in both])
    assert ended.count(None) == 1
    assert bank.owed() == 0


# --- what was not according to its terms is put right (rule 51) -----------------------------------


def corrected(bank, payment_id, cents=20000, when=AT_TEN):
    return bank.system.retrying.release(ONE, payment_id, agreed(when), cents)


def test_rule_51_what_came_back_as_r11_goes_once_more_put_right_and_not_as_a_retry(bank):
    payment_id = came_back(bank, "R11")
    again = corrected(bank, payment_id)
    assert (again.amount_cents, again.retry_of, str(again.kind)) == (20000, payment_id, "one_time")
    assert bank.owed() == 42480 - 20000
    assert bank.mail("retry")["cents"] == 20000
    bank.collect(at(8, 18))
    taken = bank.taken()[again.payment_id]
    assert (taken.cents, taken.description.strip(), taken.is_debit) == (20000, "HLTH PREM", True)
    bank.evening(at(11, 20))
    assert bank.state(again.payment_id) == "paid"
    assert bank.differences(at(11, 21)) == []


def test_rule_51_the_same_words_once_more_lead_to_what_stands(bank):
    payment_id = came_back(bank, "R11")
    assert corrected(bank, payment_id) == corrected(bank, payment_id)
    assert bank.owed() == 42480 - 20000


@pytest.mark.parametrize(
    ("code", "cents", "when", "why"),
    [
        ("R11", 42481, AT_TEN, "more_than_taken"),
        ("R11", 0, AT_TEN, "nothing"),
        ("R01", 20000, AT_TEN, "not_correctable"),
        ("R10", 20000, AT_TEN, "not_correctable"),
        # Its return settled on December 8: sixty days later is Saturday, February 6.
        ("R11", 20000, at(5, 19, month="2027-02"), "too_late"),
    ],
)
def test_rule_51_what_can_t_be_put_right_is_named(bank, code, cents, when, why):
    payment_id = came_back(bank, code)
    with pytest.raises(CannotRetry) as refused:
        corrected(bank, payment_id, cents, when)
    assert refused.value.code == why


def test_rule_51_within_sixty_days_of_its_return_and_once(bank):
    payment_id = came_back(bank, "R11")
    assert corrected(bank, payment_id, when=at(4, 10, month="2027-02"))
    later = agreed(at(4, 11, month="2027-02"), who="Ben")
    with pytest.raises(CannotRetry) as refused:
        bank.system.retrying.release(ONE, payment_id, later, 100)
    assert refused.value.code == "corrected_before"


def test_rule_51_a_retry_of_r11_stays_refused(bank):
    assert why_not(bank, came_back(bank, "R11")) == "not_retryable"


def test_rule_51_other_words_of_the_same_people_with_another_amount_are_refused(bank):
    payment_id = came_back(bank, "R11")
    assert corrected(bank, payment_id)
    with pytest.raises(CannotRetry) as refused:
        corrected(bank, payment_id, 10000)
    assert refused.value.code == "corrected_before"


def test_rule_51_a_corrected_one_that_comes_back_is_tried_again_at_its_own_amount(bank):
    payment_id = came_back(bank, "R11")
    right = corrected(bank, payment_id).payment_id
    bank.collect(at(8, 18))
    returned(bank, right, "R01", at(11, 8))
    once_more = bank.system.retrying.release(ONE, right, agreed(at(11, 10), who="Ben"))
    assert (once_more.amount_cents, str(once_more.kind)) == (20000, "retry")
    kinds = [str(line.reason) for line in bank.system.records.books.lines(ONE) if line.of_payment]
    assert kinds == ["corrected", "None"]
