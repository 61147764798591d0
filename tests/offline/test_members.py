"""The demo population is varied, well formed, and the same for the same seed."""

import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain import feed, ledger
from chalicelib.domain.due import is_first_payment
from chalicelib.domain.feed import COLUMNS
from chalicelib.domain.identification import enrollment_id
from chalicelib.services.enrollment.enrolling import _enrollment, _premiums, missing_lines
from infra.offline import members

NOVEMBER = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MOMENTS = [
    NOVEMBER,
    datetime(2026, 12, 3, 15, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
    datetime(2027, 1, 5, tzinfo=UTC),
    datetime(2027, 6, 30, tzinfo=UTC),
    datetime(2028, 2, 29, 12, tzinfo=UTC),
]


def imported(row, at):
    """What is owed after the real rules have read a row."""
    read = feed.parse_row(",".join(f'"{row[name]}"' for name in COLUMNS))
    enrollment = _enrollment(read, None, _premiums(read, "1", None, at), at)
    return enrollment, missing_lines(enrollment, [], read.balance_cents, at)


def by_subscriber(rows):
    found = defaultdict(list)
    for row in rows:
        found[row["subscriber_id"]].append(row)
    return found


def test_the_same_seed_gives_the_same_members():
    assert members.population(NOVEMBER, 50, 3) == members.population(NOVEMBER, 50, 3)
    assert members.population(NOVEMBER, 50, 3) != members.population(NOVEMBER, 50, 4)


@pytest.mark.parametrize("now", MOMENTS)
def test_every_row_is_good_for_the_application(now):
    for row in members.population(now, 300):
        enrollment, _ = imported(row, now)
        assert enrollment_id(row["enrollment_id"]) == row["enrollment_id"]
        assert enrollment.selected_at < now
        assert enrollment.covers(row["billed_through"] or row["coverage_start"][:7])


def test_numbers_are_well_formed_and_given_once():
    rows = members.population(NOVEMBER, 500)
    people = by_subscriber(rows)
    assert len(people) == 500
    assert len({row["enrollment_id"] for row in rows}) == len(rows)
    assert len({row["ssn"] for row in rows}) == 500
    assert all(re.fullmatch(r"7\d{8}", row["billing_account"]) for row in rows)
    assert all(re.fullmatch(r"(?!000|666|9)\d{3}(?!00)\d\d(?!0000)\d{4}", r["ssn"]) for r in rows)


@pytest.mark.parametrize("now", MOMENTS)
@pytest.mark.parametrize("seed", [1, 7, 8])
def test_the_first_three_can_be_found_and_owe_something(now, seed):
    first = members.population(now, 3, seed)
    assert len(by_subscriber(first)) == 3
    for row in first:
        enrollment, lines = imported(row, now)
        assert ledger.owed(lines) > 0
        assert not enrollment.has_ended(now.date())
        assert enrollment.can_be_paid(now)


@pytest.mark.parametrize("now", MOMENTS)
def test_every_story_is_told(now):
    rows = members.population(now, 400)
    owed, plans, years = Counter(), Counter(), Counter()
    for mine in by_subscriber(rows).values():
        plans[frozenset(row["plan"] for row in mine)] += 1
        years[len({row["plan_year"] for row in mine})] += 1
    for row in rows:
        enrollment, lines = imported(row, now)
        cents = ledger.owed(lines)
        owed["credit" if cents < 0 else "settled" if cents == 0 else "owes"] += 1
        owed["overdue"] += cents > 2 * enrollment.premium_cents
        owed["just chosen"] += not enrollment.can_be_paid(now)
        owed["first"] += is_first_payment(enrollment, lines, now.date()) and cents > 0
        owed["ended"] += enrollment.has_ended(now.date()) and cents > 0
    assert len(plans) == 3
    assert years[2] >= 3
    assert min(owed.values()) >= 3
    assert len(owed) == 7


def test_in_renewal_season_many_have_this_year_and_the_next():
    pairs = [
        tuple(sorted({row["plan_year"] for row in mine}))
        for mine in by_subscriber(members.population(NOVEMBER, 400)).values()
    ]
    assert Counter(pairs)["2026", "2027"] > 40


def test_a_plan_chosen_two_hours_ago_becomes_payable_two_hours_from_now():
    young = [
        imported(row, NOVEMBER)[0]
        for row in members.population(NOVEMBER, 200)
        if not imported(row, NOVEMBER)[0].can_be_paid(NOVEMBER)
    ]
    assert young
    assert all(each.can_be_paid(NOVEMBER + timedelta(hours=2, seconds=1)) for each in young)


def test_names_are_as_people_are_called():
    names = " ".join(
        f"{row['first_name']} {row['last_name']}" for row in members.population(NOVEMBER, 800)
    )
    for wanted in ("é", "-", "'", "De La Cruz", "Jr", "ñ"):
        assert wanted in names


def test_the_file_is_the_feed_and_reads_back(tmp_path):
    rows = members.population(NOVEMBER, 20)
    file = members.write(rows, tmp_path / "members.csv")
    assert file.read_text().splitlines()[0] == ",".join(COLUMNS)
    assert members.read(file) == rows


def test_a_member_is_the_same_person_whatever_the_time():
    who = [
        [(row["ssn"], row["first_name"], row["last_name"], row["birth_date"]) for row in rows[:3]]
        for rows in (members.population(now, 3) for now in MOMENTS)
    ]
    assert all(each == who[0] for each in who)
