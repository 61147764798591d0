"""A second language: chosen once, kept, and nothing that was typed is lost by it."""

import re

import pytest

from tests.entrypoints.every_page import every_page
from tests.entrypoints.reading import Page
from tests.journeys.people import BANK, a_row, another_visit, next_year
from tests.pseudo import ACCENTED, PSEUDO, accented, english_left, english_on, pseudo

pytestmark = pytest.mark.usefixtures("speaks_pseudo")

COOKIE = f"__Host-lang={PSEUDO}; Path=/; Secure; HttpOnly; SameSite=Lax"


@pytest.fixture
def names(person):
    row = person.row
    return [row["plan_name"], row["first_name"], row["last_name"], "Maria López"]


def spoken(answer):
    """The language that a page says it is in."""
    return re.search(r'<html lang="([^"]+)"', answer.html)[1]


def left_as_typed(person, step, **fields):
    """Asserts that a step is there again in the other language, with this and no error."""
    answer = person.speak(PSEUDO, step, **fields)
    assert (answer.status, answer.location) == (303, step)
    again = person.get(step)
    page = Page(again.html)
    assert (again.status, spoken(again), page.summary, page.questions) == (200, PSEUDO, {}, {})
    return page


# ---- show 3: nothing English is left ---------------------------------------------------------


def test_no_page_has_an_english_word_left(person, names):
    person.lang = PSEUDO
    person.get(f"/?lang={PSEUDO}")
    left = {name: english_on(page.html, *names) for name, page in every_page(person).items()}
    assert {name: words for name, words in left.items() if words} == {}


def test_no_error_and_no_question_has_an_english_word_left(person, names):
    person.lang = PSEUDO
    person.get(f"/find?lang={PSEUDO}")
    answers = [person.post("/find")]
    person.found()
    person.get("/contact")
    answers.append(person.post("/contact"))
    slip = f"{person.enrollment_id}@gmial.com"
    answers.append(person.post("/contact", email=slip, email_again=slip, phone="617-555-0123"))
    person.contact()
    answers.append(person.post("/billing"))
    answers.append(person.pays_other("500.00", account="4111111111111111", routing="1"))
    person.pays()
    person.get("/review")
    answers.append(person.post("/review"))
    answers.append(person.submit(captcha_answer="WRONG7"))
    answers += [person.post("/billing", unknown="1"), person.send("/billing", {"lang": PSEUDO})]
    answers.append(person.post("/contact", email="x" * 70_000))
    answers += [person.get(f"/about/{topic}") for topic in ("accessibility", "terms")]
    assert [answer.status for answer in answers] == [422] * 8 + [403, 413, 200, 200]
    assert [english_on(answer.html, *names, "gmail.com") for answer in answers] == [set()] * len(
        answers
    )


def test_a_date_has_the_form_of_its_language(person):
    shown = person.get(f"/?lang={PSEUDO}").text
    assert f"[2026, 23 {pseudo('December')} ~ {pseudo('Wednesday')}]" in shown


def test_a_calendar_file_has_no_english_word_left(person, names):
    person.lang = PSEUDO
    person.get(f"/?lang={PSEUDO}")
    part = {"pay": "other", f"amount_{person.enrollment_id}": "10.00"}
    number = person.paid(**part, frequency="monthly")
    text = person.get(f"/calendar/{number}.ics").html.replace("\r\n ", "")
    said = re.findall(r"^(?:SUMMARY|DESCRIPTION):(.*)$", text, re.MULTILINE)
    assert said
    assert english_left(" ".join(said), *names) == set()


# ---- how it is chosen ------------------------------------------------------------------------


def test_what_is_chosen_on_the_start_page_is_kept_without_a_visit(person):
    chosen = person.get(f"/?lang={PSEUDO}")
    assert chosen.headers["Set-Cookie"] == COOKIE
    assert [spoken(person.get(page)) for page in ("/", "/find", "/about/terms")] == [PSEUDO] * 3
    assert spoken(person.get("/?lang=en")) == "en"
    assert spoken(person.get("/find")) == "en"


def test_the_cookie_of_the_visit_stands_beside_it(person):
    answer = person.get(f"/find?lang={PSEUDO}")
    assert {"__Host-journey", "__Host-lang"} == set(person.cookies)
    assert spoken(answer) == PSEUDO


def test_what_is_chosen_within_a_visit_stays_also_where_there_was_no_form(person, names):
    person.found()
    assert spoken(person.get(f"/history?lang={PSEUDO}")) == PSEUDO
    assert spoken(person.get("/contact")) == PSEUDO
    person.lang = PSEUDO
    person.contact()
    person.pays()
    assert english_on(person.get("/review").html, *names) == set()  # also the authorization


@pytest.mark.parametrize("asked", ["xx", "../en", "", "en-XB"])
def test_a_language_that_we_do_not_speak_is_chosen_by_nobody(person, asked):
    answer = person.get(f"/?lang={asked}")
    assert spoken(answer) == "en"
    assert "Set-Cookie" not in answer.headers
    person.cookies["__Host-lang"] = asked
    assert spoken(person.get("/")) == "en"


def test_a_visit_speaks_its_language_where_the_browser_forgot_what_it_chose(person):
    person.found()
    person.get("/contact")
    person.speak(PSEUDO, "/contact")
    del person.cookies["__Host-lang"]
    assert spoken(person.get("/contact")) == PSEUDO


def test_the_link_in_a_mail_chooses_nothing(person):
    person.paid()
    [mail] = person.mails
    address = re.search(r"/state/\S+", mail["text"])[0]
    answer = another_visit(person).get(f"{address}?lang={PSEUDO}")
    assert spoken(answer) == PSEUDO
    assert "Set-Cookie" not in answer.headers


def test_an_address_says_the_same_in_another_language(person):
    person.found()
    answer = person.get(f"/statement?enrollment_id={person.enrollment_id}")
    links = [each.attrs["href"] for each in Page(answer.html).elements if "hreflang" in each.attrs]
    assert links == [f"?enrollment_id={person.enrollment_id}&lang={PSEUDO}"]
    assert person.get(f"/statement{links[0]}").status == 200


STEPS = ["/find", "/contact", "/billing", "/review", "/plans", "/recurring"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("others", [["en", "en"], ["en", "en", PSEUDO], ["en", "xx"], ["xx", "en"]])
def test_only_two_that_differ_are_a_change_and_only_of_languages_we_speak(person, step, others):
    person.at_review()
    person.get(step)
    pairs = [("csrf", person.csrf), *(("lang", each) for each in others)]
    answer = person.send(step, pairs)
    assert answer.status == 422
    assert accented("We could not read that form") in answer.html.translate(ACCENTED)


@pytest.mark.parametrize("step", STEPS)
def test_an_unknown_field_is_looked_at_before_a_change(person, step):
    person.at_review()
    person.get(step)
    assert person.speak(PSEUDO, step, unknown="1").status == 422


@pytest.mark.parametrize("step", STEPS)
def test_a_browser_sends_the_pages_own_language_first(person, step):
    person.at_review()
    page = Page(person.get(step).html)
    own = [
        each
        for each in page.elements
        if each.attrs.get("name") == "lang"
        and "main-form" in (each.attrs.get("form"), *(a.attrs.get("id") for a in each.inside))
    ]
    assert [(each.tag, each.attrs["value"]) for each in own] == [
        ("input", "en"),
        ("button", PSEUDO),
    ]


# ---- show 4: changed at every step, with all fields filled -----------------------------------


@pytest.mark.parametrize("id_type", ["enrollment_id", "ssn", "billing_account"])
def test_find_gives_back_all_that_was_typed_in_that_same_post_and_looks_nobody_up(person, id_type):
    person.get("/find")
    claim = person.claim(id_type, last_name="Somebody else")
    for _ in range(6):  # of the wrong one, five tries are the most
        person.lang = "en"
        answer = person.speak(PSEUDO, "/find", **claim)
        page = Page(answer.html)
        assert (answer.status, spoken(answer), page.summary) == (200, PSEUDO, {})
        filled = {**claim, "birth_month": str(int(claim["birth_month"]))}
        assert page.values.items() >= filled.items()
        assert COOKIE in answer.headers["Set-Cookie"]
    assert Page(person.get("/find").html).values.items().isdisjoint(claim.items() - {("to", "pay")})
    assert person.found(id_type).location == "/contact"
    assert spoken(person.get("/contact")) == PSEUDO


def test_the_birthday_of_an_open_visit_is_given_back(person):
    person.found()
    person.get("/")
    birth = {"birth_month": "4", "birth_day": "28", "birth_year": "1986"}
    answer = person.speak(PSEUDO, "/", **birth)
    assert (answer.status, spoken(answer), Page(answer.html).summary) == (200, PSEUDO, {})
    assert Page(answer.html).values.items() >= birth.items()
    assert person.post("/", **birth).location == "/contact"


def test_contact_keeps_what_was_typed_right_or_wrong(person):
    person.found()
    typed = {"email": person.email, "email_again": "other", "phone": "12"}
    person.get("/contact")
    assert left_as_typed(person, "/contact", **typed).values.items() >= typed.items()
    assert person.post("/contact", **typed).status == 422
    assert person.contact().location == "/billing"


def billing(person, **changed):
    """All boxes of step 4 filled."""
    return {
        f"pay_{person.enrollment_id}": "other",
        f"amount_{person.enrollment_id}": "12.34",
        **BANK,
        "frequency": "monthly",
        "account": person.account,
        "account_again": person.account,
        **changed,
    }


def test_billing_keeps_all_and_holds_the_number(person):
    person.found()
    person.contact()
    person.get("/billing")
    typed = billing(person)
    page = left_as_typed(person, "/billing", **typed)
    numbers = {"account": "", "account_again": ""}
    assert page.values.items() >= {**typed, **numbers}.items()
    assert f"[{accented('Account ending')} {person.account[-4:]}." in page.html
    assert person.get("/review").location == "/billing"  # it was left, not sent
    assert person.post("/billing", **{**typed, **numbers}).location == "/review"
    assert person.account[-4:] in person.get("/review").text
    assert person.submit().location == "/done"


@pytest.mark.parametrize(
    "numbers",
    [
        {"account": "12345678", "account_again": "12345679"},
        {"account": "12345678", "account_again": ""},
        {"account": "123x", "account_again": "123x"},
        {"account": "4111111111111111", "account_again": "4111111111111111"},  # a card's: asked
    ],
)
def test_rule_57_a_number_that_is_not_sure_is_held_by_no_change_of_language(person, numbers):
    person.found()
    person.contact()
    person.get("/billing")
    typed = billing(person, **numbers)
    left_as_typed(person, "/billing", **typed)
    answer = person.post("/billing", **{**typed, "account": "", "account_again": ""})
    assert set(Page(answer.html).summary) == {"account"}


def test_rule_13_a_yes_is_said_again_in_the_other_language(person):
    """A yes to pay the same again, or more than is owed, is none to other words."""
    person.paid(pay="other", **{f"amount_{person.enrollment_id}": "10.00"})
    person.get("/plans")
    person.post("/plans", **{f"choose_{person.enrollment_id}": "yes"})
    person.get("/billing")
    typed = billing(person, **{f"amount_{person.enrollment_id}": "10.00", "frequency": "once"})
    left_as_typed(person, "/billing", **typed, confirm_again="yes")
    answer = person.post("/billing", **typed)
    assert set(Page(answer.html).questions) == {"confirm_again"}


def test_review_is_agreed_to_in_the_words_that_are_shown(person):
    page = Page(person.at_review().html)
    english = page.html.partition('<div class="agreement">')[2].partition("</div>")[0]
    token = page.values["captcha_token"]
    shown = left_as_typed(person, "/review", agree="yes", captcha_token=token, captcha_answer="A1")
    assert "agree" not in shown.values
    assert english not in shown.html
    assert person.submit(agree="").status == 422
    assert person.submit().location == "/done"
    [mail] = person.mails
    assert mail["subject"].startswith("[Ŵé řéçéîṽéð ýöûř þáýɱéñţ řéɋûéšţ")


def test_a_consent_to_words_that_are_no_longer_shown_takes_nothing(person):
    """Another tab still has them in English."""
    older = person.at_review()
    csrf = Page(older.html).values["csrf"]
    left_as_typed(person, "/review")
    fields = {"csrf": csrf, "lang": "en", "agree": "yes", "captcha_answer": "x"}
    assert person.send("/review", fields).status == 422
    assert person.payments == []


def test_plans_keep_what_is_chosen_and_a_paid_visit_stays_paid(join):
    owed = a_row()
    person = join(owed, later := next_year(owed))
    person.paid(**{f"pay_{later['enrollment_id']}": "none"})
    first = Page(person.get("/plans").html).values
    assert first[f"choose_{later['enrollment_id']}"] == "yes"  # it owes
    page = left_as_typed(person, "/plans", **{f"choose_{owed['enrollment_id']}": "yes"})
    chosen = {name for name in page.values if name.startswith("choose_")}
    assert chosen == {f"choose_{owed['enrollment_id']}"}
    assert person.get("/done").status == 200
    assert person.post("/plans", **dict.fromkeys(chosen, "yes")).location == "/billing"


def test_a_change_on_recurring_changes_no_mandate(person):
    person.paid(frequency="monthly")
    person.get("/recurring")
    [before] = person.ask(f"/mandates/{person.enrollment_id}")
    fields = {"cancel": before["mandate_id"], "confirm_cancel": "yes"}
    left_as_typed(person, "/recurring", **fields)
    assert person.ask(f"/mandates/{person.enrollment_id}") == [before]
