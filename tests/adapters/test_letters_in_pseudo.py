"""Every letter in another language: nothing is left in English but what is told as a fact."""

import pytest

from tests.adapters.letter_samples import LETTERS
from tests.adapters.test_mail_templates import PAGE, letter
from tests.pseudo import PSEUDO, accented, english_left, english_on

pytestmark = pytest.mark.usefixtures("speaks_pseudo")


def told(facts):
    """The facts that are shown as they are: names, and sentences of when the mail was promised."""
    if isinstance(facts, str):
        # A lone small word is a code of ours: what it means is a text of a catalogue.
        return [] if facts.isidentifier() and facts.islower() else [facts, facts.upper()]
    inner = facts.values() if isinstance(facts, dict) else facts if isinstance(facts, list) else ()
    return [text for each in inner for text in told(each)]


@pytest.mark.parametrize("name", LETTERS)
def test_no_letter_has_an_english_word_left(name):
    kind, facts = LETTERS[name]
    made = letter(kind, facts, "Maria S.", "s1.1.AAAA", language=PSEUDO)
    known = [*told(facts), "Maria S."]
    assert english_left(made.subject, *known) == set()
    assert english_left(made.text, *known) == set()
    assert english_on(made.html, *known) == set()
    assert f"{PAGE}/state/s1.1.AAAA?lang={PSEUDO}" in made.text


def test_our_own_sentence_of_a_missed_month_is_in_the_catalogues():
    kind, facts = LETTERS["it was due"]
    said = letter(kind, facts, language=PSEUDO).text
    assert accented("If a month is not paid, your coverage can end.") in said
