"""A file with one answer is applied where it is read: that function needs the same rights.

Large files go on in pieces elsewhere; in the cloud the small one was never read, for want of a key.
"""

import pytest

from tests.journeys import people
from tests.journeys.test_bank import FRIDAY, TUESDAY, a_person

ANSWERS = {
    "99000001": "active",
    "99000002": "ended",
    "99000008": "held",
    "99000010": "ended",
    "99000101": "active",
}


@pytest.mark.parametrize("account", ANSWERS)
def test_one_answer_alone_is_applied(world_at, canaries, account):
    world = world_at(people.THURSDAY)
    person = a_person(world, canaries)
    person.paid(frequency="monthly", account=account, account_again=account)
    for to in (TUESDAY, FRIDAY):
        person.tell("/clock", {"to": f"{to}:00Z"})
    assert world.pump.failures == []
    [mandate] = person.ask(f"/mandates/{person.enrollment_id}")
    assert mandate["state"] == ANSWERS[account]
    corrected = [mail for mail in person.mails if "corrected" in mail["text"]]
    assert len(corrected) == (account == "99000101")
