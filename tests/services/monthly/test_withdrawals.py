"""The 22nd: what is owed and was told is taken, once; nobody stops the others (rules 25 to 28)."""

from contextlib import suppress
from dataclasses import replace

import pytest

from chalicelib.domain.enrollment import slot_of
from chalicelib.domain.letter_facts import about
from chalicelib.domain.run import RunState
from chalicelib.domain.withdrawal import Exclusion
from chalicelib.ports import HAND_OVER_MS
from chalicelib.repositories.codec import to_item
from chalicelib.repositories.held_feeds import HeldFeed
from tests.builders import NOW, a_mail, a_mandate, an_announcement
from tests.concurrently import at_once
from tests.monthly import MONTH, WITHDRAWAL, Exchange, at, charge, pay
from tests.stores import Crash, Interrupted

pytestmark = pytest.mark.all_slots
RUN = f"withdrawal#{MONTH}"
ONE = "EN000001"
NINE = at(22)


@pytest.fixture
def exchange():
    return Exchange()


def announced(exchange, name=ONE, cents=42480, **changed):
    announced = an_announcement(cents, enrollment_id=name, mandate_id=f"M{name}", **changed)
    exchange.store.write(exchange.system.records.mandates.announcing(announced))


# Amounts.


@pytest.mark.parametrize(
    ("owed", "cents_announced", "decided"),
    [
        (42480, 42480, ("claimed", 42480, None)),
        (63720, 42480, ("claimed", 42480, None)),
        (30000, 42480, ("claimed", 30000, None)),
        (0, 42480, ("skipped", 0, None)),
        (-100, 42480, ("skipped", 0, None)),
        (42480, 0, ("skipped", 0, None)),
        (42480, None, ("excluded", 0, "no_notice")),
    ],
)
def test_rule_25_taken_is_what_is_owed_and_never_more_than_was_told(
    exchange, owed, cents_announced, decided
):
    exchange.member(owed_cents=owed)
    if cents_announced is not None:
        announced(exchange, cents=cents_announced)
    exchange.withdraw()
    assert exchange.decision() == decided
    claimed = decided[1]
    assert exchange.entries() == ([(ONE, claimed)] if claimed else [])


def test_rule_25_what_came_on_top_waits_for_the_next_notice_visibly(exchange):
    exchange.member(plan_year=2027, mandate={"from_month": "2027-01"})
    exchange.tell(month="2027-01")
    charge(exchange, ONE, 21240, at(15, month="2027-01"), month="2027-03")
    exchange.withdraw(month="2027-01")
    assert exchange.decision(month="2027-01") == ("claimed", 42480, None)
    exchange.tell(month="2027-02")
    assert exchange.announced(month="2027-02") == 21240
    exchange.withdraw(month="2027-02")
    assert exchange.decision(month="2027-02") == ("claimed", 21240, None)


def test_rule_25_when_notice_and_authorization_exist_the_later_one_counts(exchange):
    enrollment = exchange.enroll()
    exchange.sign_up(enrollment, at(3))
    exchange.tell()
    charge(exchange, ONE, 10000, at(12))
    exchange.sign_up(enrollment, at(15))
    exchange.withdraw()
    assert exchange.decision() == ("claimed", 52480, None)


def test_rule_26_paid_before_the_claim_the_withdrawal_is_smaller_or_zero(exchange):
    for name, cents in ((ONE, 12480), ("EN000002", 42480), ("EN000003", 50000)):
        exchange.member(name)
        announced(exchange, name)
        pay(exchange, name, cents, at(20))
    exchange.withdraw()
    assert exchange.decision(ONE) == ("claimed", 30000, None)
    assert exchange.decision("EN000002") == exchange.decision("EN000003") == ("skipped", 0, None)


def test_rule_26_paid_after_the_claim_it_is_credit(exchange):
    exchange.member()
    announced(exchange)
    exchange.withdraw()
    pay(exchange, ONE, 10000, at(22, 10))
    assert exchange.standing(ONE, at(22, 11)).owed_cents == -10000


def slipped():
    """A member pays between the worker's reading of the books and its decision."""
    for n in range(1, 60):
        exchange = Exchange()
        exchange.member()
        announced(exchange)
        exchange.start(WITHDRAWAL, NINE)

        def act(other=exchange):
            if not other.decision():
                pay(other, ONE, 10000, at(22, 9, 1))

        worker = exchange.again(Interrupted(exchange.store, n, act))
        worker.work()
        if exchange.standing(ONE, NINE).owed_cents == -10000:
            return exchange
    raise AssertionError("there is no moment between reading and deciding")


def test_rule_26_a_payment_that_slips_between_read_and_claim_becomes_credit():
    exchange = slipped()
    assert exchange.decision() == ("claimed", 42480, None)
    assert exchange.entries() == [(ONE, 42480)]


def test_rule_26_and_a_mail_says_so():
    assert slipped().mails("credit") == [ONE]


# The decision and what follows from it.


def test_a_claim_is_a_line_an_entry_and_a_mail(exchange):
    mandate = exchange.member()
    announced(exchange)
    exchange.withdraw()
    line = exchange.system.records.books.line(ONE, RUN)
    assert (line.mandate_id, line.mandate_version) == (mandate.mandate_id, 1)  # I10
    [entry] = exchange.store.items["entries"].values()
    assert entry["payment_id"] == line.payment_id
    assert entry["account"]["sealed_number"] == mandate.account.sealed_number
    assert exchange.mails("withdrawal") == [ONE]
    facts = exchange.mail("withdrawal")
    assert (facts["cents"], facts["on"], facts["late"]) == (42480, "2026-12-22", False)
    assert exchange.cases() == {}
    assert exchange.counts(RUN) == (1, 1, 0, 0, 42480)


def test_a_zero_is_recorded_as_skipped_without_entry_or_mail(exchange):
    exchange.member(owed_cents=0)
    announced(exchange, cents=0)
    exchange.withdraw()
    assert exchange.decision() == ("skipped", 0, None)
    assert exchange.entries() == exchange.mails("withdrawal") == []
    assert exchange.counts(RUN) == (1, 0, 1, 0, 0)


def test_all_slots_are_frozen_before_any_shard_is_sent(exchange):
    exchange.start(WITHDRAWAL, NINE)
    frozen = [row for row in exchange.store.items["mandates"] if row[0] == f"freeze#{MONTH}"]
    assert len(frozen) == 1024
    for n in range(1, 24):  # opening, and the transactions of the freeze
        exchange = Exchange()
        with suppress(Crash):
            exchange.again(Interrupted(exchange.store, n)).start(WITHDRAWAL, NINE)
        rows = exchange.store.items["mandates"]
        assert exchange.queue.messages == [] or len(rows) == 1024


# Poison.


def corrupt_number(exchange):
    exchange.member(ONE, mandate={"account": exchange.account("somebody else")})


def bad_routing(exchange):
    exchange.member(ONE, mandate={"account": exchange.account(f"S{ONE}", routing="231380105")})


def above_ceiling(exchange):
    exchange.member(ONE, owed_cents=2_000_001)
    announced(exchange, cents=2_000_001)


def unknown_enrollment(exchange):
    exchange.member(ONE)
    exchange.forget("enrollments", slot_of(ONE), ONE)


def died(exchange):
    exchange.member(ONE, died=True)


def not_told(exchange):
    exchange.member(ONE)
    exchange.forget("mandates", str(slot_of(ONE)), f"announced#{MONTH}#{ONE}")


def held(exchange):
    exchange.member(ONE, mandate={"held": True})


def stopped(exchange):
    exchange.member(ONE)
    exchange.system.running.stop(RUN, f"M{ONE}", Exclusion.STOPPED)


def stopped_without_a_reason(exchange):
    exchange.member(ONE)
    exchange.system.running.stop(RUN, f"M{ONE}", "")


def returned(exchange):
    exchange.member(ONE)
    exchange.system.running.stop(RUN, f"M{ONE}", Exclusion.RETURNED)


def unreadable_row(exchange):
    exchange.member(ONE)
    exchange.spoil(ONE, standing=[{"mandate_id": 7}])


def unreadable_enrollment(exchange):
    exchange.member(ONE)
    key = slot_of(ONE), ONE
    exchange.store.items["enrollments"][key]["birth_on"] = "soon"


def unreadable_told(exchange):
    exchange.member(ONE)
    key = str(slot_of(ONE)), f"announced#{MONTH}#{ONE}"
    exchange.store.items["mandates"][key]["cents"] = "all"


def from_no_month(exchange):
    exchange.member(ONE)
    row = exchange.store.items["mandates"][str(slot_of(ONE)), f"live#{ONE}"]
    exchange.spoil(ONE, standing=[{**row["standing"][0], "from_month": "soon"}])


def of_another(exchange):
    exchange.member(ONE)
    row = exchange.store.items["mandates"][str(slot_of(ONE)), f"live#{ONE}"]
    exchange.spoil(ONE, standing=[{**row["standing"][0], "enrollment_id": "EN000009"}])


def without_its_list(exchange):
    exchange.member(ONE)
    del exchange.store.items["mandates"][str(slot_of(ONE)), f"live#{ONE}"]["standing"]


def in_held_feed(exchange):
    exchange.member(ONE)
    feeds = exchange.system.records.held_feeds
    slots = feeds.keep_harmed("a.csv@v1", [ONE])
    held = {"name": "a.csv@v1", "key": "a.csv", "digest": "", "columns": (), "why": ()}
    exchange.store.write(feeds.holding(HeldFeed(**held, arrived_at=NOW, slots=slots)))


def unreadable_ledger(exchange):
    exchange.member(ONE)
    exchange.store.items["ledger"][ONE, "opening"]["amount_cents"] = "all"


POISON = {
    corrupt_number: Exclusion.UNREADABLE_ACCOUNT,
    bad_routing: Exclusion.BAD_ROUTING,
    above_ceiling: Exclusion.ABOVE_CEILING,
    unknown_enrollment: Exclusion.UNKNOWN_ENROLLMENT,
    died: Exclusion.DIED,
    not_told: Exclusion.NO_NOTICE,
    held: Exclusion.HELD,
    in_held_feed: Exclusion.FEED_HELD,
    stopped: Exclusion.STOPPED,
    stopped_without_a_reason: Exclusion.STOPPED,
    returned: Exclusion.RETURNED,
    unreadable_row: Exclusion.UNREADABLE_MANDATE,
    from_no_month: Exclusion.UNREADABLE_MANDATE,
    of_another: Exclusion.UNREADABLE_MANDATE,
    without_its_list: Exclusion.UNREADABLE_MANDATE,
    unreadable_enrollment: Exclusion.UNKNOWN_ENROLLMENT,
    unreadable_told: Exclusion.NO_NOTICE,
    unreadable_ledger: Exclusion.UNREADABLE_LEDGER,
}


def neighbours(exchange):
    """Others in the same slot, before and after it in key order."""
    mine, found, n = slot_of(ONE), [], 0
    while len(found) < 2:
        n += 1
        name = f"{'DN' if not found else 'FN'}{n:06}"
        if slot_of(name) == mine:
            found.append(name)
            exchange.member(name)
    return found


@pytest.mark.parametrize("poison", POISON, ids=lambda poison: poison.__name__)
def test_invariant_15_a_bad_mandate_is_a_case_and_a_mail_and_stops_nobody(exchange, poison):
    others = neighbours(exchange)
    for name in (ONE, *others):
        exchange.store.write(
            exchange.system.records.mandates.announcing(
                an_announcement(
                    enrollment_id=name, mandate_id=f"M{name}", mail_id=f"notice.x.{name}"
                )
            )
        )
    promised_notice(exchange)
    poison(exchange)
    run = exchange.withdraw()
    assert run.state is RunState.CLOSED
    assert exchange.decision() == ("excluded", 0, POISON[poison])
    assert exchange.cases() == {f"excluded#{MONTH}#{ONE}": POISON[poison]}
    [case] = exchange.system.records.cases.open()
    assert (case.enrollment_id, case.phone) == (ONE, "+16175550123")
    assert exchange.mails("excluded") == [ONE]
    facts = exchange.mail("excluded")
    owed = {above_ceiling: 2_000_001, unreadable_ledger: None}.get(poison, 42480)
    assert (facts["cents"], facts["due_on"]) == (owed, "2026-12-23")
    assert [exchange.decision(name)[0] for name in others] == ["claimed"] * 2
    assert exchange.counts(RUN) == (3, 2, 0, 1, 2 * 42480)


def promised_notice(exchange):
    """The notice of the 10th, as the outbox keeps it: a bad row's address is found there."""
    mail = a_mail(
        mail_id=f"notice.x.{ONE}",
        kind="notice",
        facts=about(a_mandate(), a_mandate().account).stored(),
        created_at=an_announcement().announced_at,
    )
    exchange.system.records.outbox.add(mail)


def test_every_exclusion_of_the_run_is_among_them():
    # The evening's, the import's, and of a return.
    elsewhere = {Exclusion.TOO_LATE, Exclusion.CANCELLED, Exclusion.SANCTIONS}
    assert set(POISON.values()) | elsewhere == set(Exclusion)


def test_a_bad_row_that_nobody_was_told_about_is_a_case_all_the_same(exchange):
    unreadable_row(exchange)
    assert exchange.withdraw().state is RunState.CLOSED
    assert list(exchange.cases()) == [f"excluded#{MONTH}#{ONE}"]
    assert exchange.mails("excluded") == []


# Stop flags.


def test_a_stopped_shard_holds_up_no_other(exchange):
    for n in range(1, 9):
        exchange.member(f"EN00000{n}")
        announced(exchange, f"EN00000{n}")
    exchange.system.running.stop(RUN, "shard#001", "look at it")
    exchange.withdraw()
    names = [f"EN00000{n}" for n in range(1, 9)]
    there = {name for name in names if slot_of(name) >= 512}
    assert there
    assert {name for name in names if exchange.decision(name) is None} == there
    exchange.system.running.release(RUN, "shard#001", at(22, 10))
    exchange.work()
    assert exchange.counts(RUN)[:2] == (8, 8)
    assert exchange.system.records.runs.get(RUN).state is RunState.CLOSED


def test_a_stopped_run_takes_nothing(exchange):
    exchange.member()
    announced(exchange)
    exchange.system.running.stop(RUN, "run", "not today")
    exchange.withdraw()
    assert exchange.decision() is None


def test_what_was_decided_stays_when_a_mandate_is_stopped_later(exchange):
    exchange.member()
    announced(exchange)
    exchange.withdraw()
    exchange.system.running.stop(RUN, f"M{ONE}", Exclusion.STOPPED)
    exchange.withdraw(23)
    assert exchange.decision() == ("claimed", 42480, None)


# Late.


def test_rule_27_a_catch_up_takes_no_more_than_was_announced_and_mails_the_real_date(exchange):
    exchange.member()
    announced(exchange)
    charge(exchange, ONE, 21240, at(22, 20))
    exchange.withdraw(24)  # a Thursday; Christmas and a weekend follow
    assert exchange.decision() == ("claimed", 42480, None)
    facts = exchange.mail("withdrawal")
    assert (facts["on"], facts["late"]) == ("2026-12-28", True)


def test_rule_27_after_the_28th_nothing_is_taken_and_a_case_opens(exchange):
    exchange.member()
    announced(exchange)
    exchange.withdraw(29)
    assert exchange.decision() == ("excluded", 0, "too_late")
    assert exchange.cases() == {f"excluded#{MONTH}#{ONE}": "too_late"}
    assert exchange.mail("excluded")["due_on"] == "2026-12-23"


def test_rule_27_who_is_excluded_is_mailed_the_same_day(exchange):
    exchange.member()
    exchange.withdraw()
    exchange.post(at(22, 10))
    [(mail, _)] = exchange.here.mailer.sent
    assert (mail.kind, mail.created_at) == ("excluded", NINE)
    assert mail.facts["cents"] == 42480


def test_rule_28_the_month_is_that_of_the_scheduled_instant_in_new_york(exchange):
    assert exchange.start(WITHDRAWAL, at(22, 23)).run_id == RUN
    assert exchange.start(WITHDRAWAL, at(31, 23)).run_id == RUN
    assert exchange.start(WITHDRAWAL, at(1, 0, month="2027-01")).run_id == "withdrawal#2027-01"


def world(plan_year=2026, **settings):
    """One of each: claimed, claimed in part, skipped, excluded twice."""
    exchange = Exchange(**settings)
    for n, owed in enumerate((42480, 50000, 0, 42480, 42480), start=1):
        exchange.member(f"EN00000{n}", owed, mandate={"held": n == 4}, plan_year=plan_year)
        if n != 5:
            announced(exchange, f"EN00000{n}")
    return exchange


COUNTS = (5, 2, 1, 2, 84960)


def test_rule_28_the_same_run_three_times_late_and_out_of_order_changes_nothing():
    once = world()
    once.withdraw()
    exchange = world()
    for day in (22, 22, 24, 23, 28):
        exchange.start(WITHDRAWAL, at(day))
    first = exchange.queue.messages[:2]
    exchange.queue.messages += [*first, *first]
    exchange.work()
    for day in (25, 22):
        exchange.withdraw(day)
    assert exchange.counts(RUN) == COUNTS
    assert exchange.here.kept() == once.here.kept()


def same(exchange, calm, n):
    assert exchange.here.kept() == calm.here.kept(), f"after call {n}"


def test_invariant_11_a_worker_killed_at_any_call_leaves_one_decision_one_entry_one_mail():
    calm = world()
    calm.withdraw()
    died = 0
    for n in range(1, 200):
        exchange = world()
        worker = exchange.again(Interrupted(exchange.store, n))
        try:
            worker.withdraw()
        except Crash:
            died += 1
            again = exchange.again()
            again.work()  # the message comes again
            again.withdraw()  # and so does the calendar
        else:
            break
        same(exchange, calm, n)
        exchange.post(at(22, 10))
        assert exchange.pending() == []
        assert sorted(exchange.mails("withdrawal")) == ["EN000001", "EN000002"]
    assert died > 60


def test_invariant_10_an_entry_has_the_account_of_its_decision_whatever_the_bank_corrects_then():
    """The worker dies between the line and the entry, and a correction comes before the next."""
    exchange = world()
    exchange.start(WITHDRAWAL, NINE)
    for n in range(1, 200):
        with suppress(Crash):
            exchange.again(Interrupted(exchange.store, n)).work()
        if exchange.decision() and not exchange.entries():
            break
    corrected = exchange.account(f"S{ONE}", last4="0101", sealed_number="v1.1.other")
    [standing] = exchange.system.records.mandates.of(ONE).standing
    exchange.spoil(ONE, standing=[to_item(replace(standing, account=corrected))])
    exchange.again().work()
    decided = exchange.system.records.books.line(ONE, RUN).account
    [entry] = [e for e in exchange.store.items["entries"].values() if e["enrollment_id"] == ONE]
    assert entry["account"] == to_item(decided) != to_item(corrected)


def test_invariant_11_killed_again_and_again_it_still_finishes():
    calm = world()
    calm.withdraw()
    exchange = world()
    exchange.start(WITHDRAWAL, NINE)
    for _ in range(100):
        try:
            exchange.again(Interrupted(exchange.store, 13)).work()
        except Crash:
            continue
        break
    same(exchange, calm, "again and again")


def test_invariant_1_two_workers_of_one_shard_at_any_moment_are_one():
    calm = world(run_shards=1)
    calm.withdraw()
    met = []
    for n in range(1, 200):
        exchange, met = world(run_shards=1), []
        exchange.start(WITHDRAWAL, NINE)
        [message] = exchange.queue.take()

        def second(other=exchange, message=message, met=met):
            met.append(True)
            other.deliver(message)

        exchange.again(Interrupted(exchange.store, n, second)).deliver(message)
        same(exchange, calm, n)
        if not met:
            break
    assert n > 40


def test_invariant_25_two_runs_of_one_month_in_threads_are_one_run():
    calm = world()
    calm.withdraw()
    for _ in range(3):
        exchange = world()

        def whole(store=exchange.store):
            Exchange(store).withdraw()

        assert at_once([whole] * 3) == [None] * 3
        same(exchange, calm, "threads")


def test_with_little_time_left_the_run_is_the_same():
    calm = world()
    calm.withdraw()
    exchange = world()
    exchange.start(WITHDRAWAL, NINE)
    asked = iter(range(1000))
    exchange.work(lambda: HAND_OVER_MS - next(asked) % 2)
    assert next(asked) > 10
    same(exchange, calm, "hand-overs")


def test_invariant_14_nothing_that_is_done_after_the_freeze_changes_the_counts():
    exchange = world(plan_year=2027)
    exchange.start(WITHDRAWAL, NINE)
    exchange.sign_up(exchange.enroll("EN000006"), at(22, 9, 1))
    system = exchange.system
    system.mandating.cancel(exchange.standing(ONE, NINE), f"M{ONE}", None, at(22, 9, 1))
    exchange.sign_up(system.records.enrollments.get("EN000002"), at(22, 9, 2))
    exchange.work()
    assert exchange.counts(RUN) == COUNTS
    assert exchange.system.records.runs.get(RUN).state is RunState.CLOSED


# To the bank.


class Counter:
    """A bank that keeps what it was brought."""

    def __init__(self):
        self.files = {}

    def write(self, name, lines):
        self.files[name] = b"".join(lines)

    def send(self, name):
        assert name in self.files

    def has(self, name):
        return name in self.files

    def read(self, name):
        return iter([self.files[name]])


@pytest.fixture
def bank(exchange):
    exchange.system.__dict__["bank"] = bank = Counter()
    return bank


def dates(bank):
    """The effective entry date of each batch, as the bank reads it."""
    lines = b"".join(bank.files.values()).split(b"\n")
    return [line[69:75].decode() for line in lines if line.startswith(b"5")]


def test_rule_27_what_is_claimed_on_the_last_day_of_february_goes_to_the_bank_in_march(
    exchange, bank
):
    """February 28, 2027 is a Sunday: the next collection is on March 1."""
    exchange.member(plan_year=2027, mandate={"from_month": "2027-02"})
    announced(exchange, month="2027-02")
    exchange.withdraw(28, month="2027-02")
    assert exchange.mail("withdrawal")["on"] == "2027-03-02"
    exchange.system.transmission_job.collect(at(1, 18, month="2027-03"))
    assert dates(bank) == ["270302"]
    exchange.system.transmission_job.collect(at(2, 18, month="2027-03"))
    assert len(bank.files) == 1


def test_rule_28_what_is_claimed_in_the_morning_goes_at_noon_with_that_days_date(exchange, bank):
    exchange.member()
    announced(exchange)
    exchange.withdraw()
    exchange.system.transmission_job.send_same_day(at(22, 12))
    exchange.system.transmission_job.collect(at(22, 18))
    assert dates(bank) == ["261222"]


def test_rule_27_when_the_same_day_cut_off_is_missed_a_mail_says_so(exchange, bank):
    exchange.member()
    announced(exchange)
    exchange.start(WITHDRAWAL, NINE)
    exchange.system.transmission_job.send_same_day(at(22, 12))
    exchange.work()  # the queue was slow
    exchange.system.transmission_job.collect(at(22, 18))
    assert dates(bank) == ["261223"]
    assert exchange.mail("withdrawal")["on"] == "2026-12-23"
