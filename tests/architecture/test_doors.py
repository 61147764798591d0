"""Who comes from outside reaches just its own place; written by hand, against the roles."""

import json
import re

import pytest

import app
from infra.cloud.stacks import logical_name
from infra.offline.resources import load, typed
from infra.rights.platform import functions
from infra.rights.right import Right, granted
from infra.staff.dead_words import JOBS, READS
from tests.architecture.roles import ROLES, rights_of, statements_of
from tests.architecture.sources import ROOT

PEOPLE = {"BankRole", "ExchangeRole", "StaffReadRole", "StaffActRole", "StaffBankRole"}
FILES = {
    "BankRole": {
        "s3:GetObject Bucket/outbound/bank/",
        "s3:PutObject Bucket/inbound/bank/",
        "s3:PutObject Bucket/inbound/statements/",
        "s3:AbortMultipartUpload Bucket/inbound/bank/",
        "s3:AbortMultipartUpload Bucket/inbound/statements/",
    },
    "ExchangeRole": {
        "s3:GetObject Bucket/reports/enrollments/",
        "s3:GetObject Bucket/reports/adjustments/",
        "s3:PutObject Bucket/inbound/enrollments/",
        "s3:PutObject Bucket/inbound/adjustments/",
        "s3:AbortMultipartUpload Bucket/inbound/enrollments/",
        "s3:AbortMultipartUpload Bucket/inbound/adjustments/",
    },
}
LISTED = {
    "BankRole": ["outbound/bank/*"],
    "ExchangeRole": ["reports/enrollments/*", "reports/adjustments/*"],
}
# Who may never do what: role, beginning of an action, resource, why. "" is any.
NEVER = [
    ("BankRole", "s3:", "SealedBucket", "sealed files are ours"),
    ("BankRole", "s3:", "enrollments", "feeds have Social Security numbers in clear"),
    ("BankRole", "s3:GetObject", "inbound/", "what was left is not fetched again"),
    ("BankRole", "s3:PutObject", "outbound/", "it would pay what it wrote itself"),
    ("BankRole", "dynamodb:", "", "tables are not its business"),
    ("ExchangeRole", "s3:", "bank", "bank files have account numbers"),
    ("ExchangeRole", "s3:GetObject", "inbound/", "what was left is not fetched again"),
    ("ExchangeRole", "dynamodb:", "", "tables are not its business"),
    ("StaffReadRole", "dynamodb:Put", "", "who looks writes nothing"),
    ("StaffReadRole", "dynamodb:Update", "", "who looks writes nothing"),
    ("StaffReadRole", "dynamodb:Delete", "", "who looks writes nothing"),
    ("StaffReadRole", "sqs:Send", "", "who looks sends nothing"),
    ("StaffReadRole", "sqs:Delete", "", "who looks takes nothing away"),
    ("StaffReadRole", "s3:", "", "bank files have account numbers"),
    ("StaffReadRole", "kms:", "SealKey", "who looks opens no account number"),
    ("StaffReadRole", "kms:GenerateDataKey", "", "who looks writes nothing"),
    ("StaffActRole", "dynamodb:Update", "LedgerTable", "lines are only added (I5)"),
    ("StaffActRole", "dynamodb:Delete", "LedgerTable", "lines are only added (I5)"),
    ("StaffActRole", "dynamodb:Update", "AuditTable", "what was done stays (I22)"),
    ("StaffActRole", "dynamodb:Delete", "AuditTable", "what was done stays (I22)"),
    ("StaffActRole", "dynamodb:Put", "KeysTable", "only make_keys writes keys"),
    ("StaffActRole", "dynamodb:Put", "EnrollmentsTable", "only the exchange says who is enrolled"),
    ("StaffActRole", "s3:Delete", "", "what went to the bank stays"),
    ("StaffActRole", "s3:", "inbound/bank/", "nobody writes the bank's word for it"),
    ("StaffActRole", "kms:", "quarantine", "opened by nobody without another right"),
]
NEVER += [
    ("StaffBankRole", action, resource, why)
    for role, action, resource, why in NEVER
    if role == "StaffActRole" and resource != "quarantine"
]


@pytest.mark.parametrize(("role", "action", "resource", "why"), NEVER)
def test_who_may_never_do_what(role, action, resource, why):
    found = [r for r in rights_of(role) if r.action.startswith(action) and resource in r.resource]
    assert not found, why


def test_every_role_of_people_is_held():
    assert ROLES.keys() >= PEOPLE
    assert {role for role, *_ in NEVER} == PEOPLE


@pytest.mark.parametrize("role", sorted(FILES))
def test_a_door_leads_to_its_own_place_only(role):
    rights = rights_of(role)
    assert {str(right) for right in rights if not right.action.startswith("kms:")} == FILES[role]
    assert {right.resource for right in rights if right.action.startswith("kms:")} == {
        "StorageKey@s3"
    }


@pytest.mark.parametrize("role", sorted(LISTED))
def test_a_door_lists_what_it_may_fetch_and_nothing_else(role):
    [listing] = [each for each in statements_of(role) if each["Action"] == ["s3:ListBucket"]]
    assert listing["Condition"] == {"StringLike": {"s3:prefix": LISTED[role]}}


@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_nobody_may_do_everything_anywhere(role):
    for statement in statements_of(role):
        assert "*" not in json.dumps(statement["Action"])
        assert "*" not in statement["Resource"]


@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_a_role_is_made_only_for_whom_a_parameter_names(role):
    document = load()
    resource = typed(document)[role]
    [trust] = resource["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    said = json.dumps(trust["Principal"])
    [parameter] = [each for each in document["Parameters"] if f'"{each}"' in said]
    assert document["Parameters"][parameter]["Default"] == ""
    assert parameter in json.dumps(document["Conditions"][resource["Condition"]])


@pytest.mark.parametrize("role", ["StaffActRole", "StaffBankRole"])
def test_who_acts_is_who_signed_in_and_shows_a_second_factor(role):
    """Two people release money; whoever could name a session as another would be both."""
    [trust] = ROLES[role]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "StringEquals": {"sts:RoleSessionName": "${aws:username}"},
    }


def test_whoever_acts_may_look_as_well():
    assert rights_of("StaffReadRole") <= rights_of("StaffActRole") <= rights_of("StaffBankRole")


def test_whoever_acts_may_wake_each_function_that_an_event_was_for_and_no_other():
    [waking] = [
        s for s in statements_of("StaffActRole") if s["Action"] == ["lambda:InvokeFunction"]
    ]
    woken = {logical_name(each) for each in {*JOBS, *READS.values(), "mail_event"}}
    assert {each["Fn::GetAtt"][0] for each in waking["Resource"]} == woken


def test_the_page_about_deploying_names_each_function_that_opens_account_numbers():
    opens = Right("kms:Decrypt", "SealKey?account")
    found = {function for function in functions(app.app) if opens in granted(function)}
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    [row] = [line for line in text.splitlines() if line.startswith("| the functions")]
    assert set(re.findall(r"`(\w+)`", row)) == found


def test_workers_and_what_the_clock_starts_keep_executions_of_their_own():
    """A flood on the page takes what is left, not theirs."""
    resources = load()["Resources"]
    kept = {
        name: each["Properties"]["ReservedConcurrentExecutions"]["Fn::If"][1]
        for name, each in resources.items()
        if "ReservedConcurrentExecutions" in each.get("Properties", {})
    }
    once = ("Withdraw", "SendSameDay", "Collect", "Settle")
    assert kept == {"WorkShard": {"Ref": "WorkerConcurrency"}, **dict.fromkeys(once, 1)}
