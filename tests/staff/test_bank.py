"""How a file of the bank would be read is said before it is sent: nothing of it is written."""

from pathlib import Path

import pytest

from chalicelib.domain.acknowledgement import HEADER
from tests.domain.ach.by_hand import a_file

TESTS = Path(__file__).parents[1] / "domain"
RETURNS = TESTS / "ach" / "golden" / "returns-and-changes.ach"
GATEWAY = TESTS / "bank_profile" / "samples" / "gateway-returns.ach.gz"
STATEMENTS = TESTS / "bank_statement" / "samples"
ACCEPTED = HEADER + b"\n1987654320-20261203-1800-A.ach,accepted,1,42480,0,\n"


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        (RETURNS.read_bytes(), 0, "would be booked, or wait in suspense"),
        (RETURNS.read_bytes().replace(b"\n8", b"\n4", 1), 1, "staff look at it"),
        (a_file(), 1, "1 forward"),
        (b"-----BEGIN PGP MESSAGE-----\nhQEMA\n", 1, "nothing is called paid"),
        (b"", 1, "nothing is called paid"),
        (ACCEPTED, 0, "it speaks of 1 files"),
        ((STATEMENTS / "bai2-sample2.txt").read_bytes(), 1, "no setting names ours"),
        ((STATEMENTS / "bai2-sample3.txt").read_bytes(), 1, "several accounts"),
        ((STATEMENTS / "camt053-v8.xml").read_bytes(), 0, "2014-12-30: 0 ACH movements"),
        (b"\xef\xbb\xbf" + (STATEMENTS / "camt053-v8.xml").read_bytes(), 0, "2014-12-30: 0 ACH"),
        ((STATEMENTS / "bai2-sample5-issue113.txt").read_bytes(), 1, "would be refused: line 22"),
    ],
)
def test_how_a_file_would_be_read_is_said(world, staff, tmp_path, body, code, says):
    file = tmp_path / "theirs"
    file.write_bytes(body)
    before = world.rows("cases"), world.rows("transmissions")
    answer = staff("bank", "check", str(file))
    text = " ".join((answer.stdout + answer.stderr).split())
    assert (answer.exit_code, says in text) == (code, True), text
    assert (world.rows("cases"), world.rows("transmissions")) == before


@pytest.mark.parametrize(
    ("profile", "code", "says"),
    [
        ("gateway", 0, "of the profile gateway would send it: A file in Nacha's form"),
        ("default", 1, "it is compressed with gzip, which this bank's profile does not expect"),
        ("nobody's", 1, "A profile is default or gateway."),
    ],
)
def test_how_it_would_be_read_depends_on_the_bank_s_profile(staff, profile, code, says):
    answer = staff("bank", "check", str(GATEWAY), "--profile", profile)
    text = " ".join((answer.stdout + answer.stderr).split())
    assert (answer.exit_code, says in text) == (code, True), text


def test_with_our_account_a_statement_of_several_is_read(staff):
    file = str(STATEMENTS / "bai2-sample2.txt")
    answer = staff("bank", "check", file, "--account", "0123456789")
    assert (answer.exit_code, "2004-06-20: 0 ACH" in answer.stdout) == (0, True), answer.output
