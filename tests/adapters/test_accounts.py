"""What is known of bank accounts and routing numbers, on both stores (rule 12)."""

import pytest

from chalicelib.domain.mandate import Mandates
from chalicelib.repositories.accounts import GOOD, Accounts
from chalicelib.repositories.routing_numbers import RoutingBook, paying_at
from chalicelib.store import ConditionFailed
from tests.builders import NOW, a_mandate


@pytest.fixture
def accounts(store):
    return Accounts(store)


@pytest.fixture
def directory(store):
    return RoutingBook(store)


def test_rule_12_with_no_directory_loaded_nothing_is_said_of_a_routing_number(directory):
    assert directory.is_listed("231380104") is None


def test_rule_12_a_loaded_directory_says_yes_or_no(directory):
    assert directory.load(["231380104", "121042882"]) == 2
    assert directory.is_listed("231380104") is True
    assert directory.is_listed("081000210") is False
    assert directory.load(["081000210"]) == 1  # more are added; none is lost
    assert directory.is_listed("081000210") is True
    assert directory.is_listed("231380104") is True


def test_a_directory_counts_only_when_it_is_loaded_whole(directory):
    def torn():
        yield "231380104"
        raise OSError

    with pytest.raises(OSError):
        directory.load(torn())
    assert directory.is_listed("121042882") is None


def test_rule_49_what_checks_that_a_number_is_dead_holds_until_it_is_not(directory, store):
    is_dead, is_not = (directory.while_dead("231380104", is_dead=each) for each in (True, False))
    store.write(is_not)
    for _ in range(2):
        store.write(directory.burying("231380104", NOW))
        assert directory.is_dead("231380104")
    assert not directory.is_dead("081000210")
    store.write(is_dead)
    with pytest.raises(ConditionFailed):
        store.write(is_not)
    store.write(directory.reviving("231380104", NOW))
    assert directory.was_released("231380104")
    store.write(is_not)
    assert not directory.is_dead("231380104")
    with pytest.raises(ConditionFailed):
        store.write(is_dead)


def test_rule_49_who_pays_at_a_number_is_found_in_order_and_in_parts(directory, store):
    assert directory.who_pays_at("231380104") == []
    for name in ("EN000003", "EN000001", "EN000002"):
        mandate = a_mandate(enrollment_id=name)
        mandates = Mandates(enrollment_id=name, standing=(mandate,))
        for _ in range(2):
            store.write(*paying_at(mandates))
    assert directory.who_pays_at("231380104") == ["EN000001", "EN000002", "EN000003"]
    assert directory.who_pays_at("231380104", "EN000001", 1) == ["EN000002"]
    assert directory.who_pays_at("081000210") == []


def test_a_refused_account_is_remembered_with_its_newest_code(accounts, store):
    assert accounts.verdict("digest") is None
    store.write(accounts.refusing("digest", "R02", NOW))
    store.write(accounts.refusing("digest", "R03", NOW))
    assert accounts.verdict("digest") == "R03"
    assert accounts.verdict("other") is None


def test_an_account_is_trusted_unless_it_was_refused(accounts, store):
    accounts.trust("digest", NOW)
    accounts.trust("digest", NOW)
    assert accounts.verdict("digest") == GOOD
    store.write(accounts.refusing("digest", "R10", NOW))
    accounts.trust("digest", NOW)
    assert accounts.verdict("digest") == "R10"


@pytest.mark.parametrize("verdict", [None, GOOD])
def test_what_a_bank_did_not_refuse_stops_no_write(accounts, store, verdict):
    if verdict:
        accounts.trust("digest", NOW)
    store.write(accounts.unless_refused("digest"), accounts.refusing("other", "R02", NOW))
    assert accounts.verdict("other") == "R02"


def test_nothing_of_a_transaction_happens_on_an_account_that_is_refused(accounts, store):
    store.write(accounts.refusing("digest", "R02", NOW))
    with pytest.raises(ConditionFailed):
        store.write(accounts.unless_refused("digest"), accounts.refusing("other", "R02", NOW))
    assert accounts.verdict("other") is None


def test_a_code_may_be_one_that_stops_nothing(accounts, store):
    store.write(accounts.refusing("digest", "R14", NOW))
    checks = accounts.unless_refused("digest", {"R14"}), accounts.unless_refused("digest")
    store.write(checks[0], accounts.refusing("other", "R02", NOW))
    with pytest.raises(ConditionFailed):
        store.write(checks[1], accounts.refusing("third", "R02", NOW))
    assert (accounts.verdict("other"), accounts.verdict("third")) == ("R02", None)


def test_a_milder_code_takes_the_place_of_what_it_was_read_over_only(accounts, store):
    store.write(accounts.refusing("digest", "R14", NOW, where={None}))
    assert accounts.verdict("digest") == "R14"
    for there in (None, GOOD):
        with pytest.raises(ConditionFailed):
            store.write(accounts.refusing("digest", "R15", NOW, where={there}))
    store.write(accounts.refusing("digest", "R15", NOW, where={"R14"}))
    assert accounts.verdict("digest") == "R15"
