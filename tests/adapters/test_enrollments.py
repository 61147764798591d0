"""Enrollments and the lookups that lead to them, on both stores."""

from dataclasses import replace

import pytest

from chalicelib.domain.enrollment import Plan, slot_of
from chalicelib.domain.identification import IdType
from chalicelib.repositories.enrollments import Enrollments
from chalicelib.store import ConditionFailed
from tests.builders import an_enrollment, known


@pytest.fixture
def enrollments(store):
    return Enrollments(store)


def keep(store, enrollments, new, before=None):
    store.write(*enrollments.changing(new, before))
    return new


def changed(before, **facts):
    """The next version of what is known."""
    known_facts = {k: facts.pop(k) for k in ("ssn_index", "row_digest") if k in facts}
    enrollment = replace(before.enrollment, **facts)
    return replace(
        before,
        enrollment=enrollment,
        version=before.version + 1,
        feed_order=before.feed_order + "1",
        **known_facts,
    )


def test_what_is_known_comes_back_as_it_was_kept(store, enrollments):
    first = keep(store, enrollments, known())
    assert enrollments.known("EN000001") == first
    assert enrollments.get("EN000001") == first.enrollment


def test_what_a_member_lacks_stays_absent(store, enrollments):
    keep(store, enrollments, known(ssn_index=None))
    assert enrollments.known("EN000001").ssn_index is None
    assert enrollments.get("EN000001").coverage_end_on is None


def test_what_was_never_seen_is_none(enrollments):
    assert enrollments.known("EN999999") is None
    assert enrollments.get("EN999999") is None


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        (IdType.ENROLLMENT_ID, "EN000001"),
        (IdType.BILLING_ACCOUNT, "700000001"),
        (IdType.SSN, "v1#MAC"),
    ],
)
def test_rule_08_each_of_three_numbers_leads_to_all_enrollments_of_the_subscriber(
    store, enrollments, id_type, number
):
    first = keep(store, enrollments, known()).enrollment
    dental = replace(first, enrollment_id="EN000002", plan=Plan.DENTAL, billing_account="700000002")
    next_year = replace(
        first, enrollment_id="EN000000", plan_year=2027, billing_account="700000003"
    )
    stranger = replace(
        first, enrollment_id="EN000009", subscriber_id="SUB9", billing_account="700000009"
    )
    for each in (dental, next_year):
        keep(store, enrollments, known(each, ssn_index=None))
    keep(store, enrollments, known(stranger, ssn_index="v1#OTHER"))
    assert enrollments.found_by(id_type, number) == [first, dental, next_year]


@pytest.mark.parametrize("typed", ["EN-12.ab", "en12AB", "EN12AB"])
def test_an_enrollment_id_is_found_in_any_case_and_with_any_dashes(store, enrollments, typed):
    keep(store, enrollments, known(an_enrollment(enrollment_id="En-12.ab")))
    assert enrollments.found_by(IdType.ENROLLMENT_ID, typed)


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        (IdType.ENROLLMENT_ID, "EN000002"),
        (IdType.ENROLLMENT_ID, "700000001"),
        (IdType.BILLING_ACCOUNT, "EN000001"),
        (IdType.SSN, "v1#MA"),
        (IdType.ENROLLMENT_ID, ""),
    ],
)
def test_another_number_leads_nowhere(store, enrollments, id_type, number):
    keep(store, enrollments, known())
    assert enrollments.found_by(id_type, number) == []


def test_rule_08_a_hit_and_a_miss_are_the_same_calls(aws):
    enrollments = Enrollments(aws.store)
    keep(aws.store, enrollments, known())
    called = []
    for number in ("700000001", "700000002"):
        aws.engine.reset_calls()
        found = enrollments.found_by(IdType.BILLING_ACCOUNT, number)
        called.append([call.operation for call in aws.engine.calls])
    assert found == []
    assert called[0] == called[1] == ["Query"] * 6 + ["BatchGetItem"]


def having_one_number(store, enrollments, count):
    """As many subscribers, each with an enrollment."""
    for n in range(count):
        facts = an_enrollment(enrollment_id=f"EN{n}", subscriber_id=f"SUB{n}")
        keep(store, enrollments, known(facts, ssn_index="v1#SHARED"))


@pytest.mark.parametrize(("count", "found"), [(1, 1), (2, 2), (5, 5), (6, 0)])
def test_rule_39_of_one_number_five_subscribers_are_tried_and_of_more_none(
    store, enrollments, count, found
):
    having_one_number(store, enrollments, count)
    assert len(enrollments.found_by(IdType.SSN, "v1#SHARED")) == found


def test_rule_39_however_many_have_a_number_the_calls_are_the_same(aws):
    enrollments, called = Enrollments(aws.store), []
    having_one_number(aws.store, enrollments, 6)
    for kind, number in ((IdType.SSN, "v1#SHARED"), (IdType.ENROLLMENT_ID, "EN1")):
        aws.engine.reset_calls()
        enrollments.found_by(kind, number)
        called.append([call.operation for call in aws.engine.calls])
    assert called[0] == called[1]


def test_numbers_that_changed_lead_nowhere_any_more(store, enrollments):
    before = keep(store, enrollments, known())
    keep(
        store,
        enrollments,
        changed(before, billing_account="700000005", subscriber_id="SUB5", ssn_index="v1#NEW"),
        before,
    )
    assert enrollments.found_by(IdType.BILLING_ACCOUNT, "700000001") == []
    assert enrollments.found_by(IdType.SSN, "v1#MAC") == []
    assert enrollments.of_subscriber("SUB1") == []
    for kind, number in ((IdType.BILLING_ACCOUNT, "700000005"), (IdType.SSN, "v1#NEW")):
        assert [each.subscriber_id for each in enrollments.found_by(kind, number)] == ["SUB5"]


def test_a_number_that_two_enrollments_share_stays_when_one_of_them_loses_it(store, enrollments):
    first = keep(store, enrollments, known())
    dental = replace(first.enrollment, enrollment_id="EN000002", billing_account="700000002")
    keep(store, enrollments, known(dental))
    keep(store, enrollments, changed(first, ssn_index=None), first)
    found = enrollments.found_by(IdType.SSN, "v1#MAC")
    assert [each.enrollment_id for each in found] == ["EN000001", "EN000002"]


def test_facts_that_changed_since_they_were_read_are_not_overwritten(store, enrollments):
    before = keep(store, enrollments, known())
    newer = keep(store, enrollments, changed(before, plan_name="Gold"), before)
    with pytest.raises(ConditionFailed):
        keep(store, enrollments, changed(before, plan_name="Bronze"), before)
    with pytest.raises(ConditionFailed):
        keep(store, enrollments, known(), None)
    with pytest.raises(ConditionFailed):
        store.write(enrollments.confirming(before, "later", ()))
    assert enrollments.known("EN000001") == newer


def test_confirming_moves_only_the_place_in_the_feeds(store, enrollments):
    before = keep(store, enrollments, known())
    store.write(enrollments.confirming(before, "2026-12-09#b.csv#000000002", ()))
    after = replace(before, feed_order="2026-12-09#b.csv#000000002", version=2)
    assert enrollments.known("EN000001") == after


def test_invariant_22_every_change_leaves_an_audit_line(store, enrollments):
    before = keep(store, enrollments, known(feed_order="1"))
    after = keep(store, enrollments, changed(before, plan_name="Gold"), before)
    lines = list(store.query("audit", "enrollment#EN000001"))
    assert [(line["line"], line["what"]) for line in lines] == [
        ("1", "first seen"),
        (after.feed_order, "changed"),
    ]


def test_an_enrollment_lies_in_its_slot_for_ever(store, enrollments):
    keep(store, enrollments, known())
    assert store.get("enrollments", (slot_of("EN000001"), "EN000001"))


def test_rule_33_no_lookup_holds_a_social_security_number(store, enrollments):
    for write in enrollments.changing(known(ssn_index="v1#ABC"), None):
        assert "123456789" not in repr(write)
        assert "123-45-6789" not in repr(write)
