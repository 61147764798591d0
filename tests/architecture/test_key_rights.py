"""Who may make keys, and who may open what: sealing is not opening (docs/decisions/0022)."""

import ast
import json

import pytest

from chalicelib.domain.purposes import ACCOUNT, DRAFT, PURPOSES, QUARANTINE
from tests.architecture.sources import ROOT, modules, name, tree
from tests.architecture.test_map import API, CONFIG, as_list, triggers

MAKER = "make_keys"
PURPOSE = "kms:EncryptionContext:purpose"
WRITES = {f"dynamodb:{what}Item" for what in ("Put", "Update", "Delete", "BatchWrite")}
# What makes a key, or hands it out wrapped: words of boto3.
MAKES = {"encrypt", "re_encrypt", "generate_data_key", "generate_data_key_without_plaintext"}
# Who may open account numbers; by hand, against whatever the policies say.
OPENS_ACCOUNTS = {
    "work_shard": "a mandate whose account does not open is excluded",
    "bill": "shares the policy of the run",
    "notify": "shares the policy of the run",
    "withdraw": "shares the policy of the run",
    "watch": "shares the policy of the run",
    "collect": "writes files",
    "send_same_day": "writes files",
    "settle": "goes on with files",
    "read_bank_file": "a return must name the account of its entry; corrections",
    "follow_up": "the same, and proves files",
}


def statements(function):
    """What a function may do, as the deployment says it."""
    (stage,) = json.loads(CONFIG.read_text(encoding="utf-8"))["stages"].values()
    own = stage["lambda_functions"].get(function, {})
    policy = own.get("iam_policy_file") or stage["iam_policy_file"]
    return json.loads((CONFIG.parent / policy).read_text(encoding="utf-8"))["Statement"]


def about(function, resource):
    """Its statements about one resource."""
    wanted = {"Fn::GetAtt": [resource, "Arn"]}
    return [each for each in statements(function) if wanted in as_list(each["Resource"])]


def may(function, resource):
    """The actions it may do there."""
    return {act for each in about(function, resource) for act in as_list(each["Action"])}


def opens(function):
    """The purposes that it may have opened."""
    found = [each for each in about(function, "SealKey") if "kms:Decrypt" in each["Action"]]
    return {purpose for each in found for purpose in each["Condition"]["StringEquals"][PURPOSE]}


FUNCTIONS = sorted({*triggers(), API})
OTHERS = sorted({*triggers(), API} - {MAKER})


@pytest.mark.parametrize("function", OTHERS)
def test_only_one_function_may_write_keys_or_have_them_made(function):
    assert not may(function, "KeysTable") & WRITES
    assert may(function, "SealKey") <= {"kms:Decrypt"}


def test_whoever_makes_keys_opens_none_and_reads_nothing_else():
    assert may(MAKER, "SealKey") == {"kms:Encrypt", "kms:GenerateDataKeyWithoutPlaintext"}
    assert may(MAKER, "KeysTable") == {"dynamodb:Query", "dynamodb:PutItem"}
    named = {json.dumps(where) for each in statements(MAKER) for where in as_list(each["Resource"])}
    assert len([each for each in named if "Table" in each]) == 1


@pytest.mark.parametrize("function", FUNCTIONS)
def test_whatever_is_opened_is_opened_for_purposes_that_there_are(function):
    """Each right to decrypt names them: `opens` fails where one does not."""
    assert opens(function) <= PURPOSES.keys()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_some_functions_open_account_numbers_and_each_has_its_reason(function):
    assert (ACCOUNT in opens(function)) == (function in OPENS_ACCOUNTS)


def test_the_page_opens_what_was_typed_and_no_account_number():
    assert DRAFT in opens(API)
    assert not {ACCOUNT, QUARANTINE} & opens(API)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_is_kept_for_staff_is_opened_by_no_function(function):
    assert QUARANTINE not in opens(function)


def words(path):
    """Each call of a module: what is called, and its first argument."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            first = ast.unparse(node.args[0]) if node.args else ""
            yield node.func, first


def test_one_module_writes_keys():
    writers = {
        name(path)
        for path in modules()
        for called, first in words(path)
        if ast.unparse(called) in {"Put", "Change", "Remove"} and first == "'keys'"
    }
    assert writers == {"chalicelib/adapters/keys.py"}


def test_one_module_has_keys_made_and_one_function_starts_it():
    makers = {
        name(path)
        for path in modules()
        for called, _ in words(path)
        if isinstance(called, ast.Attribute)
        and called.attr in MAKES
        and "kms" in ast.unparse(called.value)
    }
    assert makers == {"chalicelib/adapters/keys.py"}
    starters = {
        name(path)
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "key_maker"
    }
    assert starters == {"chalicelib/entrypoints/deployment.py"}
    text = (ROOT / "app.py").read_text(encoding="utf-8")
    assert text.count("deployment.") == 1
