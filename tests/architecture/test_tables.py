"""The tables the code speaks of are the tables that infra/resources.yaml makes."""

import pytest

from chalicelib.adapters.dynamodb.store import TABLES
from infra.offline.resources import load, typed

MADE = {
    resource["Properties"]["TableName"]: resource["Properties"]
    for resource in typed(load()).values()
    if resource["Type"] == "AWS::DynamoDB::Table"
}


def test_the_same_tables_are_made_and_used():
    assert MADE.keys() == TABLES.keys()


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_table_has_the_keys_that_the_code_uses(table):
    keys = sorted(MADE[table]["KeySchema"], key=lambda key: key["KeyType"])  # HASH, RANGE
    assert tuple(key["AttributeName"] for key in keys) == TABLES[table]
    defined = {each["AttributeName"] for each in MADE[table]["AttributeDefinitions"]}
    assert defined == set(TABLES[table])


@pytest.mark.parametrize("table", sorted(TABLES))
def test_invariant_21_no_table_has_a_secondary_index(table):
    assert not {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} & MADE[table].keys()


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_table_is_encrypted_restorable_and_not_deleted_by_accident(table):
    made = MADE[table]
    assert made["SSESpecification"]["SSEType"] == "KMS"
    assert made["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert made["DeletionProtectionEnabled"]


def test_only_visits_are_swept_away():
    swept = {name for name, made in MADE.items() if "TimeToLiveSpecification" in made}
    assert swept == {"journeys"}
