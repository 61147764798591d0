"""How many files entries need is known before they are written."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ach.entries import DENTAL_PREMIUM, HEALTH_PREMIUM, Purpose
from chalicelib.domain.bank_limits import BankLimits
from chalicelib.domain.entry import Batch
from tests.domain.ach.builders import a_refusal, all_written, an_entry
from tests.domain.test_transmission import a_batch, a_transmission

AS_WRITTEN = {
    Batch.HEALTH: {"plan_description": HEALTH_PREMIUM},
    Batch.DENTAL: {"plan_description": DENTAL_PREMIUM},
    Batch.RETRY: {"purpose": Purpose.RETRY},
    Batch.REFUND_HEALTH: {"purpose": Purpose.REFUND},
    Batch.REVERSAL: {"purpose": Purpose.REVERSAL},
    Batch.REFUSED_HEALTH: {
        "purpose": Purpose.REFUSED_CHANGE,
        "refused": a_refusal().refused,
        "amount_cents": 0,
    },
}


def limits(files=None, cents=None, most_lines=20):
    return BankLimits(cents=cents, files=files, most_lines=most_lines)


@given(
    st.dictionaries(st.sampled_from(list(AS_WRITTEN)), st.integers(1, 60), min_size=1),
    st.sampled_from([20, 25, 30, 100, 1000]),
)
def test_never_more_files_than_were_counted_and_hardly_fewer(entries, most_lines):
    ranks = count(1)
    pile = [
        an_entry(next(ranks), **AS_WRITTEN[batch])
        for batch in AS_WRITTEN
        for _ in range(entries.get(batch, 0))
    ]
    batches = [a_batch(kind=kind, entries=n) for kind, n in entries.items()]
    needed = len(all_written(pile, most_lines=most_lines))
    counted = limits(most_lines=most_lines).files_of(batches)
    assert needed <= counted
    if most_lines >= 100:
        assert counted <= needed + 1


def test_nothing_needs_no_file():
    assert limits(files=1).files_of([]) == 0
    assert limits(files=1).reached([a_transmission(a_batch())], [], []) is None


def test_a_limit_is_said_in_words_and_none_is_reached_where_there_is_none():
    today = [a_transmission(a_batch())]
    assert limits(files=1).reached(today, [], [a_batch()]) == "1 file"
    assert limits(files=2).reached(today, [a_batch()], [a_batch(entries=30)]) == "2 files"
    assert limits(cents=300).reached(today, [], [a_batch()]) == "$3.00"
    assert limits(cents=400).reached(today, [], [a_batch()]) is None
    assert limits().reached(today, [a_batch(cents=10**12)], [a_batch(entries=10**6)]) is None


def test_credits_wait_for_no_limit_of_debits():
    credit = a_batch(kind=Batch.REFUND_HEALTH)
    assert limits(cents=1).reached([a_transmission(a_batch())], [], [credit]) is None
