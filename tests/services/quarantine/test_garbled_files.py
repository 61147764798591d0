"""Whatever the bank's file has become on its way, it is applied, in suspense, or in quarantine.

Mutated files of real answers go through the real services (issue 4, show 6): nothing fails, no
plain file stays, and no member's books say what the bank did not.
"""

import random

import pytest

from tests.bank import Bank
from tests.domain.ach.test_mutations import MUTATIONS
from tests.monthly import at

NAMES = [f"EN{n:06}" for n in range(1, 5)]
CODES = ("R01", "R02", "R10", "C01")
CENTS, MORNING = 42480, at(8, 8)


@pytest.fixture(scope="module")
def sent():
    """Four payments in the bank's hands, what it answers about them, and what is kept then."""
    bank = Bank()
    ids = {name: bank.pays(name) for name in NAMES[:-1]}
    ids[NAMES[-1]] = bank.begins(NAMES[-1])  # a correction is for who goes on paying
    bank.collect(at(3, 18))
    bank.answers(at(3, 20))
    pairs = list(zip(ids.values(), CODES, strict=True))
    data = "1000123456789"
    bodies = [bank.answer(pair, when=MORNING, data=data) for pair in pairs]
    bodies.append(bank.answer(*pairs, when=MORNING, data=data))
    return bank, bodies


def fresh(bank):
    """The same books, to be changed."""
    return Bank(bank.store.copy(), s3=bank.s3)


def garbled(bodies, randomness):
    body = randomness.choice(bodies)
    for _ in range(randomness.randrange(1, 4)):
        body = randomness.choice(MUTATIONS)(body, randomness) or b"\n"
    return body


def check(sent, seed):
    known, bodies = sent
    bank, randomness = fresh(known), random.Random(seed)
    body = garbled(bodies, randomness)
    for _ in range(2):  # and again: the same end
        bank.receive(body, MORNING)
        left = bank.here.files.objects
        assert {key.split("/")[0] for key in left} <= {"quarantine"}
        for name in NAMES:
            assert bank.owed(name) in (0, CENTS)
            lines = [line.line for line in bank.system.records.books.lines(name)]
            assert len(lines) == len(set(lines)) == 2 + (bank.owed(name) == CENTS)
    was_read = any(bank.owed(name) for name in NAMES) or bank.mails("account_corrected")
    waits = ("suspense", "quarantine", "change", "unreadable_file")
    said = [case for case in bank.cases() if case.startswith(waits)]
    understood = body in bodies or was_read or said
    assert understood or not _has_an_answer(body)
    assert bank.differences(at(8, 21)) == []


def _has_an_answer(body):
    """Whether anything in it could still be taken for a return or a change."""
    return b"799R" in body or b"798C" in body


@pytest.mark.parametrize("hundred", range(2))
def test_a_hundred_garbled_files_say_nothing_false(sent, hundred):
    for seed in range(100):
        check(sent, f"{hundred}-{seed}")


@pytest.mark.slow
def test_ten_thousand_garbled_files_say_nothing_false(sent):
    for seed in range(10_000):
        check(sent, seed)
