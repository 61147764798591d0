"""A language that nobody speaks, made of all our texts: what is still English was not translated.

Each text stands in brackets, is 40 % longer, and has no letter from A to Z.
"""

import re
from html.parser import HTMLParser
from string import ascii_letters

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from chalicelib.adapters import catalogues, date_texts, templating
from tests.architecture.sources import ROOT

PSEUDO = "en-XA"  # as browsers call it
ACCENTED = str.maketrans(
    ascii_letters,
    "áƀçðéƒğĥîĵķļɱñöþɋřšţûṽŵẋýžÁɃÇÐÉƑĞĤÎĴĶĻḾÑÖÞɊŘŠŢÛṼŴẊÝŽ",
)
NO_TEXT = re.compile(r"(%\(\w+\)s|%%|\{\w+\}|<[^>]+>|&\w+;)")  # filled in, or of the page's make
LONGER = 0.4
OWN_FORM = {
    date_texts.DAY: "[{year}, {day} {month} ~ {weekday}]",
    date_texts.SHORT_DAY: "[{day} {month}]",
    date_texts.MONTH: "[{year} {month}]",
    date_texts.HOURS[0]: "[{hour24}.{minute}]",
    date_texts.HOURS[1]: "[{hour24}.{minute}]",
}


def accented(text):
    """The letters of a text, for who looks for a part of it."""
    parts = NO_TEXT.split(text)
    parts[::2] = [part.translate(ACCENTED) for part in parts[::2]]
    return "".join(parts)


def pseudo(text):
    """A whole text in the language."""
    letters = len(NO_TEXT.sub("", text))
    more = "ĩĩĩĩĩĩ " * -(-round(letters * LONGER) // 7)
    return OWN_FORM.get(text) or f"[{accented(text)} {more.strip()}]"


@pytest.fixture(scope="session")
def pseudo_catalogues(tmp_path_factory):
    """The folder of catalogues, with this one in it; taken out as the recipe says."""
    made = tmp_path_factory.mktemp("locale")
    template, folder = made / "messages.pot", made / PSEUDO / "LC_MESSAGES"
    asked = ["extract", "-F", ROOT / "pyproject.toml", "-o", template, ROOT / "chalicelib"]
    CommandLineInterface().run(["pybabel", "-q", *map(str, asked)])
    catalogue = Catalog(locale="en")
    with template.open("rb") as file:
        texts = read_po(file)
    for message in texts:
        if message.id:
            one = isinstance(message.id, str)
            text = pseudo(message.id) if one else tuple(pseudo(text) for text in message.id)
            catalogue.add(message.id, text)
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    return made


@pytest.fixture
def speaks_pseudo(pseudo_catalogues, monkeypatch):
    """It is a second language of ours while a test runs."""
    cached = (catalogues.languages, catalogues.translations, templating.environment)
    monkeypatch.setattr(catalogues, "CATALOGUES", pseudo_catalogues)
    for each in cached:
        each.cache_clear()
    yield PSEUDO
    for each in cached:
        each.cache_clear()


class Words(HTMLParser):
    """All that a page says in its own language, also to who only hears it."""

    SAID = ("alt", "aria-label", "title", "placeholder", "data-over")
    VOID = ("meta", "link", "input", "br", "img", "hr", "rect", "path", "source")

    def __init__(self, html):
        super().__init__()
        self.open, self.found = [], []
        self.feed(html)

    @property
    def is_ours(self):
        """Not a part that says to be in another language."""
        return not any(other for _, other in self.open)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        other = tag in ("script", "style") or attrs.get("lang", PSEUDO) != PSEUDO
        if self.is_ours and not other:
            self.found += [attrs[name] for name in self.SAID if attrs.get(name)]
        if tag not in self.VOID:
            self.open.append((tag, other))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self.is_ours:
            self.found.append(data)


NO_WORDS = re.compile(
    r"https?://\S+|\S+@\S+|HC-\w{4}-\w{4}|\bP-\w{4}\b|\b[A-Z]\d{6,}\b"  # addresses, codes
    r"|Español: .*|Kreyòl Ayisyen: .*"  # what a mail's text says in other languages
)


def english_left(text, *names):
    """The words of a text that are in letters from A to Z, and neither names nor addresses."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return set(re.findall(r"[A-Za-z]+", NO_WORDS.sub(" ", text)))


def english_on(html, *names):
    """The same, of a page."""
    return english_left("\n".join(Words(html).found), *names)
