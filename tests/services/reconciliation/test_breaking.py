"""One thing breaks anywhere: just that is named, and nothing else (I2, I3; issue 4, section 3).

The world has page payments and withdrawals of both plans, in files so short that parts go on from
one file to the next, and two payments that came back.
"""

import copy
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import entry
from chalicelib.domain.enrollment import Plan
from chalicelib.repositories.books import HEADER
from chalicelib.store import Put
from tests.bank import OUTBOUND, SEALED, Bank, MemoryS3
from tests.monthly import MONTH, at

EVENING = at(28, 20)
SHORT = {"bank_most_lines": 10}
LINE = 95
ROUTING = "011000015"
NEW = "ZZZZZZZZZZZZZZZ"
LEFT_OUT = ("payment_id", "kind", "enrollment_id", "amount_cents", "collection")
CODES = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass
class Broken:
    """A world in which one thing is broken, and what may and must be named for it."""

    bank: Bank
    must: set = field(default_factory=set)
    may: set = field(default_factory=set)
    in_the_evening: bool = True


class World:
    """Made once; each example breaks a copy."""

    def __init__(self):
        bank = Bank(**SHORT)
        for n in range(1, 15):
            bank.member(f"EN{n:06}", owed_cents=10_000 + n, plan=_plan(n))
        bank.tell()
        bank.withdraw()
        bank.noon(at(22, 12))
        for n in range(21, 35):
            bank.pays(f"EN{n:06}", at(22, 13), cents=20_000 + n, plan=_plan(n))
        bank.collect(at(22, 18))
        self.payments = sorted(bank.taken())
        for name in ("EN000001", "EN000021"):
            bank.receive(bank.answer((bank.payment_ids(name)[0], "R01"), when=at(24, 8)), at(24, 8))
        self.store, self.s3 = bank.store, bank.s3
        self.files = [
            file.name
            for transmission in bank.system.records.transmissions.all()
            for file in transmission.files
        ]

    def again(self):
        """The same world, to be broken."""
        store, s3 = self.store.copy(), MemoryS3()
        s3.objects, s3.since = dict(self.s3.objects), dict(self.s3.since)
        return Bank(store, s3=s3, **SHORT)

    def keys(self, table, wanted):
        """The keys of rows that may break."""
        return sorted(key for key, row in self.store.items[table].items() if wanted(row))

    def plain(self, name):
        """The bytes that were sealed."""
        return self.s3.objects[f"{OUTBOUND}{name}"]


def _plan(n):
    return Plan.DENTAL if n % 3 == 0 else Plan.HEALTH


@pytest.fixture(scope="module")
def world():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entry, "WEB_SHARDS", 2)
        made = World()
        assert len(made.payments) == 28
        assert len(made.files) > 5
        yield made


def said(broken):
    """By day, on demand; by night, from messages."""
    bank = broken.bank
    yield bank.system.reconciling.differences(EVENING)
    if broken.in_the_evening:
        yield bank.prove(EVENING)


def check(broken):
    for found in said(broken):
        named = {each.payment_id for each in found if each.payment_id}
        assert found, "nothing was noticed"
        assert broken.must <= named
        assert named <= broken.must | broken.may
    if broken.in_the_evening:
        cases = {name.removeprefix("difference#") for name in broken.bank.cases()}
        assert broken.must <= cases


def test_nothing_is_broken_and_nothing_is_named(world):
    assert list(said(Broken(world.again()))) == [[], []]


# Rows of the ledger.


@given(data=st.data())
def test_a_line_of_the_ledger(world, data):
    moves = lambda row: row.get("payment_id")  # noqa: E731 - a condition
    key = data.draw(st.sampled_from(world.keys("ledger", moves)))
    bank = world.again()
    row = bank.store.items["ledger"][key]
    name, is_return = row["payment_id"], row["kind"] == "return"
    how = ["gone", "cents", "other"] if is_return else ["gone", "cents", "other", "twice", "place"]
    match data.draw(st.sampled_from(how)):
        case "gone":
            bank.forget("ledger", *key)
        case "cents":
            change(bank, "ledger", key, amount_cents=row["amount_cents"] + 1)
        case "other":
            change(bank, "ledger", key, payment_id=NEW)
        case "place":
            change(bank, "ledger", key, collection="web#2026-11-30#00")
        case "twice":
            add(bank, "ledger", {**row, "line": f"{row['line']}#2"})
            check(Broken(bank, {name}))
            return
    check(Broken(bank, {name}, {NEW}))


# Rows of entries.


@given(data=st.data())
def test_an_entry(world, data):
    key = data.draw(st.sampled_from(world.keys("entries", lambda row: row["entry"] != HEADER)))
    bank = world.again()
    row = bank.store.items["entries"][key]
    account = row["account"]
    changes = {
        "cents": {"amount_cents": row["amount_cents"] + 1},
        "routing": {"account": {**account, "routing": ROUTING}},
        "account": {"account": {**account, "last4": "0000"}},
        "kind of account": {"account": {**account, "account_type": "savings"}},
        "holder": {"account": {**account, "holder_name": "Somebody Else"}},
        "plan": {"plan": "dental" if row["plan"] == "health" else "health"},
        "type": {"is_recurring": not row["is_recurring"]},
        "enrollment": {"enrollment_id": "EN000099"},
        "id": {"payment_id": NEW},
        "kind": {"kind": "refund"},
    }
    how = data.draw(st.sampled_from(["gone", "one more", *changes]))
    if how == "gone":
        bank.forget("entries", *key)
        check(Broken(bank, {row["payment_id"]}))
    elif how == "one more":
        more = "".join(data.draw(st.lists(st.sampled_from(CODES), min_size=15, max_size=15)))
        batch = row["entry"].partition("#")[0]
        add(bank, "entries", {**row, "payment_id": more, "entry": f"{batch}#{more}"})
        check(Broken(bank, {more}))
    else:
        change(bank, "entries", key, **changes[how])
        check(Broken(bank, {row["payment_id"]}, {NEW}))


# Manifests, and what was taken.


@given(data=st.data())
def test_a_manifest(world, data):
    key = data.draw(st.sampled_from(world.keys("transmissions", lambda row: "batches" in row)))
    bank = world.again()
    row = bank.store.items["transmissions"][key]
    batch = data.draw(st.integers(0, len(row["batches"]) - 1))
    file = data.draw(st.integers(0, len(row["files"]) - 1))
    changes = {
        "batch, cents": _in(row, "batches", batch, cents=1),
        "batch, entries": _in(row, "batches", batch, entries=row["batches"][batch]["entries"] + 1),
        "batch, trace": _in(
            row, "batches", batch, first_trace=row["batches"][batch]["first_trace"] + 1
        ),
        "batch, hash": _in(row, "batches", batch, entry_hash=1),
        "file, cents": _in(row, "files", file, debit_cents=1),
        "file, credits": _in(row, "files", file, credit_cents=1),
        "file, entries": _in(row, "files", file, entries=row["files"][file]["entries"] + 1),
        "file, hash": _in(row, "files", file, entry_hash=1),
        "file, digest": _in(row, "files", file, sha256="0" * 64),
        "file, name": _in(row, "files", file, name="1234567890-20261203-1800-Z.ach"),
        "no files": {"files": []},
        "trace": {"first_trace": row["first_trace"] + 1},
        "date": {"effective_on": "2026-12-29"},
        "state": {"state": "sealed", "files": []},
    }
    how = data.draw(st.sampled_from(["gone", "left out", *changes]))
    if how == "gone":
        bank.forget("transmissions", *key)
        check(Broken(bank))
    elif how == "left out":
        name = data.draw(st.sampled_from(world.payments))
        rows = bank.store.items["entries"].values()
        its = next(row for row in rows if row.get("payment_id") == name)
        left_out = {part: its[part] for part in LEFT_OUT}
        change(bank, "transmissions", key, left_out=[{**left_out, "batch": "health"}])
        check(Broken(bank, {name}))
    else:
        change(bank, "transmissions", key, **changes[how])
        check(Broken(bank))


@given(data=st.data())
def test_two_totals_of_files_that_make_up_for_each_other(world, data):
    key = data.draw(st.sampled_from(world.keys("transmissions", lambda row: "batches" in row)))
    bank = world.again()
    files = copy.deepcopy(bank.store.items["transmissions"][key]["files"])
    files[0]["debit_cents"] += 1
    files[1]["debit_cents"] -= 1
    change(bank, "transmissions", key, files=files)
    found = bank.system.reconciling.differences(EVENING)
    assert {each.where for each in found} == {file["name"] for file in files[:2]}


@given(data=st.data())
def test_what_a_transmission_took(world, data):
    used = {batch["collection"].rpartition("#")[0] for batch in _batches(world)}
    used |= {batch["collection"] for batch in _batches(world)}
    key = data.draw(
        st.sampled_from(
            world.keys("transmissions", lambda row: f"{row['group']}#{row['name']}" in used)
        )
    )
    bank = world.again()
    if data.draw(st.booleans()):
        bank.forget("transmissions", *key)
    else:
        change(bank, "transmissions", key, transmission_id="collection#1999-01-01")
    check(Broken(bank))


# Payments and runs.


@given(data=st.data())
def test_a_payment_that_is_gone(world, data):
    key = data.draw(st.sampled_from(world.keys("payments", lambda row: "collected_on" in row)))
    bank = world.again()
    rows = bank.store.items["payments"]
    name = rows[key]["payment_id"]
    if name not in world.payments:
        return  # the Submit itself is no book of money
    del rows[key]
    check(Broken(bank, {name}, in_the_evening=False))


@given(data=st.data())
def test_a_checkpoint(world, data):
    key = data.draw(
        st.sampled_from(
            [k for k in world.keys("runs", _has_claimed) if k[0] == f"withdrawal#{MONTH}"]
        )
    )
    bank = world.again()
    row = bank.store.items["runs"][key]
    more = {name: row["counts"][name] + 1 for name in ("claimed", "cents")}
    which = data.draw(st.sampled_from(["claimed", "cents", "reported", "gone"]))
    if which == "gone":
        bank.forget("runs", *key)
    elif which == "reported":
        change(bank, "runs", key, reported=False)
    else:
        change(bank, "runs", key, counts={**row["counts"], which: more[which]})
    check(Broken(bank))


def test_a_run_that_is_gone(world):
    bank = world.again()
    bank.forget("runs", f"withdrawal#{MONTH}", "#header")
    check(Broken(bank))


# Bytes.


@given(data=st.data())
@settings(max_examples=150)
def test_a_byte_of_what_was_sealed(world, data):
    """Sealed again after the change, so that only what it says can give it away."""
    name, place, plain = a_byte(world, data, st.sampled_from(b"0123456789AZ9 -\n"))
    bank = world.again()
    del bank.s3.objects[f"{SEALED}{name}"]
    bank.system.bank.write(name, [plain])
    del bank.s3.objects[f"{OUTBOUND}{name}"]
    bank.s3.objects[f"{OUTBOUND}{name}"] = plain
    lines = [lines_of(world, name, place)]
    if place % LINE == LINE - 1:
        lines.append(lines_of(world, name, place + 1))
    touched = set().union(*lines)
    must = touched if is_told(world.plain(name), place) else set()
    there = plain[place // LINE * LINE + 39 :][:15].decode("ascii")
    check(Broken(bank, must, touched | {there}))


@given(data=st.data())
@settings(max_examples=100)
def test_a_byte_of_the_copy_for_the_bank(world, data):
    name, place, plain = a_byte(world, data, st.integers(0, 255))
    bank = world.again()
    bank.s3.objects[f"{OUTBOUND}{name}"] = plain
    check(Broken(bank, lines_of(world, name, place)))


@given(data=st.data())
@settings(max_examples=100)
def test_a_byte_of_the_sealed_text(world, data):
    bank = world.again()
    name = data.draw(st.sampled_from(world.files))
    text = bytearray(bank.s3.objects[f"{SEALED}{name}"])
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != text[place]))
    bank.s3.objects[f"{SEALED}{name}"] = bytes(text)
    check(Broken(bank))
    assert {each.where for each in next(said(Broken(bank)))} == {name}


@given(data=st.data())
def test_an_object(world, data):
    bank = world.again()
    name = data.draw(st.sampled_from(world.files))
    which = data.draw(st.sampled_from([SEALED, OUTBOUND]))
    del bank.s3.objects[f"{which}{name}"]
    check(Broken(bank))
    assert {each.where for each in next(said(Broken(bank)))} == {name}


def a_byte(world, data, others):
    """A file, a place in it, and its bytes with another one there."""
    name = data.draw(st.sampled_from(world.files))
    plain = bytearray(world.plain(name))
    place = data.draw(st.integers(0, len(plain) - 1))
    plain[place] = data.draw(others.filter(lambda byte: byte != plain[place]))
    return name, place, bytes(plain)


def lines_of(world, name, place):
    """The payment whose line holds this byte, if it is an entry's."""
    line = world.plain(name)[place // LINE * LINE :][:LINE]
    return {line[39:54].decode("ascii")} if line.startswith(b"6") else set()


def is_told(plain, place):
    """Whether a byte says something that an entry's row says too: all but the number's beginning.

    A line end that is gone takes the line after it along, not its own.
    """
    line = plain[place // LINE * LINE :][:LINE]
    column = place % LINE
    number = line[12:29].rstrip()
    return line.startswith(b"6") and column != LINE - 1 and not 12 <= column < 12 + len(number) - 4


def _batches(world):
    rows = world.store.items["transmissions"].values()
    return [batch for row in rows for batch in row.get("batches", ())]


def _has_claimed(row):
    return bool(row.get("counts", {}).get("claimed"))


def _in(row, group, n, **changed):
    """One of several parts or files is changed."""
    every = copy.deepcopy(row[group])
    every[n] |= changed
    return {group: every}


def change(bank, table, key, **changed):
    rows = bank.store.items[table]
    rows[key] = {**rows[key], **changed}


def add(bank, table, row):
    bank.store._apply(Put(table, row))  # a store itself overwrites nothing of the ledger
