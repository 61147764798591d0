"""Who makes keys, and who opens what: sealing is not opening (docs/decisions/0022).

What each function may never open stands in infra/rights/never.py, and is held by test_rights.
"""

import ast

from chalicelib.domain.purposes import ACCOUNT, DRAFT, PURPOSES
from infra.rights.right import Right, granted
from tests.architecture.sources import ROOT, modules, name, tree
from tests.architecture.test_rights import FUNCTIONS

# What makes a key, or hands it out wrapped: words of boto3.
MAKES = {"encrypt", "re_encrypt", "generate_data_key", "generate_data_key_without_plaintext"}


def may_open(function, purpose):
    return Right("kms:Decrypt", f"SealKey?{purpose}") in granted(function)


def test_the_page_opens_what_was_typed_and_no_account_number():
    assert may_open("api_handler", DRAFT)
    assert not may_open("api_handler", ACCOUNT)


def test_whoever_makes_keys_opens_none_and_reads_nothing_else():
    said = {str(right) for right in granted("make_keys") if "StorageKey" not in right.resource}
    assert {text for text in said if "Logs" not in text and "DeadLetters" not in text} == {
        "dynamodb:Query KeysTable",
        "dynamodb:PutItem KeysTable",
        *(f"kms:Encrypt SealKey?{purpose}" for purpose in ("account", "quarantine", "held_feed")),
        *(
            f"kms:GenerateDataKeyWithoutPlaintext SealKey?{purpose}"
            for purpose, kind in PURPOSES.items()
            if kind in ("symmetric", "steady", "digest")
        ),
    }


def test_whatever_is_opened_is_opened_for_purposes_that_there_are():
    opened = {
        right.resource.removeprefix("SealKey?")
        for function in FUNCTIONS
        for right in granted(function)
        if right.action == "kms:Decrypt" and right.resource.startswith("SealKey")
    }
    assert opened <= PURPOSES.keys()


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
