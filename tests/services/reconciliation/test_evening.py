"""Each job of the evening runs, whatever becomes of those before it."""

from types import SimpleNamespace

import pytest

from chalicelib.services.reconciliation.evening import Evening
from tests.monthly import at

JOBS = ("evening", "settle", "reconcile", "watch")


@pytest.mark.parametrize("failing", [(), ("evening",), ("settle", "watch"), JOBS])
def test_a_job_that_fails_is_told_and_does_not_stop_those_after_it(failing):
    done = []

    def job(name):
        def run(when):
            done.append((name, when))
            if name in failing:
                raise ValueError(name)

        return SimpleNamespace(**{name: run})

    fields = ("acknowledging", "settling", "reconciling", "return_rates")
    evening = Evening(**dict(zip(fields, map(job, JOBS), strict=True)))
    failures = [str(failure) for failure in evening.work(at(3, 20))]
    assert done == [(name, at(3, 20)) for name in JOBS]
    assert failures == list(failing)
