"""A member is found, or not; and guessing is slowed (rules 8 and 9)."""

from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest

from chalicelib.domain.enrollment import Plan
from chalicelib.domain.guessing import Counted, Ticket
from chalicelib.domain.identification import IdType, Ssn
from chalicelib.domain.journey import To
from chalicelib.services.page.claims import said
from chalicelib.services.page.finding import NoMatch
from chalicelib.services.page.tickets import MustWait
from tests.builders import NOW, a_claim, a_feed_row, a_journey
from tests.services.conftest import make

HOME = "192.0.2.7"
MINUTE = timedelta(minutes=1)
TRY = count()
ENDED = {"coverage_end": "2026-06-30", "billed_through": "2026-06"}


def try_it(here, claim=None, *, to=To.PAY, now=NOW, address=HOME, journey_id="journey-1"):
    """All that POST /find asks of the service; answers with the new journey."""
    claim = claim or a_claim()
    finding = here.system.finding
    birth = [str(claim.birth_on.year), str(claim.birth_on.month), str(claim.birth_on.day)]
    number = claim.number.digits if isinstance(claim.number, Ssn) else claim.number
    what = said(claim.id_type, number, claim.first_name, claim.last_name, birth)
    counters = finding.counters(what, address, now)

    def start(subscriber_id):
        return a_journey(journey_id=journey_id, subscriber_id=subscriber_id, to=to, plan=claim.plan)

    return finding.find(claim, to, counters, start, Ticket(f"try-{next(TRY)}", now))


def miss(here, claim=None, **how):
    with pytest.raises(NoMatch):
        try_it(here, claim or a_claim(first_name="Nobody"), **how)


def wait(here, claim=None, **how):
    with pytest.raises(MustWait) as must_wait:
        try_it(here, claim, **how)
    return must_wait.value.until


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        (IdType.ENROLLMENT_ID, "EN000001"),
        (IdType.BILLING_ACCOUNT, "700000001"),
        (IdType.SSN, Ssn("123456789")),
    ],
)
def test_rule_08_a_member_is_found_by_each_of_three_numbers(here, id_type, number):
    here.drop(a_feed_row())
    journey = try_it(here, a_claim(id_type=id_type, number=number))
    assert journey.subscriber_id == "SUB1"
    assert here.system.records.journeys.get("journey-1") == journey


OTHER = {"enrollment_id": "EN9", "subscriber_id": "SUB9", "billing_account": "700000009"}
BY_SSN = {"id_type": IdType.SSN, "number": Ssn("123456789")}


def test_rule_39_two_subscribers_with_one_number_are_each_found_by_name_and_birthday(here):
    here.drop(a_feed_row(), a_feed_row(**OTHER, first_name="Ada", last_name="Stone"))
    assert try_it(here, a_claim(**BY_SSN)).subscriber_id == "SUB1"
    ada = a_claim(**BY_SSN, first_name="Ada", last_name="Stone")
    assert try_it(here, ada, journey_id="journey-2").subscriber_id == "SUB9"


def test_rule_39_two_who_match_are_a_miss_by_that_number_that_does_not_count(here):
    here.drop(a_feed_row(), a_feed_row(**OTHER))
    for n in range(9):  # five that count would make a wait
        miss(here, a_claim(**BY_SSN), journey_id=f"nobody-{n}")
    assert try_it(here).subscriber_id == "SUB1"
    assert try_it(here, a_claim(number="EN9"), journey_id="journey-9").subscriber_id == "SUB9"


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_name": "M"},
        {"last_name": "Brien"},
        {"birth_on": NOW.date()},
        {"number": "EN000002"},
        {"plan": Plan.DENTAL},
        {"id_type": IdType.BILLING_ACCOUNT},
        {"id_type": IdType.SSN, "number": Ssn("123456780")},
    ],
)
def test_rule_08_every_miss_is_the_same_and_starts_no_journey(here, wrong):
    here.drop(a_feed_row())
    miss(here, a_claim(**wrong))
    assert here.system.records.journeys.get("journey-1") is None


def test_rule_08_a_plan_chosen_less_than_four_hours_ago_is_as_if_absent(here):
    here.drop(a_feed_row(selected_at="2026-12-03T11:00:01Z"))
    miss(here, a_claim())
    assert try_it(here, now=NOW + timedelta(seconds=1))


def test_rule_08_one_enrollment_of_the_subscriber_that_names_the_member_is_enough(here):
    married = a_feed_row(enrollment_id="EN2", billing_account="700000002", last_name="Other")
    here.drop(a_feed_row(), married)
    assert try_it(here, a_claim(**BY_SSN)).subscriber_id == "SUB1"


def test_rule_08_the_other_enrollments_of_the_subscriber_are_found(here):
    new = a_feed_row(
        enrollment_id="EN2", billing_account="700000002", selected_at="2026-12-03T14:00:00Z"
    )
    here.drop(a_feed_row(), new)
    journey = try_it(here, a_claim(number="EN2"))
    shown = [each.enrollment.enrollment_id for each in here.system.finding.standings(journey, NOW)]
    assert shown == ["EN000001"]
    later = here.system.finding.standings(journey, NOW + timedelta(hours=3))
    assert [each.enrollment.enrollment_id for each in later] == ["EN000001", "EN2"]


def test_rule_08_all_enrollments_of_subscriber_and_plan_are_shown_with_their_own_balance(here):
    next_year = a_feed_row(
        enrollment_id="EN2",
        billing_account="700000002",
        plan_year="2027",
        coverage_start="2027-01-01",
        billed_through="2027-01",
        balance="198.00",
    )
    dental = a_feed_row(enrollment_id="EN3", billing_account="700000003", plan="dental")
    here.drop(a_feed_row(billed_through="2026-12"), next_year, dental)
    standings = here.system.finding.standings(try_it(here), NOW)
    owed = {each.enrollment.enrollment_id: each.owed_cents for each in standings}
    assert owed == {"EN000001": 42480, "EN2": 19800}


@pytest.mark.parametrize(
    ("balance", "to", "is_found"),
    [
        ("0.00", To.PAY, False),
        ("5.00", To.PAY, True),
        ("-5.00", To.PAY, True),
        ("0.00", To.RECURRING, False),
        ("0.00", To.HISTORY, True),
    ],
)
def test_rule_08_an_ended_enrollment_is_found_while_it_owes_or_has_credit_or_for_its_history(
    here, balance, to, is_found
):
    here.drop(a_feed_row(balance=balance, **ENDED))
    if not is_found:
        miss(here, a_claim(), to=to)
        return
    journey = try_it(here, to=to)
    finding = here.system.finding
    shown = finding.all_standings if to is To.HISTORY else finding.standings
    assert len(shown(journey, NOW)) == 1


def test_rule_08_history_does_not_show_what_is_as_if_absent(here):
    here.drop(a_feed_row(selected_at="2026-12-03T14:00:00Z"))
    miss(here, a_claim(), to=To.HISTORY)


# A hit and a miss make the same calls.


def calls(aws):
    return [(call.service, call.operation) for call in aws.engine.calls]


CLAIMS = [
    a_claim(),
    a_claim(number="EN999999"),
    a_claim(first_name="M"),
    a_claim(plan=Plan.DENTAL),
    a_claim(id_type=IdType.SSN, number=Ssn("123456789")),
    a_claim(id_type=IdType.SSN, number=Ssn("123456780")),
]


def on_aws(aws):
    """A fresh process in front of the real adapters."""
    aws.key_maker.make_missing()
    here = make(aws.store, aws.vault())
    here.system.__dict__["vault"] = aws.vault()
    return here


@pytest.mark.parametrize("kind", [IdType.ENROLLMENT_ID, IdType.SSN])
def test_rule_08_a_hit_and_every_miss_make_the_same_calls(aws, kind):
    here = on_aws(aws)
    here.drop(a_feed_row())
    try_it(here, journey_id="first")  # a warm process
    made = set()
    for n, claim in enumerate(claim for claim in CLAIMS if claim.id_type is kind):
        aws.engine.reset_calls()
        with suppress(NoMatch):
            try_it(here, claim, journey_id=f"journey-{n}", address=f"192.0.2.{n}")
        made.add(tuple(calls(aws)))
    assert len(made) == 1


def test_rule_08_a_hit_and_a_miss_make_the_same_calls_in_a_fresh_process_too(aws):
    on_aws(aws).drop(a_feed_row())
    try_it(on_aws(aws), journey_id="first")  # all data keys are made
    made = []
    for claim in (a_claim(), a_claim(first_name="M")):
        here = on_aws(aws)
        aws.engine.reset_calls()
        with suppress(NoMatch):
            try_it(here, claim)
        made.append(calls(aws))
    assert made[0] == made[1]


# Guessing.


def test_rule_09_after_five_misses_even_a_right_answer_must_wait(here):
    here.drop(a_feed_row())
    for _ in range(5):
        miss(here, a_claim(number="EN000009"))
    assert wait(here, a_claim(number="EN000009")) == NOW + MINUTE
    assert wait(here, a_claim()) == NOW + MINUTE  # the same person, the right number
    assert try_it(here, now=NOW + MINUTE)


def test_rule_09_the_number_that_is_tried_waits_whoever_tries(here):
    here.drop(a_feed_row())
    for n in range(5):
        miss(here, a_claim(first_name=f"Guess{chr(65 + n)}"), address=f"192.0.2.{n}")
    assert wait(here) == NOW + MINUTE


def test_rule_09_waiting_is_not_a_miss(here):
    for _ in range(5):
        miss(here)
    for _ in range(10):
        assert wait(here, a_claim(first_name="Nobody")) == NOW + MINUTE


def test_rule_09_a_hit_is_not_counted_against_anybody(here):
    here.drop(a_feed_row())
    for n in range(120):
        try_it(here, journey_id=f"journey-{n}")


def test_rule_09_others_are_not_slowed(here):
    here.drop(a_feed_row())
    for _ in range(5):
        miss(here, a_claim(first_name="Nobody", number="EN000009"))
    assert try_it(here)


def test_rule_09_an_address_waits_after_a_hundred_misses_and_not_before(here):
    here.drop(a_feed_row())
    for n in range(99):
        miss(here, a_claim(first_name="A" * (n + 1), number=f"EN9{n}"))
    assert try_it(here)
    miss(here, a_claim(first_name="Nobody", number="EN8"))
    assert wait(here) == NOW + 15 * MINUTE
    assert try_it(here, address="192.0.2.8", journey_id="journey-2")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("2001:db8::1", "2001:db8:0:0:9::2", True),
        ("2001:db8::1", "2001:0DB8::", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.8", False),
        ("192.0.2.7", "192.0.2.8", False),
    ],
)
def test_rule_09_a_household_is_one_address(here, one, other, same):
    keys = [
        here.system.finding.keys(said("ssn", "1", "a", "b", ["1"]), each) for each in (one, other)
    ]
    assert (keys[0][Counted.ADDRESS] == keys[1][Counted.ADDRESS]) is same


def test_rule_09_what_does_not_count_in_a_match_does_not_give_a_new_counter():
    one = said("ssn", "123-45-6789", "María José", "O'Brien", ["1980", "02", "09"])
    other = said("ssn", " 123456789", "maria jose", "OBRIEN", ["1980", "2", " 9 "])
    assert one == other


def test_rule_33_counters_do_not_tell_what_was_typed(here):
    miss(here, a_claim(id_type=IdType.SSN, number=Ssn("123456789")))
    everything = repr(here.kept())
    for typed in ("123456789", "nobody", "Nobody", "1980", HOME):
        assert typed not in everything


def test_rule_09_everybody_is_counted_and_never_refuses(here):
    for n in range(30):
        miss(here, a_claim(first_name="A" * (n + 1), number=f"EN9{n}"), address=f"192.0.2.{n}")
    assert here.metrics.counts["Misses"] == 30
