"""What counts as the same in a match is counted as the same (rules 8, 9)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.templating import phone
from chalicelib.domain.identification import IdType, bare_enrollment_id, same_name
from chalicelib.entrypoints.forms.contact import ContactForm
from chalicelib.entrypoints.forms.find import FindForm, read_birth
from chalicelib.entrypoints.pages.find import _said

TODAY = date(2026, 12, 3)
NOISE = [
    "",
    "",
    "",
    " ",
    "-",
    ".",
    "\u00b7",
    "\u2011",
    "\u200b",
    "\u00ad",
    "\u0301",
    "'",
    "\u2019",
    "\u034f",
]
NUMBERS = {"enrollment_id": "EN12ss34", "ssn": "123456789", "billing_account": "700000001"}


@st.composite
def typed(draw, text):
    """A text as one of many people may type it: other case, and signs in between."""
    signs = [draw(st.sampled_from(NOISE))]
    for sign in text:
        signs += [draw(st.sampled_from([sign, sign.upper(), sign.lower()]))]
        signs += [draw(st.sampled_from(NOISE))]
    return "".join(signs)


@st.composite
def forms(draw):
    """A form about one and the same person."""
    id_type = draw(st.sampled_from(list(IdType)))
    number = draw(typed(NUMBERS[id_type]))
    if id_type is IdType.ENROLLMENT_ID:
        number = draw(st.sampled_from(["", "RefID", "ref id: ", "Reference ID "])) + number
    fields = {"to": "pay", "plan": "health", "id_type": id_type, id_type: number}
    texts = {
        "first_name": "straße",
        "last_name": "pena rivera",
        "birth_year": "1980",
        "birth_month": draw(st.sampled_from(["2", "02", "002"])),
        "birth_day": draw(st.sampled_from(["9", "09"])),
    }
    fields |= {name: draw(st.one_of(st.just(text), typed(text))) for name, text in texts.items()}
    return fields | ({"ssn_again": NUMBERS["ssn"]} if id_type is IdType.SSN else {})


@given(forms())
def test_rule_09_a_person_has_one_counter_however_name_and_birthday_are_spelled(fields):
    form, born_on, _ = read_birth(FindForm, fields, TODAY)
    if form is None or born_on is None:
        return  # no try
    claim = form.claim(born_on)
    assert (same_name(claim.first_name), claim.birth_on) == ("strasse", date(1980, 2, 9))
    counted = _said(fields)
    assert counted.subject == "strasse|penarivera|1980-2-9"
    assert counted.identifier == f"{claim.id_type}|{NUMBERS[claim.id_type].upper()}"


@pytest.mark.parametrize("day", ["9", "09", " 9", "9.", "-9", "0 9", "9\u200b", "\u00ad9"])
def test_rule_09_a_birthday_is_counted_as_it_is_read(day):
    fields = {"birth_year": "1980", "birth_month": "2", "birth_day": day}
    assert _said(fields).subject == "||1980-2-9"


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("617-555-0123 x45", "+16175550123;ext=45", "617-555-0123 ext. 45"),
        ("(617) 555-0123 ext. 4501", "+16175550123;ext=4501", "617-555-0123 ext. 4501"),
        ("+52 55 5123 4567", "+525551234567", "+525551234567"),
    ],
)
def test_rule_54_the_extension_of_a_phone_is_kept_and_shown(typed, kept, shown):
    email = {"email": "m@example.com", "email_again": "m@example.com"}
    form, errors = ContactForm.read({**email, "phone": typed})
    assert errors == {}
    assert (form.phone, phone("en", form.phone)) == (kept, shown)
    again, _ = ContactForm.read({**email, "phone": shown})
    assert again.phone == kept, "what the page shows may be sent as it stands"


@pytest.mark.parametrize(
    "twice", ["RefID RefID E12", "RefID Reference ID: E12", "Ref\x00ID E12", "REFID::E12"]
)
def test_rule_09_an_enrollment_number_has_one_counter_however_often_it_is_called_so(twice):
    assert bare_enrollment_id(twice) == bare_enrollment_id(bare_enrollment_id(twice)) == "E12"
    assert _said({"id_type": "enrollment_id", "enrollment_id": twice}).identifier.endswith("|E12")


def test_an_address_in_letters_of_another_language_is_shown_as_it_was_typed(person):
    person.found()
    person.get("/contact")
    typed = "ana@bücher.example.com"
    person.post("/contact", email=typed, email_again=typed, phone="617-555-0123")
    person.pays()
    assert typed in person.get("/review").text
    person.submit()
    assert typed in person.get("/done").text
    assert "xn--" not in person.get("/done").html
