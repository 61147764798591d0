"""Monthly payments from the page to the bank: a December of six members (rules 18 to 28)."""

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.timetable import NEW_YORK
from infra.offline import schedules
from infra.offline.world import World
from tests.journeys import people
from tests.journeys.conftest import EIGHT_SHARDS
from tests.journeys.people import a_row, another_visit

EVE = datetime(2026, 11, 30, 16, tzinfo=NEW_YORK)
OTHER = {"account": "000987654321", "account_again": "000987654321"}
BANK_FILES = ("account", "the object outbound")  # the one place where it must be (rule 33)
MONTHLY = {"frequency": "monthly"}
JOBS = ("bill", "notify", "withdraw")
RUNS = ["billing#2026-12", "notice#2026-12-10", "notice#2026-12-11", "notice#2026-12-12"]


def on(day, hour=10, minute=0):
    return datetime(2026, 12, day, hour, minute, tzinfo=NEW_YORK)


def a_member():
    """Owes November's premium; January's is charged on December 1."""
    return a_row(plan_year="2027", coverage_end="", balance="212.40", billed_through="2026-12")


@pytest.fixture(scope="module")
def world(canaries, logged):
    with World.start(
        now=EVE, count=0, in_background=False, in_memory=True, settings=EIGHT_SHARDS
    ) as world:
        yield world
        assert canaries.found(world) <= {BANK_FILES}, "rule 33"


class December:
    """The month as it is played; what was seen on the way is kept."""

    def __init__(self, world, canaries):
        self.world = world
        names = ("ana", "ben", "cleo", "dan", "eve", "flo")
        rows = {name: a_member() for name in names}
        ana = people.join(world, canaries, *rows.values())
        self.people = {
            name: people.Person(ana.page, ana.room, row=row, canaries=canaries)
            for name, row in rows.items()
        }
        self.seen = {}

    def __getattr__(self, name):
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def move(self, to):
        said = self.ana.tell("/clock", {"to": to.isoformat()})
        assert "now" in said, said

    def runs(self):
        return {each["run"]: each for each in self.ana.ask("/runs")}

    def lines(self, name, kind):
        lines = self.ana.ask(f"/ledger/{self.people[name].enrollment_id}")["lines"]
        return [line for line in lines if line["kind"] == kind]

    def mandates(self, name):
        return self.ana.ask(f"/mandates/{self.people[name].enrollment_id}")

    def mails(self, name, about):
        return [mail["text"] for mail in self.people[name].mails if about in mail["subject"]]


def sets_up(member, amount=None, **fields):
    """Steps 1 to 5 with monthly payments; what review and done said."""
    member.found()
    member.contact()
    answer = (
        member.pays_other(amount, **MONTHLY, **fields)
        if amount is not None
        else member.pays("total", **MONTHLY, **fields)
    )
    assert answer.location == "/review", answer.text
    review = member.get("/review").text
    assert member.submit().location == "/done"
    return review, member.get("/done").text


def comes_back(member):
    """Found again, as who wants to see monthly payments."""
    again = another_visit(member)
    again.get("/find?to=recurring")
    assert again.post("/find", **again.claim(to="recurring")).location == "/recurring"
    return again


@pytest.fixture(scope="module")
def december(world, canaries):
    """From November 30 to December 28."""
    month = December(world, canaries)
    month.move(on(3))
    month.seen["ana"] = sets_up(month.ana, "100.00")
    month.seen["ben"] = sets_up(month.ben, "0.00")
    for name in ("cleo", "dan", "eve"):
        sets_up(month.people[name], "0.00")
    sets_up(month.flo)
    _replaces(month)
    _cancels(month)
    month.move(on(12, 21))
    month.seen["told"] = month.runs()
    month.seen["cancel question"] = _asks(month)
    month.move(on(22, 9, 30))
    month.seen["late"] = _cancels_late(month)
    month.move(on(28, 21))
    return month


def _replaces(month):
    cleo = comes_back(month.cleo)
    month.seen["cleo"] = cleo.get("/recurring").text
    cleo.contact("cleo.new@example.com")
    cleo.get("/billing")
    assert cleo.pays_other("0.00", **MONTHLY, **OTHER).location == "/review"
    month.seen["replaces"] = cleo.get("/review").text
    assert cleo.submit().location == "/done"


def _cancels(month):
    for name in ("dan", "eve"):
        member = comes_back(month.people[name])
        [mandate] = month.mandates(name)
        member.get("/recurring")
        asked = member.post("/recurring", cancel=mandate["mandate_id"])
        assert asked.status == 422
        month.seen[f"{name} asked"] = asked.text
        done = member.post("/recurring", cancel=mandate["mandate_id"], confirm_cancel="yes")
        assert (done.status, done.location) == (303, "/recurring")
        month.seen[f"{name} cancelled"] = member.get("/recurring").text, month.mandates(name)
    dan = comes_back(month.dan)
    [mandate] = month.mandates("dan")
    dan.get("/recurring")
    assert dan.post("/recurring", undo=mandate["mandate_id"]).location == "/recurring"
    month.seen["dan undone"] = dan.get("/recurring").text


def _asks(month):
    ben = comes_back(month.ben)
    ben.get("/recurring")
    return ben.post("/recurring", cancel=month.mandates("ben")[0]["mandate_id"]).text


def _cancels_late(month):
    """On the 22nd at 9:30."""
    ben = comes_back(month.ben)
    [mandate] = month.mandates("ben")
    ben.get("/recurring")
    asked = ben.post("/recurring", cancel=mandate["mandate_id"]).text
    ben.post("/recurring", cancel=mandate["mandate_id"], confirm_cancel="yes")
    return asked, ben.get("/recurring").text, month.mandates("ben")


def test_rule_18_review_shows_both_dates_and_both_amounts(december):
    review, done = december.seen["ana"]
    assert "Amount to pay now $100.00 You owe $424.80." in review
    assert "Now: $100.00 Next, on Tuesday, December 22, 2026: $324.80" in review
    assert "On Tuesday, December 22, 2026 we take $324.80." in done


def test_rule_21_the_authorization_says_how_the_amount_is_found_and_how_to_stop(december):
    review, _ = december.seen["ana"]
    for words in (
        "to take $100.00 from the checking account ending in",
        "on the 22nd of every month, or the next business day: first $324.80 on Tuesday, December",
        "I will be told the amount and date by email at least 10 days before",
        "Until the withdrawal starts on the 22nd, at 9 a.m. New York time, that stops this month's",
        "I can also ask my bank to stop it, at least three business days before.",
    ):
        assert words in review
    [mail] = december.mails("ana", "We received your payment request")
    assert "first $324.80 on Tuesday, December 22, 2026." in mail


def test_rule_18_the_example_comes_out_to_the_cent(december):
    [payment] = december.lines("ana", "payment")
    [withdrawal] = december.lines("ana", "withdrawal")
    assert (payment["amount_cents"], withdrawal["amount_cents"]) == (-10000, -32480)
    assert withdrawal["line"] == "withdrawal#2026-12"
    assert december.ana.owed_cents == 0


def test_rule_18_an_amount_of_nothing_now_is_all_on_the_22nd(december):
    review, _ = december.seen["ben"]
    assert "Now: $0.00 Next, on Tuesday, December 22, 2026: $424.80" in review
    assert december.lines("ben", "payment") == []
    assert [line["amount_cents"] for line in december.lines("ben", "withdrawal")] == [-42480]
    assert len(december.mails("ben", "Your monthly payments are set up")) == 1


def test_rule_18_with_the_total_now_nothing_is_taken_on_the_22nd(december):
    [withdrawal] = december.lines("flo", "withdrawal")
    assert (withdrawal["amount_cents"], withdrawal["state"]) == (0, "skipped")
    assert december.mails("flo", "on its way") == []


def test_who_comes_back_sees_mandate_account_date_and_amount(december):
    seen = december.seen["cleo"]
    assert f"Account ending {december.cleo.account[-4:]}" in seen
    assert "Next payment $424.80 Tuesday, December 22, 2026" in seen


def test_rule_19_a_new_account_replaces_the_old_one_and_review_says_so(december):
    last4 = december.cleo.account[-4:]
    words = f"This replaces your monthly payments from the account ending {last4}."
    assert words in december.seen["replaces"]
    old, new = december.mandates("cleo")
    assert (old["state"], old["account_last4"]) == ("ended", last4)
    assert (new["state"], new["account_last4"]) == ("active", "4321")
    assert old["ended_at"]
    assert new["ended_at"] is None
    [withdrawal] = december.lines("cleo", "withdrawal")
    assert withdrawal["amount_cents"] == -42480


def test_rule_22_both_addresses_hear_of_the_replacement(december):
    mails = [mail for mail in december.ana.ask("/mail") if "have changed" in mail["subject"]]
    assert sorted(mail["to"] for mail in mails) == [
        "cleo.new@example.com",
        december.cleo.email,
    ]
    assert all("ending in 4321" in mail["text"] for mail in mails)


def test_rule_20_a_cancel_in_time_is_never_debited(december):
    page, [mandate] = december.seen["eve cancelled"]
    assert "Cancelled on Thursday, December 3, 2026. Nothing more is taken" in page
    assert mandate["state"] == "ended"
    assert december.lines("eve", "withdrawal") == []
    [mail] = december.mails("eve", "cancelled")
    assert "From December 2026 on, we take nothing." in mail
    assert "until Tuesday, December 22, 2026, 9 a.m." in mail
    assert december.eve.owed_cents == 42480


def test_rule_21_an_undone_cancel_is_as_if_it_had_not_been(december):
    [mandate] = december.mandates("dan")
    assert (mandate["state"], mandate["ended_at"]) == ("active", None)
    assert "Next payment $424.80 Tuesday, December 22, 2026" in december.seen["dan undone"]
    [mail] = december.mails("dan", "on again")
    assert "We will take $424.80 on Tuesday, December 22, 2026" in mail
    assert [line["amount_cents"] for line in december.lines("dan", "withdrawal")] == [-42480]


def test_rule_20_a_cancel_after_the_freeze_says_what_is_still_taken(december):
    asked, page, [mandate] = december.seen["late"]
    assert "$424.80" in asked
    assert "December 22, 2026" in asked
    assert december.seen["cancel question"] != asked
    assert mandate["state"] == "ended"  # its last month is decided
    [mail] = december.mails("ben", "cancelled")
    assert "we still take $424.80 on Tuesday, December 22, 2026" in mail
    assert december.lines("ben", "withdrawal")[0]["state"] in ("sent", "paid")
    assert page


def test_rule_24_all_were_told_by_the_12th(december):
    told = december.seen["told"]
    assert told["notice#2026-12-10"]["active"] == 5
    for name, cents in (("ana", "$324.80"), ("ben", "$424.80"), ("flo", "nothing")):
        [mail] = [m for m in december.mails(name, "we will take") if m]
        assert f"We will take {cents} on Tuesday, December 22, 2026" in mail
    assert december.mails("eve", "we will take") == []
    assert told["notice#2026-12-11"]["claimed"] == 0


def test_shows_2_charged_once_withdrawn_as_announced_and_closed_with_counts_that_agree(december):
    runs = december.runs()
    for name in [*RUNS, "withdrawal#2026-12"]:
        run = runs[name]
        assert run["state"] == "closed", name
        assert run["claimed"] + run["skipped"] + run["excluded"] == run["active"]
    run = runs["withdrawal#2026-12"]
    assert (run["active"], run["claimed"], run["skipped"], run["excluded"]) == (5, 4, 1, 0)
    assert run["total_cents"] == 32480 + 3 * 42480
    for name in december.people:
        charges = [line["line"] for line in december.lines(name, "charge")]
        assert charges == ["charge#2027-01"]
    assert december.ana.ask("/cases") == []
    assert december.ana.ask("/reconciliation")["agrees"] is True


def test_rule_26_a_mail_says_when_the_withdrawal_has_been_sent(december):
    [mail] = december.mails("ana", "is on its way")
    assert "Your bank takes $324.80 on or after Tuesday, December 22, 2026" in mail


def test_rule_28_the_same_schedules_three_times_late_and_out_of_order_change_nothing(december):
    world, said = december.world, ("/runs", "/mail", "/cases", "/bank/files")
    ledgers = [f"/ledger/{each.enrollment_id}" for each in december.people.values()]
    before = [december.ana.ask(address) for address in (*said, *ledgers)]
    firings = [
        firing
        for firing in schedules.moves(world.pump.calendar, EVE, on(28, 21))
        if firing.handler in JOBS
    ]
    assert len({firing.handler for firing in firings}) == 3
    for firing in 3 * firings[::-1]:
        world.pump.fire(firing)
    world.pump.settle()
    assert [december.ana.ask(address) for address in (*said, *ledgers)] == before
    assert december.world.clock.now() - on(28, 21) < timedelta(minutes=10)
