"""Many guesses at the same moment are worth no more than as many one by one (rule 9)."""

import random
import time
from collections import Counter
from contextlib import nullcontext
from datetime import timedelta
from itertools import count

import pytest

from chalicelib.domain.guessing import (
    ADDRESS_MISSES,
    FREE_MISSES,
    TICKET_LASTS,
    WINDOW,
    Ticket,
)
from chalicelib.domain.identification import IdType, Ssn
from chalicelib.domain.journey import To
from chalicelib.services.page.claims import said
from chalicelib.services.page.finding import NO_NUMBER, NoMatch
from chalicelib.services.page.tickets import Busy, MustWait
from infra.offline.memory_store import MemoryStore
from tests.builders import NOW, a_claim, a_feed_row, a_journey
from tests.concurrently import at_once
from tests.services.conftest import make
from tests.stores import Crash, Deaf, Interrupted, with_records

RIGHT = "123456789"
NAME = ("María", "Peña-Rivera", ["1980", "2", "9"])
SPELLINGS = {
    "first": ["María", "maria", "MARIA", " Ma ria ", "Mari\u0301a", "ma-ria"],
    "last": ["Peña-Rivera", "pena rivera", "PENARIVERA", "Pen\u0303a\u2019Rivera", "peña  rivera"],
    "day": ["9", "09", " 9 ", "9.", "-9", "\u200b9", "0 9"],
}
TRY = count()


class Far(MemoryStore):
    """A store some way off: what is read is a little old when it is used."""

    def get_many(self, table, keys):
        found = super().get_many(table, keys)
        time.sleep(0.002)
        return found


class Watched:
    """Enrollments, and how often a number was really looked up."""

    def __init__(self, inner, dies=False):
        self.inner, self.dies, self.looked_up = inner, dies, []

    def found_by(self, id_type, number):
        if self.dies:
            raise Crash
        if number != NO_NUMBER:
            self.looked_up.append(number)
        return self.inner.found_by(id_type, number)


class Guesser:
    """Tries on one system; what each came to is kept by its number."""

    def __init__(self, store=None, vault=None, *, seed=0):
        self.seed = seed
        self.here = make(store or Far(), vault)
        self.finding = self.here.system.finding
        self.enrollments = Watched(self.finding.records.enrollments)
        self.finding = with_records(self.finding, enrollments=self.enrollments)

    def drop(self):
        """The member is known."""
        row = a_feed_row(first_name=NAME[0], last_name=NAME[1], birth_date="1980-02-09")
        self.here.drop(row)
        return self

    def guess(self, digits=RIGHT, *, at=NOW, address="192.0.2.7", typed=NAME):
        """What POST /find asks of the service."""
        number = f"try-{next(TRY)}"
        first, last, born = typed
        born_on = NOW.date().replace(
            *(int(part.strip(" .-\u200b").replace(" ", "")) for part in born)
        )
        claim = a_claim(
            id_type=IdType.SSN,
            number=Ssn(digits),
            first_name=first,
            last_name=last,
            birth_on=born_on,
        )
        what = said(IdType.SSN, digits, first, last, born)
        return self.finding.find(
            claim,
            To.PAY,
            self.finding.counters(what, address, at),
            lambda subscriber: a_journey(journey_id=number, subscriber_id=subscriber),
            Ticket(number, at),
        )

    def burst(self, tries, *, at=NOW):
        """All of them at the same moment: how many of each end."""
        return Counter(at_once([lambda how=how: self.guess(at=at, **how) for how in tries]))

    @property
    def looked_up(self):
        return len(self.enrollments.looked_up)


def numbers(size, seed):
    """So many, one of them right, somewhere."""
    found = [f"21209{n:04d}" for n in range(1, size)]
    found.insert(random.Random(seed).randrange(size), RIGHT)
    return found


def spelled(seed):
    randomness = random.Random(seed)
    first, last, day = (randomness.choice(SPELLINGS[box]) for box in ("first", "last", "day"))
    return (first, last, ["1980", randomness.choice(["2", "02", " 2"]), day])


@pytest.fixture(params=[("memory", 0), ("memory", 1), ("memory", 2), ("dynamodb", 3)])
def guesser(request):
    store, seed = request.param
    if store == "memory":
        return Guesser(Far(), seed=seed).drop()
    aws = request.getfixturevalue("aws")
    aws.key_maker.make_missing()
    return Guesser(aws.store, aws.vault(), seed=seed).drop()


def no_more_than_one_by_one(guesser, ended):
    """Five misses before the first wait; a hit is none, and there is one."""
    assert ended[NoMatch] <= FREE_MISSES + 1
    assert ended[None] <= 1
    assert guesser.looked_up == ended[NoMatch] + ended[None]
    assert set(ended) <= {None, NoMatch, MustWait, Busy}


@pytest.mark.parametrize("size", [16, 64, 256])
class TestABurst:
    """Rule 9, with the right number inside, at a random place."""

    def test_rule_09_from_one_address(self, guesser, size):
        ended = guesser.burst([{"digits": each} for each in numbers(size, guesser.seed)])
        no_more_than_one_by_one(guesser, ended)

    def test_rule_09_from_many_addresses(self, guesser, size):
        tries = [
            {"digits": each, "address": f"198.51.100.{n}"}
            for n, each in enumerate(numbers(size, guesser.seed))
        ]
        no_more_than_one_by_one(guesser, guesser.burst(tries))

    def test_rule_09_by_spelling_variants(self, guesser, size):
        tries = [
            {"digits": each, "address": f"198.51.100.{n}", "typed": spelled(n)}
            for n, each in enumerate(numbers(size, guesser.seed))
        ]
        no_more_than_one_by_one(guesser, guesser.burst(tries))

    def test_rule_09_one_number_under_many_names(self, guesser, size):
        names = [(f"Guess{chr(97 + n % 26)}{chr(97 + n // 26)}", *NAME[1:]) for n in range(size)]
        names[random.Random(guesser.seed).randrange(size)] = NAME
        tries = [{"typed": name, "address": f"2001:db8:{n:x}::1"} for n, name in enumerate(names)]
        no_more_than_one_by_one(guesser, guesser.burst(tries))


@pytest.mark.parametrize("size", [16, 64])
def test_rule_09_an_address_that_tries_many_people_at_once_has_a_hundred_misses(guesser, size):
    people = [
        {"digits": f"21209{n:04d}", "typed": (f"A{'b' * n}", *NAME[1:])} for n in range(1, 240)
    ]
    before, burst, after = people[:90], people[90 : 90 + size], people[90 + size :]
    for how in before:
        with pytest.raises(NoMatch):
            guesser.guess(**how)
    ended = guesser.burst(burst)
    assert guesser.looked_up == 90 + ended[NoMatch] <= ADDRESS_MISSES
    while ended[NoMatch]:
        ended = guesser.burst(after[:20])
        after = after[20:]
    assert guesser.looked_up == ADDRESS_MISSES


def test_rule_09_bursts_for_six_hours_learn_what_one_by_one_learns():
    """A burst at each instant at which somebody patient would try once."""
    patient, impatient = Guesser(MemoryStore()).drop(), Guesser(Far()).drop()
    at, left = NOW, iter(f"{n:09d}" for n in range(212_090_001, 212_099_000))
    while at < NOW + timedelta(hours=6):
        until = at
        while until == at:
            try:
                patient.guess(next(left), at=at)
            except NoMatch:
                continue
            except MustWait as wait:
                until = wait.until
        impatient.burst([{"digits": next(left)} for _ in range(16)], at=at)
        assert impatient.looked_up == patient.looked_up
        at = until
    assert patient.looked_up == 5 + 6 + 4  # five, then after 1 to 32 minutes, then hourly


def test_rule_09_six_right_answers_at_once_are_all_found_within_their_next_try(guesser):
    again = []

    def right():
        try:
            guesser.guess()
        except Busy as busy:
            again.append(busy.until)
            raise

    for _ in range(8):
        again.clear()
        ended = Counter(at_once([right] * 6))
        assert set(ended) <= {None, Busy}
        assert ended[None] >= FREE_MISSES + 1
        assert all(NOW < until <= NOW + timedelta(seconds=5) for until in again)
        for until in again:
            assert guesser.guess(at=until)
    counters = guesser.finding.counters(said("ssn", RIGHT, *NAME), "192.0.2.7", NOW)
    assert all(each.level == 0 and not each.recent_at for each in counters.misses.values())
    assert not any(each.tickets for each in counters.misses.values())


def test_rule_09_misses_at_the_same_moment_are_all_counted(guesser):
    assert guesser.burst([{"digits": "212090001"}] * 4) == {NoMatch: 4}
    assert guesser.burst([{"digits": "212090001"}]) == {NoMatch: 1}
    assert guesser.burst([{}]) == {MustWait: 1}


class TestATicketThatWasLost:
    """A process dies between its ticket and what it found."""

    def die(self, guesser, times, at=NOW):
        guesser.enrollments.dies = True
        for _ in range(times):
            with pytest.raises(Crash):
                guesser.guess(at=at)
        guesser.enrollments.dies = False

    def test_rule_09_it_refuses_for_some_seconds_and_then_counts_as_a_miss(self, guesser):
        self.die(guesser, 5)
        with pytest.raises(Busy):
            guesser.guess(at=NOW + TICKET_LASTS / 2)
        with pytest.raises(MustWait) as wait:
            guesser.guess(at=NOW + TICKET_LASTS)
        assert type(wait.value) is MustWait
        assert wait.value.until == NOW + timedelta(minutes=1)
        assert guesser.guess(at=NOW + timedelta(minutes=1))

    def test_rule_09_fewer_than_five_hold_nobody_up(self, guesser):
        self.die(guesser, 4)
        assert guesser.guess()
        with pytest.raises(NoMatch):
            guesser.guess("212090001", at=NOW + TICKET_LASTS)
        with pytest.raises(MustWait):
            guesser.guess(at=NOW + TICKET_LASTS)

    def test_rule_09_whose_own_ticket_became_a_miss_is_counted_once(self, guesser):
        self.die(guesser, 3)
        inner = guesser.enrollments.inner

        class Slow:
            def found_by(self, id_type, number):
                guesser.finding = with_records(guesser.finding, enrollments=inner)
                with pytest.raises(NoMatch):  # the fifth; it writes the other four down
                    guesser.guess("212090002", at=NOW + TICKET_LASTS)
                return inner.found_by(id_type, number)

        guesser.finding = with_records(guesser.finding, enrollments=Slow())
        with pytest.raises(NoMatch):
            guesser.guess("212090001")
        with pytest.raises(MustWait) as wait:
            guesser.guess(at=NOW + TICKET_LASTS)
        assert wait.value.until == NOW + TICKET_LASTS + timedelta(minutes=1)

    @pytest.mark.parametrize("digits", [RIGHT, "212090001"])
    def test_rule_09_wherever_a_try_dies_it_is_worth_no_more_than_a_miss(self, digits):
        store, died = MemoryStore(), 0
        Guesser(store).drop()
        for n in range(1, 12):
            at = NOW + n * timedelta(hours=3)
            dying = Guesser(Interrupted(store, n))
            try:
                dying.guess(digits, at=at)
                expected = 0
            except NoMatch:
                expected = 1
            except Crash:
                died += 1
                expected = dying.looked_up
            assert self.misses(Guesser(store), digits, at + TICKET_LASTS) == expected
        assert died >= 3

    def misses(self, guesser, digits, at):
        typed = said(IdType.SSN, digits, *NAME)
        counted = guesser.finding.counters(typed, "192.0.2.7", at).misses.values()
        [misses] = {
            len([when for when in each.recent_at if when > at - WINDOW]) for each in counted
        }
        return misses


@pytest.mark.parametrize(("digits", "missed"), [(RIGHT, 0), ("212090001", 1)])
@pytest.mark.parametrize("nth", [1, 2])
def test_rule_09_a_try_whose_written_answer_was_lost_is_counted_as_ever(digits, missed, nth):
    store, seen = MemoryStore(), []
    Guesser(store).drop()
    guesser = Guesser(Deaf(store, lambda write: writes(write) and len(seen) == nth))

    def writes(write):
        if write.item["journey"].startswith("misses#subject"):
            seen.append(write)
        return True

    with nullcontext() if digits == RIGHT else pytest.raises(NoMatch):
        assert guesser.guess(digits)
    assert len(seen) >= nth
    typed = said(IdType.SSN, digits, *NAME)
    counters = guesser.finding.counters(typed, "192.0.2.7", NOW)
    assert {(len(m.recent_at), m.tickets) for m in counters.misses.values()} == {(missed, ())}
