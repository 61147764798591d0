"""One odd sign in a field that decides nothing stops no sound return beside it (rule 53)."""

import pytest

from tests.bank import Bank
from tests.monthly import at

MORNING = at(8, 8)
# Where a field that nobody uses begins, by the beginning of its record.
FIELDS = {
    "the names of the file": (b"1", 63),
    "what the file refers to": (b"1", 86),
    "the company's name": (b"5", 4),
    "the company's own data": (b"5", 20),
    "the member's name": (b"6", 54),
    "what the bank says besides": (b"799", 35),
}
SIGNS = {
    "ñ": "ñ".encode("latin-1"),
    "é of UTF-8": "é".encode(),
    "¦": "¦".encode("latin-1"),
    "a quote of Windows": b"\x92",
    "a control": b"\x07",
}


@pytest.fixture
def bank():
    bank = Bank()
    for name in ("EN000001", "EN000002"):
        bank.pays(name)
    bank.collect(at(3, 18))
    return bank


def with_sign(body, start, place, sign):
    """In the first record that begins so; as many characters as before."""
    rows = body.splitlines(keepends=True)
    n = next(n for n, row in enumerate(rows) if row.startswith(start))
    rows[n] = rows[n][:place] + sign + rows[n][place + 1 :]
    return b"".join(rows)


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("field", FIELDS)
def test_rule_53_a_sign_outside_the_alphabet_stops_nothing(bank, field, sign):
    ids = [bank.payment_ids(name)[0] for name in ("EN000001", "EN000002")]
    body = bank.answer(*((each, "R01") for each in ids), when=MORNING)
    bank.receive(with_sign(body, *FIELDS[field], SIGNS[sign]), MORNING)
    assert bank.state(ids[0]) == bank.state(ids[1], "EN000002") == "not_paid"
    assert not any(case.startswith("quarantine") for case in bank.cases())


@pytest.mark.parametrize("place", [1, 12, 29, 79])
def test_rule_53_in_a_field_that_decides_it_is_a_grave_one(bank, place):
    """Transaction code, account, amount and trace."""
    ids = [bank.payment_ids(name)[0] for name in ("EN000001", "EN000002")]
    body = bank.answer(*((each, "R01") for each in ids), when=MORNING)
    bank.receive(with_sign(body, b"6", place, SIGNS["ñ"]), MORNING)
    assert any(case.startswith("quarantine") for case in bank.cases())
    assert bank.state(ids[0]) == "sent"
