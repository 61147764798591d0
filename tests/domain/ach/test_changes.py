"""What a notification of change corrects, by position."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ach.changes import ChangeAction, Correction, decide
from chalicelib.domain.payment import AccountNumber, AccountType

NEW = AccountNumber("1918171614")
SAVINGS = AccountType.SAVINGS


@pytest.mark.parametrize(
    ("code", "data", "correction"),
    [
        ("C01", "1918171614", Correction(account=NEW)),
        ("C02", "121042882", Correction(routing="121042882")),
        ("C03", "121042882   1918171614", Correction(routing="121042882", account=NEW)),
        ("C05", "37", Correction(account_type=SAVINGS)),
        ("C05", "28", Correction(account_type=AccountType.CHECKING)),
        ("C06", "1918171614          37", Correction(account=NEW, account_type=SAVINGS)),
        (
            "C07",
            "1210428821918171614       37",
            Correction(routing="121042882", account=NEW, account_type=SAVINGS),
        ),
        ("C01", "12345678901234567", Correction(account=AccountNumber("12345678901234567"))),
    ],
)
def test_corrected_data_is_read_by_position_and_applied(code, data, correction):
    change = decide(code, data)
    assert (change.step, change.correction) == (ChangeAction.APPLY, correction)


def test_a_name_is_never_corrected_by_itself():
    change = decide("C04", "SOMEBODY ELSE")
    assert (change.step, change.correction) == (ChangeAction.ASK_STAFF, Correction())


@pytest.mark.parametrize(
    "code", ["C08", "C09", "C10", "C11", "C12", "C13", "C14", "C61", "C99", ""]
)
def test_a_change_that_corrects_no_account_changes_nothing_and_rings(code):
    change = decide(code, "121042882")
    assert (change.step, change.correction) == (ChangeAction.ALARM, Correction())


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("C01", ""),
        ("C01", "000000"),
        ("C02", "121042883"),  # the check digit is wrong
        ("C02", " 121042882"),  # one position too far
        ("C03", "1210428821918171614"),  # as in C07
        ("C05", "99"),
        ("C06", "1918171614 37"),
        ("C07", "1210428821918171614"),
        ("C01", "1918171614 AND MORE THAN THAT"),
    ],
)
def test_data_without_its_form_changes_nothing_and_may_be_refused(code, data):
    change = decide(code, data)
    assert (change.step, change.correction) == (ChangeAction.ASK_STAFF, Correction())
    assert change.refuse_with == "C65"


@given(st.text(max_size=3), st.text(max_size=40))
def test_no_code_and_no_data_is_dropped_or_raises(code, data):
    assert decide(code, data).code == code


def test_a_change_never_shows_the_account():
    assert "19181716" not in repr(decide("C01", "1918171614"))
