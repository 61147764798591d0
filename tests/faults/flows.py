"""What is done with a fault in it: each flow of the business, from a town where it is about to be.

`prepare` runs once and without faults; of `act`, each call goes wrong in each way.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as dataclass_replace
from typing import Any

from chalicelib.domain.acknowledgement import HEADER
from chalicelib.domain.credit import WhyBack
from chalicelib.domain.payment import EntryKind
from chalicelib.store import Remove
from infra.offline.bank.answers import Answer
from infra.offline.bank.outgoing import answer_file
from tests.builders import a_feed
from tests.faults.town import (
    FOUR,
    ONE,
    SSNS,
    THREE,
    TWO,
    all_pay,
    at_review,
    debits,
    enroll,
    found,
    live_mandate,
    on,
    payment_of,
    pays,
    ready,
    row,
    send,
    signed,
    step,
    waiting,
)
from tests.faults.world import FEEDS, INBOUND, OUTBOUND, Member, World
from tests.member import BANK, claim_of
from tests.monthly import at

EVENING, NOON = at(3, 18), at(22, 12)


@dataclass(frozen=True)
class Flow:
    """`days` of December go on afterwards."""

    prepare: Callable[[World], None]
    act: Callable[[World], None]
    days: tuple[int, ...] = (3, 4, 8, 10, 22, 23, 24, 28)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.act.__name__

    def start(self) -> World:
        """The town, about to act."""
        world = World(at(1, 5), **self.settings)
        self.prepare(world)
        world.quiet()
        world.triggers.clear()
        world.delivered.clear()
        return world


FLOWS: dict[str, Flow] = {}


def flow(prepare: Callable[[World], None], **more: Any) -> Callable[[Callable[[World], None]], Any]:
    """Registers what is done, with the town that it is done in."""

    def register(act: Callable[[World], None]) -> Callable[[World], None]:
        FLOWS[act.__name__] = Flow(prepare, act, **more)
        return act

    return register


# --- the feed ----------------------------------------------------------------------------------


def known_town(world: World) -> None:
    enroll(world, row(ONE), row(TWO))


@flow(known_town)
def feed(world: World) -> None:
    """Two change, two are new, one is bad; in two parts."""
    world.reach(at(2, 4))
    bad = row(FOUR, enrollment_id="EN000009", birth_date="1980-02-31", ssn="412-81-1009")
    rows = (row(ONE, premium="231.00"), row(TWO, plan_name="Gold"), bad, row(THREE), row(FOUR))
    world.arrives(f"{FEEDS}next.csv", a_feed(*rows))
    world.quiet()


# --- members -----------------------------------------------------------------------------------


def a_member(*names: str, **how: Any) -> Callable[[World], None]:
    """At review, with every answer given."""

    def prepare(world: World) -> None:
        last = {"subscriber_id": "SUB1", "ssn": SSNS[ONE], "last_name": row(ONE)["last_name"]}
        this_year = {
            "plan_year": "2026",
            "coverage_start": "2026-01-01",
            "billed_through": "2026-12",
        }
        this_year |= {"coverage_end": "2026-12-31", "selected_at": "2025-11-20T15:00:00Z"}
        other = row(TWO, **last, **this_year) if TWO in names else row(TWO)
        enroll(world, row(ONE), other, row(THREE))
        world.reach(at(3, 10))
        member, fields = at_review(world, *names, **how)
        ready(world, member, "/review", fields)

    return prepare


@flow(a_member(ONE))
def submit_one(world: World) -> None:
    send(world)


@flow(a_member(ONE, TWO))
def submit_two(world: World) -> None:
    send(world)


@flow(a_member(ONE, monthly=True, pay="other", amount="100.00"))
def set_up(world: World) -> None:
    send(world)


def has_monthly(world: World) -> None:
    enroll(world, row(ONE), row(TWO))
    pays(world, ONE, monthly=True, pay="other", amount="100.00")
    world.reach(at(4, 10))


def wants_another(world: World) -> None:
    has_monthly(world)
    how = {"monthly": True, "pay": "other", "amount": "50.00", "number": "000987654321"}
    ready(world, *_review(at_review(world, ONE, visit="again ", **how)))


def _review(there: tuple[Member, dict[str, str]]) -> tuple[Member, str, dict[str, str]]:
    return there[0], "/review", there[1]


@flow(wants_another)
def replace(world: World) -> None:
    send(world)


def wants_to_cancel(world: World) -> None:
    has_monthly(world)
    member = found(world, ONE, to="recurring")
    step(world, "recurring", member, "/recurring")
    ready(world, member, "/recurring", {"cancel": live_mandate(world), "confirm_cancel": "yes"})


@flow(wants_to_cancel)
def cancel(world: World) -> None:
    send(world)


def wants_to_be_reached_otherwise(world: World) -> None:
    wants_to_cancel(world)
    member = waiting(world)
    new = {"email": "other@example.com", "email_again": "other@example.com"}
    fields = {"contact": live_mandate(world), **new, "phone": "617-555-0199"}
    ready(world, member, "/recurring", fields)


@flow(wants_to_be_reached_otherwise)
def change_contact(world: World) -> None:
    send(world)


def wants_to_undo(world: World) -> None:
    wants_to_cancel(world)
    name = live_mandate(world)
    send(world)
    world.reach(at(5, 10))
    member = found(world, ONE, to="recurring")
    step(world, "recurring", member, "/recurring")
    ready(world, member, "/recurring", {"undo": name})


@flow(wants_to_undo)
def undo(world: World) -> None:
    send(world)


def after_the_freeze(world: World) -> None:
    has_monthly(world)
    world.lives(at(21, 23), on(4, 10))
    world.fire("withdraw", at(22, 9))
    world.quiet()
    world.reach(at(22, 10))
    member = found(world, ONE, to="recurring")
    step(world, "recurring", member, "/recurring")
    ready(world, member, "/recurring", {"cancel": live_mandate(world), "confirm_cancel": "yes"})


@flow(after_the_freeze, days=(22, 23, 24, 28))
def cancel_after_the_freeze(world: World) -> None:
    send(world)


# --- the steps before ---------------------------------------------------------------------------


def looking(world: World) -> None:
    """About to say who they are."""
    enroll(world)
    world.reach(at(3, 10))
    member = Member(world, source_ip="203.0.113.1")
    step(world, "looks", member, "/find")
    ready(world, member, "/find", {**claim_of(row(ONE)), "to": "pay"})


@flow(looking, days=(3,))
def find(world: World) -> None:
    send(world)


def was_found(world: World) -> None:
    enroll(world)
    world.reach(at(3, 10))
    member = found(world)
    step(world, "looks", member, "/contact")
    mail = f"{ONE.lower()}@example.com"
    ready(world, member, "/contact", {"email": mail, "email_again": mail, "phone": "617-555-0123"})


@flow(was_found, days=(3,))
def contact(world: World) -> None:
    send(world)


def at_billing(world: World) -> None:
    was_found(world)
    send(world)
    member = waiting(world)
    step(world, "looks", member, "/billing")
    ready(world, member, "/billing", {**BANK, f"pay_{ONE}": "total"})


@flow(at_billing, days=(3,))
def bank_account(world: World) -> None:
    send(world)


def sees_all_plans(world: World) -> None:
    """In a visit that has a journey, about to open the next one."""
    at_billing(world)
    member = waiting(world)
    step(world, "looks", member, "/plans")
    ready(world, member, "/plans", {f"choose_{ONE}": "yes"})


@flow(sees_all_plans, days=(3,))
def open_journey(world: World) -> None:
    send(world)


def wants_to_leave(world: World) -> None:
    sees_all_plans(world)
    member = waiting(world)
    ready(world, member, "/finish", {})


@flow(wants_to_leave, days=(3,))
def finish(world: World) -> None:
    send(world)


# --- the calendar ------------------------------------------------------------------------------


def to_be_billed(world: World) -> None:
    """One has monthly payments and an end of coverage before the month; two are billed."""
    unbilled = {"balance": "0.00", "billed_through": "2026-12"}
    enroll(world, row(ONE, **unbilled), row(TWO, **unbilled), row(THREE))


@flow(to_be_billed, days=(2, 3, 10))
def billing(world: World) -> None:
    world.fire("bill", at(1, 6))
    world.quiet()


def to_be_told(world: World) -> None:
    enroll(world)
    for name in (ONE, TWO, THREE):
        pays(world, name, monthly=True, pay="other", amount="100.00" if name != TWO else "424.80")
    world.lives(at(9, 23), on(3, 4, 8))


@flow(to_be_told, days=(10, 11, 12, 22, 23, 24, 28))
def notice(world: World) -> None:
    world.fire("notify", at(10, 9))
    world.quiet()


def to_be_withdrawn(world: World) -> None:
    """Two are claimed, one owes nothing, and one was never told."""
    to_be_told(world)
    pays(
        world,
        FOUR,
        when=at(9, 23, 30),
        monthly=True,
        pay="other",
        amount="50.00",
        number="99000001",
    )
    world.lives(at(21, 23), on(10, 11, 14))
    told = world.state.store.items["mandates"]
    for key in [key for key in told if key[1] == f"announced#2026-12#{ONE}"]:
        world.state.store._apply(Remove("mandates", key))


@flow(to_be_withdrawn, days=(22, 23, 24, 28, 29))
def withdrawal(world: World) -> None:
    world.fire("withdraw", at(22, 9))
    world.quiet()


def withdrawn(world: World) -> None:
    to_be_withdrawn(world)
    world.fire("withdraw", at(22, 9))
    world.quiet()


@flow(withdrawn, days=(22, 23, 24, 28, 29))
def same_day(world: World) -> None:
    world.fire("send_same_day", NOON)
    world.quiet()


@flow(all_pay, days=(3, 4, 8, 10, 22))
def collection(world: World) -> None:
    world.fire("collect", EVENING)
    world.quiet()


def collected(world: World) -> None:
    all_pay(world)
    world.fire("collect", EVENING)
    world.quiet()


@flow(collected, days=(3, 4, 8, 10, 22))
def acknowledgement(world: World) -> None:
    world.reach(at(3, 18, 31))


def returning(number: str) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        enroll(world)
        pays(world, ONE, monthly=True, pay="other", amount="100.00", number=number)
        pays(world, TWO, number=number)
        pays(world, THREE)
        world.lives(at(8, 7), on(3, 4))

    return prepare


@flow(returning("99000001"), days=(8, 10, 22, 24, 28))
def returned(world: World) -> None:
    """R01 before the freeze."""
    world.reach(at(8, 8, 1))


@flow(returning("99000002"), days=(8, 10, 22, 24, 28))
def account_closed(world: World) -> None:
    """R02 before the freeze."""
    world.reach(at(8, 8, 1))


@flow(returning("99000101"), days=(8, 10, 22, 24, 28))
def corrected(world: World) -> None:
    """C01."""
    world.reach(at(8, 8, 1))


def withdrawals_return(number: str) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        enroll(world)
        pays(world, ONE, monthly=True, pay="other", amount="100.00")
        pays(world, TWO, monthly=True, pay="other", amount="100.00")
        for name in (ONE, TWO):
            debits(world, name, number)
        world.lives(at(24, 7), on(3, 4, 8, 10, 22, 23))

    return prepare


@flow(withdrawals_return("99000001"), days=(24, 28, 29))
def withdrawal_returned(world: World) -> None:
    """R01 after the freeze."""
    world.reach(at(24, 8, 1))


@flow(withdrawals_return("99000002"), days=(24, 28, 29))
def withdrawal_refused(world: World) -> None:
    """R02 after the freeze."""
    world.reach(at(24, 8, 1))


def to_be_settled(world: World) -> None:
    all_pay(world)
    world.lives(at(8, 19), on(3, 4))


@flow(to_be_settled, days=(8, 10, 22))
def settling(world: World) -> None:
    world.fire("settle", at(8, 20))
    world.quiet()


# --- what went wrong before --------------------------------------------------------------------


def lost_news(world: World) -> None:
    """A feed and a file of the bank lie there, and no event told of them."""
    returning("99000001")(world)
    assert world.state.counter
    world.reach(at(8, 7, 55))
    for each in world.state.counter.deliveries(at(8, 8, 1)):
        world.state.drop(f"{INBOUND}{each.name}", each.data)
    world.state.drop(f"{FEEDS}lost.csv", a_feed(row(TWO, plan_name="Gold Care"), row(FOUR)))


@flow(lost_news, days=(8, 10, 22, 24, 28))
def tell_again(world: World) -> None:
    world.fire("tell_again", at(8, 9, 30))
    world.quiet()


def cut_off(world: World) -> None:
    """The collection died each time before its file was put out."""
    all_pay(world)
    dies(world, "collect", EVENING)


def dies(world: World, handler: str, when: Any) -> None:
    """S3 takes no file for the bank as long as AWS tries."""
    world.gate.is_down = lambda name: name == "s3"
    world.fire(handler, when)
    world.quiet()
    world.gate.is_down = None
    assert world.state.dead
    assert not world.state.has
    world.state.dead.clear()
    world.failures.clear()
    world.later.clear()


@flow(cut_off, days=(3, 4, 8, 10, 22))
def send_again(world: World) -> None:
    world.fire("send_again", at(3, 19, 30))
    world.quiet()


def date_has_come(world: World) -> None:
    cut_off(world)
    world.reach(at(4, 12))


@flow(date_has_come, days=(4, 8, 9, 10, 22))
def send_later(world: World) -> None:
    """With another date, after members were told."""
    world.fire("send_again", at(4, 12, 30))
    world.quiet()


def many_pay(world: World) -> None:
    """More than one file holds."""
    enroll(world)
    for name in SSNS:
        pays(world, name, monthly=name in (TWO, THREE), pay="other", amount="100.00")
        pays(world, name, when=at(3, 11), pay="other", amount="50.00", visit="again ")


@flow(many_pay, days=(3, 4, 8, 10, 22), settings={"bank_most_lines": 10})
def many_files(world: World) -> None:
    world.fire("collect", EVENING)
    world.quiet()


def half_worked(world: World) -> None:
    """On the 22nd nobody delivered what waits for the workers; the next day starts again."""
    to_be_withdrawn(world)
    world.closed.add("work")
    world.fire("withdraw", at(22, 9))
    world.state.queues["work"].clear()
    world.closed.clear()
    world.lives(at(22, 23), on(22))


@flow(half_worked, days=(23, 24, 28, 29))
def catch_up(world: World) -> None:
    world.fire("withdraw", at(23, 9))
    world.quiet()


@flow(withdrawn, days=(22, 23, 24, 28, 29))
def watch(world: World) -> None:
    world.fire("watch", at(22, 15))
    world.quiet()


@flow(all_pay, days=(3, 4, 8, 10))
def unknown_return(world: World) -> None:
    """A return of an entry that is not ours: suspense."""
    world.lives(at(4, 9), on(3))
    [first, *_] = world.taken()
    other = dataclass_replace(first, person_id="ZZZZZZZZZZZZZZZ", trace="231380109999999")
    answer = Answer(world.now(), "R01", other)
    world.arrives(f"{INBOUND}unknown.ach", answer_file([answer], world.customer, world.now()))
    world.quiet()


@flow(collected, days=(3, 4, 8, 10))
def garbled(world: World) -> None:
    """A file of the bank that nobody can read: quarantine."""
    world.reach(at(4, 9))
    world.arrives(f"{INBOUND}garbled.ach", b"101 nobody\nreads this\n")
    world.quiet()


# --- mail --------------------------------------------------------------------------------------


def mails_wait(world: World) -> None:
    """Three letters are promised, and nobody was told of them."""
    world.closed.add("mail")
    all_pay(world)
    world.state.notes["told"] = [json.loads(m.body) for m in world.state.queues["mail"]]
    world.state.queues["mail"].clear()
    world.closed.clear()


@flow(mails_wait, days=(3,))
def mail_sender(world: World) -> None:
    """Three letters in one batch."""
    world.state.put("mail", world.state.notes["told"])
    world.quiet()


@flow(mails_wait, days=(3,))
def sweeper(world: World) -> None:
    world.fire("sweep", at(3, 11))
    world.quiet()


# --- staff -------------------------------------------------------------------------------------


def came_back(world: World) -> None:
    returning("99000001")(world)
    world.lives(at(8, 10), on(8))


@flow(came_back, days=(8, 9, 10, 11, 22))
def retry(world: World) -> None:
    payment_id, by = payment_of(world, TWO), signed(world)
    world.commands("retry", lambda here: here.retrying.release(TWO, payment_id, by))
    world.quiet()


def _answers(world: World, name: str, code: str) -> None:
    """The bank sends back the newest payment of an enrollment."""
    payment_id = payment_of(world, name)
    [entry] = [each for each in world.taken() if each.person_id.strip() == payment_id]
    body = answer_file([Answer(world.now(), code, entry)], world.customer, world.now())
    world.arrives(f"{INBOUND}{code}.ach", body)
    world.quiet()


def wrong_terms(world: World) -> None:
    all_pay(world)
    world.lives(at(8, 7), on(3, 4))
    _answers(world, ONE, "R11")
    world.lives(at(8, 10), on(8))


@flow(wrong_terms, days=(8, 9, 10, 11, 22))
def correct(world: World) -> None:
    """What came back as R11 goes once more, put right (rule 51)."""
    payment_id, by = payment_of(world), signed(world)
    put_right = (ONE, payment_id, by, 20000)
    world.commands("correct", lambda here: here.retrying.release(*put_right))
    world.quiet()


@flow(collected, days=(3, 4, 8, 10))
def recall(world: World) -> None:
    """Our bank is asked for a return, and it comes (rule 51)."""
    world.reach(at(4, 9))
    payment_id, by = payment_of(world), signed(world)
    world.commands("recall", lambda here: here.disputes.recall(ONE, payment_id, by))
    _answers(world, ONE, "R06")


def overpaid(world: World) -> None:
    enroll(world)
    pays(world, ONE, pay="other", amount="500.00")
    world.lives(at(9, 9), on(3, 4, 8))


def _proposes(world: World) -> None:
    payment_id, by = payment_of(world), signed(world)
    what = (EntryKind.REFUND, WhyBack.CREDIT, ONE, payment_id, 7520, by)
    world.commands("propose", lambda here: here.crediting.propose(*what))
    world.quiet()


@flow(overpaid, days=(9, 10, 22))
def propose(world: World) -> None:
    _proposes(world)


def _releases(world: World, who: str) -> None:
    rows = world.state.store.items["payments"].values()
    [credit_id] = [each["credit_id"] for each in rows if "credit_id" in each]
    by = signed(world, who)
    world.commands(f"release {who}", lambda here: here.crediting.release(credit_id, by))
    world.quiet()


def proposed(world: World) -> None:
    overpaid(world)
    _proposes(world)


@flow(proposed, days=(9, 10, 11, 14, 22))
def release(world: World) -> None:
    """By two people."""
    _releases(world, "Ada")
    _releases(world, "Grace")


def refused_file(world: World) -> None:
    all_pay(world)
    world.fire("collect", EVENING)
    world.quiet()
    assert world.state.counter
    world.state.counter._receipts.clear()  # it says something else
    [key] = world.state.has
    name = key.removeprefix(OUTBOUND)
    world.state.has[key] = []
    totals = next(
        f"{file['entries']},{file['debit_cents']},{file['credit_cents']}"
        for kept in world.state.store.items["transmissions"].values()
        for file in kept.get("files", ())
    )
    said = f"{HEADER.decode()}\n{name},refused,{totals},file: sender\n"
    world.reach(at(3, 18, 30))
    world.arrives(f"{INBOUND}word.csv", said.encode())
    world.reach(at(4, 10))
    world.state.notes["file"] = name


@flow(proposed, days=(9, 10, 11, 14, 22))
def drop(world: World) -> None:
    rows = world.state.store.items["payments"].values()
    [credit_id] = [each["credit_id"] for each in rows if "credit_id" in each]
    by = signed(world)
    world.commands("drop", lambda here: here.crediting.drop(credit_id, by))
    world.quiet()


@flow(withdrawn, days=(22, 23, 24, 28, 29))
def stop_and_go_on(world: World) -> None:
    """Staff stop a mandate's withdrawal before it is decided, and take that back."""
    name = live_mandate(world, THREE)
    by = signed(world)
    run = "withdrawal#2027-01"
    world.commands("stop", lambda here: here.running.stop(run, name, "she asked", by))
    world.commands("go on", lambda here: here.running.release(run, name, world.now(), by))
    world.quiet()


@flow(refused_file, days=(4, 8, 10, 22))
def undo_file(world: World) -> None:
    by = signed(world)
    name = world.state.notes["file"]
    world.commands("undo", lambda here: list(here.undoing.undo(name, by)))
    world.quiet()
