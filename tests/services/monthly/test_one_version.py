"""Two changes of one mandate at the same moment: one after the other, or one of them not at all.

A debit uses one version of its mandate (I10), and what was refused is never done (I8).
"""

from itertools import permutations

import pytest

from chalicelib.domain.errors import DomainError
from tests.bank import THURSDAY
from tests.monthly import Exchange, at
from tests.services.monthly.test_mandates import cancel, undo
from tests.stores import Interrupted, mail_rows

ONE = "EN000001"
OTHER = "000987654321"


def cancels(exchange, mandate_id):
    cancel(exchange, mandate_id, at(5))


def undoes(exchange, mandate_id):
    undo(exchange, mandate_id, at(5))


def replaces(exchange, _mandate_id):
    exchange.sign_up(exchange.system.records.enrollments.get(ONE), at(5), number=OTHER)


def set_up(*, cancelled):
    exchange = Exchange()
    mandate_id = exchange.sign_up(exchange.enroll(plan_year=2027), THURSDAY)
    if cancelled:
        cancel(exchange, mandate_id, at(4))
    return exchange, mandate_id


def tried(act, exchange, mandate_id):
    """Whether it was done; what a rule refuses is not."""
    try:
        act(exchange, mandate_id)
    except DomainError:
        return False
    return True


def stands(exchange):
    """Accounts and ends of its mandates, what the audit says was done, and what mails told."""
    mandates = exchange.system.records.mandates
    found = [*mandates.past(ONE), *mandates.of(ONE).standing]
    rows = exchange.store.items["audit"]
    audit = [row["what"].split()[0] for key, row in sorted(rows.items()) if "mandates#" in key[0]]
    live = exchange.store.items["mandates"]
    versions = [row["version"] for key, row in live.items() if key[1] == f"live#{ONE}"]
    return (
        sorted((each.account.last4, str(each.end_reason), each.through_month) for each in found),
        audit,
        versions,
        sorted(row["kind"] for row in mail_rows(exchange.store)),
    )


def after(acts, *, cancelled):
    """How it stands when these were done one after the other; None where a rule refused one."""
    exchange, mandate_id = set_up(cancelled=cancelled)
    return stands(exchange) if all([tried(a, exchange, mandate_id) for a in acts]) else None  # noqa: C419


CASES = [
    *((pair, False) for pair in permutations([cancels, replaces], 2)),
    *((pair, True) for pair in permutations([undoes, replaces], 2)),
    ((undoes, cancels), True),
    ((cancels, cancels), False),
    ((replaces, replaces), False),
]


@pytest.mark.parametrize(
    ("first", "second", "cancelled"),
    [(*pair, cancelled) for pair, cancelled in CASES],
    ids=["-".join(act.__name__ for act in pair) for pair, _ in CASES],
)
def test_invariants_8_and_10_of_two_changes_at_once_each_is_whole_and_neither_is_lost(
    first, second, cancelled
):
    may = {
        (True, True): [
            after((first, second), cancelled=cancelled),
            after((second, first), cancelled=cancelled),
        ],
        (True, False): [after((first,), cancelled=cancelled)],
        (False, True): [after((second,), cancelled=cancelled)],
    }
    points = 0
    for n in range(1, 80):
        exchange, mandate_id = set_up(cancelled=cancelled)
        also = []

        def meanwhile(exchange=exchange, mandate_id=mandate_id, also=also):
            also.append(tried(second, exchange, mandate_id))

        seen = Interrupted(exchange.store, n, meanwhile)
        done = tried(first, exchange.again(seen), mandate_id)
        if seen.left > 0:
            break
        points += 1
        assert stands(exchange) in may[done, *also], f"before call {n}: {done}, {also}"
    assert points > 3
