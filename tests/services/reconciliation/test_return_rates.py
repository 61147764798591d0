"""Return rates ring before Nacha's limits are reached (60 days; facts: rate limits)."""

from datetime import date, timedelta

import pytest

from chalicelib.domain.ach.decisions import Rate
from chalicelib.domain.answer import Answer
from chalicelib.domain.entry import Batch
from chalicelib.domain.transmission import Transmission, TransmissionState, TransmittedBatch
from tests.bank import Bank
from tests.monthly import at

EVENING = at(31, 20)


@pytest.fixture
def bank():
    return Bank()


def sent(bank, effective_on, debits, *, state=TransmissionState.SETTLED, prenotes=0, **returned):
    """A transmission of so many debits, and what came back of it, by rate."""
    batch = TransmittedBatch(
        collection="web#x#00",
        kind=Batch.HEALTH,
        first_trace=1,
        entries=debits + prenotes,
        cents=100,
        prenotes=prenotes,
    )
    transmission = Transmission(
        transmission_id=f"collection#{effective_on}",
        sealed_at=at(1),
        effective_on=effective_on,
        first_trace=1,
        batches=(batch,),
        state=state,
    )
    seen = bank.system.records.transmissions.next_trace()
    bank.system.records.transmissions.begin(transmission, [], seen, seen + 1)
    for rate, count in returned.items():
        for n in range(count):
            answer = Answer(
                payment_id=f"{rate}{n}",
                code="R10",
                enrollment_id="EN1",
                cents=100,
                rate=Rate(rate),
                is_posted=rate != "none",
                answered_at=EVENING,
            )
            bank.store.write(*bank.system.records.transmissions.answering(transmission, answer))
    return transmission


def rates(bank, when=EVENING):
    return {
        rate.name: (rate.returned, rate.sent) for rate in bank.system.return_rates.measure(when)
    }


def rung(bank, when=EVENING):
    bank.system.return_rates.watch(when)
    return sorted(bank.cases())


def test_every_return_of_a_debit_counts_in_all_and_some_in_their_own(bank):
    sent(bank, date(2026, 12, 4), 1000, unauthorized=2, administrative=3, other=4, none=5)
    assert rates(bank) == {
        "unauthorized": (2, 1000),
        "administrative": (3, 1000),
        "all": (9, 1000),
    }


def test_sixty_days_count_by_settlement_and_older_ones_do_not(bank):
    last = date(2026, 12, 31) - timedelta(days=60)
    sent(bank, last, 100, other=1)
    sent(bank, last - timedelta(days=1), 100, other=1)
    assert rates(bank)["all"] == (1, 100)


@pytest.mark.parametrize("state", [TransmissionState.SEALED, TransmissionState.SENDING])
def test_what_no_bank_has_seen_does_not_dilute_a_rate(bank, state):
    sent(bank, date(2026, 12, 4), 100, other=1)
    sent(bank, date(2027, 1, 4), 900, state=state)
    assert rates(bank)["all"] == (1, 100)


def test_a_prenote_is_no_debit(bank):
    sent(bank, date(2026, 12, 4), 100, prenotes=50, other=1)
    assert rates(bank)["all"] == (1, 100)


@pytest.mark.parametrize(
    ("kind", "below", "near"),
    [("unauthorized", 39, 40), ("administrative", 239, 240), ("other", 1199, 1200)],
)
def test_issue_4_it_rings_at_four_fifths_of_the_limit(bank, kind, below, near):
    name = "all" if kind == "other" else kind
    sent(bank, date(2026, 12, 4), 10_000, **{kind: below})
    assert rung(bank) == []
    sent(bank, date(2026, 12, 7), 0, **{kind: near - below})
    assert rung(bank) == [f"return_rate#{name}#2026-12"]
    assert bank.here.metrics.counts["ReturnRatesNear"] == 1


def test_it_is_one_case_a_month_however_often_the_evening_comes(bank):
    sent(bank, date(2026, 12, 4), 100, other=50)
    for day in (29, 30, 31):
        assert rung(bank, at(day, 20)) == ["return_rate#all#2026-12"]
    assert "50.00 % (50 of 100; limit 15.00 %)" in bank.cases()["return_rate#all#2026-12"]
    assert len(rung(bank, at(4, 20, month="2027-01"))) == 2


def test_with_nothing_sent_nothing_rings(bank):
    assert rates(bank)["all"] == (0, 0)
    assert rung(bank) == []


def test_real_returns_are_counted_once_however_often_their_file_comes(bank):
    first, other = bank.pays(), bank.pays("EN000002")
    bank.collect(at(3, 18))
    for _ in range(3):
        bank.receive(bank.answer((first, "R10"), (other, "R02"), when=at(8, 8)), at(8, 8))
    assert rates(bank) == {"unauthorized": (1, 2), "administrative": (1, 2), "all": (2, 2)}
