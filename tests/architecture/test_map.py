"""app.py is the whole map: each trigger's handler is app.<name>, and the deployment knows it."""

import json

import pytest

import app as module
from tests.architecture.sources import ROOT, tree

CONFIG = ROOT / ".chalice" / "config.json"
API = "api_handler"  # Chalice's own name for the function behind the page


def triggers():
    """Everything beside HTTP that wakes us: name -> handler string."""
    app = module.app
    return {
        source.name: source.handler_string
        for source in [*app.event_sources, *app.pure_lambda_functions]
    }


def stages():
    return json.loads(CONFIG.read_text(encoding="utf-8"))["stages"]


def test_there_are_triggers():
    assert {"import_feed", "import_rows", "send_mail", "mail_event"} <= triggers().keys()


@pytest.mark.parametrize("name", sorted(triggers()))
def test_a_triggers_handler_is_found_on_the_map_under_its_name(name):
    """AWS Lambda looks it up by this string; a wrong one fails only in the cloud."""
    assert triggers()[name] == f"app.{name}"
    assert callable(getattr(module, name))


@pytest.mark.parametrize("name", sorted(triggers()))
def test_a_triggers_handler_is_what_chalice_registered_and_not_the_bare_function(name):
    """Without Chalice's wrapper the middleware would not run in the cloud."""
    handler = getattr(module, name)
    assert type(handler).__module__.startswith("chalice.")


@pytest.mark.parametrize("stage", sorted(stages()))
def test_the_deployment_decides_for_each_function_on_the_map_and_for_no_other(stage):
    assert set(stages()[stage]["lambda_functions"]) - {API} == triggers().keys()


@pytest.mark.parametrize("stage", sorted(stages()))
def test_each_function_has_a_policy_that_is_there(stage):
    decided = stages()[stage]
    for name in (*triggers(), API):
        function = decided["lambda_functions"].get(name, {})
        policy = function.get("iam_policy_file") or decided.get("iam_policy_file")
        assert policy, name
        statement = json.loads((CONFIG.parent / policy).read_text(encoding="utf-8"))["Statement"]
        actions = {action for each in statement for action in as_list(each["Action"])}
        assert "*" not in actions
        assert not any(action.endswith(":*") for action in actions), name


def as_list(value):
    return value if isinstance(value, list) else [value]


def test_no_page_stands_in_the_map_and_no_trigger_elsewhere():
    """A blueprint's event handlers skip the middleware in Lambda (aws/chalice 1566)."""
    words = ("on_sqs_message", "on_cw_event", "on_s3_event", "schedule(", "lambda_function(")
    for path in sorted((ROOT / "chalicelib").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert not any(f".{word}" in text for word in words), path
    assert "@app.route" not in (ROOT / "app.py").read_text(encoding="utf-8")


def test_the_map_decides_nothing():
    import ast  # noqa: PLC0415 - the only test that looks into the map itself

    forbidden = (ast.If, ast.IfExp, ast.While, ast.Try, ast.FunctionDef, ast.ClassDef, ast.Lambda)
    assert not [node for node in ast.walk(tree(ROOT / "app.py")) if isinstance(node, forbidden)]
