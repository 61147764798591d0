"""A flow goes through few modules (python -m tests.counting)."""

import pytest

from tests import counting
from tests.small import shrink

# Wanted are 45. It may only shrink: who needs one more module takes another out of the way.
MOST_MODULES_OF_A_RETURN, MOST_ROOMS_OF_A_RETURN = 51, 6


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    shrink(monkeypatch.setattr)


def test_a_return_goes_through_few_modules_and_rooms():
    found = counting.modules("returned")
    assert len(found) <= MOST_MODULES_OF_A_RETURN
    assert len(counting.rooms(found)) <= MOST_ROOMS_OF_A_RETURN


def test_the_page_about_architecture_says_what_is_counted():
    text = counting.PAGE.read_text(encoding="utf-8")
    _, _, after = text.partition(counting.BEGIN)
    assert after.partition(counting.END)[0].strip() == counting.counted().strip()
