"""What the bank says, and staff decide from the terminal: suspense, quarantine, R13 (49, 52)."""

import shlex
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

import pytest

from chalicelib.domain.ach import findings
from chalicelib.domain.ach.findings import Fault
from chalicelib.domain.ledger import came_back, owed
from infra.offline.bank.answers import Answer, answer_to
from infra.offline.bank.judge import judge
from infra.offline.bank.outgoing import answer_file
from infra.staff.case_commands import ENDING, commands_of
from tests.domain.ach.by_hand import patched

NOW = datetime(2027, 1, 12, 14, tzinfo=UTC)
NOBODY = "HCKLMNPQRSTU234"
AGREED = ("--reason", "the bank says so", "--yes")


@pytest.fixture(scope="module")
def taken(world):
    """Debits of payments of the page, in the bank's hands; of those that it pays."""
    world.pump.move(NOW)
    bank = world.pump.bank
    files = [judge([body], bank.customer, NOW).kept for body in bank.files.values()]
    debits = [each for each in chain(*files) if each.is_debit and not each.is_prenote]
    return [each for each in debits if answer_to(each) is None]


@pytest.fixture
def drops(world):
    """A file of the bank is dropped, and read."""

    def drops(name, body):
        world.pump.bank.drop(f"inbound/bank/{name}", body)
        world.pump.settle()

    return drops


@pytest.fixture(scope="module")
def whose(world):
    """The enrollment that a debit of the bank's is of."""
    books, enrollments = world.system.records.books, world.system.records.enrollments
    names = [each for slot in range(1024) for each in enrollments.in_slot(slot)]
    lines = [line for each in names for line in books.lines(each) if line.payment_id]
    found = {line.payment_id: line.enrollment_id for line in lines}
    return lambda entry: found[entry.person_id.strip()]


@pytest.fixture
def in_suspense(world, taken, drops, said, whose):
    """A return of a payment that names nobody of ours: its payment id, enrollment, and case."""

    def in_suspense(n, code="R09"):
        entry = taken[n]
        answer = Answer(NOW, code, replace(entry, person_id=NOBODY, trace="0" * 15))
        drops(f"odd-{n}.ach", answer_file([answer], world.pump.bank.customer, NOW))
        case = said("suspense", "list")[-1]["case"]
        return entry.person_id.strip(), whose(entry), case

    return in_suspense


def owes(world, name):
    return owed(world.system.records.books.lines(name))


def test_rule_52_a_return_is_weighed_booked_by_two_and_gone(world, staff, said, in_suspense):
    payment_id, name, case = in_suspense(0)
    before = owes(world, name)
    assert case in staff("suspense", "list").stdout
    shown = staff("suspense", "show", case)
    assert shown.exit_code == 0, shown.output
    assert "R09, uncollected funds" in shown.stdout
    assert said("suspense", "show", case)["id"] == NOBODY
    ends = staff("case", "show", case).stdout
    assert f"suspense book '{case}' --to PAYMENT" in ends
    refused = staff("case", "close", case, *AGREED)
    assert (refused.exit_code, "suspense drop" in refused.stderr) == (1, True)
    first = staff("suspense", "book", case, "--to", payment_id, *AGREED)
    assert (first.exit_code, "A second person" in first.stdout) == (0, True), first.output
    assert owes(world, name) == before
    second = staff("suspense", "book", case, "--to", payment_id, "--by", "Ben", *AGREED)
    assert (second.exit_code, second.stdout.strip()) == (0, f"Booked to {payment_id}.")
    assert owes(world, name) > before
    assert case not in staff("suspense", "list").stdout
    lines = staff("audit", "--enrollment", name).stdout
    assert f"R09 booked to {payment_id}" in lines


def test_rule_52_a_correction_is_booked_by_two(staff, said, in_suspense):
    payment_id, name, case = in_suspense(3, "C01")
    assert said("suspense", "show", case)["code"] == "C01, account number"
    assert staff("suspense", "book", case, "--to", payment_id, *AGREED).exit_code == 0
    done = staff("suspense", "book", case, "--to", payment_id, "--by", "Ben", *AGREED)
    assert (done.exit_code, done.stdout.strip()) == (0, f"Booked to {payment_id}.")
    assert f"C01 booked to {payment_id}" in staff("audit", "--enrollment", name).stdout


def test_rule_52_a_correction_with_letters_is_booked_and_then_waits_to_be_typed(
    world, staff, said, drops, taken
):
    odd = replace(taken[7], person_id=NOBODY, trace="0" * 15)
    answer = answer_file([Answer(NOW, "C01", odd)], world.pump.bank.customer, NOW)
    rows = answer.decode().splitlines()
    rows = [patched(row, {36: f"{'0012A34567':29}"}) if row[:3] == "798" else row for row in rows]
    drops("odd-letters.ach", "\n".join(rows).encode())
    case, payment_id = said("suspense", "list")[-1]["case"], taken[7].person_id.strip()
    for who in ("Ada", "Ben"):
        done = staff("suspense", "book", case, "--to", payment_id, "--by", who, *AGREED)
        assert done.exit_code == 0, done.output
    [waits] = [each["case"] for each in said("cases") if each["case"].startswith("change#")]
    assert staff("correction", "show", waits).exit_code == 0
    assert staff("case", "close", waits, *AGREED).exit_code == 0


def test_rule_52_dropped_by_two(world, staff, in_suspense):
    _, name, case = in_suspense(1)
    before = owes(world, name)
    assert "still fits" in staff("suspense", "again", case, *AGREED).stderr
    assert "A second person" in staff("suspense", "drop", case, *AGREED).stdout
    done = staff("suspense", "drop", case, "--by", "Ben", *AGREED)
    assert (done.exit_code, owes(world, name)) == (0, before)
    again = staff("suspense", "drop", case, "--by", "Ben", *AGREED)
    assert (again.exit_code, "Nothing waits under" in again.stderr) == (1, True)


@pytest.mark.parametrize("words", [("show",), ("again", *AGREED), ("drop", *AGREED)])
def test_what_does_not_wait_is_said(staff, taken, words):
    answer = staff("suspense", words[0], "suspense#x@2027-01-12", *words[1:])
    assert (answer.exit_code, "Nothing waits under" in answer.stderr) == (1, True)
    answer = staff("quarantine", "show", "quarantine#x@1")
    assert (answer.exit_code, "No file waits under" in answer.stderr) == (1, True)


def test_rule_52_a_file_in_quarantine_is_shown_and_stays_while_it_can_not_be_read(
    staff, said, drops, taken
):
    drops("page.ach", b"<html>503 Service Unavailable</html>\n")
    [row] = said("quarantine", "list")
    case = row["case"]
    assert case.startswith("unreadable_file#page.ach@")
    assert case in staff("quarantine", "list").stdout
    assert "undefined_record" in staff("quarantine", "show", case).stdout
    assert said("quarantine", "show", case)["sound"] == 0
    still = staff("quarantine", "again", case, *AGREED)
    assert (still.exit_code, "still can't be relied on" in still.stderr) == (1, True), still.output
    assert said("quarantine", "list") == [row]
    assert staff("case", "close", case, *AGREED).exit_code == 0
    gone = staff("quarantine", "again", case, *AGREED)
    assert (gone.exit_code, "No file waits under" in gone.stderr) == (1, True)


def test_rule_52_what_the_reader_has_learned_to_read_is_booked_once(
    world, staff, said, drops, taken, monkeypatch
):
    entry = taken[2]
    body = answer_file([Answer(NOW, "R09", entry)], world.pump.bank.customer, NOW)
    rows = body.splitlines(keepends=True)
    drops("odd.ach", b"".join([*rows[:1], b"?" * 94 + b"\n", *rows[1:]]))
    [row] = said("quarantine", "list")
    assert row["case"].startswith("quarantine#odd.ach@")
    before = world.rows("ledger")
    kinds = (Fault.UNDEFINED_RECORD, Fault.FILE_DISAGREES)
    monkeypatch.setattr(findings, "HARMLESS", findings.HARMLESS | {*kinds})
    done = staff("quarantine", "again", row["case"], *AGREED)
    assert (done.exit_code, "1 items of it" in done.stdout) == (0, True), done.output
    assert said("quarantine", "list") == []
    assert world.rows("ledger") == before


def test_rule_52_a_correction_that_can_not_be_read_is_applied_as_two_people_type_it(
    world, staff, said, drops, taken, whose
):
    answer = Answer(NOW, "C01", taken[5])
    rows = answer_file([answer], world.pump.bank.customer, NOW).decode().splitlines()
    odd = [patched(row, {36: f"{'0012A34567':29}"}) if row[:3] == "798" else row for row in rows]
    drops("letters.ach", "\n".join(odd).encode())
    case = next(each["case"] for each in said("cases") if each["case"].startswith("change#"))
    shown = staff("correction", "show", case)
    assert (shown.exit_code, "wrote: ******4567" in shown.stdout) == (0, True), shown.output
    assert "0012A3" not in shown.stdout
    typed = ("correction", "apply", case, "--account", "1234567", *AGREED)
    first = staff(*typed)
    assert (first.exit_code, "A second person" in first.stdout) == (0, True), first.output
    done = staff(*typed, "--by", "Ben")
    assert (done.exit_code, done.stdout.strip()) == (0, f"Corrected: {case}.")
    gone = staff(*typed)
    assert (gone.exit_code, "No correction waits" in gone.stderr) == (1, True)


def test_rule_52_a_correction_with_letters_is_refused_by_one_in_the_next_file(
    world, staff, said, drops, taken, whose
):
    answer = Answer(NOW, "C01", taken[7])
    rows = answer_file([answer], world.pump.bank.customer, NOW).decode().splitlines()
    odd = [patched(row, {36: f"{'0012B34567':29}"}) if row[:3] == "798" else row for row in rows]
    drops("more-letters.ach", "\n".join(odd).encode())
    case = next(each["case"] for each in said("cases") if each["case"].startswith("change#"))
    shown = staff("correction", "show", case)
    assert "may be refused as: C65, its corrected data" in shown.stdout, shown.output
    unknown = staff("correction", "refuse", case, "--code", "C70", *AGREED)
    assert (unknown.exit_code, "C69: its transaction code" in unknown.stderr) == (1, True)
    done = staff("correction", "refuse", case, *AGREED)
    assert (done.exit_code, "Refused, C65: it goes" in done.stdout) == (0, True), done.output
    again = staff("correction", "refuse", case, *AGREED)
    assert (again.exit_code, "It was refused before" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "Say what is right"),
        (("--account", "12A"), "4 to 17 digits"),
        (("--routing", "231380105"), "a routing number nine"),
        (("--type", "gold"), "checking or savings"),
    ],
)
def test_what_is_typed_wrongly_is_said(staff, taken, words, says):
    answer = staff("correction", "apply", "change#x#C01#0", *words, *AGREED)
    assert (answer.exit_code, says in answer.stderr) == (1, True)


def test_rule_51_money_of_a_dishonored_return_is_booked_by_two(world, staff, drops, taken, whose):
    books = world.system.records.books
    entry = next(
        each
        for each in taken[6:]
        if each.person_id.strip() not in came_back(books.lines(whose(each)))
    )
    payment_id, name = entry.person_id.strip(), whose(entry)
    none = staff("dispute", "close", name, payment_id, *AGREED)
    assert (none.exit_code, "has not come back" in none.stderr) == (1, True)
    drops("back.ach", answer_file([Answer(NOW, "R09", entry)], world.pump.bank.customer, NOW))
    before = owes(world, name)
    first = staff("dispute", "close", name, payment_id, *AGREED)
    assert (first.exit_code, "A second person" in first.stdout) == (0, True), first.output
    done = staff("dispute", "close", name, payment_id, "--by", "Ben", *AGREED)
    assert (done.exit_code, done.stdout.strip()) == (0, f"Booked: {payment_id} counts again.")
    assert owes(world, name) == before - entry.cents
    assert "Your bank paid after all" in staff("statement", name).stdout
    again = staff("dispute", "close", name, payment_id, "--by", "Cyd", *AGREED)
    assert (again.exit_code, "counts again already" in again.stderr) == (1, True)


def test_rule_51_what_came_back_as_r11_is_put_right_and_a_recall_waits(
    world, staff, drops, taken, whose, name
):
    # R11 holds its mandate: not the one that others look at.
    entry, other = sorted((taken[3], taken[4]), key=lambda each: whose(each) == name)
    payment_id, enrollment_id = entry.person_id.strip(), whose(entry)
    drops("r11.ach", answer_file([Answer(NOW, "R11", entry)], world.pump.bank.customer, NOW))
    words = ("payment", "correct", enrollment_id, payment_id, "--agreed", "on the phone", "--yes")
    much = staff(*words, "--amount", f"{entry.cents / 100 + 1:.2f}")
    assert (much.exit_code, "more than was taken" in much.stderr) == (1, True), much.output
    half = staff(*words, "--amount", f"{entry.cents // 2 / 100:.2f}")
    assert (half.exit_code, "The member is told." in half.stdout) == (0, True), half.output
    recalled = other.person_id.strip()
    words = ("payment", "recall", whose(other), recalled, *AGREED)
    waits = staff(*words)
    assert waits.exit_code == 0, waits.output
    assert "an answer is due by 2027-01-27" in waits.stdout
    assert f"recall#{recalled}" in staff("cases").stdout


def test_rule_49_a_routing_number_is_held_and_released_by_two(world, staff, said, name):
    [mandate] = world.system.records.mandates.of(name).standing
    routing = mandate.account.routing
    before = said("routing", "show", routing)
    assert (before["held"], before["enrollments"] > 1) == (False, True)
    shown = staff("routing", "show", routing).stdout
    assert "Not held." in shown
    assert "No directory is loaded." in shown
    for act, is_held in (("hold", True), ("release", False)):
        first = staff("routing", act, routing, *AGREED)
        assert (first.exit_code, "A second person" in first.stdout) == (0, True), first.output
        done = staff("routing", act, routing, "--by", "Ben", *AGREED)
        assert (done.exit_code, "told one by one" in done.stdout) == (0, True), done.output
        world.pump.settle()
        assert said("routing", "show", routing)["held"] is is_held
        assert world.system.records.mandates.of(name).standing[0].held is is_held


@pytest.mark.parametrize("number", ["12345678", "231380105", "lots"])
def test_what_is_no_routing_number_is_said(staff, taken, number):
    answer = staff("routing", "show", number)
    assert (answer.exit_code, "nine digits" in answer.stderr) == (1, True)


KINDS = sorted({*ENDING, "unknown_file"})  # the last is of those that are closed


@pytest.mark.parametrize("command", [each for kind in KINDS for each in commands_of(f"{kind}#x@1")])
def test_each_command_that_a_case_names_can_be_typed_as_it_stands(staff, taken, command):
    """It finds nothing under that name, and says so: it is no mistake of form."""
    words = shlex.split(command)
    asks = [] if words[1] == "show" else ["--reason", "seen", "--yes"]
    extra = ["--account", "1234567"] if words[:2] == ["correction", "apply"] else []
    answer = staff(*words, *asks, *extra)
    assert answer.exit_code == 1, answer.output
    assert answer.stderr.strip()
