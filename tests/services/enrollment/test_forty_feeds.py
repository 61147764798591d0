"""Forty feeds as exchanges send them, and what each gets (rule 40); docs/feeds.md has the table.

`python -m tests.services.enrollment.test_forty_feeds` prints it anew.
"""

import gzip
import json
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.services.enrollment.receipts import report_key
from tests.builders import NOW, a_feed
from tests.services.conftest import make
from tests.services.enrollment.test_feeds import rows
from tests.services.enrollment.test_held_feeds import changed

PAGE = Path(__file__).parents[3] / "docs" / "feeds.md"
KNOWN = rows(40)  # the members before each of them
NAMES = list(KNOWN[0])


def row(**columns):
    """A feed of four in which the second is so."""
    four = rows(4)
    return a_feed(*four[:1], four[1] | columns, *four[2:])


def table(given):
    """Rows with columns of their own, in their own order."""
    return "".join(
        ",".join(each) + "\n" for each in [given[0], *(r.values() for r in given)]
    ).encode()


def text(**columns):
    return row(**columns).decode()


SOUND = a_feed(*rows(4))
LINES = SOUND.decode().splitlines(keepends=True)
QUOTED = LINES[2].replace("Silver Care 500", '"Silver\nCare 500"')
SHIFTED = [
    r | {"enrollment_id": o["enrollment_id"]}
    for r, o in zip(KNOWN, KNOWN[1:] + KNOWN[:1], strict=True)
]

FEEDS = {
    "as it should be": SOUND,
    "with a byte order mark": b"\xef\xbb\xbf" + SOUND,
    "lines that end with CR and LF": SOUND.replace(b"\n", b"\r\n"),
    "lines that end with CR": SOUND.replace(b"\n", b"\r"),
    "no end of the last line": SOUND.rstrip(b"\n"),
    "empty lines between": SOUND.replace(b"\n", b"\n\n"),
    "blanks around each cell": SOUND.replace(b",", b" , "),
    "columns in another order": table([dict(reversed(r.items())) for r in rows(4)]),
    "a column more": table([{**r, "broker": "Jay"} for r in rows(4)]),
    "a comma at each end": SOUND.replace(b"\n", b",\n"),
    "a header with a number in it": table([{**r, "123-45-6789": "x"} for r in rows(4)]),
    "the column premium_from": table([{**r, "premium_from": "2027-01"} for r in rows(4)]),
    "9999-12-31 as an end": row(coverage_end="9999-12-31"),
    "2199-12-31 as an end": row(coverage_end="2199-12-31"),
    "a taxpayer's number": row(ssn="912-70-1234"),
    "a person with one name": row(first_name=""),
    "nothing": b"",
    "a header only": LINES[0].encode(),
    "a column missing": table([{k: v for k, v in r.items() if k != "ssn"} for r in rows(4)]),
    "a column twice": b"ssn," + SOUND,
    "UTF-16": SOUND.decode().encode("utf-16"),
    "UTF-16 without its mark": SOUND.decode().encode("utf-16-le"),
    "Windows-1252": SOUND.decode().encode("cp1252"),
    "gzip": gzip.compress(SOUND, mtime=0),
    "a spreadsheet": b"PK\x03\x04\x14\x00\x06\x00",
    "cut off in its last row": SOUND[:-20],
    "a quote over a line end": "".join([*LINES[:2], QUOTED, *LINES[3:]]).encode(),
    "a quote inside a cell": SOUND.replace(b"Silver Care 500", b'Silver "Care" 500', 1),
    "an account as 7.00E+08": row(billing_account="7.00E+08"),
    "a number that lost its zeros": row(ssn="1234567"),
    "an end beyond the plan year": row(coverage_end="2027-06-30"),
    "a plan selected tomorrow": row(selected_at="2026-12-04T15:00:00Z"),
    "an amount with a thousands comma": row(premium="1,000.00"),
    "a row of another subscriber": row(subscriber_id="SUB99"),
    "two of forty rows bad": a_feed(*changed(KNOWN, 2, plan="vision")),
    "three of forty rows bad": a_feed(*changed(KNOWN, 3, plan="vision")),
    "rows against their ids": a_feed(*SHIFTED),
    "three of forty end in July": a_feed(*changed(KNOWN, 3, coverage_end="2026-07-31")),
    "all of them end with the year": a_feed(*changed(KNOWN, 40, coverage_end="2026-12-31")),
    "premiums without their decimal point": table(
        [r | {"plan_year": "2026", "premium": "21240", "premium_from": "2026-01"} for r in KNOWN]
    ),
}


def gets(body):
    """In a line, from the receipt."""
    here = make()
    here.drop(*KNOWN, at=NOW - timedelta(days=90))
    key, _ = here.drop(body=body, at=NOW - timedelta(days=60), name="b.csv")
    said = json.loads(here.files.body(report_key(key)))
    first = [f"line {each['line']}: {each['reason']}" for each in said["rejected"][:1]]
    if said["state"] == "held":
        return f"held: {'; '.join(said['held_for'])}"
    if said["state"] == "refused":
        return f"refused: {first[0]}"
    more = len(said["rejected"]) - 1
    parts = [f"{said['accepted']} taken", *first, *([f"and {more} more"] if more > 0 else [])]
    if said["unknown_columns"]:
        parts.append(f"not read: {', '.join(said['unknown_columns'])}")
    return "; ".join(parts)


def line(what, body):
    return f"| {what} | {gets(body)} |"


def test_rule_40_there_are_forty():
    assert len(FEEDS) == 40


@pytest.mark.parametrize("what", FEEDS)
def test_rule_40_what_each_feed_gets_stands_on_its_page(what):
    assert line(what, FEEDS[what]) in PAGE.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    sys.stdout.writelines(f"{line(what, body)}\n" for what, body in FEEDS.items())
