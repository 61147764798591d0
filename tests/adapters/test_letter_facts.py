"""A letter's class has all that its template may ask for, and nothing else."""

from dataclasses import fields
from functools import cache
from typing import get_type_hints

import pytest
from jinja2 import meta, nodes

from chalicelib.adapters.templating import HERE, environment
from chalicelib.domain.letter_facts import Facts
from chalicelib.domain.letters import KINDS
from tests.adapters.letter_samples import LETTERS

CLASSES = {kind: made for made, kind in KINDS.items()}
READ_BY_THE_SENDER = {"notice": {"month"}}  # whose notice fails for good was not told (rule 24)
SAID_OF_EVERY_LETTER = {"lang", "subject", "base_url", "help_phone", "missed_month"}
WORDS = environment("en")


@cache
def parsed(file):
    return WORDS.parse((HERE / "templates" / file).read_text(encoding="utf-8"))


def asked(part, file, seen):
    """Facts that a part of a template asks for, itself and by way of the macros that it names."""
    whole = parsed(file)
    imported = {each.target: each.template.value for each in whole.find_all(nodes.Import)}
    own = {each.name for each in whole.find_all(nodes.Macro)}
    made_here = {each.name for each in whole.find_all(nodes.Name) if each.ctx == "store"}
    here = nodes.Template([part], lineno=1)
    here.set_environment(WORDS)
    names = meta.find_undeclared_variables(here) - set(imported) - made_here
    called = {(file, each) for each in names & own}
    for each in part.find_all(nodes.Getattr):
        if isinstance(each.node, nodes.Name) and each.node.name in imported:
            called.add((imported[each.node.name], each.attr))
    found = names - own
    for where, macro in called - seen:
        seen.add((where, macro))
        [body] = [each for each in parsed(where).find_all(nodes.Macro) if each.name == macro]
        found |= asked(body, where, seen)
    return found


@cache
def asked_by(kind):
    seen, found = set(), set()
    for file in (f"mail/{kind}.{part}" for part in ("subject.txt", "txt", "html")):
        for part in parsed(file).body:
            found |= asked(part, file, seen)
    return found - SAID_OF_EVERY_LETTER


def told(made):
    """Each fact of a class, with the class that has it: itself, or one that several kinds share."""
    types = get_type_hints(made)
    for field in fields(made):
        inner = types[field.name]
        if isinstance(inner, type) and issubclass(inner, Facts):
            yield from told(inner)
        else:
            yield field.name, made


def test_every_kind_is_typed():
    assert {kind for kind, _ in LETTERS.values()} == set(CLASSES)


@pytest.mark.parametrize("kind", CLASSES)
def test_a_template_asks_for_nothing_that_its_letter_has_not(kind):
    assert asked_by(kind) - {name for name, _ in told(CLASSES[kind])} == set()


@pytest.mark.parametrize("kind", CLASSES)
def test_a_letter_has_no_fact_that_its_template_does_not_ask_for(kind):
    """Of what several kinds share, one of them does."""
    own = {name for name, made in told(CLASSES[kind]) if made is CLASSES[kind]}
    assert own - asked_by(kind) == READ_BY_THE_SENDER.get(kind, set())


def test_of_what_several_kinds_share_one_asks_for_each_fact():
    shared = {each for made in KINDS for each in told(made) if each[1] is not made}
    used = {
        (name, owner)
        for made, kind in KINDS.items()
        for name, owner in told(made)
        if name in asked_by(kind)
    }
    assert shared - used == set()


@pytest.mark.parametrize("name", LETTERS)
def test_a_sample_has_the_facts_of_its_class(name):
    kind, facts = LETTERS[name]
    assert set(facts) == {name for name, _ in told(CLASSES[kind])}
