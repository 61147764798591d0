"""Every setting is described where people look, told to the functions, and named when missing."""

import re

import pytest
from pydantic import ValidationError

from chalicelib.settings import MissingSettings, Settings
from infra.offline.resources import load
from tests.architecture.sources import ROOT

README = ROOT / "README.md"
NAMES = sorted(Settings.model_fields)
NEEDED = {n: "given" for n, field in Settings.model_fields.items() if field.is_required()}
GIVEN = {n.upper(): v for n, v in NEEDED.items()}


@pytest.mark.skipif(not README.exists(), reason="README.md is not written yet")
@pytest.mark.parametrize("name", NAMES)
def test_the_table_of_settings_names_each(name):
    rows = [line for line in README.read_text(encoding="utf-8").splitlines() if "|" in line]
    (row,) = [row for row in rows if re.match(rf"\|\s*`{name.upper()}`\s*\|", row)]
    field = Settings.model_fields[name]
    assert str(field.description) in row
    if not field.is_required():
        assert str(field.default) in row


@pytest.mark.skipif(not README.exists(), reason="README.md is not written yet")
def test_the_table_of_settings_names_no_other():
    text = README.read_text(encoding="utf-8")
    make = {"PORT", "NOW"}  # of make run, not of the deployment
    named = set(re.findall(r"^\|\s*`([A-Z_]+)`\s*\|", text, re.MULTILINE))
    assert named - make == {name.upper() for name in NAMES}


def test_each_has_a_description():
    assert all(field.description for field in Settings.model_fields.values())


def test_the_functions_are_told_each_one_that_has_no_default():
    told = load()["Globals"]["Function"]["Environment"]["Variables"]
    assert {name.upper() for name in NEEDED} <= told.keys()
    assert {name.lower() for name in told} <= set(NAMES)


def test_what_is_given_is_taken():
    assert Settings.from_environment(GIVEN) == Settings(**NEEDED)


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_one_that_is_missing_is_named(name):
    with pytest.raises(MissingSettings, match=rf": {name}$"):
        Settings.from_environment({n: v for n, v in GIVEN.items() if n != name})


def test_all_that_are_missing_or_wrong_are_named_and_no_value_is():
    wrong = {**GIVEN, "CAPTCHA": "perhaps", "DEBIT_CEILING_CENTS": "many"}
    del wrong["BUCKET"]
    with pytest.raises(MissingSettings) as missing:
        Settings.from_environment(wrong)
    assert str(missing.value).endswith(": BUCKET, CAPTCHA, DEBIT_CEILING_CENTS")
    assert not isinstance(missing.value.__cause__, ValidationError)


def test_no_other_module_reads_the_environment():
    for path in (ROOT / "chalicelib").rglob("*.py"):
        if path.name != "settings.py":
            assert not re.search(r"os\.(environ|getenv)", path.read_text(encoding="utf-8")), path
