"""A file costs no more memory for a million entries than for a thousand, and others accept it."""

import hashlib

import achkit
import pytest

from chalicelib.domain.ach.checks import Operator
from chalicelib.domain.ach.findings import ForwardEntry, Problem
from chalicelib.domain.ach.reader import read
from chalicelib.domain.ach.reading import MOST_KEPT, read_whole
from chalicelib.domain.ach.validation import validate
from tests.domain.ach.builders import (
    MILLION,
    ORIGINATOR,
    THURSDAY,
    some_entries,
    streamed,
    written,
)
from tests.domain.ach.test_reader import RETURNS
from tests.domain.ach.test_writer import a_day_s_entries
from tests.domain.ach.weighing import peak_bytes, peak_of_process

CONTROLS = [
    next(line for line in RETURNS.splitlines(keepends=True) if line.startswith(kind))
    for kind in (b"8", b"9")
]
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


def judge(count):
    reading = read_whole(returned(count), range(7, 10))
    assert (reading.count, len(reading.answers)) == (count, 3)
    assert reading.is_understood


def returned(count):
    """As the bank sends entries back: each with a reason, in one batch, all of them adding up."""
    golden = RETURNS.splitlines(keepends=True)
    header, batch, entry, reason = golden[:4]
    yield from (header, batch)
    for _ in range(count):
        yield from (entry, reason)
    control, end = CONTROLS
    cents, hashed = 42480 * count, int(entry[3:11]) * count % 10**10
    sums = b"%010d%012d%012d" % (hashed, cents, 0)
    yield control[:4] + b"%06d" % (2 * count) + sums + control[44:]
    blocks = -(-(2 * count + 4) // 10)
    yield end[:1] + b"%06d%06d%08d" % (1, blocks, 2 * count) + sums + end[55:]
    yield from [b"9" * 94 + b"\n"] * (blocks * 10 - 2 * count - 4)


WORKS = [write, write_and_read, write_and_validate]


@pytest.mark.parametrize("work", WORKS)
def test_memory_does_not_grow_with_the_entries(work):
    work(10)
    assert peak_bytes(work, 2000) < peak_bytes(work, 100) + 50_000


def test_of_a_file_from_the_bank_a_thousand_items_are_held_at_most_and_what_is_wanted():
    judge(MOST_KEPT)  # what is made once, by whoever comes first, is not of the file
    assert peak_bytes(judge, 3000) < peak_bytes(judge, MOST_KEPT) + 50_000


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
