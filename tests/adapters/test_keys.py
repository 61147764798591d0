"""Keys are made at deployment, once each; a purpose gets a new epoch when somebody asks for it."""

import pytest

from chalicelib.domain.purposes import PURPOSES, Kind
from chalicelib.store import ConditionFailed, Put, table_name
from infra.offline.stack import STAGE

BOXES = {purpose for purpose, kind in PURPOSES.items() if kind is Kind.BOX}
KEPT_HERE = {purpose for purpose, kind in PURPOSES.items() if kind is not Kind.INDEX}
DIGESTS = {purpose for purpose, kind in PURPOSES.items() if kind in (Kind.DIGEST, Kind.INDEX)}


def kept(aws):
    """All rows of keys, by purpose and epoch."""
    rows = [row for purpose in PURPOSES for row in aws.store.query("keys", purpose)]
    return {(row["purpose"], row["epoch"]): row for row in rows}


def test_a_deployment_makes_the_first_key_of_every_purpose(aws):
    assert aws.key_maker.make_missing() == [
        f"{purpose} 1" for purpose in PURPOSES if purpose in KEPT_HERE
    ]
    assert kept(aws).keys() == {(purpose, 1) for purpose in KEPT_HERE}


def test_the_next_deployment_leaves_them_as_they_are_and_asks_nothing_of_kms(aws):
    aws.key_maker.make_missing()
    aws.key_maker.make_next("account")
    before = kept(aws)
    aws.engine.reset_calls()
    assert aws.key_maker.make_missing() == []
    assert kept(aws) == before
    assert aws.engine.count("kms") == 0


def test_a_purpose_that_is_new_gets_its_key_at_the_next_deployment(aws):
    aws.key_maker.make_missing()
    for row in list(aws.store.query("keys", "draft")):
        aws.dynamodb.delete_item(
            TableName=table_name(STAGE, "keys"),
            Key={"purpose": {"S": "draft"}, "epoch": {"N": str(row["epoch"])}},
        )
    assert aws.key_maker.make_missing() == ["draft 1"]


def test_two_deployments_that_run_together_end_with_one_key_a_purpose(aws):
    one, other = aws.key_maker, aws.key_maker
    other._newest = lambda _: 0  # it had looked before the first one wrote
    one.make_missing()
    before = kept(aws)
    assert other.make_missing() == []
    assert kept(aws) == before


@pytest.mark.parametrize("purpose", sorted(PURPOSES.keys() - DIGESTS))
def test_one_epoch_more_is_made_for_one_purpose_alone(aws, purpose):
    aws.key_maker.make_missing()
    assert aws.key_maker.make_next(purpose) == f"{purpose} 2"
    assert kept(aws).keys() == {(purpose, 2), *((each, 1) for each in KEPT_HERE)}


def test_of_two_rotations_at_the_same_moment_one_says_that_it_did_nothing(aws):
    aws.key_maker.make_missing()
    late = aws.key_maker
    late._newest = lambda _: 1
    aws.key_maker.make_next("account")
    before = kept(aws)
    with pytest.raises(ConditionFailed):
        late.make_next("account")
    assert kept(aws) == before


@pytest.mark.parametrize("purpose", [*sorted(DIGESTS), "acount", ""])
def test_what_has_no_epochs_is_named_and_nothing_made(aws, purpose):
    aws.key_maker.make_missing()
    before = kept(aws)
    with pytest.raises(ValueError, match=f"no purpose whose keys rotate: {purpose}"):
        aws.key_maker.make_next(purpose)
    assert kept(aws) == before


def test_whoever_makes_keys_never_asks_to_have_one_opened(aws):
    aws.key_maker.make_missing()
    asked = {call.operation for call in aws.engine.calls if call.service == "kms"}
    assert asked == {"Encrypt", "GenerateDataKeyWithoutPlaintext"}


def test_a_public_key_stands_beside_the_private_one_of_a_box_and_nowhere_else(aws):
    aws.key_maker.make_missing()
    assert {row["purpose"] for row in kept(aws).values() if "public" in row} == BOXES


def test_a_key_that_stands_is_never_written_over(aws):
    aws.key_maker.make_missing()
    aws.store.write(Put("keys", {"purpose": "account", "epoch": 1, "wrapped": b"here first"}))
    late = aws.key_maker
    late._newest = lambda _: 0
    late.make_missing()
    assert aws.store.get("keys", ("account", 1))["wrapped"] == b"here first"
