"""What can't be booked is never away: it is sealed, has a case, and stops no other (I18)."""

import pytest

from chalicelib.domain.signature import Signature
from chalicelib.ports import Unsealable
from tests.bank import Bank
from tests.monthly import at
from tests.stores import with_records

ONE, TWO, THREE = "EN000001", "EN000002", "EN000003"
MORNING, NOON = at(8, 8), at(8, 12)


@pytest.fixture
def bank():
    return Bank()


def paid(bank, *names):
    """Payments in the bank's hands, by id."""
    ids = [bank.pays(name) for name in names or (ONE,)]
    bank.collect(at(3, 18))
    return ids


def returned(bank, payment_id, code="R01", when=MORNING, **changed):
    bank.receive(bank.answer((payment_id, code), when=when, **changed), when)


def sealed(bank):
    """What lies in quarantine, opened: the lines of each object."""
    found = {}
    for key, [body] in ((key, each.values()) for key, each in bank.here.files.objects.items()):
        name = key.removeprefix("quarantine/")
        found[name] = [
            bank.system.vault.open("quarantine", line.decode(), f"{name}#{n}")
            for n, line in enumerate(body.splitlines())
        ]
    return found


# What fits nothing of ours.


def test_two_that_differ_in_their_amount_only_are_two_cases_in_words(bank):
    [payment_id] = paid(bank)
    returned(bank, payment_id, cents=42479, person_id="HCKLMNPQRSTU234")
    returned(bank, payment_id, cents=42481, person_id="HCKLMNPQRSTU234")
    trace = bank.taken()[payment_id].trace
    assert sorted(bank.cases().values()) == [
        f"a return R01 of ${dollars} for trace {trace}, account ending 6789, "
        f"id HCKLMNPQRSTU234: fits no entry of ours; it may be about {payment_id}"
        for dollars in ("424.79", "424.81")
    ]


@pytest.mark.parametrize("trace", ["000123456789012", "121042889999999"])
def test_rule_33_what_is_no_trace_of_ours_may_be_an_account_number_and_is_not_said(bank, trace):
    [payment_id] = paid(bank)
    returned(bank, payment_id, trace=trace, person_id="HCKLMNPQRSTU234")
    [reason] = bank.cases().values()
    assert reason.startswith("a return R01 of $424.80 for a trace that is none of ours, account ")
    assert trace not in reason


@pytest.mark.parametrize("when", [MORNING, NOON])
def test_the_same_again_is_the_same_case_and_nothing_more(bank, when):
    first, second = paid(bank, ONE, TWO)
    returned(bank, first, cents=1)
    before = bank.kept(), sealed(bank)
    body = bank.answer((second, "R61"), (first, "R01"), when=when, cents=1)  # another number then
    bank.receive(body, when)
    assert sealed(bank).keys() > before[1].keys()
    assert len(bank.cases()) == 2
    returned(bank, first, cents=1)
    assert len(bank.cases()) == 2


def test_what_comes_again_after_staff_closed_its_case_is_a_case_of_that_day(bank):
    [payment_id] = paid(bank)
    returned(bank, payment_id, cents=1)
    [case] = bank.cases()
    bank.system.records.cases.close(case, Signature(who="Ada", why="asked the bank", at=NOON))
    returned(bank, payment_id, cents=1, when=at(9, 8))
    assert list(bank.cases()) == [f"{case.partition('@')[0]}@2026-12-09"]


def test_what_comes_again_on_the_day_on_which_staff_closed_its_case_is_a_case_again(bank):
    """And while that is open, its payment is not called paid."""
    [payment_id] = paid(bank)
    for n in (1, 2):
        returned(bank, payment_id, cents=1, when=at(8, 7 + n))
        [case] = bank.cases()
        assert case.partition("@")[2] == ("2026-12-08" if n == 1 else "2026-12-08.2")
        if n == 1:
            bank.system.records.cases.close(case, Signature(who="Ada", why="asked", at=at(8, 8)))
    bank.evening(at(8, 20))
    assert len(bank.system.records.transmissions.suspected_returns()) <= 1
    assert list(bank.cases()) == [case]


def test_what_the_bank_wrote_is_sealed_whole(bank):
    [payment_id] = paid(bank)
    body = bank.answer((payment_id, "R01"), when=MORNING, account="987654321        ")
    bank.receive(body, MORNING)
    wanted = [line for line in body.decode().splitlines() if line[0] in "567"]
    [(name, records)] = sealed(bank).items()
    assert records == wanted
    [case] = bank.cases()
    assert name == case.replace("#", "-").partition("@")[0]
    assert "98765" not in str(bank.here.files.objects) + str(bank.cases())


def test_a_correction_keeps_what_it_would_correct(bank):
    [payment_id] = paid(bank)
    for data in ("111122223333", "444455556666"):
        changed = {"when": MORNING, "data": data, "person_id": "HCKLMNPQRSTU234"}
        bank.receive(bank.answer((payment_id, "C01"), **changed), MORNING)
    assert len(bank.cases()) == 2
    found = str(sealed(bank))
    assert "111122223333" in found
    assert "444455556666" in found
    assert "1111222" not in str(bank.cases())


def test_rule_33_an_id_that_is_none_of_ours_may_be_an_account_and_is_not_said(bank):
    [payment_id] = paid(bank)
    returned(bank, payment_id, person_id="234567892345678")
    [reason] = bank.cases().values()
    assert "an id that is none of ours" in reason
    assert "23456789" not in reason.replace(bank.taken()[payment_id].trace, "")


def test_two_names_that_are_none_of_ours_are_two_cases(bank):
    for name in ("ours", "123456789012", "ours"):
        bank.receive(bank.word(name), MORNING)
    assert len(bank.cases()) == 2
    assert all(case.startswith("unknown_file#unknown_file-") for case in bank.cases())
    assert "123456789012" not in str(bank.cases())
    assert [each.split(",")[0] for [each] in sealed(bank).values()] == ["ours", "123456789012"]


# Two reasons for one entry.


def test_a_second_reason_for_one_prenote_is_a_second_return(bank):
    mandate_id = bank.sign_up(bank.enroll(plan_year=2027), at(3, 10), cents=0)
    bank.collect(at(3, 18))
    for code in ("R03", "R04"):
        returned(bank, mandate_id, code)
    [reason] = bank.cases().values()
    assert "R04" in reason
    assert "second return" in reason
    assert bank.mails("account_refused") == [ONE]


@pytest.mark.parametrize("codes", [("R01", "R02"), ("R02", "R01"), ("R98", "R01")])
def test_a_second_reason_for_one_payment_is_a_second_return(bank, codes):
    [payment_id] = paid(bank)
    for code in codes:
        returned(bank, payment_id, code)
    assert bank.owed() == 42480
    assert bank.system.records.books.line(ONE, f"return#{payment_id}").reason == codes[0]
    [(_, reason)] = [each for each in bank.cases().items() if each[0].startswith("suspense")]
    assert f"return {codes[1]} of $424.80" in reason


@pytest.mark.parametrize("codes", [("R01", "R67"), ("R67", "R01"), ("R61", "R68")])
def test_what_banks_argue_about_is_no_second_return(bank, codes):
    [payment_id] = paid(bank)
    for code in codes:
        returned(bank, payment_id, code)
    assert not [case for case in bank.cases() if case.startswith("suspense")]


def test_two_reasons_at_one_moment_are_one_return(bank):
    """Both have read that the entry has no answer; the row of the final one decides."""
    mandate_id = bank.sign_up(bank.enroll(plan_year=2027), at(3, 10), cents=0)
    bank.collect(at(3, 18))
    other = Bank(bank.store, s3=bank.s3)
    other.has, other.judged = bank.has, bank.judged
    body = other.answer((mandate_id, "R04"), when=MORNING)
    commit, hasty = bank.system.records.commit, []

    def interrupted(*writes, **mails):
        if not hasty:
            hasty.append(True)
            other.receive(body, MORNING)
        commit(*writes, **mails)

    bank.system.__dict__["return_posting"] = with_records(
        bank.system.return_posting, commit=interrupted
    )
    returned(bank, mandate_id, "R03")
    [transmission] = bank.system.records.transmissions.all()
    assert [each.code for each in bank.system.records.transmissions.answers(transmission)] == [
        "R04"
    ]
    [reason] = bank.cases().values()
    assert "return R03" in reason


# One that can't be applied.


class Trouble:
    """Books that fail for one enrollment, so many times."""

    def __init__(self, books, name, times):
        self.books, self.name, self.times = books, name, times

    def __getattr__(self, what):
        return getattr(self.books, what)

    def lines(self, name):
        if name == self.name and self.times:
            self.times -= 1
            raise ValueError("123456789 is in the words of this error")
        return self.books.lines(name)


def troubled(bank, name, times):
    books = Trouble(bank.system.records.books, name, times)
    bank.system.__dict__["original_entries"] = with_records(
        bank.system.original_entries, books=books
    )


def test_one_that_fails_once_is_tried_again_after_the_others(bank):
    ids = paid(bank, ONE, TWO)
    troubled(bank, ONE, 1)
    bank.receive(bank.answer(*((each, "R01") for each in ids), when=MORNING), MORNING)
    assert [bank.owed(name) for name in (ONE, TWO)] == [42480, 42480]
    assert bank.cases() == {}


def test_one_that_fails_again_is_for_staff_and_the_others_are_applied(bank):
    ids = paid(bank, ONE, TWO, THREE)
    troubled(bank, TWO, 2)
    bank.receive(bank.answer(*((each, "R01") for each in ids), when=MORNING), MORNING)
    assert [bank.owed(name) for name in (ONE, TWO, THREE)] == [42480, 0, 42480]
    [reason] = bank.cases().values()
    assert "can't be applied (ValueError)" in reason
    assert "123456789" not in reason
    assert len(sealed(bank)) == 1
    assert bank.here.metrics.counts["ReturnsNotApplied"] == 1


def test_where_it_can_not_even_be_kept_the_file_comes_again(bank):
    ids = paid(bank, ONE, TWO)
    troubled(bank, ONE, 2)
    whole, bank.here.files.put = bank.here.files.put, _down
    body = bank.answer(*((each, "R01") for each in ids), when=MORNING)
    with pytest.raises(OSError):
        bank.receive(body, MORNING)
    [key] = bank.here.files.objects
    bank.here.files.put = whole
    bank.system.inbound.receive(key, "", MORNING, MORNING)
    assert [bank.owed(name) for name in (ONE, TWO)] == [42480, 42480]


def test_where_very_many_fail_the_world_is_wrong_and_the_file_comes_again(bank):
    names = [f"EN{n:06}" for n in range(1, 26)]
    ids = paid(bank, *names)
    opens = bank.system.vault.open
    bank.system.vault.open = _locked
    body = bank.answer(*((each, "R01") for each in ids), when=MORNING)
    bank.system.__dict__["original_entries"] = with_records(
        bank.system.original_entries, books=_Nothing()
    )
    with pytest.raises(OSError):
        bank.receive(body, MORNING)
    assert bank.cases() == {}
    for name in ("original_entries", "matching", "return_files", "inbound"):
        del bank.system.__dict__[name]
    bank.system.vault.open = opens
    [key] = bank.here.files.objects
    bank.system.inbound.receive(key, "", MORNING, MORNING)
    assert {bank.owed(name) for name in names} == {42480}


class _Nothing:
    def entry(self, *_key):
        raise OSError


def _down(*_anything):
    raise OSError


def _locked(*_anything):
    raise Unsealable
