"""What banks really send, and what is made of it."""

from pathlib import Path

import pytest

from chalicelib.domain.ach.findings import Fault
from chalicelib.domain.ach.reading import read_whole

RETURNS = (Path(__file__).parent / "golden" / "returns-and-changes.ach").read_bytes()
LINES = RETURNS.split(b"\n")[:-1]


def joined(lines, end=b"\n"):
    return end.join(lines) + end


def read(data, size=None):
    size = size or len(data) or 1
    return read_whole(data[start : start + size] for start in range(0, len(data), size))


def what(reading):
    """What was relied on, without the places."""
    return [
        (item.code, item.original_trace, item.entry_id)
        for item in (*reading.returns, *reading.changes)
    ]


WHOLE = what(read(RETURNS))


def faults(reading):
    return {problem.fault for problem in reading.problems}


def changed(line, first, text):
    """The golden file with one line (from 1) overwritten at a position (from 1)."""
    lines = list(LINES)
    row = bytearray(lines[line - 1])
    row[first - 1 : first - 1 + len(text)] = text
    lines[line - 1] = bytes(row)
    return joined(lines)


def test_returns_and_changes_come_out_of_one_file_of_several_batches():
    reading = read(RETURNS)
    assert WHOLE == [
        ("R01", "081000210000041", "PAYMENT00000001"),
        ("R15", "081000210000042", "PAYMENT00000002"),
        ("C01", "081000210000043", "PAYMENT00000003"),
    ]
    assert reading.is_understood
    assert reading.problems == ()


def test_a_return_tells_all_that_it_is_matched_by():
    first = read(RETURNS).returns[0]
    assert (first.amount_cents, first.account.digits) == (42480, "12345678")
    assert first.addenda.original_receiving_dfi_identification == "23138010"


def test_the_date_of_death_is_read():
    assert read(RETURNS).returns[1].addenda.date_of_death == "261120"


def test_the_corrected_data_keeps_its_positions():
    assert read(RETURNS).changes[0].corrected_data == "1112345678".ljust(29)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b""])
@pytest.mark.parametrize("size", [1, 93, 94, 95, 940, 10_000])
def test_line_ends_of_any_kind_or_none_make_no_difference(end, size):
    assert what(read(joined(LINES, end), size)) == WHOLE


@pytest.mark.parametrize("size", [1, 50, 10_000])
def test_trailing_blanks_may_be_cut(size):
    reading = read(joined([line.rstrip() for line in LINES]), size)
    assert what(reading) == WHOLE
    assert reading.is_understood
    assert faults(reading) == {Fault.SHORT_LINE}


def test_lines_may_be_filled_with_blanks_to_any_length():
    assert what(read(joined([line + b" " * 26 for line in LINES]))) == WHOLE


def test_the_nines_may_be_missing():
    reading = read(joined([line for line in LINES if line.strip(b"9")]))
    assert what(reading) == WHOLE
    assert faults(reading) == {Fault.NOT_BLOCKED}
    assert reading.is_understood


def test_blank_lines_are_passed_over():
    reading = read(joined([line for each in LINES for line in (each, b"")]))
    assert what(reading) == WHOLE
    assert faults(reading) == {Fault.BLANK_LINE}


def test_a_fragment_without_file_header_is_read():
    reading = read(joined(LINES[1:]))
    assert what(reading) == WHOLE
    assert Fault.NO_FILE_HEADER in faults(reading)
    assert reading.is_understood


def test_a_fragment_without_file_control_is_read():
    reading = read(joined([line for line in LINES if not line.startswith(b"9")]))
    assert what(reading) == WHOLE
    assert Fault.NO_FILE_CONTROL in faults(reading)
    assert reading.is_understood
    assert reading.needs_a_look  # nobody knows what was cut off


def test_a_header_alone_needs_a_look():
    assert read(joined(LINES[:1])).needs_a_look


def test_two_files_in_one_are_read_one_after_the_other():
    assert what(read(RETURNS + RETURNS)) == WHOLE[:2] * 2 + WHOLE[2:] * 2


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf"])
def test_a_byte_order_mark_and_an_end_of_file_sign_are_passed_over(mark):
    assert what(read(mark + RETURNS + b"\x1a")) == WHOLE


def test_a_return_that_keeps_the_transaction_code_of_its_debit_is_read():
    assert what(read(changed(3, 2, b"27"))) == WHOLE


def test_sums_that_disagree_make_their_batch_unreliable_and_no_other():
    reading = read(changed(7, 11, b"0000000001"))
    assert what(reading) == WHOLE[2:]
    assert len(reading.unreliable) == 2
    assert [(problem.line, problem.detail) for problem in reading.problems] == [(7, "entry_hash")]
    assert not reading.is_understood


def test_a_file_control_that_disagrees_keeps_sound_batches_but_is_told():
    reading = read(changed(12, 2, b"000003"))
    assert what(reading) == WHOLE
    assert not reading.is_understood


def test_all_problems_are_collected_with_their_places_the_grave_ones_first():
    lines = list(LINES)
    lines[3] = b"X" + lines[3][1:]
    lines[8] = lines[8][:29] + b"ABCDEFGHIJ" + lines[8][39:]
    lines.insert(0, b"")
    reading = read(joined(lines))
    assert [(problem.line, problem.fault) for problem in reading.problems if problem.is_grave] == [
        (5, Fault.UNDEFINED_RECORD),
        (4, Fault.NO_REASON),
        (10, Fault.MALFORMED),
        (11, Fault.ADDENDA_WITHOUT_ENTRY),
    ]
    assert reading.problems[-1].fault is Fault.BLANK_LINE


def test_a_problem_names_the_field_and_never_what_stood_there():
    reading = read(changed(3, 30, b"SECRETHERE"))
    assert "SECRET" not in repr(reading.problems)
    assert reading.problems[0].detail == "amount_cents"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", Fault.NOTHING),
        (b"\n\n  \n", Fault.NOTHING),
        (joined(LINES[:6]), Fault.BATCH_NOT_CLOSED),
        (joined(LINES[2:4]), Fault.OUTSIDE_A_BATCH),
        (joined([LINES[6]]), Fault.CONTROL_WITHOUT_BATCH),
        (joined([*LINES[:2], LINES[3], *LINES[6:7]]), Fault.ADDENDA_WITHOUT_ENTRY),
        (joined([*LINES[:3], LINES[4], *LINES[6:7]]), Fault.NO_REASON),
        (joined([*LINES[:4], LINES[3], *LINES[6:7]]), Fault.ADDENDA_CONTRADICT),
        (joined([*LINES[:4], *[LINES[3]] * 150, LINES[6]]), Fault.ADDENDA_CONTRADICT),
        (changed(3, 2, b"99"), Fault.UNKNOWN_TRANSACTION_CODE),
        (changed(2, 51, b"IAT"), Fault.NOT_OUR_KIND),
        (changed(4, 2, b"18"), Fault.UNDEFINED_RECORD),
        (changed(4, 80, b" " * 15), Fault.MALFORMED),
        (b"\x00\xff\xfe garbage of any kind", Fault.UNDEFINED_RECORD),
    ],
)
def test_what_can_t_be_understood_is_named_and_relied_on_by_nobody(data, fault):
    reading = read(data)
    assert fault in faults(reading)
    assert not reading.is_understood
    assert len(what(reading)) < len(WHOLE)


def test_a_window_keeps_its_answers_only_and_counts_them_all():
    """The whole file is judged; what is not asked for takes no memory."""
    for start, size in ((0, 1), (1, 2), (0, 99), (99, 5)):
        whole = read_whole([RETURNS])
        part = read_whole([RETURNS], range(start, start + size))
        assert part.answers == whole.answers[start : start + size]
        assert part.count == whole.count == len(whole.answers)
        assert (part.problems, part.unreliable) == (whole.problems, whole.unreliable)
