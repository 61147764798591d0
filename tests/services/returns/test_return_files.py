"""What the bank sends back: applied once, told rightly, or kept for staff (rules 29, 30; I18)."""

from datetime import timedelta

import pytest

from chalicelib.domain.transmission import TransmissionState
from tests.bank import Bank
from tests.builders import letter_templates
from tests.domain.ach.by_hand import patched
from tests.monthly import MONTH, WITHDRAWAL, at, charge
from tests.stores import Crash, Interrupted, pending_mails

ONE, TWO, THREE = "EN000001", "EN000002", "EN000003"
MORNING = at(8, 8)  # Tuesday; the second banking day after Friday the 4th
RUN = f"withdrawal#{MONTH}"

# Magic code: what becomes of the mandate, why in the mail, words of the case; the day it is there.
NO_FUNDS, BAD = "There was not enough money", "Your bank cannot take money from this account"
TABLE = {
    "R01": ("active", NO_FUNDS, None, 8),
    "R02": ("ended", BAD, None, 8),
    "R03": ("ended", BAD, None, 8),
    "R04": ("ended", BAD, None, 8),
    "R07": ("ended", "You told your bank that we may no longer take", "revoked", 11),
    "R08": ("held", "You asked your bank to stop this payment", "consent", 8),
    "R09": ("active", NO_FUNDS, None, 8),
    "R10": ("ended", "Your bank says that you did not allow this payment", "not_authorized", 11),
    "R14": ("ended", "Your bank sent it back", "death", 8),
    "R16": ("ended", "Your bank sent it back", "account_restricted", 8),
    "R20": ("ended", BAD, "account_restricted", 8),
}


@pytest.fixture
def bank():
    return Bank()


def number_of(code):
    return f"990000{code[1:]}"


def begun(bank, code="R01", name=ONE):
    """A first payment and a mandate from a magic account, in the bank's hands."""
    payment_id = bank.begins(name, number=number_of(code))
    bank.collect(at(3, 18))
    return payment_id


def mandate_state(bank, name=ONE, now=MORNING):
    [(_, state)] = bank.system.mandating.history(bank.standing(name, now), now)
    return str(state)


def words(bank, kind="not_paid", name=ONE):
    """The text that the member reads."""
    templates = letter_templates()
    mails = pending_mails(bank.system)
    [mail] = [mail for mail in mails if (mail.kind, mail.enrollment_id) == (kind, name)]
    return " ".join(templates.letter(mail).text.split())


def returned(bank, payment_id, code, when=MORNING, **changed):
    bank.receive(bank.answer((payment_id, code), when=when, **changed), when)


# The table, end to end.


@pytest.mark.parametrize("code", TABLE)
def test_rule_29_a_first_payment_that_came_back_ends_as_the_table_says(bank, code):
    state, why, case, day = TABLE[code]
    payment_id = begun(bank, code)
    bank.answers(at(day, 7))
    assert bank.state(payment_id) == "sent"
    bank.answers(at(day, 8))
    assert bank.state(payment_id) == "not_paid"
    assert bank.owed() == 42480
    line = bank.system.records.books.line(ONE, f"return#{payment_id}")
    assert (line.amount_cents, line.reason) == (42480, code)
    assert mandate_state(bank, now=at(day, 9)) == state
    assert bank.mails("not_paid") == [ONE]
    assert why in words(bank)
    assert ("Your monthly payments" in words(bank)) == (state != "active")
    found = bank.cases()
    assert list(found) == ([f"return#{payment_id}#{code}"] if case else [])
    assert not case or case in found[f"return#{payment_id}#{code}"]


@pytest.mark.parametrize("code", TABLE)
def test_rule_29_a_single_payment_that_came_back_leaves_another_account_s_mandate(bank, code):
    bank.member()
    before = bank.system.records.mandates.of(ONE)
    payment_id = bank.pays(number=number_of(code), cents=10000)
    bank.collect(at(3, 18))
    bank.answers(at(15))
    assert bank.state(payment_id) == "not_paid"
    assert bank.system.records.mandates.of(ONE) == before
    assert "Your monthly payments" not in words(bank)


@pytest.mark.parametrize("code", TABLE)
def test_rule_29_a_withdrawal_that_came_back_ends_as_the_table_says(bank, code):
    enrollment = bank.enroll(plan_year=2027)
    bank.authorize(enrollment, account=bank.account(enrollment.subscriber_id))
    bank.tell()
    bank.withdraw()
    bank.noon(at(22, 12))
    [payment_id] = bank.payment_ids()
    returned(bank, payment_id, code, at(24, 8))
    assert (bank.state(payment_id), bank.owed()) == ("not_paid", 42480)
    assert mandate_state(bank, now=at(24, 9)) == TABLE[code][0]
    assert TABLE[code][1] in words(bank)
    assert bank.system.records.books.line(ONE, f"return#{payment_id}").month == MONTH


def test_a_held_mandate_is_excluded_on_the_22nd(bank):
    begun(bank, "R08")
    bank.answers(MORNING)
    bank.tell()
    bank.withdraw()
    assert bank.decision() == ("excluded", 0, "held")


def test_an_ended_mandate_is_not_asked_on_the_22nd(bank):
    begun(bank, "R02")
    bank.answers(MORNING)
    bank.tell()
    bank.withdraw()
    assert bank.decision() is None
    assert bank.counts(RUN) == (0, 0, 0, 0, 0)


def test_rule_29_a_mandate_ended_when_its_return_was_read_not_when_the_file_lay_there(bank):
    payment_id = begun(bank, "R02")
    read_at = MORNING + timedelta(hours=2)
    bank.receive(bank.answer((payment_id, "R02"), when=MORNING), MORNING, read_at)
    [mandate] = bank.system.records.mandates.every(ONE)
    assert mandate.ended_at == read_at


@pytest.mark.parametrize(("settled", "late"), [(at(8), False), (at(9), True)])
@pytest.mark.parametrize("travels", [0, 1, 6])
def test_rule_50_a_return_is_late_by_its_own_settlement_whenever_it_reaches_us(
    bank, settled, late, travels
):
    payment_id = begun(bank, "R02")
    arrived = settled + timedelta(days=travels)
    bank.receive(bank.answer((payment_id, "R02"), when=settled), arrived, at(22))
    assert any("too late" in case.reason for case in bank.system.records.cases.open()) is late


@pytest.mark.parametrize("blank", ["   ", "000", "367", "3?3"])
def test_rule_50_a_return_that_names_no_such_day_is_booked_and_not_called_late(bank, blank):
    payment_id = begun(bank, "R02")
    rows = bank.answer((payment_id, "R02"), when=at(10)).decode().splitlines(keepends=True)
    body = "".join(patched(r, {76: blank}) if r.startswith("5") else r for r in rows)
    bank.receive(body.encode(), at(10))
    assert bank.state(payment_id) == "not_paid"
    assert not any("too late" in case.reason for case in bank.system.records.cases.open())


def test_an_active_mandate_goes_on_with_what_is_owed_again(bank):
    begun(bank, "R01")
    bank.answers(MORNING)
    bank.tell()
    assert bank.announced() == 42480
    bank.withdraw()
    assert bank.decision() == ("claimed", 42480, None)


def test_staff_can_call_the_member_about_a_case(bank):
    begun(bank, "R10")
    bank.answers(at(15))
    [case] = bank.system.records.cases.open()
    assert (case.phone, case.enrollment_id, str(case.kind)) == ("+16175550123", ONE, "return")


def test_a_mandate_that_was_replaced_stays_as_it_is(bank):
    payment_id = begun(bank, "R02")
    bank.begins(when=at(4, 10), cents=0)
    before = bank.system.records.mandates.of(ONE)
    bank.answers(MORNING)
    assert bank.state(payment_id) == "not_paid"
    assert bank.system.records.mandates.of(ONE) == before
    assert "Your monthly payments" not in words(bank)


# The same file again, early, in another order (issue 4, 5; I12, I18).


def three(bank):
    """Three payments in one file, and an answer for each."""
    ids = [bank.begins(name) for name in (ONE, TWO, THREE)]
    bank.collect(at(3, 18))
    return list(zip(ids, ("R01", "R02", "R08"), strict=True))


def ended(act):
    """The end of the same story, played by `act` on three answers."""
    bank = Bank()
    act(bank, three(bank))
    kept = bank.kept()
    assert bank.here.files.objects == {}, "rule 33: read and erased"
    return kept, dict(bank.here.metrics.counts)


def once(bank, answers):
    bank.receive(bank.answer(*answers, when=MORNING), MORNING)


def test_the_same_file_three_times_is_the_same_end():
    def thrice(bank, answers):
        body = bank.answer(*answers, when=MORNING)
        for when in (MORNING, at(8, 9), at(10, 8)):
            bank.receive(body, when)

    assert ended(thrice)[0] == ended(once)[0]


def test_lines_in_reverse_are_the_same_end():
    def reverse(bank, answers):
        once(bank, answers[::-1])

    assert ended(reverse)[0] == ended(once)[0]


def test_each_answer_in_a_file_of_its_own_is_the_same_end():
    def singly(bank, answers):
        for answer in reversed(answers):
            once(bank, [answer])

    assert ended(singly)[0] == ended(once)[0]


@pytest.mark.parametrize("state", [TransmissionState.SEALED, TransmissionState.SENDING])
def test_before_the_payment_s_own_file_is_acknowledged_is_the_same_end(state):
    def early(bank, answers):
        store, key = bank.store.items["transmissions"], ("#transmissions", "collection#2026-12-03")
        sent = store[key]
        store[key] = {**sent, "state": str(state)}
        once(bank, answers)
        store[key] = sent

    assert ended(early)[0] == ended(once)[0]


def test_the_news_of_a_file_that_was_read_already_changes_nothing(bank):
    payment_id = begun(bank)
    version = bank.here.files.drop(
        "inbound/bank/a.ach", bank.answer((payment_id, "R01"), when=MORNING)
    )
    for _ in range(2):
        bank.system.return_files.receive("inbound/bank/a.ach", version, MORNING, MORNING)
    assert bank.owed() == 42480
    assert bank.cases() == {}


@pytest.mark.parametrize("code", ["R61", "R67", "R77"])
def test_when_banks_argue_about_a_return_the_books_stay_and_staff_decide(bank, code):
    payment_id = begun(bank)
    for _ in range(3):
        returned(bank, payment_id, code)
    assert (bank.state(payment_id), bank.owed(), bank.mails("not_paid")) == ("sent", 0, [])
    assert list(bank.cases()) == [f"return#{payment_id}#{code}"]


def test_invariant_11_after_a_crash_between_any_two_calls_again_is_the_same_end():
    """After the freeze and before the claim: the month's decision is written last."""

    def prepared():
        bank = Bank()
        payment_id = begun(bank, "R02")
        bank.tell()
        bank.start(WITHDRAWAL, at(22))
        return bank, bank.answer((payment_id, "R02"), when=at(22, 10))

    bank, body = prepared()
    bank.receive(body, at(22, 10))
    wanted = bank.kept()
    for n in range(1, 200):
        bank, body = prepared()
        seen = Interrupted(bank.store, n)
        try:
            Bank(bank.store, s3=bank.s3, seen=seen).receive(body, at(22, 10))
        except Crash:
            Bank(bank.store, s3=bank.s3).receive(body, at(22, 10))
            assert bank.kept() == wanted
        else:
            assert n > 10
            return


# What is not ours.


@pytest.mark.parametrize(
    "changed",
    [
        {"trace": "231380109999999", "person_id": "SOMEBODY ELSE  "},
        {"trace": "23138010ABCDEFG", "person_id": f"{'':15}"},
        {"person_id": "HCKLMNPQRSTU234"},
        {"cents": 42479},
        {"account": "99000002         "},
    ],
)
def test_invariant_18_what_fits_no_entry_of_ours_waits_for_staff(bank, changed):
    payment_id = begun(bank)
    returned(bank, payment_id, "R01", **changed)
    assert (bank.state(payment_id), bank.owed(), bank.mails("not_paid")) == ("sent", 0, [])
    [case] = bank.system.records.cases.open()
    assert str(case.kind) in ("suspense", "bank")
    assert "9900" not in case.reason


def test_invariant_18_what_is_not_ours_stops_no_other(bank):
    (first, code), (second, _), _ = three(bank)
    vault = bank.system.vault  # the second one's account is not what it was
    rows = bank.store.items["entries"]
    key = next(key for key, row in rows.items() if row.get("payment_id") == second)
    sealed = vault.seal("account", "55556666", f"S{TWO}")
    rows[key] = {**rows[key], "account": {**rows[key]["account"], "sealed_number": sealed}}
    bank.receive(bank.answer((second, "R01"), (first, code), when=MORNING), MORNING)
    assert (bank.state(first), bank.state(second, TWO)) == ("not_paid", "sent")
    assert len(bank.cases()) == 1


def test_leading_zeros_make_no_other_account(bank):
    payment_id = bank.pays()  # 000123456789
    bank.collect(at(3, 18))
    returned(bank, payment_id, "R01", account=f"{'123456789':17}")
    assert bank.state(payment_id) == "not_paid"


def test_traces_that_came_round_again_lead_to_the_right_payment(bank):
    first = bank.pays(number="99000001")
    bank.collect(at(3, 18))
    del bank.store.items["transmissions"]["#counter", "#trace"]
    second = bank.pays(TWO, at(4, 10))
    bank.collect(at(4, 18))
    assert bank.taken()[first].trace == bank.taken()[second].trace
    bank.answers(at(15))
    assert (bank.state(first), bank.state(second, TWO)) == ("not_paid", "sent")


@pytest.mark.parametrize("body", [b"garbage 123-45-6789\n\xff\xfe", b"", b"6" * 300])
def test_rule_33_what_can_not_be_read_is_sealed_again_and_a_case(bank, body):
    bank.receive(body, MORNING)
    [(case, reason)] = bank.cases().items()
    assert case == "unreadable_file#1.ach@v1"
    assert "123-45" not in reason
    [(key, versions)] = bank.here.files.objects.items()
    assert key == "quarantine/1.ach@v1"
    [sealed] = versions.values()
    assert b"123-45" not in sealed
    vault = bank.system.vault
    lines = [
        vault.open("quarantine", line.decode(), f"1.ach#{n}").encode("latin-1")
        for n, line in enumerate(sealed.splitlines())
    ]
    assert b"".join(lines) == body
    assert bank.here.metrics.counts["Quarantined"] == 1


def test_what_is_sound_in_a_file_with_a_torn_end_is_applied_and_the_file_kept(bank):
    payment_id = begun(bank)
    body = bank.answer((payment_id, "R01"), when=MORNING)
    bank.receive(body + b"and then some", MORNING)
    assert bank.state(payment_id) == "not_paid"
    assert list(bank.here.files.objects) == ["quarantine/1.ach@v1"]


NO_CODES = ["   ", "Q01", "r01", "R1 ", "R0X", "C01", "R 1", "01R"]


@pytest.mark.parametrize("code", NO_CODES)
def test_a_return_under_a_code_that_is_none_is_kept_with_its_place_and_stops_no_other(bank, code):
    first, second = bank.pays(), bank.pays(TWO)
    bank.collect(at(3, 18))
    body = bank.answer((first, "R01"), (second, "R02"), when=MORNING)
    bank.receive(body.replace(b"799R01", b"799" + code.encode()), MORNING)
    assert [bank.state(first), bank.state(second, TWO)] == ["sent", "not_paid"]
    assert bank.cases() == {
        "quarantine#1.ach@v1": "1.ach: line 3: no_code (the one sound item was applied)"
    }


@pytest.mark.parametrize("code", ["   ", "c01", "C1 ", "R01"])
def test_a_change_under_a_code_that_is_none_is_kept_with_its_place(bank, code):
    payment_id = begun(bank)
    before = bank.system.records.mandates.of(ONE)
    body = bank.answer((payment_id, "C01"), when=MORNING, data="5556667778")
    bank.receive(body.replace(b"798C01", b"798" + code.encode()), MORNING)
    assert bank.system.records.mandates.of(ONE) == before
    assert bank.cases() == {
        "quarantine#1.ach@v1": "1.ach: line 3: no_code (nothing of it was applied)"
    }


@pytest.mark.parametrize("code", ["R98", "R00"])
def test_a_return_under_a_code_that_no_book_has_is_booked_and_a_case(bank, code):
    payment_id = begun(bank)
    returned(bank, payment_id, code)
    assert bank.state(payment_id) == "not_paid"
    assert list(bank.cases()) == [f"return#{payment_id}#{code}"]


# On the 22nd.


@pytest.mark.parametrize("code", ["R02", "R08"])
def test_rule_29_after_the_freeze_and_before_the_claim_it_is_stopped(bank, code):
    payment_id = begun(bank, code)
    charge(bank, ONE, 21240, at(5))
    bank.tell()
    assert bank.announced() == 21240
    bank.start(WITHDRAWAL, at(22))
    returned(bank, payment_id, code, at(22, 9, 1))
    bank.work()
    assert bank.decision() == ("excluded", 0, "returned")
    bank.noon(at(22, 12))
    bank.collect(at(22, 18))
    assert bank.taken().keys() == {payment_id}
    assert bank.mails("excluded") == [ONE]


def test_rule_29_a_return_while_a_page_is_being_worked_is_in_time_or_after_the_claim():
    """Between any two calls of the worker: what is decided first stands, and nothing is lost."""
    ends = set()
    for n in range(1, 400):
        bank = Bank()
        payment_id = begun(bank, "R02")
        charge(bank, ONE, 21240, at(5))
        bank.tell()
        bank.start(WITHDRAWAL, at(22))
        body = bank.answer((payment_id, "R02"), when=at(22, 9, 1))
        before = []

        def comes_back(bank=bank, body=body, before=before):
            before.append(bank.decision())
            bank.receive(body, at(22, 9, 1))

        seen = Interrupted(bank.store, n, comes_back)
        Bank(bank.store, s3=bank.s3, seen=seen, queue=bank.queue).work()
        if seen.left > 0:
            break
        verdict, cents, _ = bank.decision()
        assert (verdict, cents) == (("claimed", 21240) if before[0] else ("excluded", 0))
        assert bank.counts(RUN)[:4] in {(1, 0, 0, 1), (1, 1, 0, 0)}
        assert str(bank.system.records.runs.get(RUN).state) == "closed"
        assert mandate_state(bank, now=at(22, 11)) == "ended"
        assert len(bank.mails("excluded")) == (verdict == "excluded")
        waiting = [row for row in bank.store.items["entries"].values() if row.get("kind")]
        assert len(waiting) == 1 + (verdict == "claimed")
        ends.add(verdict)
    assert ends == {"excluded", "claimed"}


@pytest.mark.parametrize("code", ["R01", "R09"])
def test_rule_29_no_funds_stop_nothing(bank, code):
    payment_id = begun(bank, code)
    charge(bank, ONE, 21240, at(5))
    bank.tell()
    bank.start(WITHDRAWAL, at(22))
    returned(bank, payment_id, code, at(22, 9, 1))
    bank.work()
    assert bank.decision() == ("claimed", 21240, None)


def test_rule_29_after_the_claim_the_withdrawal_of_this_month_stays(bank):
    payment_id = begun(bank, "R02")
    charge(bank, ONE, 21240, at(5))
    bank.tell()
    bank.withdraw()
    returned(bank, payment_id, "R02", at(22, 10))
    assert bank.decision() == ("claimed", 21240, None)
    assert mandate_state(bank, now=at(22, 11)) == "ended"


# Reopened debt.


def reopened(bank, code, announced=21240):
    """A payment of $424.80 comes back after the notice announced what else was owed."""
    payment_id = begun(bank)
    charge(bank, ONE, announced, at(5))
    bank.tell()
    assert bank.announced() == announced
    returned(bank, payment_id, code, at(11, 8))


def test_rule_30_reopened_debt_never_raises_what_was_announced(bank):
    reopened(bank, "R01")
    bank.withdraw()
    assert bank.decision() == ("claimed", 21240, None)


def test_rule_30_the_mail_says_both_parts(bank):
    reopened(bank, "R01")
    assert (
        "You owe $637.20. $212.40 will be taken on Tuesday, December 22, 2026. "
        "$424.80 will not be taken then. Pay it on our page by "
        "Wednesday, December 23, 2026." in words(bank)
    )


def test_rule_30_where_all_is_taken_there_is_no_second_part(bank):
    payment_id = begun(bank)
    bank.answers(MORNING)  # before the notice: it announces all of it
    assert bank.state(payment_id) == "not_paid"
    assert "You owe $424.80. It is due by Wednesday, December 23, 2026." in words(bank)
    bank.tell()
    other = bank.pays(when=at(10, 11), cents=10000)
    bank.collect(at(10, 18))
    returned(bank, other, "R01", at(15, 8))
    facts = bank.mail("not_paid")
    assert (facts["will_take_cents"], facts["not_taken_cents"]) == (42480, None)


@pytest.mark.parametrize("code", ["R02", "R08"])
def test_rule_30_where_nothing_will_be_taken_all_is_to_be_paid_on_the_page(bank, code):
    reopened(bank, code)
    assert "You owe $637.20. It is due by Wednesday, December 23, 2026." in words(bank)
    assert "will be taken" not in words(bank)


def test_rule_13_what_is_above_the_ceiling_the_mail_does_not_promise():
    bank = Bank(debit_ceiling_cents=50000)
    bank.member(owed_cents=63720)
    payment_id = bank.pays(cents=10000)
    bank.collect(at(3, 18))
    bank.tell()
    returned(bank, payment_id, "R01", at(15, 8))
    assert "You owe $637.20. It is due by Wednesday, December 23, 2026." in words(bank)
    assert "will be taken" not in words(bank)


@pytest.mark.parametrize("code", ["R02", "R10"])
def test_rule_30_a_single_payment_from_elsewhere_changes_nothing_of_what_is_taken(bank, code):
    bank.member(owed_cents=63720)
    payment_id = bank.pays(cents=42480, number="5550001234")
    bank.collect(at(3, 18))
    bank.tell()
    returned(bank, payment_id, code, at(11, 8))
    assert "$212.40 will be taken on Tuesday, December 22, 2026." in words(bank)
    bank.withdraw()
    assert bank.decision() == ("claimed", 21240, None)


def test_a_return_that_nobody_expects_of_us_rings(bank):
    payment_id = begun(bank)
    returned(bank, payment_id, "R25")
    assert bank.here.metrics.counts["ReturnsAlarming"] == 1
    assert bank.state(payment_id) == "not_paid"
