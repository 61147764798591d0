"""What is a bank's own is told by its profile: each with files as that bank sends them."""

import gzip
import io
from pathlib import Path

import pytest

from chalicelib.domain import acknowledgement
from chalicelib.domain.ach.checks import Operator
from chalicelib.domain.ach.findings import Fault
from chalicelib.domain.ach.reading import read_whole
from chalicelib.domain.ach.validation import validate
from chalicelib.domain.bank_profile import DEFAULT, PROFILES, alien
from tests.domain.ach.builders import ORIGINATOR, THURSDAY, some_entries, written
from tests.domain.ach.by_hand import a_file, batch, entry, patched, return_reason

SAMPLES = Path(__file__).parent / "samples"
GATEWAY = PROFILES["gateway"]
RETURNS = {
    "default-returns.ach": "default",
    "gateway-returns.ach": "gateway",  # what it may zip, it may send plain
    "gateway-returns.ach.gz": "gateway",
}
SAID = {"default-acknowledgement.csv": "default", "gateway-acknowledgement.csv.gz": "gateway"}


def lines_of(name):
    """As a bucket hands them over: cut at line feeds, whatever they mean."""
    return list(io.BytesIO((SAMPLES / name).read_bytes()))


def read_as(profile, body):
    return read_whole(io.BytesIO(body), profile=PROFILES[profile])


@pytest.mark.parametrize(("name", "profile"), RETURNS.items())
def test_returns_of_each_profile_s_bank_are_read(name, profile):
    reading = read_whole(lines_of(name), profile=PROFILES[profile])
    assert [each.code for each in reading.answers] == ["R01", "R15", "C01"]
    assert (reading.is_understood, reading.needs_a_look, reading.batches) == (True, False, 2)


@pytest.mark.parametrize(("name", "profile"), SAID.items())
def test_the_word_of_each_profile_s_bank_is_read(name, profile):
    first, *rest = PROFILES[profile].unwrapped(lines_of(name))
    assert PROFILES[profile].is_acknowledgement(first)
    said = acknowledgement.read([first, *rest])
    assert ([row.entries for row in said.rows], said.problems) == ([1], ())


def test_what_the_other_profile_s_bank_sends_is_not_taken_for_ours():
    assert read_as("default", (SAMPLES / "gateway-returns.ach.gz").read_bytes()).says_nothing
    reading = read_as("default", (SAMPLES / "gateway-returns.ach").read_bytes())
    assert (reading.answers, reading.is_understood) == ((), False)


RETURN = [entry(code="26", patch={79: "1"}), return_reason()]


@pytest.mark.parametrize("at", ["header", "control"])
def test_a_batch_without_a_number_is_grave_unless_the_bank_gives_none(at):
    body = a_file(batch(*RETURN, **{at: {88: " " * 7}}))
    assert not read_as("default", body).is_understood
    assert read_as("gateway", body).is_understood


def test_a_number_that_is_no_number_is_grave_all_the_same():
    body = a_file(batch(*RETURN, header={88: "12X4567"}))
    assert not read_as("gateway", body).is_understood


@pytest.mark.parametrize(("count", "is_sound"), [(2, True), (1, True), (3, False), (0, False)])
def test_only_a_count_of_entries_alone_is_forgiven(count, is_sound):
    rows = batch(*RETURN, control={5: f"{count:06d}"})
    body = a_file(rows)
    assert read_as("gateway", body).is_understood == is_sound
    assert read_as("default", body).is_understood == (count == 2)


def test_no_sum_of_money_is_forgiven():
    rows = batch(*RETURN, control={5: "000001", 21: f"{1:012d}"})
    reading = read_as("gateway", a_file(rows))
    [problem] = [each for each in reading.problems if each.fault is Fault.BATCH_DISAGREES]
    assert problem.detail == "total_debit_cents"


@pytest.mark.parametrize("kept", [20, -9, -1])
def test_gzip_that_breaks_off_is_kept_for_staff(kept):
    whole = (SAMPLES / "gateway-returns.ach.gz").read_bytes()
    reading = read_as("gateway", whole[:kept])
    assert reading.needs_a_look


def test_gzip_whose_check_is_wrong_is_kept_for_staff():
    whole = (SAMPLES / "gateway-returns.ach.gz").read_bytes()
    wrong = whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:]
    assert read_as("gateway", wrong).needs_a_look
    assert not read_as("gateway", whole + b"\0" * 5 + b"\n").needs_a_look
    assert read_as("gateway", whole + whole).needs_a_look  # a second file behind the first


def test_records_without_line_ends_are_cut_by_their_length_also_in_gzip():
    rows = (SAMPLES / "default-returns.ach").read_text().split("\n")
    many = rows[:1] + rows[1:7] * 300 + rows[7:]
    body = "".join(many).encode()
    assert len(body) > 1 << 17
    reading = read_as("gateway", gzip.compress(body))
    assert reading.answers == read_as("gateway", body).answers
    assert len(reading.answers) == 601


@pytest.mark.parametrize("name", PROFILES)
def test_our_file_has_the_line_ends_that_the_bank_asks_for_and_the_operator_takes_it(name):
    end = PROFILES[name].line_end
    data, summary = written(some_entries(3), line_end=end)
    rows = data.decode().split(end)
    assert rows.pop() == ""
    assert ({len(row) for row in rows}, len(rows) % 10) == ({94}, 0)
    operator = Operator(originator=ORIGINATOR, processed_on=THURSDAY)
    assert validate([data], operator).is_accepted
    assert summary.lines == len(rows)


@pytest.mark.parametrize(
    ("first", "says"),
    [
        (b"-----BEGIN PGP MESSAGE-----\n", "PGP"),
        (bytes.fromhex("85020c03"), "PGP"),
        (gzip.compress(b"x", mtime=0), "BANK_PROFILE"),
        (b"PK\x03\x04", "ZIP"),
        ("101".encode("utf-16"), "UTF-16"),
        ("101 ".encode("cp037"), "EBCDIC"),
        (b"<!DOCTYPE html>", "HTML"),
    ],
)
def test_what_no_profile_reads_is_named(first, says):
    assert says in alien(first)


def test_a_file_in_nacha_s_form_is_nothing_alien():
    assert (alien(lines_of("default-returns.ach")[0]), alien(b"")) == (None, None)


def test_the_default_is_what_the_rule_book_says():
    assert PROFILES["default"] is DEFAULT
    plain = [b"101\n", b"\x1f\x8b", b"9"]
    assert list(DEFAULT.unwrapped(plain)) == plain
    assert DEFAULT.numbered(patched("5" * 94, {88: " " * 7}))[87:] == " " * 7


@pytest.mark.parametrize("sign", [b" ", b"9\n"])
def test_a_small_file_that_unpacks_to_a_large_one_is_read_piece_by_piece(sign):
    packed = gzip.compress(sign * (1 << 24))
    pieces = PROFILES["gateway"].unwrapped([packed])
    assert max(map(len, pieces)) < 1 << 18
