"""Every required field, missing or wrong, one at a time (shows 3; facts: page 2.3)."""

import pytest

from tests.entrypoints.reading import Page
from tests.journeys.people import a_row, next_year
from tests.member import BANK

GROUPS = {"plan", "id_type", "frequency", "account_type"}  # radios: a group is never invalid
BIRTH = "Enter a date of birth, with month, day and year"
NO_DATE = "Date of birth must be a real date"
AMOUNT = "Enter an amount in dollars and cents, like 212.40"
ACCOUNT = "Enter an account number with 4 to 17 digits"
PHONE = "617-555-0123"
ROUTING = "Enter a 9 digit routing number from your check or bank"

FIND = [
    ("plan", ["", "vision", "Health"], "Choose health plan or dental plan"),
    ("id_type", ["", "passport"], "Choose which number you have"),
    ("enrollment_id", ["", " ", "E!1", "É12", "E" * 41], "Enter your Enrollment ID"),
    ("first_name", ["-", "'", "\x00"], "Enter your first name, as on your application"),
    ("last_name", ["", "\x00", "..."], "Enter your last name, as on your application"),
    *((f"birth_{part}", ["", " ", "-"], BIRTH) for part in ("month", "day", "year")),
    ("birth_month", ["0", "13", "May", "1.5", "004"], NO_DATE),
    ("birth_day", ["0", "32", "1st", "٣"], NO_DATE),
    ("birth_year", ["86", "0", "19866", "986"], "Year must have 4 digits"),
    ("birth_year", ["19x6", "1899", "0000"], NO_DATE),
    ("birth_year", ["2027", "9999"], "Date of birth must be in the past"),
]
SSN = [
    ("ssn", ["", "123-45-678", "000-12-3456", "666-12-3456", "900-12-3456"], "9 digits"),
    ("ssn", ["123-00-4567", "123-45-0000", "2345678901", "١٢٣٤٥٦٧٨٩"], "9 digits"),
    ("ssn_again", ["", "123-45-6788", "x"], "The two Social Security numbers are not the same"),
]
BILLING_ACCOUNT = [
    ("billing_account", ["", "7123", "7123456789", "7ABCDEFGH"], "with 9 digits"),
    ("billing_account", ["123456789"], "Billing account number starts with 7"),
]
CONTACT = [
    ("email", ["", "name", "name@", "@example.com", "a b@example.com", "a@b@c.com"], "Enter an em"),
    ("email_again", ["", "other@example.com", "name"], "The two email addresses are not the same"),
    ("phone", ["", "123", "555-0123", "000-555-0123", "call me", "+1"], "Enter a phone number"),
]
BILLING = [
    ("frequency", ["", "weekly"], "Choose"),
    ("account_type", ["", "credit"], "Choose checking or savings"),
    ("account_name", ["", " ", "123", "x" * 61], "Enter the full name on the bank account"),
    ("account", ["", "123", "1" * 18, "12a4567", "0000", "-"], ACCOUNT),
    ("account_again", ["", "0001 2345 6788", "x"], "The two account numbers are not the same"),
    ("routing", ["", "12345678", "2313801044", "23138010x", "٢٣١٣٨٠١٠٤"], ROUTING),
    ("routing", ["231380105", "000000000"], "Check the routing number. One of its digits is wrong"),
    ("routing_again", ["", "231380105", "x"], "The two routing numbers are not the same"),
]
REVIEW = [
    ("agree", ["", "no", "on"], "Check the box to let us take this payment"),
    ("captcha_answer", ["", "  "], "Enter the letters and numbers from the picture"),
]


def one_at_a_time(table):
    return [
        pytest.param(field, value, message, id=f"{field}-{ascii(value)[:20]}")
        for field, values, message in table
        for value in values
    ]


def check(member, address, right, field, value, message):
    """422, the message at the field and in the summary, everything else kept."""
    sent = {**right, field: value}
    answer = member.post(address, **sent)
    assert answer.status == 422
    page = Page(answer.html)
    assert list(page.summary) == [field], page.summary
    assert message in page.summary[field]
    assert page.title.startswith("Error: ")
    assert page.id(field), "the summary leads to the field"
    told = page.id(f"{field}-error")
    assert told.text == f"Error: {page.summary[field]}", "the same words in both places"
    assert f"{field}-error" in page.id(field).told_by()
    if field not in GROUPS and not field.startswith("pay_"):
        assert page.id(field).attrs["aria-invalid"] == "true"
    kept = {name: page.values.get(name, "") for name in right}
    assert {**kept, field: None} == {**right, field: None}, "everything is kept"
    if page.id(field).attrs.get("type") in ("text", "email", "tel"):
        assert page.values[field] == value
    missing = {name: text for name, text in right.items() if name != field}
    assert member.post(address, **missing).status == 422, "a field left out is as if empty"


@pytest.mark.parametrize(("field", "value", "message"), one_at_a_time(FIND))
def test_find(person, field, value, message):
    person.get("/find")
    check(person, "/find", {**person.claim(), "birth_month": "4"}, field, value, message)


@pytest.mark.parametrize(("field", "value", "message"), one_at_a_time(SSN))
def test_find_by_social_security_number(person, field, value, message):
    person.get("/find")
    right = {**person.claim("ssn"), "birth_month": "4"}
    if field == "ssn":
        right["ssn_again"] = value
    check(person, "/find", right, field, value, message)


@pytest.mark.parametrize(("field", "value", "message"), one_at_a_time(BILLING_ACCOUNT))
def test_find_by_billing_account(person, field, value, message):
    person.get("/find")
    right = {**person.claim("billing_account"), "birth_month": "4"}
    check(person, "/find", right, field, value, message)


@pytest.mark.parametrize(("field", "value", "message"), one_at_a_time(CONTACT))
def test_contact(person, field, value, message):
    person.found()
    person.get("/contact")
    right = {"email": "name@example.com", "email_again": "Name@EXAMPLE.com", "phone": "6175550123"}
    check(person, "/contact", right, field, value, message)


@pytest.mark.parametrize(("field", "value", "message"), one_at_a_time(BILLING))
def test_billing(person, field, value, message):
    person.found()
    person.contact()
    person.get("/billing")
    right = {**BANK, f"pay_{person.enrollment_id}": "total"}
    check(person, "/billing", right, field, value, message)


def asked_once(member, address, fields, box, question):
    """422 with the question; with a yes to it, on to the next step."""
    asked = member.post(address, **fields)
    page = Page(asked.html)
    assert (asked.status, list(page.questions), page.summary) == (422, [box], {})
    assert "Error:" not in asked.html, "it is no mistake (rule 56)"
    assert question in asked.text
    assert f'name="{box}" value="yes"' in asked.html, "the box is there, to be checked"
    return member.post(address, **fields, **{box: "yes"})


def test_rule_54_what_nobody_sees_is_dropped_in_every_field_of_every_form(person):
    sign = "\u200b"
    found = person.find({name: f"{sign}{text}{sign}" for name, text in person.claim().items()})
    assert (found.status, found.location) == (303, "/contact")
    person.contact()
    person.get("/billing")
    pay, amount = (f"{name}_{person.enrollment_id}" for name in ("pay", "amount"))
    fields = {**BANK, pay: "other", amount: f"10{sign}0.00", f"confirm_{amount}": "yes"}
    assert person.post("/billing", **fields).location == "/review"


def test_rule_57_a_yes_to_one_address_is_none_to_the_next(person):
    person.found()
    person.get("/contact")
    wrong = {"email": "m@gmail.con", "email_again": "m@gmail.con", "confirm_email": "yes"}
    answer = person.post("/contact", **wrong, phone="12")
    assert (answer.status, 'name="confirm_email"' in answer.html) == (422, False)


def test_rule_57_an_email_that_is_one_slip_away_from_a_common_one_is_asked_once_then_taken(person):
    person.found()
    person.get("/contact")
    fields = {"email": "m@gmail.con", "email_again": "m@gmail.con", "phone": "617-555-0123"}
    question = "almost like one that ends in gmail.com"
    answer = asked_once(person, "/contact", fields, "confirm_email", question)
    assert (answer.status, answer.location) == (303, "/billing")


@pytest.mark.parametrize("number", ["4111111111111111", BANK["routing"]])
def test_rule_57_a_card_or_the_routing_number_as_account_is_asked_once_then_taken(person, number):
    person.found()
    person.contact()
    person.get("/billing")
    fields = {**BANK, f"pay_{person.enrollment_id}": "total"}
    fields |= {"account": number, "account_again": number}
    question = "looks like the number of a card, or like the routing number"
    answer = asked_once(person, "/billing", fields, "confirm_account", question)
    assert (answer.status, answer.location) == (303, "/review")


@pytest.mark.parametrize(
    ("box", "value", "message"),
    [
        ("pay", "", "Choose how much to pay for this plan"),
        ("pay", "all", "Choose how much to pay for this plan"),
        *(("amount", typed, AMOUNT) for typed in ("", "abc", "1.234", "1,2", "1e3", "٣")),
        *(("amount", typed, "without a minus sign") for typed in ("-5", "\u22125.00")),
    ],
)
def test_the_amount_of_an_enrollment(person, box, value, message):
    person.found()
    person.contact()
    person.get("/billing")
    pay, amount = (f"{name}_{person.enrollment_id}" for name in ("pay", "amount"))
    right = {**BANK, pay: "other", amount: "100.00"}
    check(person, "/billing", right, f"{box}_{person.enrollment_id}", value, message)


@pytest.mark.parametrize(("field", "value", "message"), one_at_a_time(REVIEW))
def test_review(person, field, value, message):
    token = Page(person.at_review().html).values["captcha_token"]
    right = {"captcha_token": token, "captcha_answer": "ABCDEF", "agree": "yes"}
    check(person, "/review", right, field, value, message)
    assert person.payments == []


def test_all_at_once_are_told_in_the_order_of_the_page(person):
    person.get("/find")
    page = Page(person.post("/find").html)
    assert list(page.summary) == ["plan", "id_type", "last_name", "birth_month"]
    person.found()
    person.get("/contact")
    assert list(Page(person.post("/contact").html).summary) == ["email", "phone"]
    person.contact()
    person.get("/billing")
    page = Page(person.post("/billing").html)
    pay = f"pay_{person.enrollment_id}"
    bank = ["frequency", "account_type", "account_name", "account", "routing"]
    assert list(page.summary) == [pay, *bank]


def test_with_two_plan_years_an_error_says_which(join):
    this_year = a_row()
    coming = next_year(this_year)
    person = join(this_year, coming)
    person.found()
    person.contact()
    person.get("/billing")
    page = Page(person.pays_other("a lot").html)
    assert page.summary == {
        f"amount_{this_year['enrollment_id']}": f"{AMOUNT} (plan year 2026)",
        f"pay_{coming['enrollment_id']}": "Choose how much to pay for this plan (plan year 2027)",
    }


@pytest.mark.parametrize("first_name", ["", "  "])
def test_rule_54_no_first_name_is_no_error_of_form_and_finds_only_who_has_none(person, first_name):
    person.get("/find")
    answer = person.post("/find", **person.claim(first_name=first_name))
    assert answer.status == 422
    assert Page(answer.html).summary == {}
    assert "could not find" in answer.text


def test_a_day_that_no_calendar_has_is_told_at_the_day(person):
    person.get("/find")
    answer = person.post("/find", **person.claim(birth_month="2", birth_day="30"))
    assert Page(answer.html).summary == {"birth_day": NO_DATE}


def test_a_social_security_number_and_an_account_come_back_from_that_same_post_only(person):
    person.get("/find")
    answer = person.post("/find", **person.claim("ssn", last_name=""))
    assert Page(answer.html).values["ssn"] == person.row["ssn"]
    assert Page(person.get("/find").html).values["ssn"] == ""


def test_two_addresses_that_differ_in_capitals_are_one_and_the_first_is_written_to(person):
    person.found()
    person.get("/contact")
    person.post("/contact", email="Ana@Example.com", email_again="ANA@example.com", phone=PHONE)
    person.pays()
    assert "Ana@example.com" in person.get("/review").text


def test_who_comes_too_early_is_led_to_the_missing_step_and_told_why(person):
    why = "This step comes first."
    person.found()
    answer = person.get("/review")
    assert (answer.status, answer.location) == (303, "/contact")
    assert why in person.get(answer.headers["Location"]).text
    assert why not in person.contact().text
    answer = person.get("/review")
    assert answer.location == "/billing"
    shown = person.get(answer.headers["Location"])
    assert why in shown.text
    assert 'role="status"' in shown.html
    assert why not in person.get("/billing").text
