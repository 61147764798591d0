"""Every letter reads whole: subject, text and HTML, from committed facts alone."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from chalicelib.adapters.templating import HERE, environment
from chalicelib.bootstrap import System
from chalicelib.domain.enrollment import MOST_DAYS_BETWEEN
from chalicelib.domain.mail import Mail
from chalicelib.settings import Settings
from tests.adapters.letter_samples import EXCLUDED, EXCLUSIONS, HOLDS, LETTERS, NOTICE
from tests.builders import a_mail, letter_templates

KINDS = {
    path.name.removesuffix(".subject.txt")
    for path in (HERE / "templates" / "mail").glob("*.subject.txt")
}
PAGE = "https://pay.example.test"
UNRESOLVED = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|%\(|\bNone\b|\bTrue\b|\bFalse\b|Undefined")
LONG_NUMBER = re.compile(r"(?<![-\d])\d{5,}(?![-\d])")  # an account or routing number


def letter(kind, facts, member=None, token=None, language="en", **settings):
    made = letter_templates(public_url=PAGE, **settings)
    return made.letter(
        Mail(
            mail_id=f"{kind}.1",
            kind=kind,
            to="member@example.test",
            phone="+16175550123",
            language=language,
            enrollment_id="ENR-1",
            facts=facts,
            created_at=datetime(2026, 12, 3, tzinfo=UTC),
        ),
        member=member,
        token=token,
    )


@pytest.fixture(params=LETTERS, scope="module")
def sample(request):
    return letter(*LETTERS[request.param])


class Outline(HTMLParser):
    """The words of a page, and whether each tag is closed by its own end."""

    EMPTY = frozenset({"meta", "br", "hr"})

    def __init__(self):
        super().__init__()
        self.open, self.words, self.headings = [], [], []

    def handle_starttag(self, tag, _attrs):
        if tag not in self.EMPTY:
            self.open.append(tag)
        if re.fullmatch(r"h\d", tag):
            self.headings.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def read(html):
    outline = Outline()
    outline.feed(html)
    outline.close()
    return outline


def flat(text):
    return " ".join(text.split())


def test_every_kind_of_letter_has_its_three_parts_and_a_sample():
    assert {kind for kind, _ in LETTERS.values()} == KINDS
    for kind in KINDS:
        for part in ("subject.txt", "txt", "html"):
            environment("en").get_template(f"mail/{kind}.{part}")


def test_the_subject_is_one_short_line(sample):
    assert sample.subject
    # A longer header is folded before its first word: some programs then show a blank first.
    assert len(f"Subject: {sample.subject}") <= 78
    assert sample.subject.splitlines() == [sample.subject]


def test_no_markup_is_left_and_no_fact_is_missing(sample):
    for part in (sample.subject, sample.text, " ".join(read(sample.html).words)):
        assert not UNRESOLVED.search(part), UNRESOLVED.search(part)
    assert not re.search(r"</?[a-z]+[ >]|&[a-z#0-9]+;", sample.text)
    assert not re.search(r"&amp;(amp|lt|#39)", sample.html)


def test_no_long_number_is_in_any_part(sample):
    styleless = re.sub(r' style="[^"]*"', "", sample.html)
    for part in (sample.subject, sample.text, styleless):
        assert not LONG_NUMBER.search(part), LONG_NUMBER.search(part)


def test_every_tag_is_closed_and_headings_do_not_jump(sample):
    outline = read(sample.html)
    assert outline.open == []
    assert outline.headings[0] == "h1"
    assert set(outline.headings[1:]) == {"h2"}


def test_the_text_says_what_the_html_says(sample):
    """Amounts, dates and links: nobody is sent to the other part for them."""
    telling = re.compile(r"-?\$[\d,.]+\d|[A-Z][a-z]+day, [A-Z][a-z]+ \d+, \d{4}|ending in \d{4}")
    words = flat(" ".join(read(sample.html).words))
    assert set(telling.findall(sample.text)) == set(telling.findall(words))
    links = re.compile(re.escape(PAGE) + r"[/a-z?=]*")
    assert set(links.findall(sample.text)) == set(links.findall(sample.html))


def test_blank_lines_part_the_text_and_no_more_than_two(sample):
    body = sample.text.rstrip("\n")
    assert "\n\n\n\n" not in re.sub(r"\n+(?=KEEP YOUR INFORMATION SAFE)", "\n\n", body)
    assert not body.startswith("\n")


@pytest.mark.parametrize("name", ["notice", "first notice", "notice of nothing"])
def test_rule_24_the_sum_in_the_notice_adds_up(name):
    text = letter(*LETTERS[name]).text
    reason = text.split("WHY THIS AMOUNT")[1].strip().split("\n\n")[0]
    *parts, total = [
        round(float(re.sub(r"[$,]", "", line.rpartition(": ")[2])) * 100)
        for line in reason.splitlines()
    ]
    assert sum(parts) == total


def test_rule_24_the_notice_says_amount_date_account_and_how_to_cancel():
    text = flat(letter("notice", NOTICE).text)
    for words in (
        "We will take $324.80 on Tuesday, December 22, 2026",
        "from your checking account ending in 6789. We will not take more than this.",
        "Last time, in November 2026, we took $212.40. This time it is $112.40 more.",
        "Until the withdrawal starts on the 22nd, at 9 a.m. New York time",
        "We then take that much less",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("notice after a return", "Last time, in November 2026, your bank did not pay $212.40."),
        (
            "notice after a mistake",
            "in November 2026, we could not take $212.40. The mistake was ours, not yours.",
        ),
    ],
)
def test_rule_24_what_was_not_paid_last_time_is_not_called_taken(name, words):
    text = flat(letter(*LETTERS[name]).text)
    assert words in text
    assert "we took" not in text


def test_rule_24_the_notice_comes_also_when_nothing_will_be_taken():
    kind, facts = LETTERS["notice of nothing"]
    made = letter(kind, facts)
    assert made.subject == "Health plan 2026: we will take nothing on December 22"
    assert "You have a credit of $12.00." in made.text
    assert "TO CANCEL" in made.text


def test_rule_23_the_notice_repeats_that_the_new_plan_is_not_covered():
    words = (
        "Your monthly payments do not cover your 2027 plan. "
        "Its first payment of $228.00 is due December 23."
    )
    for name in ("renewal", "notice with a new year"):
        assert words in letter(*LETTERS[name]).text


def test_where_nobody_knows_what_is_owed_the_letter_names_no_amount():
    text = letter("excluded", {**EXCLUDED, "reason": "unreadable_ledger", "cents": None}).text
    assert "$" not in text
    assert "You owe" not in text


@pytest.mark.parametrize(
    "said", [Settings.model_fields["missed_month_text"].default, "100% of it & more: you're out."]
)
def test_rule_44_what_a_missed_month_means_is_said_as_set_in_both_parts(said):
    """A set one is in no catalogue, is no template, and is escaped once."""
    made = letter(*LETTERS["it was due"], missed_month=said)
    for part in (made.text, " ".join(read(made.html).words)):
        assert f"{said} Please pay now, or call 1-877-623-6765." in flat(part)
    assert "&amp;" not in made.text


def test_rule_44_the_sender_is_given_the_sentence_of_its_deployment():
    needed = {n: "any" for n, field in Settings.model_fields.items() if field.is_required()}
    given = {
        **needed,
        "stage": "test",
        "public_url": PAGE,
        "missed_month_text": "Two are too many.",
    }
    kind, facts = LETTERS["it was due"]
    made = System(Settings(**given)).mail_templates.letter(a_mail(kind=kind, facts=facts))
    assert "Two are too many. Please pay now" in made.text


@pytest.mark.parametrize("name", ["reminder", "reminder of a first payment"])
def test_rule_44_before_the_due_date_no_month_is_called_missed(name):
    made = letter(*LETTERS[name], missed_month="You missed it.")
    assert "missed" not in made.text + made.html


def test_rule_42_the_mails_of_an_end_say_what_follows_to_who_agreed_and_to_nobody_else():
    said = f"If another plan follows within {MOST_DAYS_BETWEEN} days, your monthly payments go on"
    for name, (kind, facts) in LETTERS.items():
        if kind in ("coverage_ended", "notice"):
            made = letter(kind, facts)
            for part in (made.text, " ".join(read(made.html).words)):
                assert (said in flat(part)) is facts["carries_on"], name


def test_rule_27_each_exclusion_has_words_for_the_member():
    said = set()
    for reason in EXCLUSIONS:
        text = letter("excluded", {**EXCLUDED, "reason": reason}).text
        assert "You owe $324.80. It is due by Wednesday, December 23, 2026." in text
        assert "_" not in text, "codes are for staff"
        said.add(flat(text).partition("December 2026. ")[2].partition(" You owe")[0])
    # An account and a mandate that can't be read are the same thing to a member.
    assert len(said) == len(EXCLUSIONS) - 1


def test_rule_23_with_no_22nd_left_no_mail_asks_to_set_up_monthly_payments_again():
    again, stay = "set them up again", "Your monthly payments stay on"
    assert again in letter("excluded", {**EXCLUDED, "reason": "held"}).text  # as older mails are
    for reason in EXCLUSIONS:
        for left in (False, True):
            said = {**EXCLUDED, "reason": reason, "none_left": not left}
            text = flat(letter("excluded", said).text)
            assert ("No monthly payment is left in this coverage." in text) is not left
            assert left or (again not in text and stay not in text)


def test_a_held_mandate_s_notice_promises_no_withdrawal_and_says_what_to_do():
    made = letter(*LETTERS["notice on hold"])
    assert made.subject == "Health plan 2026: your monthly payments are on hold"
    for words in (
        "We will take nothing on Tuesday, December 22, 2026",
        "You owe $324.80. It is due by Wednesday, December 23, 2026.",
        "set up monthly payments again on our page. The new ones replace these.",
        "or call 1-877-623-6765",
    ):
        assert words in made.text
    for part in (made.text, made.html):
        assert "We will take $" not in part
        assert "WHY THIS AMOUNT" not in part.upper()


@pytest.mark.parametrize(
    "name",
    ["notice on hold", "notice above the ceiling", "notice of nothing", "undone on hold"],
)
def test_where_nothing_is_taken_a_cancel_stops_no_payment_of_this_month(name):
    text = flat(letter(*LETTERS[name]).text)
    assert "You can cancel monthly payments at any time. Nothing more is taken then." in text
    assert "stops this month" not in text
    assert "stops this month" in flat(letter("notice", NOTICE).text)


def test_rule_13_a_notice_above_the_ceiling_says_whom_to_call():
    text = letter(*LETTERS["notice above the ceiling"]).text
    assert "You owe more than we may take in one payment. We will take nothing on" in text
    assert "You owe $20,124.00. It is due by Wednesday, December 23, 2026." in text
    assert "Please call 1-877-623-6765 to pay." in text
    assert "We will take $" not in text


@pytest.mark.parametrize("name", ["last notice", "last notice of nothing"])
def test_rule_23_the_last_notice_of_a_plan_promises_no_other(name):
    text = flat(letter(*LETTERS[name]).text)
    assert "its coverage ends on Thursday, December 31, 2026" in text
    assert "your monthly payments end with it" in text
    for promise in ("your next notice", "stay on", "your next bills"):
        assert promise not in text


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        LETTERS["notice on hold"],
        LETTERS["undone on hold"],
        ("excluded", {**EXCLUDED, "reason": "held"}),
        ("excluded", {**EXCLUDED, "reason": "returned"}),
    ],
)
def test_rule_29_no_payment_is_said_to_have_come_back_where_none_may_ever_have_been_made(
    kind, facts
):
    """The answer to a prenote, or a prenote that fits no file, holds as well."""
    text = flat(letter(kind, facts).text)
    assert "We wrote to you why." in text
    for wrong in ("came back", "payment back"):
        assert wrong not in text


def test_rule_23_in_the_last_month_of_a_plan_neither_a_cancel_nor_its_undo_promises_another():
    ends = "coverage ends on Thursday, December 31, 2026, and your monthly payments end with it."
    undone = flat(letter(*LETTERS["undone in the last month"]).text)
    assert "We will take $324.80 on Tuesday, December 22, 2026" in undone
    assert f"This is the last withdrawal: {ends}" in undone
    credit = flat(letter(*LETTERS["undone in the last month with a credit"]).text)
    assert f"You have a credit of $5.00 for this plan. C{ends[1:]}" in credit
    cancelled = flat(letter(*LETTERS["cancelled in the last month"]).text)
    assert "After that, no monthly payment is left in this coverage." in cancelled
    for said in (undone, credit, cancelled):
        for promise in ("of each month, or", "set them up again", "your next bills"):
            assert promise not in said
    assert "After that, set them up again." in flat(letter(*LETTERS["cancelled"]).text)


@pytest.mark.parametrize("why", HOLDS)
def test_only_a_stopped_payment_is_called_stopped(why):
    """R05, R11, R12, R17, R29 and unexpected codes hold too (rule 29)."""
    kind, facts = LETTERS[f"not paid, and on hold: {why}"]
    text = flat(letter(kind, facts).text)
    assert ("stopped at your bank" in text) == (why == "stopped")
    held = text.partition("Your monthly payments are on hold, ")[2]
    assert held.partition(".")[0]
    assert "We take nothing until you agree again." in held
    assert "set up monthly payments again on our page. The new ones replace these." in held


def test_each_hold_says_its_own_reason():
    said = {
        flat(letter(*LETTERS[f"not paid, and on hold: {why}"]).text)
        .partition("are on hold, ")[2]
        .partition(".")[0]
        for why in HOLDS
    }
    assert len(said) == len(HOLDS)


def test_the_mail_about_a_refused_account_says_what_is_owed_by_when_and_what_to_do():
    text = flat(letter(*LETTERS["account refused"]).text)
    for words in (
        "Your bank cannot take money from this account. Use another account.",
        "Your monthly payments have ended.",
        "You owe $424.80. It is due by Wednesday, December 23, 2026.",
        "set them up again with another account",
        f"{PAGE}/find?to=pay",
    ):
        assert words in text
    kept = flat(letter(*LETTERS["account refused by our mistake"]).text)
    assert "$424.80 will be taken on Tuesday, December 22, 2026." in kept


def test_where_no_money_was_asked_for_nothing_is_said_to_be_sent_back():
    """A death or a court's order is not named, but the mail still says what the bank answered."""
    text = flat(letter(*LETTERS["account refused without a reason"]).text)
    assert "Your bank answered that we cannot take payments from this account." in text
    assert "sent it back" not in text


@pytest.mark.parametrize("name", ["account not asked", "account left out"])
def test_no_bank_is_said_to_refuse_an_account_that_it_was_not_asked_about(name):
    made = letter(*LETTERS[name])
    for part in (made.subject, flat(made.text)):
        assert "could not check" in part
        assert "did not accept" not in part
    assert "The mistake was ours, not yours." in made.text
    assert "You owe $424.80." in made.text


def test_an_undone_cancel_of_payments_on_hold_names_no_withdrawal():
    made = letter(*LETTERS["undone on hold"])
    assert "on again" not in made.subject
    assert "We will take $" not in made.text
    assert "After that, we take" not in made.text
    assert "on hold" in made.text


def test_rule_30_the_mail_says_what_will_be_taken_and_what_will_not():
    text = letter(*LETTERS["not paid, taken in part"]).text
    assert "$212.40 will be taken on Tuesday, December 22, 2026." in text
    assert (
        "$212.40 will not be taken then. "
        "Pay it on our page by Wednesday, December 23, 2026." in text
    )
    whole = letter(*LETTERS["not paid, taken later"]).text
    assert "will not be taken" not in whole
    assert "You do not need to pay it yourself." in whole


@pytest.mark.parametrize("name", LETTERS)
def test_rule_58_a_mail_names_its_member_and_has_the_link_that_it_is_given(name):
    kind, facts = LETTERS[name]
    made = letter(kind, facts, "Maria <S>.", "s1.1.AAAA")
    plain = letter(kind, facts)
    assert made.text.startswith("For Maria <S>.\n\n")
    assert "For Maria <S>." in flat(" ".join(read(made.html).words))
    assert f"\n{PAGE}/state/s1.1.AAAA\n" in made.text
    assert f'<a href="{PAGE}/state/s1.1.AAAA">' in made.html
    spanish = letter(kind, facts, "Maria S.", "s1.1.AAAA", language="es")
    assert f"\n{PAGE}/state/s1.1.AAAA?lang=es\n" in spanish.text
    for part in (plain.subject, plain.text, plain.html, made.subject):
        assert "/state/" not in part
        assert "Maria" not in part
    assert not plain.text.startswith("For ")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cancelled", "You owe $424.80. It is due by Wednesday, December 23, 2026."),
        ("cancelled late", "You owe nothing for this plan now."),
        ("cancelled with a credit", "You have a credit of $5.00. It lowers your next bills"),
    ],
)
def test_rule_22_the_mail_of_a_cancel_says_what_is_owed_now(name, said):
    made = letter(*LETTERS[name])
    for part in (made.text, " ".join(read(made.html).words)):
        assert said in flat(part)


@pytest.mark.parametrize(
    ("name", "said", "rows"),
    [
        ("another email and phone", "another email address and another phone number", (1, 1)),
        ("another email", "another email address on our page", (1, 0)),
        ("another phone", "another phone number on our page", (0, 1)),
    ],
)
def test_rule_22_the_mail_of_another_contact_says_what_changed_and_whom_to_call(name, said, rows):
    made = letter(*LETTERS[name])
    for text in (flat(made.text), flat(" ".join(read(made.html).words))):
        assert f"You gave us {said}" in text
        assert "the amounts and dates that we told you before stay as they are" in text
        assert "&…@example.com" in text
        assert re.search(r"if you did not do this call 1-877-623-6765 right away", text.lower())
        assert (text.count("n…@bücher.example"), len(re.findall("[Aa] new one", text))) == rows
