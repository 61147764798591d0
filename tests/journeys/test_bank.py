"""A month with the bank: one member for each magic account, from Submit to the last word (rule 17).

Everybody pays $231.07 now and every month, on Thursday, December 3; the payments settle on Friday.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.services.returns import return_files
from infra.offline.bank.answers import Answer
from infra.offline.bank.judge import judge
from infra.offline.bank.outgoing import answer_file
from infra.offline.world import World
from tests.journeys import people
from tests.journeys.canaries import Canaries
from tests.journeys.conftest import EIGHT_SHARDS
from tests.member import claim_of

# Account -> state in words, of the mandate, why in the mail, and whether staff have a case.
NO_FUNDS = "There was not enough money in the account."
NOT_THIS_ACCOUNT = "Your bank cannot take money from this account. Use another account."
SENT_BACK = "Your bank sent it back."
NOT_ALLOWED = "Your bank says that you did not allow this payment."
BACK = {
    "99000001": ("active", NO_FUNDS, False),
    "99000002": ("ended", NOT_THIS_ACCOUNT, False),
    "99000003": ("ended", NOT_THIS_ACCOUNT, False),
    "99000004": ("ended", NOT_THIS_ACCOUNT, False),
    "99000007": ("ended", "You told your bank that we may no longer take money", True),
    "99000008": ("held", "You asked your bank to stop this payment.", True),
    "99000009": ("active", NO_FUNDS, False),
    "99000010": ("ended", NOT_ALLOWED, True),
    "99000014": ("ended", SENT_BACK, True),
    "99000016": ("ended", SENT_BACK, True),
    "99000020": ("ended", NOT_THIS_ACCOUNT, True),
}
LATE, CORRECTED, GOOD = "99000110", "99000101", "5566778899"
CENTS = 23107
NOT_PAID = "Not paid: your bank took it back"
SKIPPED = ("withdrawal", 0, "skipped")  # nothing was owed on the 22nd
LATER = {"99000007", "99000010"}  # the fifth banking day; the others on the second


@dataclass
class Month:
    """What was seen, day by day."""

    world: World
    persons: dict[str, people.Person]
    canaries: Canaries
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    agreed: dict[str, dict] = field(default_factory=dict)
    ledgers: dict[str, list] = field(default_factory=dict)  # on the day after the 22nd

    def move(self, to):
        """The clock goes on; what a member sees and what the books say is noted."""
        good, until = self.persons[GOOD], datetime.fromisoformat(f"{to}:00+00:00")
        for evening in evenings(self.world.clock.now(), until):
            good.tell("/clock", {"to": f"{evening:%Y-%m-%dT%H:%M}:00Z"})
            self.agreed[f"{evening:%Y-%m-%d}"] = good.ask("/reconciliation")
        good.tell("/clock", {"to": f"{to}:00Z"})
        self.agreed[to] = good.ask("/reconciliation")
        self.words[to] = {account: self.history(account) for account in self.persons}

    def history(self, account):
        """The state of the first payment, as /history says it."""
        person = self.persons[account]
        visit = people.another_visit(person)
        visit.find({**claim_of(person.row), "to": "history"})
        shown = visit.get("/history").html
        tags = shown.split('<span class="usa-tag">')[1:]  # newest first
        return tags[-1].partition("</span>")[0]

    def ledger(self, account):
        """Kind and cents of each line."""
        person = self.persons[account]
        lines = person.ask(f"/ledger/{person.enrollment_id}")["lines"]
        return [(line["kind"], line["amount_cents"], line["state"]) for line in lines]


def evenings(now, until):
    """Each day's end in between: 21:00 in New York, when the evening's jobs are done."""
    evening = now.replace(hour=2, minute=0, second=0, microsecond=0)
    while (evening := evening + timedelta(days=1)) < until:
        yield evening


def a_person(world, canaries):
    """The first payment of a plan of 2027 is due."""
    row = people.next_year(people.a_row(), coverage_end="")
    return people.join(world, canaries, row)


BEFORE, NIGHT, TUESDAY, PAID = (
    "2026-12-03T22:59",
    "2026-12-03T23:30",
    "2026-12-08T14:00",
    "2026-12-09T02:00",
)
FRIDAY, DEBITED, LONG_AFTER = "2026-12-11T14:00", "2026-12-23T14:00", "2027-01-19T14:00"


@pytest.fixture(scope="module")
def month():
    canaries = Canaries()
    with (
        pytest.MonkeyPatch.context() as patch,
        World.start(
            now=people.THURSDAY, count=0, in_background=False, in_memory=True, settings=EIGHT_SHARDS
        ) as world,
    ):
        patch.setattr(return_files, "AT_ONCE", 2)  # Tuesday's returns are several chunks
        persons = {account: a_person(world, canaries) for account in (*BACK, LATE, CORRECTED, GOOD)}
        for account, person in persons.items():
            person.paid(frequency="monthly", account=account, account_again=account)
        month = Month(world, persons, canaries)
        for to in (BEFORE, NIGHT, TUESDAY, PAID, FRIDAY, DEBITED):
            month.move(to)
        month.ledgers = {account: month.ledger(account) for account in persons}
        month.move(LONG_AFTER)
        yield month


def test_the_bank_has_one_file_of_the_evening_and_takes_it(month):
    first, *others = month.persons[GOOD].ask("/bank/files")
    assert others, "on the 22nd there was another"
    assert first == {
        "name": first["name"],
        "entries": len(month.persons),
        "debit_cents": CENTS * len(month.persons),
        "credit_cents": 0,
    }
    judged = [each.is_clean for each in month.world.pump.bank.judgements.values()]
    assert judged == [True] * len(judged)


def test_the_bank_acknowledged_each_file_and_its_bytes_are_still_shown(month):
    """The plain copy that was put out for it is gone; the bank has its own."""
    transmissions = [each for each in month.world.system.records.transmissions.all() if each.files]
    assert {str(each.state) for each in transmissions} == {"settled"}
    assert all(each.sent_at < each.acknowledged_at < each.settled_at for each in transmissions)
    names = [file.name for each in transmissions for file in each.files]
    bank = month.world.system.bank
    assert not [name for name in names if bank.has(name)]
    asked = month.persons[GOOD].ask
    assert [each["name"] for each in asked("/bank/files")] == names
    for name in names:
        assert month.world.pump.bank.files[name] == b"".join(bank.read(name))


def test_issue_4_the_books_agree_at_the_end_of_every_day(month):
    assert len(month.agreed) >= 47  # December 3 to January 19, and moments in between
    assert {
        to: said["differences"] for to, said in month.agreed.items() if not said["agrees"]
    } == {}


def test_nothing_failed_on_the_way(month):
    assert month.world.pump.failures == []
    assert month.world.pump.dead == []


def test_rule_17_everybody_s_payment_is_received_then_sent(month):
    assert set(month.words[BEFORE].values()) == {"Received"}
    assert set(month.words[NIGHT].values()) == {"Sent to your bank"}


@pytest.mark.parametrize("account", BACK)
def test_rule_17_history_says_that_it_was_not_paid(month, account):
    seen = [month.words[to][account] for to in (TUESDAY, PAID, FRIDAY)]
    if account in LATER:
        assert seen == ["Sent to your bank", "Paid", NOT_PAID]
    else:
        assert seen == [NOT_PAID] * 3


@pytest.mark.parametrize("account", [GOOD, LATE, CORRECTED])
def test_rule_17_history_says_paid_after_two_banking_days(month, account):
    seen = [month.words[to][account] for to in (TUESDAY, PAID, DEBITED)]
    assert seen == ["Sent to your bank", "Paid", "Paid"]


@pytest.mark.parametrize("account", BACK)
def test_rule_29_ledger_mandate_mail_and_case_are_as_the_table_says(month, account):
    state, why, case = BACK[account]
    person = month.persons[account]
    again = state == "active"  # the withdrawal of the 22nd came back as well
    assert month.ledgers[account][:3] == [
        ("opening", CENTS, None),
        ("payment", -CENTS, "not_paid"),
        ("return", CENTS, None),
    ]
    [mandate] = person.ask(f"/mandates/{person.enrollment_id}")
    assert mandate["state"] == state
    mails = [each for each in person.mails if "your bank did not pay" in each["subject"]]
    assert len(mails) >= 1 + again
    assert all(why in " ".join(mail["text"].split()) for mail in mails)
    mine = [each for each in person.ask("/cases") if each["enrollment_id"] == person.enrollment_id]
    about_return = [each for each in mine if each["kind"] == "return"]
    assert len(about_return) == case


@pytest.mark.parametrize("account", BACK)
def test_rule_29_on_the_22nd_only_who_goes_on_is_debited_again(month, account):
    state = BACK[account][0]
    [*_, last] = month.ledgers[account]
    expected = {
        "active": ("withdrawal", -CENTS, "sent"),
        "held": ("withdrawal", 0, "excluded"),
        "ended": ("return", CENTS, None),
    }
    assert last == expected[state]


def test_the_good_one_has_paid_and_read_two_mails_about_it(month):
    person = month.persons[GOOD]
    subjects = [mail["subject"].lower() for mail in person.mails]
    assert len([each for each in subjects if "received" in each]) == 1
    assert len([each for each in subjects if "complete" in each]) == 1
    assert month.ledgers[GOOD] == [("opening", CENTS, None), ("payment", -CENTS, "paid"), SKIPPED]


def test_the_corrected_account_is_used_from_now_on(month):
    person = month.persons[CORRECTED]
    [mail] = [each for each in person.mails if "corrected" in each["text"]]
    assert f"10{CORRECTED}"[-4:] in mail["text"]
    [mandate] = person.ask(f"/mandates/{person.enrollment_id}")
    assert (mandate["state"], mandate["account_last4"]) == ("active", "0101")


def test_rule_17_a_return_after_45_days_turns_paid_into_not_paid(month):
    """January 18 is Martin Luther King's day: the bank says so on the 19th."""
    assert [month.words[to][LATE] for to in (DEBITED, LONG_AFTER)] == ["Paid", NOT_PAID]
    person = month.persons[LATE]
    [mail] = [each for each in person.mails if "your bank did not pay" in each["subject"]]
    assert NOT_ALLOWED in " ".join(mail["text"].split())
    [mandate] = person.ask(f"/mandates/{person.enrollment_id}")
    assert mandate["state"] == "ended"
    cases = [each for each in person.ask("/cases") if each["kind"] == "return"]
    assert person.enrollment_id in [each["enrollment_id"] for each in cases]


def test_a_return_that_staff_drop_is_read_once_and_garbage_is_kept(month):
    person, bank = month.persons[GOOD], month.world.pump.bank
    name = person.ask("/bank/files")[0]["name"]
    taken = judge([bank.files[name]], bank.customer, people.THURSDAY).kept
    entry = next(each for each in taken if each.account.strip() == GOOD)
    now = datetime(2027, 1, 19, 14, tzinfo=UTC)
    body = answer_file([Answer(now, "R01", entry)], bank.customer, now)
    before = person.owed_cents
    for _ in range(3):
        assert "dropped" in person.tell("/bank/inbound", body)
        assert person.owed_cents == before + CENTS
    assert month.history(GOOD) == NOT_PAID
    cases = len(person.ask("/cases"))
    person.tell("/bank/inbound", b"this is no file of a bank")
    assert len(person.ask("/cases")) == cases + 1
    assert person.ask("/reconciliation")["agrees"]


def test_rule_33_only_on_their_way_to_the_bank_did_files_say_an_account_in_clear(month):
    found = month.canaries.found(month.world)
    assert {(kind, place) for kind, place in found if place != "the call PutObject"} == set()
    assert {kind for kind, _ in found} <= {"account"}
