"""The offline bank takes a million entries as lightly as a hundred, and falls over nothing."""

from datetime import UTC, datetime

import pytest

from infra.offline.bank.answers import answers
from infra.offline.bank.counter import Counter
from infra.offline.bank.judge import judge
from infra.offline.bank.papers import Customer
from tests.domain.ach.builders import MILLION, streamed
from tests.domain.ach.test_mutations import mutate
from tests.domain.ach.weighing import peak_bytes, peak_of_process

CUSTOMER = Customer(origin="1987654320", odfi="08100021")
EVENING = datetime(2026, 12, 3, 23, 0, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 12, 3, tzinfo=UTC)


def judge_many(count):
    result = judge(streamed(count), CUSTOMER, EVENING, wanted=answers)
    assert result.is_clean
    assert (result.entries, result.debit_cents) == (count, count * 42480)


def test_memory_does_not_grow_with_the_entries_that_pay():
    judge_many(10)
    assert peak_bytes(judge_many, 2000) < peak_bytes(judge_many, 100) + 50_000


@pytest.mark.slow
def test_a_million_entries_are_accepted_in_the_memory_of_a_thousand():
    assert peak_of_process(judge_many, MILLION) < peak_of_process(judge_many, 1000) * 1.05


@pytest.mark.parametrize("hundred", range(2))
def test_whatever_file_comes_is_taken_or_refused_and_never_fells_the_bank(hundred):
    for seed in range(100):
        data, _ = mutate(f"{hundred}-{seed}")
        counter = Counter(CUSTOMER)
        judgement = counter.take([data], EVENING)
        assert judgement.is_clean or judgement.whys
        counter.deliveries(NEXT_YEAR)
