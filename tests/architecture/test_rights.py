"""Every function may do just what it does, and some things no function ever may."""

import json

import pytest

import app
from infra.rights import __main__ as maker
from infra.rights.acting import RECORDER, Denied
from infra.rights.never import NEVER, broken
from infra.rights.platform import functions, implied
from infra.rights.right import POLICIES, Right, granted, policy_file, read, write
from tests import rights
from tests.architecture.test_map import stages

FUNCTIONS = functions(app.app)


def test_each_function_has_a_policy_of_its_own():
    files = {file.name for file in POLICIES.glob("policy-*.json")}
    assert files == {policy_file(function).name for function in FUNCTIONS}
    (cloud,) = stages().values()
    said = {name: each["iam_policy_file"] for name, each in cloud["lambda_functions"].items()}
    said["api_handler"] = cloud["iam_policy_file"]
    assert said == {function: policy_file(function).name for function in FUNCTIONS}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_policy_is_a_set_of_rights_and_the_set_is_the_policy(function):
    text = policy_file(function).read_text(encoding="utf-8")
    assert write(read(json.loads(text))) == text


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_aws_does_in_a_functions_name_is_granted_and_no_more(function):
    """The rest was seen: `make test` prints what is used and not allowed, allowed and not used."""
    may = granted(function)
    assert set(implied(app.app, function, may)) <= may


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_policy_grants_what_its_function_may_never_do(function):
    assert broken(function, granted(function)) == []


@pytest.mark.parametrize("never", NEVER, ids=lambda never: f"{never.action} {never.resource}")
def test_each_never_names_functions_that_there_are(never):
    assert never.but <= set(FUNCTIONS)
    assert never.why


@pytest.mark.parametrize(
    "policy",
    [
        {"Effect": "Allow", "Action": ["dynamodb:*"], "Resource": [{"Fn::GetAtt": ["A", "Arn"]}]},
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"]},
        {"Effect": "Deny", "Action": ["s3:GetObject"], "Resource": []},
    ],
)
def test_what_is_not_of_our_form_can_not_be_granted(policy):
    with pytest.raises(ValueError, match="of ours"):
        list(read({"Statement": [policy]}))


# --- what would make it red -----------------------------------------------------------------------

STRAY = Right("dynamodb:UpdateItem", "LedgerTable")


def test_a_planted_stray_call_dies_in_the_policy_of_its_function(monkeypatch):
    monkeypatch.setattr(RECORDER, "enforces", True)  # also while a recording is made
    with RECORDER.acting("api_handler"), pytest.raises(Denied, match="UpdateItem LedgerTable"):
        RECORDER.note([STRAY])
    RECORDER.recorded["api_handler"].discard(STRAY)


def test_and_where_a_recording_would_grant_it_in_the_list_by_hand():
    recorded = {"api_handler": [[STRAY.action, STRAY.resource]]}
    made = set(read(json.loads(maker.policy("api_handler", recorded))))
    assert broken("api_handler", made) == [(STRAY, "lines are never changed")]


def seen_everything():
    """What a whole run of the suite would have seen."""
    return {function: set(granted(function)) for function in FUNCTIONS}


def test_a_right_that_is_used_and_not_granted_is_named():
    lacking = Right("dynamodb:ConditionCheckItem", "LookupsTable")
    assert lacking in granted("api_handler")
    may = {function: set(granted(function)) for function in FUNCTIONS}
    may["api_handler"].discard(lacking)
    assert rights.lists(seen_everything(), may.__getitem__) == ([("api_handler", lacking)], [])


def test_a_right_that_is_granted_and_not_used_is_named():
    extra = Right("dynamodb:GetItem", "FeedsTable")
    may = {function: set(granted(function)) for function in FUNCTIONS}
    may["sweep"].add(extra)
    assert rights.lists(seen_everything(), may.__getitem__) == ([], [("sweep", extra)])


def test_the_faults_that_were_found_in_the_shared_policies_are_gone():
    """Each was a page or a file that failed in the cloud while all tests were green."""
    page, bank = granted("api_handler"), granted("follow_up") & granted("read_bank_file")
    assert Right("dynamodb:ConditionCheckItem", "LookupsTable") in page  # every Submit
    assert Right("dynamodb:GetItem", "EntriesTable") in page  # the 22nd, from nine o'clock on
    assert Right("dynamodb:GetItem", "LookupsTable") in bank  # returns and corrections
