"""The tables the code speaks of are the tables that infra/resources.yaml makes."""

import json

import pytest

from chalicelib.store import FORMS, TABLES, table_name
from infra.offline.resources import load, typed
from tests.architecture.sources import ROOT

MADE = {
    resource["Properties"]["TableName"]["Fn::Sub"]: resource["Properties"]
    for resource in typed(load()).values()
    if resource["Type"] == "AWS::DynamoDB::Table"
}
FORMS_SO_FAR = json.loads((ROOT / "tests/architecture/forms.json").read_text(encoding="utf-8"))


def made(table):
    return MADE[table_name("${Stage}", table)]


def test_the_same_tables_are_made_and_used_and_their_names_carry_stage_and_form():
    assert MADE.keys() == {table_name("${Stage}", table) for table in TABLES}


def test_two_stages_share_no_table():
    assert not {table_name("dev", t) for t in TABLES} & {table_name("prod", t) for t in TABLES}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_table_has_the_keys_that_the_code_uses(table):
    keys = sorted(made(table)["KeySchema"], key=lambda key: key["KeyType"])  # HASH, RANGE
    assert tuple(key["AttributeName"] for key in keys) == TABLES[table]
    defined = {each["AttributeName"] for each in made(table)["AttributeDefinitions"]}
    assert defined == set(TABLES[table])


@pytest.mark.parametrize("table", sorted(TABLES))
def test_another_key_of_a_table_raises_its_form(table):
    """forms.json only grows: a key that changes under an old name can't be deployed."""
    keys = {
        each["AttributeName"]: each["AttributeType"] for each in made(table)["AttributeDefinitions"]
    }
    recorded = FORMS_SO_FAR[f"{table}-{FORMS[table]}"]
    assert [[name, keys[name]] for name in TABLES[table]] == recorded


def test_invariant_21_no_table_has_a_secondary_index():
    indexes = {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"}
    assert not [name for name, table in MADE.items() if indexes & table.keys()]


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_table_is_encrypted_restorable_and_not_deleted_by_accident(table):
    properties = made(table)
    assert properties["SSESpecification"]["SSEType"] == "KMS"
    assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert properties["DeletionProtectionEnabled"]


def test_only_visits_are_swept_away():
    swept = {name for name, table in MADE.items() if "TimeToLiveSpecification" in table}
    assert swept == {table_name("${Stage}", "journeys")}
