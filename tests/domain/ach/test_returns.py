"""What each return does: to payment, ledger, mandate, member and staff."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ach.decisions import (
    LIMIT_OF_ALL_PER_10_000,
    LIMITS_PER_10_000,
    RETRYABLE,
    OnLedger,
    OnMandate,
    Rate,
    ReturnCase,
    ReturnLetter,
)
from chalicelib.domain.ach.entries import Purpose
from chalicelib.domain.ach.return_table import TABLE
from chalicelib.domain.ach.returns import decide, latest_on, nears_limit, settled_on

CODES = [*(f"R{number:02d}" for number in range(1, 86)), "R90"]
UNASSIGNED = {"R48", "R49", "R78", "R79", *(f"R{number}" for number in range(54, 61))}
DISPUTES = {f"R{number}" for number in range(61, 78)}
SILENT = {"R90"}  # before staff spoke to the bank (rule 51)
DEBITS = [Purpose.DEBIT, Purpose.RETRY]


def test_every_assigned_code_from_r01_to_r85_has_its_row():
    assert set(TABLE) == set(CODES) - UNASSIGNED


def test_every_row_says_what_it_means():
    assert len({row.meaning for row in TABLE.values()}) == len(TABLE)


@pytest.mark.parametrize("purpose", DEBITS)
@pytest.mark.parametrize("code", sorted(set(CODES) - DISPUTES))
def test_a_debit_that_came_back_is_not_paid_and_is_owed_again(code, purpose):
    decision = decide(code, purpose)
    assert decision.code == code
    assert decision.ledger is OnLedger.RETURN
    assert (decision.letter is ReturnLetter.NONE) is (code in SILENT)


@pytest.mark.parametrize("code", sorted(DISPUTES))
def test_what_banks_dispute_among_themselves_changes_no_books_but_is_shown_to_staff(code):
    decision = decide(code)
    assert decision.ledger is OnLedger.NOTHING
    assert (decision.mandate, decision.case) == (OnMandate.KEEP, ReturnCase.BANK_DISPUTE)


@pytest.mark.parametrize("code", ["R01", "R09"])
def test_want_of_funds_leaves_the_mandate_active_and_may_be_retried(code):
    decision = decide(code)
    assert (decision.mandate, code in RETRYABLE) == (OnMandate.KEEP, True)
    assert decision.letter is ReturnLetter.NO_FUNDS


def test_a_stop_payment_holds_the_mandate_until_the_member_agrees_again():
    decision = decide("R08")
    assert (decision.mandate, decision.case) == (OnMandate.HOLD, ReturnCase.CONSENT)
    assert "R08" not in RETRYABLE


@pytest.mark.parametrize("code", ["R02", "R03", "R04", "R07", "R10", "R14", "R15", "R16", "R20"])
def test_a_mandate_that_must_not_be_debited_again_is_ended(code):
    assert decide(code).mandate is OnMandate.END


@pytest.mark.parametrize("code", ["R02", "R03", "R04"])
def test_a_bad_account_counts_in_the_administrative_rate(code):
    assert decide(code).rate is Rate.ADMINISTRATIVE


@pytest.mark.parametrize("code", ["R05", "R07", "R10", "R11", "R29", "R51"])
def test_a_debit_called_unauthorized_counts_in_the_unauthorized_rate_and_makes_a_case(code):
    decision = decide(code)
    assert decision.rate is Rate.UNAUTHORIZED
    assert decision.case is not ReturnCase.NONE
    assert decision.mandate is not OnMandate.KEEP


def test_only_these_count_in_the_two_narrow_rates():
    narrow = {row.code for row in TABLE.values() if row.rate in LIMITS_PER_10_000}
    assert narrow == {"R02", "R03", "R04", "R05", "R07", "R10", "R11", "R29", "R51"}


@pytest.mark.parametrize("code", ["R14", "R15", "R16"])
def test_no_letter_speaks_of_death_or_of_a_court(code):
    assert decide(code).letter is ReturnLetter.CAME_BACK


@pytest.mark.parametrize("code", ["R17", "R18", "R19", "R25", "R26", "R27", "R28"])
def test_a_defect_of_our_files_rings_and_blames_no_member(code):
    decision = decide(code)
    assert decision.is_alarming
    assert decision.letter is ReturnLetter.OUR_MISTAKE


def test_an_account_that_somebody_made_up_ends_the_mandate_and_makes_a_fraud_case():
    decision = decide("R17", information="QUESTIONABLE")
    assert (decision.mandate, decision.case) == (OnMandate.END, ReturnCase.NOT_AUTHORIZED)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_whatever_entry_it_says_so_of_the_account_is_made_up_and_nothing_more_is_taken(purpose):
    decision = decide("R17", purpose, "QUESTIONABLE")
    assert (decision.is_fraud, decision.mandate) == (True, OnMandate.END)
    assert not decide("R17", purpose).is_fraud


@pytest.mark.parametrize("code", ["R48", "R60", "R99", "X", "", "C01"])
def test_a_code_of_no_rule_book_is_not_dropped_the_money_came_back_and_it_rings(code):
    decision = decide(code)
    assert decision.code == code
    assert (decision.ledger, decision.mandate) == (OnLedger.RETURN, OnMandate.HOLD)
    assert decision.is_alarming


def test_a_returned_prenote_moves_no_money_but_ends_the_mandate_all_the_same():
    decision = decide("R03", Purpose.PRENOTE)
    assert decision.ledger is OnLedger.NOTHING
    assert (decision.mandate, decision.rate) == (OnMandate.END, Rate.NONE)


@pytest.mark.parametrize("code", sorted(set(CODES) - DISPUTES))
def test_nacha_after_any_return_of_a_prenote_nothing_is_debited(code):
    debit, prenote = decide(code), decide(code, Purpose.PRENOTE)
    ends = debit.mandate is OnMandate.END
    assert prenote.mandate is (OnMandate.END if ends else OnMandate.HOLD)
    assert (prenote.case, prenote.letter) == (debit.case, debit.letter)
    assert (prenote.letter is ReturnLetter.NONE) is (code in SILENT), "held without a word"


@pytest.mark.parametrize("code", sorted(DISPUTES))
def test_what_banks_dispute_is_no_answer_to_a_prenote(code):
    assert decide(code, Purpose.PRENOTE) == decide(code)


@pytest.mark.parametrize("purpose", [Purpose.REFUND, Purpose.REVERSAL])
def test_a_refund_that_comes_back_is_the_member_s_credit_again_and_a_case(purpose):
    for code in ("R02", "R23"):
        decision = decide(code, purpose)
        assert (decision.ledger, decision.case) == (
            OnLedger.REFUND_BACK,
            ReturnCase.REFUND_RETURNED,
        )
        assert decision.rate is Rate.NONE


@pytest.mark.parametrize("purpose", [Purpose.REFUND, Purpose.REVERSAL])
@pytest.mark.parametrize("code", sorted(TABLE.keys() - DISPUTES))
def test_what_is_wrong_with_the_account_of_a_refund_is_wrong_for_debits_too(code, purpose):
    back, debit = decide(code, purpose), decide(code)
    of_the_account = {"R02", "R03", "R04", "R12", "R13", "R14", "R15", "R16"}
    if code in of_the_account:
        assert back.mandate is debit.mandate is not OnMandate.KEEP
        assert back.letter is debit.letter is not ReturnLetter.NONE
    elif code in SILENT:
        assert (back.mandate, back.letter) == (OnMandate.END, ReturnLetter.NONE)
    else:
        assert (back.mandate, back.letter) == (OnMandate.KEEP, ReturnLetter.NONE)


@pytest.mark.parametrize(
    ("code", "settled", "latest"),
    [
        ("R01", date(2026, 12, 4), date(2026, 12, 8)),
        ("R01", date(2026, 12, 22), date(2026, 12, 24)),
        ("R02", date(2026, 12, 23), date(2026, 12, 28)),  # Christmas Day is no banking day
        ("R10", date(2026, 12, 22), date(2027, 2, 22)),  # the 60th day is a Saturday
        ("R06", date(2026, 12, 22), None),
    ],
)
def test_a_return_has_its_last_day(code, settled, latest):
    assert latest_on(code, settled) == latest


@given(st.dates(date(2024, 1, 1), date(2040, 12, 31)), st.integers(0, 364))
def test_rule_50_a_return_names_the_day_that_it_settled_on(settled, days_later):
    assert settled_on(f"{settled:%j}", settled + timedelta(days=days_later)) == settled


@pytest.mark.parametrize("julian", ["", "000", "367", "3?3", "-12", "٣٣٣"])
def test_rule_50_what_names_no_day_of_a_year_is_none(julian):
    assert settled_on(julian, date(2027, 1, 4)) is None


def test_rule_50_only_a_leap_year_has_a_day_366():
    assert settled_on("366", date(2027, 1, 4)) == date(2024, 12, 31)


@pytest.mark.parametrize(
    ("returned", "sent", "limit", "rings"),
    [
        (39, 10_000, LIMITS_PER_10_000[Rate.UNAUTHORIZED], False),
        (40, 10_000, LIMITS_PER_10_000[Rate.UNAUTHORIZED], True),
        (239, 10_000, LIMITS_PER_10_000[Rate.ADMINISTRATIVE], False),
        (240, 10_000, LIMITS_PER_10_000[Rate.ADMINISTRATIVE], True),
        (1200, 10_000, LIMIT_OF_ALL_PER_10_000, True),
        (0, 0, LIMIT_OF_ALL_PER_10_000, False),
        (0, 10, LIMIT_OF_ALL_PER_10_000, False),
    ],
)
def test_a_return_rate_rings_before_its_limit_is_reached(returned, sent, limit, rings):
    assert nears_limit(returned, sent, limit) is rings
