"""Who a member says they are: exact in meaning, forgiving in form (rule 8)."""

import unicodedata
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain.errors import Wrong
from chalicelib.domain.feed import parse_row
from chalicelib.domain.identification import (
    Ssn,
    billing_account,
    enrollment_id,
    matches,
    same_name,
    visible,
    without_separators,
)
from tests.builders import a_claim, a_feed_row, an_enrollment, csv_line, wide

latin = st.text(st.characters(max_codepoint=0x24F, categories=["L"]), min_size=1, max_size=20)
between = st.text(" -'\u2019\u00a0\u2013.", max_size=2)


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("María José", "maria jose"),
        ("María José", "MARIAJOSE"),
        ("María José", "Mari\u0301a  Jose\u0301"),  # accents typed as signs of their own
        ("O'Brien-Núñez", "OBrien Nunez"),
        ("O'Brien-Núñez", "o\u2019brien\u2013nunez"),
        ("Øster", "oster"),
        ("Łukasz", "Lukasz"),
        ("Đặng", "Dang"),
        ("Weiß", "WEISS"),
        ("Æsa", "aesa"),
        ("İnci", "inci"),
        ("Y\u0131lmaz", "YILMAZ"),
        ("de la Cruz", "Delacruz"),
        ("Smith Jr.", "smith jr"),
        ("\uff2c\uff49\uff4e", "Lin"),
        ("St. John", "St John"),
        # Rule 54: letters that are apostrophes, and letters of two strokes.
        ("Ka\u02bbahumanu", "Kaahumanu"),
        ("\u02bfAbd al-Ra\u02beuf", "abd al rauf"),
        ("O\u02b9Neil", "O'Neil"),
        ("M\u02ba\u02bcBa", "Mba"),
        ("Guðrún Þórsdóttir", "gudrun thorsdottir"),
        ("Ŋaba", "NABA"),
        ("Mari\u200da\u034f", "Maria"),
        ("\u6797\ufe00", "\u6797"),
    ],
)
def test_rule_08_case_accents_blanks_hyphens_and_apostrophes_do_not_count(kept, typed):
    enrollment = an_enrollment(last_name=kept)
    assert matches(enrollment, a_claim(last_name=typed))
    assert matches(an_enrollment(last_name=typed), a_claim(last_name=kept))


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("Robert", "R"),
        ("Robert", "R."),
        ("Robert", "Bob"),
        ("Robert", "Rob"),
        ("María José", "María"),
        ("María José", "María J."),
        ("Smith", "Smith Jr"),
        ("Smith", "Smyth"),
        ("Smith", ""),
        ("Smith", "-"),
        ("Li", "Lí2"),
    ],
)
def test_rule_08_an_initial_or_a_nickname_does_not_match_a_full_name(kept, typed):
    assert not matches(an_enrollment(first_name=kept), a_claim(first_name=typed))


def test_rule_08_an_initial_matches_when_the_application_has_it():
    assert matches(an_enrollment(first_name="R."), a_claim(first_name="r"))


def test_rule_08_first_and_last_name_are_not_exchanged():
    enrollment = an_enrollment(first_name="Kim", last_name="Lee")
    assert not matches(enrollment, a_claim(first_name="Lee", last_name="Kim"))
    assert not matches(enrollment, a_claim(first_name="KimL", last_name="ee"))


def test_rule_08_the_birthday_must_be_that_of_the_application():
    assert not matches(an_enrollment(), a_claim(birth_on=date(1980, 2, 28)))
    assert matches(an_enrollment(), a_claim(birth_on=date(1980, 2, 29)))


@given(latin, st.data())
def test_a_name_is_the_same_with_anything_between_its_letters(name, data):
    spaced = "".join(sign + data.draw(between) for sign in name)
    assert same_name(spaced) == same_name(name)


@given(st.text(max_size=30))
@example("\U0001d400da")  # mathematical letters have a case that Unicode does not fold
@example("\u2102")
def test_what_is_left_of_a_name_is_itself_the_same_name(name):
    assert same_name(same_name(name)) == same_name(name)


@given(st.text(max_size=30), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_how_a_keyboard_writes_accents_does_not_count(name, form):
    assert same_name(unicodedata.normalize(form, name)) == same_name(name)


@given(latin)
def test_case_does_not_count(name):
    assert same_name(name.upper()) == same_name(name)


@pytest.mark.parametrize(
    "text",
    [
        *("123-45-6789", "123456789", " 123 45 6789 ", "123\u201345\u20146789", "123.45.6789"),
        *("123\u221245\u22126789", "123\uff0d45\ufe636789"),  # a minus, as word processors write
        *("\u200e123-45-6789\u202c", "1 2 3 4 5 6 7 8 9", "123\u00a045\u00a06789"),
    ],
)
def test_a_social_security_number_is_read_as_people_write_it(text):
    assert Ssn.parse(text).digits == "123456789"


@pytest.mark.parametrize(
    "text",
    [
        *("", "12345678", "1234567890", "000456789", "666456789", "900456789", "123006789"),
        *("123450000", "12345678x", wide("123456789"), "123/45/6789", "*****6789"),
    ],
)
def test_a_number_that_was_never_given_out_is_wrong(text):
    with pytest.raises(Wrong) as wrong:
        Ssn.parse(text)
    assert (wrong.value.code, str(wrong.value)) == ("ssn", "ssn")


def test_rule_33_a_social_security_number_hides_itself():
    ssn = Ssn.parse("123-45-6789")
    claim = a_claim(number=ssn)
    for text in (f"{ssn}", f"{ssn!r}", str([ssn]), f"{claim}", f"{claim!r}", str([claim])):
        assert not any(part in text for part in ("123", "6789", "Mar", "1980"))


@pytest.mark.parametrize("text", ["912-70-1234", "999 88 0000", "900501234"])
def test_rule_40_a_taxpayer_s_number_stands_in_for_a_social_security_number(text):
    assert Ssn.parse(text).digits == without_separators(text)


def test_rule_54_an_empty_first_name_matches_only_who_has_none():
    assert matches(an_enrollment(first_name=""), a_claim(first_name=""))
    assert not matches(an_enrollment(first_name=""), a_claim())
    assert not matches(an_enrollment(), a_claim(first_name=""))


@pytest.mark.parametrize("text", ["700000001", " 700 000 001", "7-0000-0001"])
def test_a_billing_account_is_nine_digits_that_start_with_7(text):
    assert billing_account(text) == "700000001"


@pytest.mark.parametrize("text", ["", "600000001", "70000000", "7000000001", wide("700000001")])
def test_another_billing_account_is_wrong(text):
    with pytest.raises(Wrong) as wrong:
        billing_account(text)
    assert wrong.value.code == "billing_account"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("en000001", "EN000001"), (" EN-000 001 ", "EN000001"), ("en.1", "EN1"), ("7", "7")],
)
def test_an_enrollment_id_is_typed_in_any_case_and_with_any_dashes(typed, kept):
    assert enrollment_id(typed) == kept


@pytest.mark.parametrize("text", ["", "-", "EN 1!", "É1", "<b>", "E" * 41, "EN/1"])
def test_what_can_be_no_enrollment_id_is_wrong(text):
    with pytest.raises(Wrong) as wrong:
        enrollment_id(text)
    assert wrong.value.code == "enrollment_id"


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", fullmatch=True))
def test_every_id_that_a_feed_may_bring_can_be_typed(text):
    row = parse_row(csv_line(a_feed_row(enrollment_id=text)))
    assert enrollment_id(row.enrollment_id) == without_separators(text).upper()


REF_ID = ("RefID ", "Ref ID: ", "Reference ID ", "reference id:", "REF-ID ", "Ref. ID. ", "refid")


@pytest.mark.parametrize("before", REF_ID)
def test_rule_54_what_a_portal_calls_an_enrollment_number_does_not_count(before):
    assert enrollment_id(f"{before}E123456") == enrollment_id("e123456") == "E123456"


@pytest.mark.parametrize(
    ("text", "bare"), [("REFID", "REFID"), ("REFINED1", "REFINED1"), ("E1REFID2", "E1REFID2")]
)
def test_rule_54_an_id_that_only_begins_like_it_stays_whole(text, bare):
    assert enrollment_id(text) == bare


INVISIBLE = tuple(map(chr, (0x200B, 0x200F, 0xAD, 0xFEFF, 0x34F, 0xFE0F, 0xE0101)))


@pytest.mark.parametrize("sign", INVISIBLE)
def test_rule_54_invisible_characters_are_dropped_wherever_they_stand(sign):
    for text in ("E123456", "María", "617-555-0123"):
        assert visible("".join(f"{sign}{each}{sign}" for each in text)) == text
    row = a_feed_row(first_name=f"Ma{sign}ría", enrollment_id=f"{sign}E123456")
    read = parse_row(csv_line(row))
    assert (read.first_name, read.enrollment_id) == ("María", "E123456")


def test_rule_54_who_has_one_name_is_found_by_an_empty_first_name_and_nobody_else():
    one = an_enrollment(first_name="", last_name="Suharto")
    assert matches(one, a_claim(first_name="", last_name="suharto"))
    assert not matches(one, a_claim(first_name="Suharto", last_name="Suharto"))
    assert not matches(an_enrollment(), a_claim(first_name=""))
