"""Statements of banks are read whole, or refused with a reason (rule 48)."""

from datetime import date
from pathlib import Path

import pytest
from bai2 import bai2 as another
from bai2.constants import TypeCodeLevel, TypeCodes, TypeCodeTransaction
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bank_statement.movements import (
    ACH_CODES,
    NotAStatement,
    signed_by_code,
)
from chalicelib.domain.bank_statement.reading import StatedDay, stated_days, statements

SAMPLES = Path(__file__).parent / "samples"
DAY = date(2026, 12, 4)


def lines(text):
    return [line.encode() for line in text.splitlines()]


def sample(name):
    return (SAMPLES / name).read_bytes().splitlines()


def a_statement(*details, total=None, count=None, day="261204", modifier="2", status="1"):
    """One account, with these records 16."""
    sums = sum(int(each.split(",")[2]) for each in details) if total is None else total
    n = len(details) + 2 if count is None else count
    return [
        b"01,12100028,1234567890,261207,0800,1,80,,2/",
        f"02,1234567890,12100028,{status},{day},,USD,{modifier}/".encode(),
        b"03,4000123456,USD/",
        *(each.encode() for each in details),
        f"49,{sums},{n}/".encode(),
        f"98,{sums},1,{n + 2}/".encode(),
        f"99,{sums},1,{n + 4}/".encode(),
    ]


@pytest.mark.parametrize(
    ("name", "accounts", "moved"),
    [
        ("bai2-sample1.txt", ["10200123456"] * 2, [(11, 0), (6, 0)]),
        (
            "bai2-sample2.txt",
            ["0123456789", "9876543210", "4589761203", "0975312468", "7890654321"],
            [(1, 450000), (1, 500000), (2, 30000000), (0, 0), (0, 0)],
        ),
        ("camt053-v2.five.decimals.xml", ["NL26VAYB8060476890"], [(1, 885)]),
        ("camt053-v2.minimal.xml", ["NL26VAYB8060476890"], [(1, 885)]),
        ("camt053-v2.multi.statement.xml", ["NL26VAYB8060476890"] * 2, [(1, 885), (1, -700)]),
        ("camt053-v4.xml", ["NL26VAYB8060476890"], [(1, 885)]),
        ("camt053-v8.xml", ["NL26VAYB8060476890"], [(1, 885)]),
    ],
)
def test_rule_48_what_others_wrote_is_read(name, accounts, moved):
    found = statements(sample(name))
    assert [each.account for each in found] == accounts
    sums = [(len(each.movements), sum(m.cents for m in each.movements)) for each in found]
    assert sums == moved


def test_rule_48_several_records_on_a_line_and_text_that_is_broken_are_read():
    found = statements(sample("bai2-sample3.txt"))
    assert len(found) == 15
    first = found[0]
    assert (first.account, first.on) == ("1111111", date(2022, 9, 19))
    codes = [(each.code, each.cents) for each in first.movements]
    came, went = [("142", 2500), ("142", 500), ("142", 100)], [2500, 600, 100]
    assert codes == [*came, *(("451", -cents) for cents in went)]
    assert all(each.is_ach for each in first.movements)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("bai2-sample-parseError.txt", "line 1: it is neither BAI2 nor camt.053"),
        ("camt053-v2.wrong.xml", "line 1: no statement is in it"),
        (
            "bai2-sample4-continuations-newline-delimited.txt",
            "line 22: its total or count is another than what is there",
        ),
        ("bai2-sample5-issue113.txt", "line 22: its total or count is another than what is there"),
    ],
)
def test_rule_48_what_is_wrong_is_refused_with_its_line_and_never_quoted(name, why):
    with pytest.raises(NotAStatement) as refused:
        statements(sample(name))
    assert str(refused.value) == why


@pytest.mark.parametrize(
    "name", ["bai2-sample4-continuations-newline-delimited.txt", "bai2-sample5-issue113.txt"]
)
def test_rule_48_with_sums_that_agree_its_continuations_are_read(name):
    """These samples' totals are made up: with the right ones both are read, text over many 88."""
    text = "\n".join(line.decode() for line in sample(name))
    for _ in range(8):  # five accounts, a group, a file
        try:
            found = statements(lines(text))
            break
        except NotAStatement as refused:
            text = _with_true_sums(text, refused.line)
    assert [each.account for each in found][:3] == ["107049924", "107049932", "104108339"]
    second = found[1].movements
    assert [(each.code, each.cents) for each in second] == [
        ("447", -60000),
        ("261", 143500),
        ("447", -928650),
    ]
    assert [each.is_ach for each in second] == [True, False, True]


def _with_true_sums(text, line):
    """The trailer on this line says what another reader counts."""
    rows = text.splitlines()
    tree = another.parse_from_string(text, check_integrity=False)
    accounts = [account for group in tree.children for account in group.children]
    n = sum(row.startswith("49,") for row in rows[:line])
    place = max(i for i, row in enumerate(rows[:line]) if row[:3] in ("49,", "98,", "99,"))

    def total(account):
        summed = sum(each.amount or 0 for each in account.header.summary_items)
        return summed + sum(each.amount or 0 for each in account.children)

    code = rows[place][:2]
    if code == "49":
        start = max(i for i, row in enumerate(rows[:place]) if row.startswith("03,"))
        said = [total(accounts[n - 1])]
    else:
        start = 1 if code == "98" else 0
        said = [sum(map(total, accounts)), len(accounts) if code == "98" else 1]
    records = sum(row[:2].isdigit() and row[2:3] == "," for row in rows[start : place + 1])
    rows[place] = ",".join(map(str, [code, *said, records])) + "/"
    return "\n".join(rows)


def test_the_codes_of_the_bank_network_are_as_another_reader_names_them():
    named = {each.code: each for each in TypeCodes.values()}
    for code in ACH_CODES:
        known = named[code]
        assert "ACH" in known.description
        assert (known.transaction is TypeCodeTransaction.credit) == (signed_by_code(code, 1) > 0)
    singles = {
        each.code
        for each in TypeCodes.values()
        if "ACH" in each.description.split() and each.level is TypeCodeLevel.detail
    }
    assert singles - ACH_CODES == {"143", "452"}, "items of a total that stands beside them"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["166", "466", "557", "257", "195", "475"]),
            st.integers(0, 10**12),
            st.sampled_from(["0", "Z", "V,261204,1200", "S,1,2,3", "D,2,0,5,1,6", ""]),
        ),
        max_size=30,
    )
)
def test_it_reads_what_another_reader_reads(details):
    rows = a_statement(*(f"16,{code},{cents},{funds},,,TEXT/" for code, cents, funds in details))
    [here] = statements(rows)
    [group] = another.parse_from_lines([row.decode() for row in rows]).children
    [account] = group.children
    there = [(each.type_code.code, each.amount) for each in account.children]
    assert [(each.code, abs(each.cents)) for each in here.movements] == there
    assert here.on == group.header.as_of_date == DAY


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], "neither BAI2 nor camt.053"),
        ([b"ISA*00*"], "neither BAI2 nor camt.053"),
        (a_statement("16,166,500,0,,,A/")[:-1], "it has no end"),
        (a_statement("16,166,500,0,,,A/")[:-3], "it has no end"),
        (a_statement("16,166,500,0,,,A/", total=501), "its total or count"),
        (a_statement("16,166,500,0,,,A/", count=4), "its total or count"),
        (a_statement("16,166,5x0,0,,,A/", total=500), "an amount or a count that is no number"),
        (a_statement(day="2612"), "a group without its date"),
        (a_statement(status="4"), "a group that deletes, or only tests"),
        ([*a_statement(), b"16,166,5,0,,,A/"], "something follows the end"),
        ([b"01,a,b,261207,0800,1,80,,2/", b"16,166,5,0,,,A/"], "a transaction outside"),
        ([b"01,a,b,261207,0800,1,80,,2/", b"03,1,USD/"], "an account outside of a group"),
        ([b"01,a,b,261207,0800,1,80,,2/", b"49,0,2/"], "an account ends that never began"),
        ([b"01,a,b,261207,0800,1,80,,2/", b"98,0,0,2/"], "a group ends that never began"),
        ([*a_statement()[:3], b"99,0,1,2/"], "the file ends within a group"),
        ([*a_statement()[:2], a_statement()[1]], "a group begins within another"),
        ([a_statement()[0], a_statement()[0]], "a file begins within another"),
        ([b"<html><body>503</body></html>"], "it is XML, and no camt.053"),
        ([b"<Document"], "it is no XML, or ends too early"),
        ([b'<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>'], "it declares a document type"),
    ],
)
def test_rule_48_each_thing_that_is_wrong_has_its_reason(rows, why):
    with pytest.raises(NotAStatement, match=why):
        stated_days(rows, None)


CAMT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Acct><Id><Othr><Id>4000123456</Id></Othr></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Dt><Dt>2026-12-04</Dt></Dt></Bal>
{entries}</Stmt></BkToCstmrStmt></Document>"""
ENTRY = """<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>
<Sts><Cd>{status}</Cd></Sts>
<BookgDt><DtTm>2026-12-04T23:00:00-05:00</DtTm></BookgDt>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{kind}</SubFmlyCd></Fmly></Domn></BkTxCd></Ntry>"""


def an_entry(**changed):
    usual = {"currency": "USD", "amount": "12.34", "side": "CRDT", "status": "BOOK"}
    return ENTRY.format(**{**usual, "family": "IDDT", "kind": "OTHR", **changed})


def test_rule_48_of_camt_what_is_booked_in_dollars_and_of_the_network_counts():
    entries = [
        an_entry(amount="424.80"),
        an_entry(amount="100.00", side="DBIT"),
        an_entry(status="PDNG"),
        an_entry(family="RCDT"),
        an_entry(currency="EUR"),
        an_entry(amount="1.00", side="DBIT", family="ICDT", kind="ARET"),
        an_entry(amount="7.00", side="DBIT", family="ICDT"),  # a wire
    ]
    [day] = stated_days(lines(CAMT.format(entries="".join(entries))), "4000123456")
    assert day == StatedDay(on=DAY, cents=32380, movements=3)


@pytest.mark.parametrize(
    "changed",
    [{"amount": "1.001"}, {"amount": "NaN"}, {"amount": "1e999999"}, {"amount": ""}, {"side": "X"}],
)
def test_rule_48_an_entry_of_camt_that_is_wrong_refuses_all_of_it(changed):
    with pytest.raises(NotAStatement):
        stated_days(lines(CAMT.format(entries=an_entry(**changed))), None)


def test_rule_48_only_our_account_counts_and_one_without_it_is_refused():
    rows = a_statement("16,166,42480,0,,,A/", "16,557,100,0,,,R01/", "16,195,7,0,,,WIRE/")
    assert stated_days(rows, "4000123456") == [StatedDay(on=DAY, cents=42380, movements=2)]
    with pytest.raises(NotAStatement, match="our account is not in it"):
        stated_days(rows, "4000123457")


def test_rule_48_a_day_that_is_not_over_is_not_stated_yet():
    for modifier in "13":
        rows = a_statement("16,166,42480,0,,,A/", modifier=modifier)
        assert stated_days(rows, None) == []


def test_rule_48_two_accounts_are_refused_where_no_setting_names_ours():
    with pytest.raises(NotAStatement, match="several accounts"):
        stated_days(sample("bai2-sample2.txt"), None)
    assert len(stated_days(sample("bai2-sample2.txt"), "0123456789")) == 1


def test_rule_48_a_day_that_is_stated_twice_in_one_file_is_refused():
    with pytest.raises(NotAStatement, match="it states a day twice"):
        stated_days(sample("bai2-sample3.txt"), "1111111")


def test_rule_48_one_page_of_several_is_refused():
    page = CAMT.format(entries="<StmtPgntn><LastPgInd>false</LastPgInd></StmtPgntn>")
    with pytest.raises(NotAStatement, match="one page of several"):
        stated_days(lines(page), None)


def test_rule_48_an_entry_that_is_dated_back_is_of_the_statement_that_shows_it():
    back = an_entry().replace("2026-12-04T", "2026-12-03T")
    [day] = stated_days(lines(CAMT.format(entries=back)), None)
    assert day == StatedDay(on=DAY, cents=1234, movements=1)
    week = "<FrToDt><FrDtTm>2026-11-30T00:00:00</FrDtTm></FrToDt>"
    days = stated_days(lines(CAMT.format(entries=week + back)), None)
    assert [(each.on.day, each.cents) for each in days] == [(3, 1234), (4, 0)]


@given(st.integers(1, 2000), st.integers(1, 30))
def test_rule_48_a_line_that_is_cut_anywhere_is_read_the_same(at, entries):
    """A statement may be one line of megabytes: it is handed over in pieces."""
    whole = CAMT.format(entries=an_entry() * entries).replace("\n", "").encode()
    pieces = [whole[start : start + at] for start in range(0, len(whole), at)]
    assert stated_days(pieces, None) == stated_days([whole], None)


@pytest.mark.parametrize("encoding", ["Shift_JIS", "UTF-32", "no-such-one"])
def test_rule_48_an_encoding_that_nobody_knows_is_refused(encoding):
    with pytest.raises(NotAStatement, match="it is no XML"):
        stated_days([f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode()], None)


def test_rule_48_the_same_day_is_the_same_in_either_form():
    [one] = stated_days(a_statement("16,166,1234,0,,,A/"), None)
    [other] = stated_days(lines(CAMT.format(entries=an_entry())), None)
    assert one == other
