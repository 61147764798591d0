"""The bank's word about our files: whole rows are used, all else is a problem with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.acknowledgement import (
    HEADER,
    LONGEST_REASON,
    MOST_PROBLEMS,
    Acknowledgement,
    AcknowledgementProblem,
    FileVerdict,
    accepted,
    read,
)
from chalicelib.domain.bank_profile import DEFAULT
from chalicelib.domain.transmission import SealedFile

NAME = "1234567890-20261203-1800-A.ach"
GOOD = f"{NAME},accepted,3,127440,0,".encode()
SENT = SealedFile(name=NAME, sha256="0" * 64, entries=3, debit_cents=127440, credit_cents=0)


def said(*rows, end=b"\n"):
    return read([line + end for line in (HEADER, *rows)])


def test_a_row_says_what_the_bank_read():
    assert said(GOOD).rows == (
        Acknowledgement(
            file=NAME, verdict=FileVerdict.ACCEPTED, entries=3, debit_cents=127440, credit_cents=0
        ),
    )
    assert said(GOOD).problems == ()


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_lines_may_end_in_any_way(end):
    assert said(GOOD, end=end).rows == said(GOOD).rows


def test_a_reason_may_hold_commas():
    row = f'{NAME},refused,3,127440,0,"batch: odfi, twice"'.encode()
    assert said(row).rows[0].reason == "batch: odfi, twice"


@pytest.mark.parametrize(
    ("first", "is_one"),
    [
        (HEADER, True),
        (HEADER + b"\r\n", True),
        (HEADER + b",more", False),
        (HEADER.upper(), False),
        (b"101 231380104", False),
        (b"", False),
    ],
)
def test_it_is_known_by_its_first_line(first, is_one):
    assert DEFAULT.is_acknowledgement(first) == is_one


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (b"accepted,3,127440,0,", "has 5 cells"),
        (GOOD + b",", "has 7 cells"),
        (b"x" * 61 + b",accepted,3,127440,0,", "file: is no name"),
        (b"a name,accepted,3,127440,0,", "file: is no name"),
        (b",accepted,3,127440,0,", "file: is no name"),
        (f"{NAME},Accepted,3,127440,0,".encode(), "verdict: is neither accepted nor refused"),
        (f"{NAME},accepted,three,127440,0,".encode(), "entries: is no whole number"),
        (f"{NAME},accepted,3,1274.40,0,".encode(), "debit_cents: is no whole number"),
        (f"{NAME},accepted,3,127440,-1,".encode(), "credit_cents: is no whole number"),
        (f"{NAME},accepted,3,127440,,".encode(), "credit_cents: is no whole number"),
        (f"{NAME},accepted,3,{'9' * 13},0,".encode(), "debit_cents: is no whole number"),
        (f'{NAME},accepted,3,127440,0,"open'.encode(), "is no line of plain CSV"),
        (b"\xff\xfe,accepted,3,127440,0,", "is no line of plain CSV"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_with_its_line_and_stops_no_other(row, fault):
    found = said(GOOD, row, GOOD)
    assert found.problems == (AcknowledgementProblem(3, fault),)
    assert len(found.rows) == 2


def test_a_file_that_names_no_file_is_a_problem():
    assert said().problems == (AcknowledgementProblem(1, "no file is named"),)
    assert said(b"", b"  ").problems == (AcknowledgementProblem(1, "no file is named"),)
    assert said(GOOD, b"").problems == ()


def test_a_thousand_problems_are_not_all_kept():
    assert len(said(*[b"nonsense"] * 1000).problems) == MOST_PROBLEMS


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("entry: R13", "entry: R13"),
        ("account 000123456789 is closed", "account … is closed"),
        ("account 0001-2345 6789 is closed", "account … is closed"),
        ("line 1203", "line 1203"),
        ("one\ttwo", "one two"),
        ("x" * 999, "x" * LONGEST_REASON),
    ],
)
def test_rule_33_a_long_number_in_the_bank_s_reason_is_not_kept(reason, shown):
    assert said(f"{NAME},refused,3,127440,0,{reason}".encode()).rows[0].reason == shown


# Whether it says that the bank has what we sent.


def test_the_same_totals_say_that_the_bank_has_it():
    [row] = said(GOOD).rows
    assert row.fault(SENT) is None
    assert accepted([SENT], {NAME: row}) == [NAME]
    assert accepted([SENT], {}) == []


@pytest.mark.parametrize("totals", ["4,127440,0", "3,127441,0", "3,127440,1"])
def test_other_totals_do_not(totals):
    [row] = said(f"{NAME},accepted,{totals},".encode()).rows
    assert row.fault(SENT) == "the bank read other totals in it than we wrote"
    assert accepted([SENT], {NAME: row}) == []


def test_a_refusal_says_why():
    [why] = said(f"{NAME},refused,3,127440,0,file: hash".encode()).rows
    [mute] = said(f"{NAME},refused,3,127440,0,".encode()).rows
    assert why.fault(SENT) == "the bank refused it: file: hash"
    assert mute.fault(SENT) == "the bank refused it: it does not say why"
    assert accepted([SENT], {NAME: why}) == []


# Whatever comes.


@given(st.lists(st.binary(max_size=80), max_size=9))
def test_reading_never_crashes(rows):
    found = said(*(row.replace(b"\n", b"") for row in rows))
    assert found.rows or found.problems


@given(st.integers(0, len(GOOD)))
def test_a_row_that_is_cut_off_is_never_read_as_another(length):
    found = said(GOOD[:length], end=b"").rows
    assert found in ((), said(GOOD).rows)
