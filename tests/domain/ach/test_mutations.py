"""Reading never crashes, and drops nothing: whatever comes ends in items or in problems."""

import random
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ach import checks
from chalicelib.domain.ach.checks import Operator
from chalicelib.domain.ach.layout import lines
from chalicelib.domain.ach.reading import read_whole
from chalicelib.domain.ach.validation import validate
from tests.domain.ach.builders import ORIGINATOR, THURSDAY
from tests.domain.ach.by_hand import a_file, addenda, batch, entry

GOLDEN = Path(__file__).parent / "golden"
SEEDS = (
    (GOLDEN / "returns-and-changes.ach").read_bytes(),
    (GOLDEN / "a-day.ach").read_bytes(),
    a_file(batch(entry(patch={79: "1"}), addenda(), entry(2)), batch(entry(3), number=2)),
)
OPERATOR = Operator(originator=ORIGINATOR, processed_on=THURSDAY)
SIGNS = b"0123456789ABCRWEZ \n\r\t\0\x1a\x7f\x85\xc3\xff"


def one_byte(data, randomness):
    place = randomness.randrange(len(data))
    return data[:place] + bytes([randomness.choice(SIGNS)]) + data[place + 1 :]


def a_cut(data, randomness):
    start = randomness.randrange(len(data))
    return data[:start] + data[start + randomness.randrange(1, 200) :]


def an_insertion(data, randomness):
    place = randomness.randrange(len(data) + 1)
    junk = bytes(randomness.choice(SIGNS) for _ in range(randomness.randrange(1, 200)))
    return data[:place] + junk + data[place:]


def a_short_file(data, randomness):
    return data[: randomness.randrange(len(data) + 1)]


def another_order(data, randomness):
    rows = data.split(b"\n")
    randomness.shuffle(rows)
    return b"\n".join(rows)


def a_line_again(data, randomness):
    rows = data.split(b"\n")
    rows.insert(randomness.randrange(len(rows)), randomness.choice(rows))
    return b"\n".join(rows)


def a_line_gone(data, randomness):
    rows = data.split(b"\n")
    del rows[randomness.randrange(len(rows))]
    return b"\n".join(rows)


def other_line_ends(data, randomness):
    return data.replace(b"\n", randomness.choice([b"", b"\r", b"\r\n", b"\n\n", b" \n", b"\0"]))


def another_type(data, randomness):
    rows = data.split(b"\n")
    place = randomness.randrange(len(rows))
    rows[place] = (
        randomness.choice([b"1", b"5", b"6", b"7", b"799", b"798", b"8", b"9"]) + rows[place]
    )
    return b"\n".join(rows)


def two_files(data, randomness):
    return data + randomness.choice(SEEDS)


MUTATIONS = (
    one_byte,
    one_byte,
    a_cut,
    an_insertion,
    a_short_file,
    another_order,
    a_line_again,
    a_line_gone,
    other_line_ends,
    another_type,
    two_files,
)


def check(data, size):
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    reading = read_whole(chunks)
    items = [*reading.returns, *reading.changes, *reading.entries, *reading.unreliable]
    grave = {problem.line for problem in reading.problems if problem.is_grave}
    told = {item.line for item in items} | grave
    for line in lines(chunks):
        if line.text.startswith("6"):
            assert line.number in told, "an entry is read, or it is a problem"
    assert len({item.line for item in items}) == len(items), "and read once"
    assert reading.is_understood or grave
    with patch.object(checks, "usual", lambda *_: None):
        field_by_field = validate(chunks, OPERATOR)
    assert validate(chunks, OPERATOR) == field_by_field, "an entry is judged at once, or as ever"


def mutate(seed):
    randomness = random.Random(seed)
    data = randomness.choice(SEEDS)
    for _ in range(randomness.randrange(1, 5)):
        data = randomness.choice(MUTATIONS)(data, randomness) or b"\n"
    return data, randomness.choice([1, 7, 94, 95, 1000, 1 << 16])


@pytest.mark.parametrize("hundred", range(4))
def test_a_hundred_mutated_files_end_in_entries_returns_or_problems(hundred):
    for seed in range(100):
        check(*mutate(f"{hundred}-{seed}"))


@pytest.mark.slow
def test_ten_thousand_mutated_files_end_in_entries_returns_or_problems():
    for seed in range(10_000):
        check(*mutate(seed))


@given(st.binary(max_size=2000), st.integers(1, 300))
def test_any_bytes_at_all_can_be_read(data, size):
    check(data, size)


@given(st.lists(st.text(alphabet="156789 0RC", min_size=1, max_size=100), max_size=20))
def test_any_lines_that_look_a_little_like_records_can_be_read(rows):
    check("\n".join(rows).encode(), 50)


@given(st.binary(max_size=600), st.integers(1, 300), st.integers(1, 300))
def test_the_size_of_the_chunks_makes_no_difference_to_lines_that_end(data, one, other):
    ended = b"\n".join(row[:94] for row in data.splitlines()) + b"\n"

    def texts(size):
        chunks = (ended[start : start + size] for start in range(0, len(ended), size))
        return [(line.number, line.text) for line in lines(chunks)]

    assert texts(one) == texts(other)
