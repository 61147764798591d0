"""What is stored is read back only where it is what it says it is (I15)."""

from functools import reduce
from operator import getitem

import pytest

from chalicelib.domain.enrollment import Enrollment, FirstWanted
from chalicelib.domain.premium import Premium
from chalicelib.repositories.codec import UNREADABLE, from_item, to_item
from tests.builders import an_enrollment

FIRST = FirstWanted(cents=1, first_month="2026-12", last_month="2027-01")
FIGURE = Premium(from_month="2027-01", cents=1, order="1")
ENROLLMENT = an_enrollment(
    first_wanted=FIRST, premiums=(Premium(from_month="2027-01", cents=1, order="1"),)
)


@pytest.mark.parametrize("text", ["no such word", "2027-13", "", "0000-00"])
@pytest.mark.parametrize(
    "path",
    [
        ("first_wanted", "first_month"),
        ("first_wanted", "last_month"),
        ("premiums", 0, "from_month"),
    ],
)
def test_invariant_15_a_month_that_is_none_decides_no_amount(path, text):
    item = to_item(ENROLLMENT)
    assert from_item(Enrollment, item) == ENROLLMENT
    *above, field = path
    reduce(getitem, above, item)[field] = text
    with pytest.raises(UNREADABLE):
        from_item(Enrollment, item)
