"""Enrollments come in: refused whole or read row by row, in any order, as often as they come."""

import csv
import gzip
import io
import json
import threading
from datetime import timedelta

import pytest

from chalicelib.domain.case import CaseKind
from chalicelib.domain.enrollment import slot_of
from chalicelib.domain.feed import COLUMNS
from chalicelib.domain.ledger import owed
from chalicelib.domain.signature import Signature
from chalicelib.repositories.cases import ACCEPTED
from chalicelib.services.enrollment.receipts import report_key
from chalicelib.store import Put, Remove
from infra.offline.faults import Crash
from infra.offline.memory_store import MemoryStore
from tests.builders import NOW, a_feed, a_feed_row, csv_line
from tests.services.conftest import make

HOUR = timedelta(hours=1)
HEADER = ",".join(COLUMNS) + "\n"
CHANGING = ("feeds", "audit")  # where a second feed leaves a trace of itself


def rows(count, **changed):
    """Members with an enrollment each."""
    return [
        a_feed_row(
            enrollment_id=f"EN{n:06}",
            subscriber_id=f"SUB{n}",
            billing_account=f"7{n:08}",
            ssn=f"123-45-{6000 + n}",
            **changed,
        )
        for n in range(1, count + 1)
    ]


def report(here, key):
    """What became of its rows."""
    receipt = json.loads(here.files.body(report_key(key)))
    return {name: receipt[name] for name in ("accepted", "rejected")}


def of_kind(here, kind):
    """The open cases of one kind."""
    return [case for case in here.system.records.cases.open() if case.kind is kind]


def newest(here):
    """What lies in the bucket."""
    return {key: here.files.body(key) for key in here.files.objects}


def lines(here, enrollment_id="EN000001"):
    return {line.line: line.amount_cents for line in here.system.records.books.lines(enrollment_id)}


# A file that can't be read is refused whole.


@pytest.mark.parametrize(
    ("body", "line", "reason"),
    [
        (b"", 1, "the file is empty"),
        (b"\n", 1, "the header row misses enrollment_id"),
        (b"{}", 1, "the header row misses enrollment_id"),
        (a_feed(a_feed_row()).replace(b"ssn", b"SSN", 1), 1, "the header row misses ssn"),
        (a_feed(a_feed_row()).replace(b",ssn", b"", 1), 1, "the header row misses ssn"),
        (b"ssn," + a_feed(a_feed_row()), 1, "the header row has ssn twice"),
        (b"premium_from,premium_from," + a_feed(a_feed_row()), 1, "has premium_from twice"),
        (HEADER.encode()[:-9], 1, "the header row misses selected_at"),
        (a_feed(a_feed_row()).decode().encode("utf-16"), 1, "it looks like UTF-16"),
        (a_feed(a_feed_row()).decode().encode("utf-16-le"), 1, "it looks like UTF-16"),
        (a_feed(a_feed_row()).decode().encode("utf-16-be"), 1, "it looks like UTF-16"),
        (a_feed(*rows(4)).decode().encode("cp1252"), 2, "it looks like Windows-1252"),
        (gzip.compress(a_feed(*rows(4)), mtime=0), 1, "it looks like gzip"),
        (a_feed(*rows(4)) + b"\x00", 6, "the file is not text"),
        (a_feed(*rows(2)) + b"x" * 9000 + b"\n", 4, "the line is too long"),
        (b"PK\x03\x04\x14\x00\x00\x00", 1, "it looks like a ZIP archive"),
        (a_feed(*rows(4))[:-30], 5, "cut off in the middle"),
        (a_feed(*rows(4))[:-2], 5, "cut off in the middle"),
        (a_feed(*rows(4)) + b'EN9,"Sub', 6, "cut off in the middle"),
    ],
)
def test_a_file_that_is_no_feed_is_refused_with_a_reason_and_nothing_of_it_is_done(
    here, body, line, reason
):
    key, _ = here.drop(body=body)
    said = report(here, key)
    assert said["accepted"] == 0
    assert [rejected["line"] for rejected in said["rejected"]] == [line]
    assert reason in said["rejected"][0]["reason"]
    assert not here.store.items["enrollments"]
    assert not here.store.items["ledger"]
    (case,) = here.system.records.cases.open()
    assert case.kind is CaseKind.FEED_REFUSED
    assert reason in case.reason
    assert here.metrics.counts["FeedsRefused"] == 1


def test_rule_33_a_refused_file_is_erased_too(here):
    key, _ = here.drop(body=a_feed(*rows(4))[:-2])
    assert key not in here.files.objects


def test_rule_33_the_reason_of_a_refusal_says_no_value(here):
    here.drop(body=a_feed(*rows(4))[:-2])
    here.drop(body=b"123-45-6789,Maria\n", name="b.csv")
    for case in here.system.records.cases.open():
        assert "123-45" not in case.reason
        assert "Mar" not in case.reason


def test_a_cut_anywhere_in_the_last_row_is_noticed():
    whole = a_feed(*rows(2))
    last_row = whole.rindex(b"EN000002")
    for end in range(last_row + 1, len(whole) - 1):
        here = make()
        here.drop(body=whole[:end])
        assert not here.store.items["enrollments"], whole[last_row:end]


def test_a_last_row_without_a_line_end_is_a_row(here):
    key, _ = here.drop(body=a_feed(*rows(2)).rstrip(b"\n"))
    assert report(here, key) == {"accepted": 2, "rejected": []}


@pytest.mark.parametrize("blank", [b"", b"\n", b" \n\r\n"])
def test_rule_40_a_feed_of_a_header_only_is_a_case(here, blank):
    key, _ = here.drop(body=HEADER.encode() + blank)
    assert report(here, key) == {"accepted": 0, "rejected": []}
    assert key not in here.files.objects
    [case] = of_kind(here, CaseKind.FEED_REFUSED)
    assert case.reason == "a.csv: it has a header row and no other"


# Good rows in, bad rows to the report.


def test_bad_rows_are_reported_by_line_and_stop_no_other(here):
    given = rows(8)
    given[1]["ssn"] = "000-00-0000"
    given[3]["premium"] = "-5"
    given[6]["last_name"] = ""
    key, _ = here.drop(*given)
    assert report(here, key) == {
        "accepted": 5,
        "rejected": [
            {"line": 3, "reason": "ssn: is not a Social Security number"},
            {"line": 5, "reason": "premium: is below zero or above any premium"},
            {"line": 8, "reason": "last_name: is empty or longer than 120 signs"},
        ],
    }
    assert len(here.store.items["enrollments"]) == 5
    assert here.metrics.counts["FeedRowsRejected"] == 3
    assert here.metrics.counts["FeedsRead"] == 1  # its absence rings


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_any_line_end_will_do_and_lines_are_counted_alike(here, line_end):
    given = rows(8)
    given[6]["plan"] = "vision"
    key, _ = here.drop(body=a_feed(*given, line_end=line_end))
    assert [bad["line"] for bad in report(here, key)["rejected"]] == [8]
    assert report(here, key)["accepted"] == 7


def test_empty_lines_are_no_rows_but_are_counted_as_lines(here):
    bad = csv_line(a_feed_row(plan="vision"))
    body = f"{HEADER}\n\n{csv_line(a_feed_row())}\n\n \n{bad}\n\n\n"
    key, _ = here.drop(body=body.encode())
    assert report(here, key) == {
        "accepted": 1,
        "rejected": [{"line": 7, "reason": "plan: is neither health nor dental"}],
    }


def test_a_byte_order_mark_is_no_part_of_the_header(here):
    key, _ = here.drop(body=b"\xef\xbb\xbf" + a_feed(a_feed_row()))
    assert report(here, key)["accepted"] == 1


def test_a_quote_that_is_not_closed_takes_no_row_with_it(here):
    given = [csv_line(row) for row in rows(3)]
    given[1] = given[1].replace("Silver Care", '"Silver Care')
    key, _ = here.drop(body=(HEADER + "\n".join(given) + "\n").encode())
    assert [bad["line"] for bad in report(here, key)["rejected"]] == [3]
    assert here.system.records.enrollments.get("EN000003")


def receipts(here, key):
    """Both forms, read."""
    table = here.files.body(report_key(key, "csv")).decode()
    return json.loads(here.files.body(report_key(key))), list(csv.reader(io.StringIO(table)))


def test_rule_40_a_feed_leaves_a_receipt_with_counts_sums_and_each_rejected_line(here):
    given = [
        {**row, "broker": "Jay", "premium": f"{row['enrollment_id'][-1]}.50"} for row in rows(5)
    ]
    given[2]["plan"] = "vision"
    body = ",".join(given[0]) + "\n" + "".join(",".join(row.values()) + "\n" for row in given)
    key, _ = here.drop(body=body.encode())
    plain, table = receipts(here, key)
    why = "plan: is neither health nor dental"
    assert plain == {
        "state": "read",
        "rows": 5,
        "accepted": 4,
        "premium": "14.00",
        "balance": "1699.20",
        "unknown_columns": ["broker"],
        "reasons": {why: 1},
        "rejected": [{"line": 4, "reason": why}],
    }
    assert table == [
        ["item", "line", "value"],
        ["state", "", "read"],
        ["rows", "", "5"],
        ["accepted", "", "4"],
        ["premium", "", "14.00"],
        ["balance", "", "1699.20"],
        ["unknown column", "", "broker"],
        ["rejected", "4", why],
    ]


def test_rule_40_a_refused_file_leaves_a_receipt_too(here):
    key, _ = here.drop(body=b"")
    plain, table = receipts(here, key)
    assert plain["state"] == "refused"
    assert table[-1] == ["rejected", "1", "the file is empty"]


def test_rule_40_rejected_rows_are_one_case_a_feed(here):
    given = rows(8)
    for n, ssn in ((1, "000-00-0000"), (4, "1"), (6, "1")):
        given[n]["ssn"] = ssn
    given[3]["premium"] = "-5"
    here.drop(*given)
    [case] = here.system.records.cases.open()
    assert case.kind is CaseKind.ROWS_REJECTED
    assert case.reason == (
        "a.csv: 4 of 8 rows were not taken, first in lines 3, 5, 6, 8: "
        "ssn: is not a Social Security number (3); premium: is below zero or above any premium (1)"
    )


class Counting(MemoryStore):
    """A store that counts its calls, and how much it was told and asked."""

    def __init__(self):
        super().__init__()
        self.work = 0

    def get(self, table, key):
        return self._counted(super().get(table, key))

    def query(self, *given, **more):
        return map(self._counted, super().query(*given, **more))

    def write(self, *writes):
        self._counted(writes)
        super().write(*writes)

    def _counted(self, said):
        self.work += 1 + len(repr(said))
        return said


def test_work_grows_as_rejected_rows_do():
    """It grew as their square: 10,000 took 22 seconds, 20,000 took 99."""
    work = []
    for number in (100, 200, 400):
        here = make(Counting(), feed_rows_a_part=10)
        key, _ = here.drop(*rows(number, plan="vision"))
        assert len(report(here, key)["rejected"]) == number
        work.append(here.store.work / number)
    assert max(work) / min(work) <= 1.2, work


def test_rule_33_after_import_the_file_is_gone_and_no_number_lies_anywhere(here):
    key, _ = here.drop(a_feed_row(), a_feed_row(enrollment_id="EN2", ssn="123456780"))
    assert key not in here.files.objects
    everything = repr(here.kept()) + repr(here.files.objects) + repr(here.feed_queue.messages)
    for number in ("123-45-6789", "123456789", "123456780"):
        assert number not in everything


def test_the_member_is_found_by_what_the_feed_brought(here):
    here.drop(a_feed_row())
    (found,) = here.found("en-000001")
    assert (found.first_name, found.premium_cents) == ("María José", 21240)


# What is owed.


def test_rule_02_the_balance_opens_the_ledger(here):
    here.drop(a_feed_row(balance="424.80", billed_through="2027-01"))
    assert lines(here) == {"opening": 42480}


def test_rule_02_balance_and_billed_through_count_only_in_the_first_row(here):
    here.drop(a_feed_row(billed_through="2026-11"), at=NOW)
    here.drop(a_feed_row(billed_through="2026-01", balance="9999.00"), at=NOW + HOUR, name="b.csv")
    assert lines(here) == {"opening": 42480, "charge#2026-12": 21240}
    assert here.system.records.enrollments.get("EN000001").billed_through == "2026-11"


def test_rule_03_who_comes_after_the_run_is_caught_up(here):
    here.drop(a_feed_row(billed_through="2026-10"))
    assert lines(here) == {"opening": 42480, "charge#2026-11": 21240, "charge#2026-12": 21240}


def test_rule_03_an_end_that_moves_takes_charges_back_and_gives_them_again(here):
    base = {"billed_through": "2026-10"}
    here.drop(a_feed_row(**base))
    here.drop(a_feed_row(**base, coverage_end="2026-11-30"), at=NOW + HOUR, name="b.csv")
    assert lines(here)["uncharge#2026-12"] == -21240
    here.drop(a_feed_row(**base, coverage_end="2026-12-01"), at=NOW + 2 * HOUR, name="c.csv")
    assert lines(here)["charge#2026-12#2"] == 21240
    assert owed(here.system.records.books.lines("EN000001")) == 42480 + 2 * 21240


def test_the_longest_history_a_row_may_bring_is_one_transaction(here):
    row = a_feed_row(
        plan_year="2027", coverage_start="2026-01-01", billed_through="2000-01", balance="0"
    )
    here.drop(row, at=NOW.replace(year=2027))
    assert len(lines(here)) == 1 + 24
    here.drop(
        {**row, "coverage_start": "2027-12-30", "ssn": "", "billing_account": "799999999"},
        at=NOW.replace(year=2027) + HOUR,
        name="b.csv",
    )
    assert len(lines(here)) == 1 + 24 + 23


# Once, in order, is how it ends, however it comes.


def test_a_second_drop_of_the_same_file_changes_nothing(here):
    here.drop(*rows(7))
    before = here.kept(without=CHANGING)
    key, _ = here.drop(*rows(7), at=NOW + HOUR, name="b.csv")
    assert here.kept(without=CHANGING) == before
    assert report(here, key) == {"accepted": 7, "rejected": []}


def test_a_second_drop_under_the_same_name_changes_nothing(here):
    here.drop(*rows(7))
    before = here.kept(without=CHANGING)
    here.drop(*rows(7), at=NOW + HOUR)
    assert here.kept(without=CHANGING) == before


def test_a_second_drop_costs_no_write_a_row(here, monkeypatch):
    here.drop(*rows(7))
    written = []
    monkeypatch.setattr(MemoryStore, "_apply", lambda _, write: written.append(write.table))
    here.drop(*rows(7), at=NOW + HOUR, name="b.csv")
    assert set(written) == {"feeds"}


def test_rule_03_an_older_feed_that_comes_late_changes_nothing(here):
    old, new = rows(4), rows(4, premium="300.00", plan_name="Gold")
    here.drop(*new, at=NOW + HOUR, name="new.csv")
    before = here.kept(without=CHANGING)
    key, _ = here.drop(*old, at=NOW, name="old.csv")
    assert here.kept(without=CHANGING) == before
    assert report(here, key) == {"accepted": 4, "rejected": []}


def test_rule_03_an_older_feed_dropped_again_undoes_nothing(here):
    old, new = rows(4), rows(4, premium="300.00", coverage_end="2026-12-31")
    here.drop(*old, at=NOW, name="old.csv")
    here.drop(*new, at=NOW + HOUR, name="new.csv")
    before = here.kept(without=CHANGING)
    here.drop(*old, at=NOW + 2 * HOUR, name="old again.csv")
    assert here.kept(without=CHANGING) == before


def test_a_row_that_stands_twice_in_a_feed_counts_as_it_stands_last(here):
    here.drop(a_feed_row(plan_name="First"), *rows(4)[1:], a_feed_row(plan_name="Last"))
    assert here.system.records.enrollments.get("EN000001").plan_name == "Last"


def given_out(here, given, at=NOW):
    """A feed that was received, and the messages for its parts."""
    key = "inbound/enrollments/a.csv"
    version = here.files.drop(key, a_feed(*given))
    here.system.feed_import.receive(key, version, at)
    return key, version, here.feed_queue.take()


def test_parts_may_be_read_in_any_order_and_twice(here):
    given = rows(10)
    given[4]["plan"] = "vision"
    once = make()
    once.drop(*given)
    key, _, messages = given_out(here, given)
    assert len(messages) == 4
    here.read([messages[3], messages[1], messages[1], messages[0]])
    assert report_key(key) not in here.files.objects
    assert key in here.files.objects  # until the last part was read
    here.read([messages[2], messages[0], messages[2]])
    assert here.kept() == once.kept()
    assert newest(here) == newest(once)


def test_parts_may_be_read_by_many_at_once(here):
    once = make()
    once.drop(*rows(10))
    _, _, messages = given_out(here, rows(10))
    threads = [threading.Thread(target=here.read, args=([message],)) for message in messages * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert here.kept() == once.kept()


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ("enrollments", "plan_year"),
        ("enrollments", "billed_through"),
        ("enrollments", "premiums"),
        ("ledger", "amount_cents"),
        ("ledger", "month"),
    ],
)
def test_invariant_15_one_whose_rows_can_not_be_read_stops_no_other(here, table, field):
    here.drop(*rows(3))
    items = here.system.records.store.items[table]
    key = next(key for key in items if "EN000002" in key)
    items[key] = {**items[key], field: "no such word"}
    key, _ = here.drop(*rows(3, plan_name="Gold Care"), at=NOW + HOUR, name="b.csv")
    found = [here.system.records.enrollments.in_slot(slot_of(f"EN{n:06}")) for n in (1, 3)]
    assert {each.plan_name for some in found for each in some.values()} == {"Gold Care"}
    why = "what we keep of this enrollment can't be read"
    assert report(here, key) == {"accepted": 2, "rejected": [{"line": 3, "reason": why}]}
    case, of_the_feed = here.system.records.cases.open()
    assert (case.case_id, case.enrollment_id) == ("not_imported#EN000002", "EN000002")
    assert of_the_feed.kind is CaseKind.ROWS_REJECTED


def test_news_of_a_feed_that_come_twice_are_the_same_feed(here):
    once = make()
    once.drop(*rows(10))
    key, version, messages = given_out(here, rows(10))
    here.read(messages[:2])
    here.receive(key, version)
    here.read(messages)
    assert here.kept() == once.kept()


def test_news_of_a_feed_that_come_again_when_it_was_read_change_nothing(here):
    key, version = here.drop(*rows(10))
    before, files = here.kept(), newest(here)
    here.receive(key, version)
    assert here.kept() == before
    assert newest(here) == files


def test_news_of_a_refused_feed_that_come_again_change_nothing(here):
    key, version = here.drop(body=b"no feed")
    before, files = here.kept(), newest(here)
    here.receive(key, version)
    assert here.kept() == before
    assert newest(here) == files


def test_a_feed_that_comes_under_the_same_name_while_the_first_is_read_is_not_lost(here):
    _, _, first = given_out(here, rows(4))
    _, _, second = given_out(here, rows(5, plan_name="Gold"), NOW + HOUR)
    here.read(first)
    here.read(second)
    assert len(here.store.items["enrollments"]) == 5
    assert here.system.records.enrollments.get("EN000001").plan_name == "Gold"
    assert not [key for key in here.files.objects if key.startswith("inbound/")]


def test_a_message_for_a_part_that_nobody_announced_is_nothing(here):
    here.read(
        [
            {
                "key": "k",
                "version": "v",
                "part": 1,
                "start": 0,
                "end": 9,
                "line": 2,
                "at": "2026-12-03T15:00:00+00:00",
            }
        ]
    )
    assert here.kept() == make().kept()


class Mortal(MemoryStore):
    """A store whose process dies at its n-th write, before or after it was done."""

    def __init__(self, n, *, after):
        super().__init__()
        self.left, self.after = n, after

    def write(self, *writes):
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Crash
        super().write(*writes)
        if self.left == 0:
            raise Crash


@pytest.mark.parametrize("after", [False, True])
def test_invariant_11_after_a_crash_between_any_two_writes_all_is_as_if_there_was_none(after):
    given = rows(5)
    given[1]["plan"] = "vision"
    once = make()
    once.drop(*given)
    for n in range(1, 40):
        here = make(Mortal(n, after=after))
        key = "inbound/enrollments/a.csv"
        version = here.files.drop(key, a_feed(*given))
        crashes = until_done(here, key, version)
        assert here.kept() == once.kept()
        assert newest(here) == newest(once)
        if not crashes:
            break
    assert n > 8  # there were that many writes to die at


def until_done(here, key, version):
    """Lets AWS deliver again what was not finished; says how often a process died."""
    crashes, waiting = 0, None
    for _ in range(4):
        try:
            if waiting is None:
                here.system.feed_import.receive(key, version, NOW)
                waiting = here.feed_queue.take()
            while waiting:
                here.read(waiting[:1])
                waiting.pop(0)
        except Crash:
            crashes += 1
        else:
            return crashes
    raise AssertionError("it never ends")


def test_a_row_that_another_worker_changed_meanwhile_is_read_again(here, monkeypatch):
    """The lookup of a subscriber moved between our read and our write."""
    here.drop(a_feed_row())
    known = here.system.records.enrollments.known
    meanwhile = iter([True])

    def slow(enrollment_id):
        found = known(enrollment_id)
        if next(meanwhile, False):
            here.system.store.write(
                here.system.records.enrollments.confirming(
                    found, found.feed_order, found.enrollment.premiums
                )
            )
        return found

    monkeypatch.setattr(here.system.records.enrollments, "known", slow)
    here.drop(a_feed_row(plan_name="Gold"), at=NOW + HOUR, name="b.csv")
    assert here.system.records.enrollments.get("EN000001").plan_name == "Gold"


def test_the_writes_of_a_row_are_one_transaction(here, monkeypatch):
    together = []
    write = MemoryStore.write

    def noted(store, *writes):
        together.append({(type(each), each.table) for each in writes})
        write(store, *writes)

    monkeypatch.setattr(MemoryStore, "write", noted)
    here.drop(a_feed_row())
    tables = {"enrollments", "lookups", "ledger", "audit"}
    assert {(Put, table) for table in tables} in together
    assert not any((Remove, table) in each for each in together for table in tables)


# Columns are found by name; what a premium holds for (rule 34).


def test_columns_are_found_by_name_in_any_order_and_unknown_ones_are_not_read(here):
    row = {"broker": "Jay", **dict(reversed(a_feed_row().items()))}
    body = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
    key, _ = here.drop(body=body.encode())
    assert report(here, key) == {"accepted": 1, "rejected": []}
    assert here.system.records.enrollments.get("EN000001").plan_name == "Silver Care 500"


def premiums_of(here):
    found = here.system.records.enrollments.get("EN000001")
    return [(each.from_month, each.cents) for each in found.premiums]


def a_feed_from(row, month):
    """With the column `premium_from`."""
    head, line = a_feed(row).decode().splitlines()
    return f"premium_from,{head}\n{month},{line}\n".encode()


BEFORE = {"billed_through": "2026-12", "premium": "310.00", "balance": "310.00"}
CHEAPER = {**BEFORE, "premium": "110.00"}


def test_rule_34_a_lower_premium_from_a_posted_month_on_corrects_it(here):
    here.drop(a_feed_row(**BEFORE, plan_year="2027"), at=NOW)
    later = NOW + 30 * 24 * HOUR  # January 2
    here.drop(body=a_feed_from(a_feed_row(**CHEAPER, plan_year="2027"), "2027-01"), at=later)
    posted = lines(here)
    assert posted["charge#2027-01"] == 31000
    assert posted["correction#2027-01#1"] == -20000
    assert posted["charge#2027-02"] == 11000
    assert premiums_of(here) == [("2026-01", 31000), ("2027-01", 11000)]


def test_rule_34_where_it_does_not_say_a_lower_premium_holds_from_the_next_billing_on(here):
    here.drop(a_feed_row(**BEFORE, plan_year="2027"), at=NOW)
    here.drop(a_feed_row(**CHEAPER, plan_year="2027"), at=NOW + 30 * 24 * HOUR, name="b.csv")
    assert premiums_of(here) == [("2026-01", 31000), ("2027-03", 11000)]
    assert {"charge#2027-01": 31000, "charge#2027-02": 31000}.items() <= lines(here).items()


def test_rule_34_an_older_row_that_comes_late_changes_its_months_and_no_other_fact(here):
    here.drop(a_feed_row(**BEFORE), at=NOW)
    newest = a_feed_row(**BEFORE, plan_name="Gold Care")
    here.drop(body=a_feed_from(newest, "2027-05"), at=NOW + 3 * HOUR, name="c.csv")
    late = a_feed_from(a_feed_row(**CHEAPER, plan_name="Bronze"), "2026-11")
    for _ in range(2):
        here.drop(body=late, at=NOW + 2 * HOUR, name="b.csv")
    assert here.system.records.enrollments.get("EN000001").plan_name == "Gold Care"
    assert premiums_of(here) == [("2026-01", 31000), ("2026-11", 11000), ("2027-05", 31000)]
    corrections = {name: cents for name, cents in lines(here).items() if "correction" in name}
    assert corrections == {"correction#2026-11#1": -20000, "correction#2026-12#1": -20000}


# A row that is about somebody else (rule 39).

WHY_IDENTITY = "{}: is not that of the enrollment known by this enrollment_id"
WHY_PERSON = "ssn, birth_date, last_name: all change at once"
SOMEBODY_ELSE = {"ssn": "123-45-9999", "birth_date": "1990-01-01", "last_name": "Stone"}


def kept_without_traces(here):
    return here.kept(without=(*CHANGING, "cases"))


@pytest.mark.parametrize(
    ("column", "changed"),
    [
        ("subscriber_id", {"subscriber_id": "SUB9", "first_name": "Somebody"}),
        ("plan", {"plan": "dental"}),
        ("plan_year", {"plan_year": "2027", "coverage_start": "2027-01-01"}),
    ],
)
def test_rule_39_an_id_stays_with_its_subscriber_plan_and_year(here, column, changed):
    here.drop(*rows(2))
    before = kept_without_traces(here)
    row = {**rows(1)[0], **changed}
    for hours in (1, 2):
        key, _ = here.drop(row, at=NOW + hours * HOUR, name=f"{hours}.csv")
        rejected = [{"line": 2, "reason": WHY_IDENTITY.format(column)}]
        assert report(here, key) == {"accepted": 0, "rejected": rejected}
        assert kept_without_traces(here) == before
    [case] = of_kind(here, CaseKind.IDENTITY_CHANGED)
    assert case.enrollment_id == "EN000001"


@pytest.mark.parametrize("left_out", SOMEBODY_ELSE)
def test_rule_39_what_a_person_may_change_is_taken(here, left_out):
    here.drop(*rows(1))
    changed = {name: text for name, text in SOMEBODY_ELSE.items() if name != left_out}
    key, _ = here.drop(*[{**row, **changed} for row in rows(1)], at=NOW + HOUR, name="b.csv")
    assert report(here, key) == {"accepted": 1, "rejected": []}
    assert here.system.records.cases.open() == []


def test_rule_39_number_birthday_and_last_name_at_once_wait_until_staff_accept_that_person(here):
    here.drop(*rows(1))
    other = [{**row, **SOMEBODY_ELSE} for row in rows(1)]
    key, _ = here.drop(*other, at=NOW + HOUR, name="b.csv")
    assert report(here, key)["rejected"] == [{"line": 2, "reason": WHY_PERSON}]
    [case] = of_kind(here, CaseKind.PERSON_CHANGED)
    signed = Signature(who="Ada", why="the exchange says so", at=NOW + HOUR)
    assert here.system.records.cases.close(case.case_id, signed, ACCEPTED)
    third = [{**row, "ssn": "123-45-8888"} for row in other]
    key, _ = here.drop(*third, at=NOW + 2 * HOUR, name="c.csv")
    assert report(here, key)["accepted"] == 0  # another person was not accepted
    key, _ = here.drop(*other, at=NOW + 3 * HOUR, name="d.csv")
    assert report(here, key) == {"accepted": 1, "rejected": []}
    assert here.system.records.enrollments.get("EN000001").last_name == "Stone"


def test_rule_39_a_case_that_was_only_closed_accepts_nobody(here):
    here.drop(*rows(1))
    other = [{**row, **SOMEBODY_ELSE} for row in rows(1)]
    here.drop(*other, at=NOW + HOUR, name="b.csv")
    [case] = of_kind(here, CaseKind.PERSON_CHANGED)
    here.system.records.cases.close(case.case_id, Signature(who="Ada", why="seen", at=NOW))
    key, _ = here.drop(*other, at=NOW + 2 * HOUR, name="c.csv")
    assert report(here, key)["accepted"] == 0


@pytest.mark.parametrize(
    ("shared", "kind"),
    [({"ssn": "123-45-6001"}, "ssn"), ({"billing_account": "700000001"}, "billing_account")],
)
def test_rule_39_a_number_that_two_subscribers_have_is_a_case_and_both_are_taken(
    here, shared, kind
):
    first, second = rows(2)
    key, _ = here.drop(first, {**second, **shared})
    assert report(here, key) == {"accepted": 2, "rejected": []}
    [case] = here.system.records.cases.open()
    assert case.case_id == f"duplicate_number#{kind}#EN000002#EN000001"
    assert "6001" not in case.reason
