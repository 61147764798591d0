"""Mandates on both stores: a change is refused where anything is no longer as it was read."""

from dataclasses import replace

import pytest

from chalicelib.domain.mandate import Mandates
from chalicelib.repositories.mandates import MandateBook
from chalicelib.store import ConditionFailed
from tests.builders import NOW, a_mandate, an_announcement

ONE, MONTH = "EN000001", "2026-12"
NONE = Mandates(enrollment_id=ONE)


@pytest.fixture
def mandates(store):
    return MandateBook(store)


def keep(store, mandates, before=NONE, mandate_id="MANDATE00000001"):
    changed = replace(before, standing=(a_mandate(mandate_id=mandate_id),))
    store.write(*mandates.changing(changed, (), MONTH, f"set up {mandate_id}", NOW))


def freeze(store, mandates):
    mandates.freeze(MONTH, range(1024))


def test_invariant_10_a_second_change_of_one_version_is_refused_by_its_row_and_by_its_audit_line(
    store, mandates
):
    keep(store, mandates)
    with pytest.raises(ConditionFailed) as refused:
        keep(store, mandates, mandate_id="MANDATE00000002")
    assert {write.table for write in refused.value.writes} == {"mandates", "audit"}
    assert [each.mandate_id for each in mandates.of(ONE).standing] == ["MANDATE00000001"]


def announced(store, mandates):
    store.write(mandates.announcing(an_announcement(1)))


@pytest.mark.parametrize("meanwhile", [freeze, keep, announced])
def test_invariant_9_what_was_read_as_unchanged_is_refused_when_it_changed(
    store, mandates, meanwhile
):
    writes = mandates.unchanged(NONE, MONTH, None)
    store.write(*writes)
    meanwhile(store, mandates)
    with pytest.raises(ConditionFailed):
        store.write(*writes)
