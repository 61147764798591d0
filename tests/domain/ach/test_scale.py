"""A file costs no more memory for a million entries than for a thousand, and others accept it."""

import hashlib

import achkit
import pytest

from chalicelib.domain.ach.checks import Operator
from chalicelib.domain.ach.findings import ForwardEntry, Problem
from chalicelib.domain.ach.reader import read
from chalicelib.domain.ach.validation import validate
from tests.domain.ach.builders import (
    MILLION,
    ORIGINATOR,
    THURSDAY,
    some_entries,
    streamed,
    written,
)
from tests.domain.ach.test_writer import a_day_s_entries
from tests.domain.ach.weighing import peak_bytes, peak_of_process

OPERATOR = Operator(originator=ORIGINATOR, processed_on=THURSDAY)


def write(count):
    digest = hashlib.sha256()
    for line in streamed(count):
        digest.update(line)
    return digest.hexdigest()


def write_and_read(count):
    found = problems = 0
    for each in read(streamed(count)):
        found += isinstance(each, ForwardEntry)
        problems += isinstance(each, Problem)
    assert (found, problems) == (count, 0)


def write_and_validate(count):
    verdict = validate(streamed(count), OPERATOR)
    assert verdict.is_accepted
    assert (verdict.entries, verdict.debit_cents) == (count, count * 42480)


WORKS = [write, write_and_read, write_and_validate]


@pytest.mark.parametrize("work", WORKS)
def test_memory_does_not_grow_with_the_entries(work):
    work(10)
    assert peak_bytes(work, 2000) < peak_bytes(work, 100) + 50_000


@pytest.mark.parametrize("count", [1, 10, 1000])
def test_a_second_opinion_accepts_our_files(count):
    assert achkit.validate(written(some_entries(count))[0].decode()) == {"ok": True, "errors": []}


def test_a_second_opinion_accepts_a_day_of_every_kind():
    assert achkit.validate(written(a_day_s_entries())[0].decode())["ok"]


@pytest.mark.slow
@pytest.mark.parametrize("work", WORKS)
def test_a_million_entries_take_the_memory_of_a_thousand(work):
    assert peak_of_process(work, MILLION) < peak_of_process(work, 1000) * 1.05


@pytest.mark.slow
def test_a_second_build_of_a_million_entries_is_identical():
    assert write(MILLION) == write(MILLION)


@pytest.mark.slow
def test_a_second_opinion_accepts_a_million_entries():
    data = b"".join(streamed(MILLION))
    assert data.count(b"\n5") == 2, "six digits count the entries of a batch"
    assert achkit.validate(data.decode())["ok"]
