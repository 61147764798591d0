"""Every setting is described where people look, told to the functions, and named when missing."""

import re

import pytest
from pydantic import ValidationError

from chalicelib.adapters.mail_templates import NoAddress
from chalicelib.settings import MissingSettings, Settings
from infra.offline.resources import load
from tests.architecture.sources import ROOT
from tests.builders import a_mail, letter_templates

README = ROOT / "README.md"
NAMES = sorted(Settings.model_fields)
NEEDED = {n: "given" for n, field in Settings.model_fields.items() if field.is_required()}
GIVEN = {n.upper(): v for n, v in NEEDED.items()}
DOCUMENT = load()
OTHERS = {
    "adjustment_file_rows": "7",
    "adjustment_file_cents": "700",
    "adjustment_typed_cents": "70",
    "public_url": "https://pay.example",
    "help_phone": "1-800-555-0100",
    "debit_ceiling_cents": "100",
    "due_extension_days": "3",
    "missed_month_text": "After 2 months you're not covered.",
    "privacy": "https://state.example/privacy",
    "accessibility": "Call us, and we read this page to you.",
    "terms": "https://state.example/terms",
    "captcha": "off",
    "run_shards": "8",
    "company_name": "ANOTHER",
    "bank_most_lines": "500",
    "bank_daily_limit_cents": "100000",
    "bank_daily_files": "4",
    "carry_over": "False",
    "bank_acknowledges": "False",
    "bank_return_days": "2",
    "bank_profile": "gateway",
    "bank_statements": "True",
    "bank_statement_account": "000123",
    "feed_is_whole": "True",
    "feed_least_rows": "30",
    "feed_most_percent": "10",
    "feed_premium_factor": "3",
    "feed_rows_a_part": "50",
}
"""One more value of each setting that has a default, as an environment has it."""


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
    told = DOCUMENT["Globals"]["Function"]["Environment"]["Variables"]
    assert {name.upper() for name in NEEDED} <= told.keys()
    assert {name.lower() for name in told} == set(NAMES) - {"public_url"}
    (only_letters,) = DOCUMENT["Resources"]["SendMail"]["Properties"]["Environment"].values()
    assert only_letters.keys() == {"PUBLIC_URL"}


def parameter(name):
    """The parameter that fills a setting in, if one does."""
    told = DOCUMENT["Globals"]["Function"]["Environment"]["Variables"].get(name.upper(), {})
    return DOCUMENT["Parameters"].get(told.get("Ref", ""), {})


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_each_setting_takes_the_text_of_an_environment(name):
    """Not even its own default was taken of RUN_SHARDS."""
    default = Settings.model_fields[name].default
    as_text = "" if default is None else str(default)
    assert getattr(Settings.from_environment({**GIVEN, name.upper(): as_text}), name) == default
    other = getattr(Settings.from_environment({**GIVEN, name.upper(): OTHERS[name]}), name)
    assert (str(other), type(other)) == (OTHERS[name], type(other if default is None else default))


def test_no_setting_was_left_out_of_that():
    assert set(OTHERS) == set(NAMES) - set(NEEDED)


@pytest.mark.parametrize("name", sorted(set(OTHERS) - {"public_url"}))
def test_a_parameter_has_the_default_of_its_setting(name):
    default = Settings.model_fields[name].default
    assert parameter(name)["Default"] == ("" if default is None else str(default))


def test_nothing_is_deployed_with_an_example_of_ours():
    needed = {n for n, p in DOCUMENT["Parameters"].items() if "Default" not in p}
    assert needed == {"Stage", "MailDomain", "BankRouting", "BankName", "BankCompanyId"}
    assert "example" not in str(DOCUMENT["Parameters"])


def test_no_letter_is_made_without_the_address_of_the_page():
    templates = letter_templates(public_url=None)
    with pytest.raises(NoAddress):
        templates.letter(a_mail())


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


SIGNS = 300
NOT_PRINTED = "it has a line end, or another sign that is not printed"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("  ", "it is empty"),
        ("x" * (SIGNS + 1), "it is longer than 300 signs"),
        ("Two\nlines", NOT_PRINTED),
        ("A\x07bell", NOT_PRINTED),
        ("From \u202eright to left", NOT_PRINTED),
        ("2 < 3", "it has < or >"),
        ("3 > 2", "it has < or >"),
    ],
)
def test_rule_44_a_sentence_unfit_for_a_letter_is_refused_at_start_and_why_is_said(text, why):
    with pytest.raises(MissingSettings) as missing:
        Settings.from_environment({**GIVEN, "MISSED_MONTH_TEXT": text, "RUN_SHARDS": "many"})
    assert str(missing.value).endswith(f": MISSED_MONTH_TEXT ({why}), RUN_SHARDS")
    with pytest.raises(ValidationError):
        Settings(**NEEDED, missed_month_text=text)


def test_rule_44_a_sentence_may_be_as_long_as_is_said_and_in_any_language():
    for text in ("x" * SIGNS, "Si no paga un mes, su cobertura puede terminar: ¡llámenos!"):
        given = {**GIVEN, "MISSED_MONTH_TEXT": f" {text} "}
        assert Settings.from_environment(given).missed_month_text == text


def test_rule_44_nothing_is_deployed_with_a_sentence_that_is_refused_at_start():
    said = re.compile(parameter("missed_month_text")["AllowedPattern"])
    assert [
        bool(said.fullmatch(each)) for each in ("", "x" * (SIGNS + 1), "a<b", "a>b", "Fine.")
    ] == [
        False,
        False,
        False,
        False,
        True,
    ]


def test_no_other_module_reads_the_environment():
    for path in (ROOT / "chalicelib").rglob("*.py"):
        if path.name != "settings.py":
            assert not re.search(r"os\.(environ|getenv)", path.read_text(encoding="utf-8")), path


def test_a_link_in_the_footer_is_a_safe_one():
    with pytest.raises(MissingSettings, match=r"TERMS \(a link begins with https:\)"):
        Settings.from_environment({**GIVEN, "TERMS": "http://state.example"})
