"""Every page was true at some moment of its request, whatever is done between its calls (I24).

What is true is what the page shows before, and after each write of what is done meanwhile.
"""

from itertools import count

import pytest

from chalicelib import bootstrap
from infra.rights.acting import RECORDER
from tests.builders import a_feed
from tests.faults.flows import FLOWS, Flow, has_monthly, returning
from tests.faults.gate import Gate
from tests.faults.town import ONE, TWO, at_review, found, row, step
from tests.faults.world import FEEDS, Member, World
from tests.monthly import at
from tests.small import shrink


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    shrink(monkeypatch.setattr)


class Watched(Gate):
    """Somebody acts before the n-th call, or looks after each write."""

    def __init__(self):
        super().__init__()
        self.left, self.before_call, self.after_write = 0, None, None

    def pass_(self, _neighbour, _what, act, again=None):
        if self.before_call:
            self.left -= 1
            if self.left == 0:
                self.before_call()
        answer = act()
        if again and self.after_write:
            self.after_write()
        return answer


class Town(World):
    """A town where something is about to be done, and somebody about to look."""

    def __init__(self, flow, state):
        super().__init__(state.now, **flow.settings)
        self.flow, self.state, self.gate = flow, state, Watched()

    def meanwhile(self):
        """All of it; the process that answers the page is not touched."""
        adopted, self.gate.before_call = list(bootstrap._adopted), None
        with RECORDER.aside():
            self.flow.act(self)
        bootstrap._adopted[:] = adopted

    def shows(self, visit, address):
        """Status, where it leads, and all words."""
        member = Member(self, **visit)
        answer = self._invoke(f"looks at {address}", lambda: member.get(address))
        return answer.status, answer.location, answer.text


def about_to_look(flow, name, address):
    """The town, and a visit that came as far as this page."""
    start = flow.start()
    calm = Town(flow, start.state.copy())
    calm.meanwhile()
    here = Town(flow, start.state)
    here.state.now = calm.now()
    if address in ("/history", "/recurring"):
        member = found(here, name, to=address.removeprefix("/"))
    elif address == "/billing":
        member = found(here, name)
        mail = {"email": "a@example.com", "email_again": "a@example.com"}
        step(here, "visit", member, "/contact", **mail, phone="617-555-0123")
    else:
        how = {"monthly": True, "pay": "other", "amount": "50.00"}
        member, form = at_review(here, name, visit="looks ", **how)
        if address == "/done":
            assert here.posts("pays", member, "/review", **form) == (303, "/done")
            here.quiet()
    visit = {"cookies": member.cookies, "csrf": member.csrf, "source_ip": member.source_ip}
    return here.state, {**visit, "cookies": dict(member.cookies)}


def true_pages(flow, state, visit, address):
    """What is shown before, and after each step of what is done."""
    here, states = Town(flow, state.copy()), [state.copy()]
    here.gate.after_write = lambda: states.append(here.state.copy())
    here.meanwhile()
    for each in states:
        each.now = state.now
    return {Town(flow, each).shows(dict(visit), address) for each in states}


def back_and_settled(world):
    """It comes back, and in the evening what did not come back is paid."""
    world.reach(at(8, 8, 1))
    world.fire("settle", at(8, 20))
    world.quiet()


def coverage_ends(world):
    """A feed ends coverage, and with it charges and monthly payments."""
    world.reach(at(5, 9))
    world.arrives(f"{FEEDS}end.csv", a_feed(row(ONE, coverage_end="2027-01-31")))
    world.quiet()


DONE = {
    **{name: (FLOWS[name], ONE) for name in ("cancel", "undo", "replace")},
    **{name: (FLOWS[name], ONE) for name in ("cancel_after_the_freeze", "submit_one", "notice")},
    **{name: (FLOWS[name], ONE) for name in ("returned", "account_closed", "withdrawal_refused")},
    **{name: (FLOWS[name], TWO) for name in ("withdrawal", "settling")},
    "back_and_settled": (Flow(returning("99000001"), back_and_settled), ONE),
    "coverage_ends": (Flow(has_monthly, coverage_ends), ONE),
}
MONTHLY = {"cancel", "undo", "replace", "account_closed", "withdrawal_refused"}


@pytest.mark.parametrize("address", ["/history", "/recurring", "/review", "/done", "/billing"])
@pytest.mark.parametrize("done", DONE)
def test_invariant_24_a_page_shows_what_was_true_and_never_a_mix(done, address):
    flow, name = DONE[done]
    state, visit = about_to_look(flow, name, address)
    true = true_pages(flow, state, visit, address)
    if address == "/recurring" and done in MONTHLY:
        assert len(true) > 1, "it makes a difference on this page"
    for n in count(1):
        here = Town(flow, state.copy())
        here.gate.left, here.gate.before_call = n, here.meanwhile
        assert here.shows(dict(visit), address) in true, f"before call {n}"
        if here.gate.left > 0:
            break
    assert n > 3
