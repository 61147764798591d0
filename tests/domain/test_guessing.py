"""Guessing is slowed by counters of misses (rule 9)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.guessing import FREE_MISSES, TICKET_LASTS, Counted, Misses, Ticket
from tests.builders import NOW

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ONE_PERSON = [Counted.SUBJECT, Counted.IDENTIFIER]


def missed(counted, times, at=NOW, apart=timedelta(0)):
    """A counter after so many misses."""
    misses = Misses(counted=counted)
    for n in range(times):
        misses = misses.after_miss(at + n * apart)
    return misses


@pytest.mark.parametrize("counted", ONE_PERSON)
def test_rule_09_four_misses_are_free(counted):
    assert missed(counted, 4).waits_until(NOW) is None


@pytest.mark.parametrize("counted", ONE_PERSON)
def test_rule_09_the_fifth_miss_starts_a_wait_of_a_minute(counted):
    assert missed(counted, 5).waits_until(NOW) == NOW + MINUTE


@pytest.mark.parametrize("counted", ONE_PERSON)
@pytest.mark.parametrize(
    ("times", "minutes"), [(6, 2), (7, 4), (8, 8), (9, 16), (10, 32), (11, 60), (12, 60), (40, 60)]
)
def test_rule_09_each_further_miss_doubles_the_wait_up_to_an_hour(counted, times, minutes):
    assert missed(counted, times).waits_until(NOW) == NOW + minutes * MINUTE


@pytest.mark.parametrize("counted", ONE_PERSON)
def test_rule_09_the_wait_grows_for_who_comes_back_when_it_is_over(counted):
    misses, at, waits = missed(counted, 5), NOW, []
    for _ in range(8):
        at = misses.wait_until
        misses = misses.after_miss(at)
        waits.append((misses.wait_until - at) / MINUTE)
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]


def test_rule_09_only_misses_of_the_last_hour_count():
    spread = missed(Counted.SUBJECT, 20, apart=timedelta(minutes=16))
    assert spread.waits_until(spread.recent_at[-1]) is None


def test_rule_09_after_a_quiet_hour_a_member_starts_anew():
    misses = missed(Counted.SUBJECT, 5)
    again = misses.after_miss(misses.wait_until + HOUR + MINUTE)
    assert again.level == 0
    assert again.wait_until is None


def test_the_wait_is_over_at_its_very_instant():
    misses = missed(Counted.SUBJECT, 5)
    assert misses.waits_until(misses.wait_until - timedelta(microseconds=1))
    assert misses.waits_until(misses.wait_until) is None


def test_rule_09_the_address_waits_after_a_hundred_misses_in_an_hour():
    assert missed(Counted.ADDRESS, 99).waits_until(NOW) is None
    assert missed(Counted.ADDRESS, 100).waits_until(NOW) == NOW + 15 * MINUTE


def test_rule_09_the_address_never_waits_longer_than_fifteen_minutes():
    misses = missed(Counted.ADDRESS, 1000)
    assert misses.waits_until(NOW) <= NOW + 15 * MINUTE


def test_rule_09_misses_of_an_address_leave_the_hour():
    misses = missed(Counted.ADDRESS, 300, apart=MINUTE)
    assert misses.wait_until is None
    assert len(misses.recent_at) <= 60


def test_an_unused_counter_lets_everything_through():
    assert Misses(counted=Counted.SUBJECT).waits_until(NOW) is None


@given(
    st.sampled_from(list(Counted)),
    st.lists(st.timedeltas(timedelta(0), timedelta(hours=3)), max_size=130),
)
def test_rule_09_nobody_waits_longer_than_an_hour_and_a_row_stays_small(counted, gaps):
    misses, at = Misses(counted=counted), NOW
    for gap in gaps:
        at += gap
        misses = misses.after_miss(at)
        longest = 15 * MINUTE if counted is Counted.ADDRESS else HOUR
        assert misses.waits_until(at) is None or misses.waits_until(at) <= at + longest
        assert len(misses.recent_at) < 100


def test_guessing_four_digits_of_a_number_takes_half_a_year():
    """The arithmetic of the module's first words."""
    misses, at, tries = missed(Counted.SUBJECT, 1), NOW, 1
    while at < NOW + timedelta(days=182):
        at = misses.waits_until(at) or at
        misses, tries = misses.after_miss(at), tries + 1
    assert tries < 5000


# Tickets: counted first, looked up then.


@given(
    st.sampled_from(list(Counted)),
    st.lists(
        st.tuples(
            st.timedeltas(timedelta(0), 3 * MINUTE),
            st.sampled_from(["take", "take", "hit", "miss", "miss", "lose"]),
            st.integers(0, 200),
        ),
        max_size=160,
    ),
)
def test_rule_09_every_try_that_is_let_through_would_be_one_by_one(counted, acts):
    """Where every try before it was judged first: by then a miss, unless it was a hit."""
    misses, out, at, granted, hits = Misses(counted=counted), [], NOW, [], set()
    for n, (gap, act, which) in enumerate(acts):
        at += gap if gap > MINUTE else timedelta(0)
        misses = misses.settled(at)
        if act == "take":
            if not misses.waits_until(at) and not misses.is_taken_up(at):
                ticket = Ticket(str(n), at)
                misses, out = misses.with_ticket(ticket), [*out, ticket]
                granted.append(ticket)
        elif out:
            ticket = out.pop(which % len(out))
            if act == "hit" and ticket in misses.tickets:
                hits.add(ticket)
                misses = misses.given_back(ticket)
            elif act == "miss":
                misses = misses.missed(ticket)
    one_by_one = Misses(counted=counted)
    for ticket in granted:
        assert one_by_one.waits_until(ticket.taken_at) is None
        if ticket not in hits:
            one_by_one = one_by_one.after_miss(ticket.taken_at)


@given(st.integers(0, 4), st.integers(0, 4))
def test_rule_09_who_is_alone_is_never_refused_before_the_fifth_miss(missed, lost):
    misses = Misses(counted=Counted.SUBJECT)
    for _ in range(missed):
        misses = misses.after_miss(NOW)
    for n in range(lost):
        misses = misses.with_ticket(Ticket(str(n), NOW))
    assert misses.is_taken_up(NOW) is (missed + lost > FREE_MISSES)


def test_rule_09_a_ticket_that_is_given_back_leaves_nothing():
    ticket, before = Ticket("1", NOW), missed(Counted.SUBJECT, 3)
    assert before.with_ticket(ticket).given_back(ticket) == before


def test_rule_09_a_ticket_that_is_not_given_back_is_a_miss_of_its_time():
    out = missed(Counted.SUBJECT, 4).with_ticket(Ticket("1", NOW))
    assert out.settled(NOW + TICKET_LASTS - timedelta(microseconds=1)) == out
    assert out.settled(NOW + TICKET_LASTS).waits_until(NOW + TICKET_LASTS) == NOW + MINUTE


def test_rule_09_a_ticket_that_became_a_miss_is_neither_counted_again_nor_given_back():
    ticket = Ticket("1", NOW)
    settled = Misses(counted=Counted.SUBJECT).with_ticket(ticket).settled(NOW + TICKET_LASTS)
    assert settled.missed(ticket) == settled.given_back(ticket) == settled


def test_rule_09_after_a_wait_one_try_at_a_time_is_looked_at():
    misses = missed(Counted.SUBJECT, 5)
    after = misses.wait_until
    assert not misses.is_taken_up(after)
    assert misses.with_ticket(Ticket("1", after)).is_taken_up(after)


def test_rule_09_a_hundred_tries_of_one_address_are_looked_at_at_once():
    misses = Misses(counted=Counted.ADDRESS)
    for n in range(99):
        misses = misses.with_ticket(Ticket(str(n), NOW))
    assert not misses.is_taken_up(NOW)
    assert misses.with_ticket(Ticket("99", NOW)).is_taken_up(NOW)
