"""A row of the enrollment feed: each column, wrong one at a time (design.md 6, rule 33)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.enrollment import Plan
from chalicelib.domain.feed import COLUMNS, BadRow, parse_row
from chalicelib.domain.feed_file import ENROLLMENTS
from tests.builders import a_feed_row, csv_line, wide

WRONG = {
    "enrollment_id": ["", " ", "EN 1", "-EN1", "E" * 41, "EN/1", "É1", "<b>"],
    "subscriber_id": ["", "SUB 1", "S" * 41, "#1"],
    "plan": ["", "Health", "vision", "health "[:3]],
    "plan_year": ["", "26", "1999", "2100", "20260", wide("2026"), "2026.0"],
    "plan_name": ["", "x" * 121, "Silver\u0007", "Silver\u2028Care"],
    "issuer": ["", "x" * 121, "Bay\u0000Health"],
    "billing_account": ["", "600000001", "70000000", "7000000012", "70000000O"],
    "ssn": ["12345678", "000-45-6789", "666-45-6789", "123-00-6789", "none", "***-**-6789",
            "900-45-6789", "912-49-6789", "912-66-6789", "912-89-6789", "912-93-6789"],
    "first_name": ["-", "'", "x" * 121, "Mar\u0000ia"],
    "last_name": ["", "...", "x" * 121, "O\u0085Brien"],
    "birth_date": ["", "1980-02-30", "02/29/1980", "19800229", "1899-12-31", "2100-01-01"],
    "premium": ["", "-1", "212.404", "1,000.00", "$212.40", "100000.01", "free"],
    "balance": ["", "1.234", "1,000", "--5", "NaN", "1e3", "123456789"],
    "billed_through": ["2026", "2026-13", "12-2026", "2026-1", "1999-12", "December"],
    "coverage_start": ["", "2027-01-01", "2026-13-01", "01/01/2026", "2024-12-31", "1950-01-01"],
    "coverage_end": ["never", "2026-02-30", "2027-01-01", "2199-12-30", "9999-12-30"],
    "selected_at": ["", "2025-11-20", "2025-11-20T16:00:00", "2025-11-20 16:00:00Z", "noon",
                    "2025-11-20T16:00:00z", "2025-11-20T25:00:00Z", "0001-01-01T00:00:00+23:59"],
}  # fmt: skip
WRONG_ONE_AT_A_TIME = [(column, value) for column, values in WRONG.items() for value in values]


def refused(line):
    with pytest.raises(BadRow) as bad:
        parse_row(line)
    return bad.value


def wrong_with(line):
    try:
        parse_row(line)
    except BadRow as bad:
        return bad
    return None


def test_every_column_has_its_wrong_values():
    assert tuple(WRONG) == COLUMNS


@pytest.mark.parametrize(("column", "value"), WRONG_ONE_AT_A_TIME)
def test_one_wrong_column_is_named(column, value):
    assert refused(csv_line(a_feed_row(**{column: value}))).column == column


REASONS = {refused(csv_line(a_feed_row(**{c: v}))).code for c, v in WRONG_ONE_AT_A_TIME}


def test_rule_33_a_reason_names_the_column_and_what_is_wrong_with_it():
    assert len(REASONS) < 3 * len(COLUMNS)
    assert all(reason.partition(": ")[0] in COLUMNS for reason in REASONS)


@given(st.sampled_from(COLUMNS), st.text(max_size=30))
def test_rule_33_a_reason_says_the_same_whatever_the_value_was(column, text):
    bad = wrong_with(csv_line(a_feed_row(**{column: text})))
    assert bad is None or bad.code in REASONS or bad.column == "line"


def test_a_good_row_becomes_its_facts():
    row = parse_row(csv_line(a_feed_row(balance="-12.5", coverage_end="2026-11-30")))
    assert (row.enrollment_id, row.plan, row.plan_year) == ("EN000001", Plan.HEALTH, 2026)
    assert (row.premium_cents, row.balance_cents) == (21240, -1250)
    assert (row.birth_on, row.coverage_end_on) == (date(1980, 2, 29), date(2026, 11, 30))
    assert row.stated_billed_through == "2026-12"
    assert row.selected_at == datetime(2025, 11, 20, 16, tzinfo=UTC)
    assert row.ssn
    assert row.ssn.digits == "123456789"


@pytest.mark.parametrize("column", ["ssn", "first_name", "billed_through", "coverage_end"])
def test_what_a_member_may_lack_may_be_empty(column):
    parse_row(csv_line(a_feed_row(**{column: ""})))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("coverage_end", "2026-01-01"),  # cancelled from the start, and so is the day before (35)
        ("coverage_end", "2025-12-31"),
        ("coverage_start", "2026-12-31"),
        ("coverage_start", "2025-12-01"),
        ("coverage_end", "2026-12-31"),
        ("ssn", "912-50-6789"),  # taxpayers' numbers
        ("ssn", "912-65-6789"),
        ("ssn", "912709999"),
        ("ssn", "999-94-0001"),
        ("premium", "0"),
        ("selected_at", "2025-11-20T11:00-05:00"),
        ("selected_at", "2025-11-20T16:00:00.123456Z"),
        ("last_name", "Ng"),
        ("first_name", "វិចិត្រ"),
        ("plan_name", 'Gold "Plus", 2026'),
    ],
)
def test_unusual_but_right_values_are_taken(column, value):
    parse_row(csv_line(a_feed_row(**{column: value})))


@pytest.mark.parametrize("end", ["", "9999-12-31", "2199-12-31"])
def test_rule_03_an_end_that_no_one_knows_is_open(end):
    assert parse_row(csv_line(a_feed_row(coverage_end=end))).coverage_end_on is None


def test_rule_40_nobody_selected_a_plan_after_the_feed_was_written():
    line, at = csv_line(a_feed_row()), datetime(2025, 11, 20, 16, tzinfo=UTC)
    assert parse_row(line, written_at=at).selected_at == at
    with pytest.raises(BadRow, match="selected_at: is later than the feed"):
        parse_row(line, written_at=at - timedelta(seconds=1))


def test_rule_40_unknown_columns_are_named_and_what_may_be_a_value_is_not():
    header = ("broker", *COLUMNS, "premium_from", "Line 2", "", "123-45-6789", "=cmd()", "SSN")
    assert ENROLLMENTS.unknown(header) == [
        "broker",
        "Line 2",
        "column 21",
        "column 22",
        "column 23",
        "SSN",
    ]


def test_an_instant_is_read_with_its_zone():
    row = parse_row(csv_line(a_feed_row(selected_at="2025-11-20T11:00-05:00")))
    assert row.selected_at == datetime(2025, 11, 20, 16, tzinfo=UTC)


def test_blanks_around_a_value_do_not_count():
    row = parse_row(", ".join(a_feed_row().values()))
    assert row.subscriber_id == "SUB1"


@pytest.mark.parametrize("count", [0, 1, 16, 18])
def test_a_row_with_another_number_of_columns_is_refused_by_number(count):
    bad = refused(",".join(["x"] * count))
    assert bad.column == "line"
    assert bad.code == f"line: has {count} columns, not 17"


def test_a_quote_that_is_not_closed_spoils_its_own_line_only():
    line = csv_line(a_feed_row()).replace("Silver Care 500", '"Silver Care 500')
    assert refused(line).code == "line: a quote runs over its end; a cell is never of two lines"
    assert refused('"EN1"x' + csv_line(a_feed_row()).removeprefix("EN000001")).column == "line"


@given(st.text(max_size=300))
def test_any_text_is_a_row_or_refused_with_a_reason(text):
    bad = wrong_with(text)
    assert bad is None or bad.column in (*COLUMNS, "line")
