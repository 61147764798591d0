"""What may be sent, under which names and codes."""

from datetime import UTC, datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ach.alphabet import transliterated
from chalicelib.domain.ach.entries import FileIdentity, Originator, Purpose
from chalicelib.domain.errors import Wrong
from chalicelib.domain.payment import AccountNumber, AccountType
from tests.domain.ach.builders import ORIGINATOR, an_entry


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("José Ángel Núñez", "JOSE ANGEL NUNEZ"),
        ("Łukasz Øster", "LUKASZ OSTER"),
        ("Straße", "STRASSE"),
        ("Siobhán O\u2019Brien\u2013Smith", "SIOBHAN O'BRIEN-SMITH"),
        ("  Anne\u00a0\t Marie ", "ANNE MARIE"),
        ("Þóra Æsir", "THORA AESIR"),
        ("\uff2d\uff41ria", "MARIA"),
        ("王小明", ""),
        ("-", ""),
    ],
)
def test_a_name_is_written_in_nacha_s_alphabet(typed, sent):
    assert transliterated(typed) == sent


@given(st.text())
def test_whatever_is_typed_comes_out_printable_and_stays_so(typed):
    once = transliterated(typed)
    assert all(" " <= sign <= "~" for sign in once)
    assert transliterated(once) == once


@pytest.mark.parametrize(
    ("purpose", "checking", "savings", "sec", "description"),
    [
        (Purpose.DEBIT, "27", "37", "WEB", "HLTH PREM"),
        (Purpose.RETRY, "27", "37", "WEB", "RETRY PYMT"),
        (Purpose.PRENOTE, "28", "38", "WEB", "HLTH PREM"),
        (Purpose.REFUND, "22", "32", "PPD", "HLTH PREM"),
        (Purpose.REVERSAL, "22", "32", "WEB", "REVERSAL"),
    ],
)
def test_each_purpose_has_its_code_class_and_description(
    purpose, checking, savings, sec, description
):
    entry = an_entry(purpose=purpose)
    assert entry.transaction_code == checking
    assert an_entry(purpose=purpose, account_type=AccountType.SAVINGS).transaction_code == savings
    assert (entry.batch.standard_entry_class, entry.batch.description) == (sec, description)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"entry_id": ""}, "entry_id"),
        ({"entry_id": "SIXTEEN-LETTERS!"}, "entry_id"),
        ({"routing": "231380105"}, "routing"),
        ({"routing": "23138-0104"}, "routing"),
        ({"account": AccountNumber("")}, "account"),
        ({"account": AccountNumber("0000")}, "account"),
        ({"account": AccountNumber("1" * 18)}, "account"),
        ({"amount_cents": 0}, "amount_cents"),
        ({"amount_cents": -1}, "amount_cents"),
        ({"amount_cents": 10**10}, "amount_cents"),
        ({"amount_cents": 1, "purpose": Purpose.PRENOTE}, "amount_cents"),
        ({"individual_name": "王小明"}, "individual_name"),
    ],
)
def test_an_entry_that_no_bank_would_take_says_why(change, field):
    entry = an_entry() if "account" in change else an_entry(**change)
    if "account" in change:
        entry = an_entry(account=change["account"].digits)
    assert entry.unwritable() == field


def test_an_ordinary_entry_can_be_written():
    assert an_entry().unwritable() is None


def test_an_entry_never_shows_its_account():
    assert "12345678" not in repr(an_entry())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("immediate_destination", "81000210"),
        ("immediate_origin", "123"),
        ("company_name", "   "),
        ("company_name", "SEVENTEEN LETTERS"),
        ("company_id", "0000000000"),
        ("odfi_id", "081000210"),
        ("immediate_origin_name", "EXCHANGE\n"),
        ("immediate_destination_name", "OUR BANK "),
        ("company_name", " HEALTH CONN"),
    ],
)
def test_an_originator_the_bank_would_not_know_is_refused_by_the_name_of_the_setting(field, value):
    settings = {name: getattr(ORIGINATOR, name) for name in ORIGINATOR.__slots__}
    with pytest.raises(Wrong) as wrong:
        Originator(**{**settings, field: value})
    assert wrong.value.code == field


def test_a_minute_has_36_identities_and_the_37th_file_takes_the_next_minute():
    first = FileIdentity.first_at(datetime(2026, 12, 22, 17, 0, 30, tzinfo=UTC))
    identities = list(islice(first.onward(), 37))
    assert "".join(each.modifier for each in identities[:36]) == (
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    )
    assert f"{identities[35].created_at:%H%M}" == "1200"
    assert (f"{identities[36].created_at:%H%M}", identities[36].modifier) == ("1201", "A")
    assert len(set(identities)) == 37
