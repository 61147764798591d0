"""A return or change is found by evidence, whatever a bank makes of trace and id (rule 47)."""

from datetime import timedelta

import pytest

from chalicelib.adapters.randomness import SystemRandomness
from tests.bank import Bank
from tests.monthly import at

ONE, TWO = "EN000001", "EN000002"
MORNING = at(8, 8)
NUMBER = "000123456789"
BLANK = f"{'':15}"
FOREIGN = ["021000020000001", "000000000000000", BLANK, "231380109999999", "ABCDEFGHIJKLMNO"]


@pytest.fixture
def bank():
    """Two payments of two people in one batch, alike in amount and account."""
    bank = Bank()
    bank.system.__dict__["randomness"] = SystemRandomness()  # ids that have letters
    for name in (ONE, TWO):
        bank.pays(name, number=NUMBER)
    bank.collect(at(3, 18))
    return bank


@pytest.fixture
def payment_id(bank):
    return bank.payment_ids(ONE)[0]


def answered(bank, payment_id, code="R01", when=MORNING, **changed):
    more = {"data": changed.pop("data")} if "data" in changed else {}
    body = bank.answer((payment_id, code), when=when, **more, **changed)
    bank.receive(body, when)
    return body


def not_paid(bank):
    return [
        name for name in (ONE, TWO) if bank.state(bank.payment_ids(name)[0], name) == "not_paid"
    ]


@pytest.mark.parametrize("trace", FOREIGN)
def test_rule_47_an_id_of_ours_is_found_under_any_trace_and_booked_once(bank, payment_id, trace):
    body = answered(bank, payment_id, trace=trace)
    assert (not_paid(bank), bank.cases()) == ([ONE], {})
    kept = bank.here.kept()
    bank.receive(body, at(9, 8))
    assert bank.here.kept() == kept


@pytest.mark.parametrize("trace", [None, FOREIGN[0]])
def test_rule_47_case_and_blanks_of_an_id_do_not_count(bank, payment_id, trace):
    name = f"{payment_id[:5].lower()} {payment_id[5:].lower()}"[:15]
    if len(payment_id) + 1 > len(name):  # a blank pushes out the last sign: then only its case
        name = payment_id.lower()
    answered(bank, payment_id, person_id=name, **({"trace": trace} if trace else {}))
    assert (not_paid(bank), bank.cases()) == ([ONE], {})


@pytest.mark.parametrize("person_id", [BLANK, "SOMEBODY ELSE  "])
def test_rule_47_without_an_id_of_ours_the_whole_trace_finds_it(bank, payment_id, person_id):
    answered(bank, payment_id, person_id=person_id)
    assert (not_paid(bank), bank.cases()) == ([ONE], {})


@pytest.mark.parametrize("trace", FOREIGN)
def test_rule_47_without_an_id_and_a_trace_of_ours_it_waits(bank, payment_id, trace):
    answered(bank, payment_id, person_id=BLANK, trace=trace)
    assert not_paid(bank) == []
    assert len(bank.cases()) == 1


@pytest.mark.parametrize("shown", ["XXXXXXXX6789", "********6789", "xxxxxxx56789"])
def test_rule_47_a_masked_account_counts_by_its_last_signs_where_trace_and_id_agree(
    bank, payment_id, shown
):
    answered(bank, payment_id, account=f"{shown:17}")
    assert (not_paid(bank), bank.cases()) == ([ONE], {})


@pytest.mark.parametrize(
    "changed",
    [
        {"account": f"{'XXXXXXXX6788':17}"},
        {"account": f"{'XXXXXXXXX789':17}"},
        {"account": f"{'XXXXXXXX6789':17}", "trace": FOREIGN[0]},
        {"account": f"{'XXXXXXXX6789':17}", "person_id": BLANK},
        {"account": f"{'99000002':17}", "trace": FOREIGN[0]},
        {"cents": 42479},
        {"cents": 42479, "trace": FOREIGN[0]},
        {"cents": 42479, "person_id": BLANK},
    ],
)
def test_rule_47_what_fits_in_part_waits_with_its_candidate_which_is_not_called_paid(
    bank, payment_id, changed
):
    answered(bank, payment_id, **changed)
    assert not_paid(bank) == []
    [said] = bank.cases().values()
    assert said.endswith(f"fits no entry of ours; it may be about {payment_id}"), said
    bank.evening(at(9, 20))
    assert bank.state(payment_id) == "sent"
    assert bank.state(bank.payment_ids(TWO)[0], TWO) == "paid"


def test_rule_47_an_id_of_ours_that_contradicts_the_trace_waits(bank, payment_id):
    """The trace, amount and account are of the one, the id is of a third."""
    third = bank.pays("EN000003", at(4, 10), cents=100, number="55556666")
    bank.collect(at(4, 18))
    answered(bank, payment_id, person_id=third)
    assert not_paid(bank) == []
    [said] = bank.cases().values()
    assert said.endswith(f"it may be about {third}, {payment_id}")
    bank.evening(at(9, 20))
    assert bank.state(payment_id) == "sent"
    assert bank.state(third, "EN000003") == "sent"
    assert bank.state(bank.payment_ids(TWO)[0], TWO) == "paid"


def test_rule_47_an_id_that_nobody_has_waits_with_whom_the_trace_names(bank, payment_id):
    answered(bank, payment_id, person_id="HCKLMNPQRSTU234")
    [said] = bank.cases().values()
    assert said.endswith(f"it may be about {payment_id}")
    bank.evening(at(9, 20))
    assert bank.state(payment_id) == "sent"


@pytest.mark.parametrize(
    ("days", "code", "changed", "found"),
    [
        (70, "R01", {}, True),
        (71, "R01", {}, False),
        (70, "R01", {"trace": FOREIGN[0]}, True),
        (71, "R10", {}, True),
        (71, "R10", {"trace": FOREIGN[0]}, False),
        (71, "R10", {"person_id": BLANK}, False),
    ],
)
def test_rule_47_after_70_days_only_an_unauthorized_one_is_found_by_both(
    bank, payment_id, days, code, changed, found
):
    [transmission] = bank.system.records.transmissions.all()
    when = at(transmission.effective_on.day, 8) + timedelta(days=days)
    answered(bank, payment_id, code, when, **changed)
    assert not_paid(bank) == ([ONE] if found else [])


@pytest.mark.parametrize("changed", [{}, {"trace": FOREIGN[0]}, {"person_id": BLANK}])
def test_rule_47_a_correction_which_has_no_amount_is_found_likewise(bank, payment_id, changed):
    answered(bank, payment_id, "C01", data="000987654321", **changed)
    assert not any("fits no entry" in said for said in bank.cases().values())


@pytest.mark.parametrize("changed", [{"trace": FOREIGN[0]}, {"person_id": BLANK}])
def test_rule_47_a_withdrawal_and_a_prenote_are_found_likewise(changed):
    bank = Bank()
    bank.system.__dict__["randomness"] = SystemRandomness()
    bank.member(ONE)
    bank.tell()
    bank.withdraw()
    asks = bank.sign_up(bank.enroll(TWO, plan_year=2027), at(22, 10), cents=0, number="55556666")
    bank.collect(at(22, 18))
    [withdrawal] = bank.payment_ids(ONE)
    for n, name in enumerate((withdrawal, asks)):
        answered(bank, name, "R02", at(24, 8 + n), **changed)
    assert bank.cases().keys() <= {f"return#{withdrawal}", f"return#{asks}"}, bank.cases()
    assert bank.state(withdrawal) == "not_paid"
    assert bank.system.records.mandates.every(TWO)[-1].end_reason == "returned"


def test_rule_47_a_file_of_foreign_traces_is_found_by_keys_alone(monkeypatch):
    """However many are in the file: no table is read through, and an item costs as much."""
    calls = {}
    for many in (20, 60):
        bank = Bank()
        names = [f"EN{n:06}" for n in range(1, many + 1)]
        ids = [bank.pays(name) for name in names]
        bank.collect(at(3, 18))
        body = bank.answer(*((each, "R01") for each in ids), when=MORNING, trace=FOREIGN[0])
        made = []
        for read in ("get", "get_many", "query", "write"):
            _counting(monkeypatch, bank.store, read, made)
        bank.receive(body, MORNING)
        calls[many] = len(made) / many
        assert bank.cases() == {}
        assert all(
            bank.state(each, name) == "not_paid" for each, name in zip(ids, names, strict=True)
        )
        assert not [place for call, place in made if call == "query" and place[0] == "entries"]
    assert calls[60] <= calls[20]


def _counting(monkeypatch, store, name, made):
    call = getattr(store, name)

    def counted(*place, **more):
        made.append((name, place))
        return call(*place, **more)

    monkeypatch.setattr(store, name, counted)
