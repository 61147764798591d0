"""The frame of every page: title and heading are one, an emblem, the footer's three texts."""

import re
from pathlib import Path

import pytest

from chalicelib import __version__
from chalicelib.entrypoints import answers
from chalicelib.entrypoints.pages.about import TOPICS
from tests.architecture.sources import ROOT
from tests.entrypoints.every_page import every_page

TEMPLATES = ROOT / "chalicelib" / "templates"
LAST = " | Health Connector payments"


def titles(answer):
    """What the browser's tab says, and the heading, without its step."""
    [title] = re.findall(r"<title>(.*?)</title>", answer.html)
    [heading] = re.findall(r"<h1>(.*?)</h1>", answer.html)
    heading = re.sub(r'<span class="step">.*?</span></span>', "", heading)
    return title.removeprefix("Error: ").removesuffix(LAST), heading


@pytest.fixture
def pages(person):
    return every_page(person)


def test_each_page_is_called_what_its_heading_says(pages):
    """A new page is red here until somebody walks to it."""
    framed = {p.name for p in TEMPLATES.glob("*.html") if "extends" in p.read_text("utf-8")}
    assert {name.partition(",")[0] for name in pages} == framed
    found = {name: titles(answer) for name, answer in pages.items()}
    assert {name for name, (title, heading) in found.items() if title != heading} == set()
    assert len({title for title, _ in found.values()}) == len(framed) + 1  # done has two


def test_no_page_says_a_version_and_each_leads_to_the_three_texts(pages):
    for name, answer in pages.items():
        assert f"Version {__version__}" not in answer.text, name
        assert re.findall(r'href="/about/(\w+)"', answer.html) == list(TOPICS), name


@pytest.mark.parametrize("topic", TOPICS)
def test_a_text_that_nobody_set_is_said_to_be_missing(person, topic):
    answer = person.get(f"/about/{topic}")
    assert answer.status == 200
    assert "has not put its" in answer.text
    assert "1-877-623-6765" in answer.text


@pytest.fixture
def settings(world, monkeypatch):
    def settings(**changed):
        now = world.system.settings.model_copy(update=changed)
        monkeypatch.setattr(world.system, "settings", now)

    return settings


@pytest.mark.parametrize("topic", TOPICS)
def test_what_is_set_is_shown_and_a_link_is_followed(person, settings, topic):
    settings(**{topic: "We keep it for <seven> years."})
    assert "We keep it for <seven> years." in person.get(f"/about/{topic}").text
    settings(**{topic: "https://state.example/text"})
    answer = person.get(f"/about/{topic}")
    assert (answer.status, answer.headers["Location"]) == (303, "https://state.example/text")


def test_there_is_no_other_text(person):
    assert person.get("/about/stage").status == 404


def test_an_emblem_stands_in_the_header_where_the_state_gave_one(person, tmp_path, monkeypatch):
    assert "emblem" not in person.get("/").html
    for file in Path(answers.STATIC).iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "emblem.svg").write_text("<svg/>")
    monkeypatch.setattr(answers, "STATIC", tmp_path)
    answers._digest.cache_clear()
    page = person.get("/").html
    assert re.search(r'<img [^>]*src="/static/emblem.svg\?v=[0-9a-f]{12}"[^>]*alt="">', page)
    answers._digest.cache_clear()
