"""The file of a stage: what is missing, unknown or still an example is named, all of it."""

from dataclasses import replace

import pytest
import yaml

from infra.cloud.stage import STAGES, NotFilledIn, Stage, check, read
from infra.offline.resources import load
from tests.architecture.sources import ROOT

TEMPLATE = load()
NEEDED = {name for name, each in TEMPLATE["Parameters"].items() if "Default" not in each}
GOOD = {
    "Stage": "dev",
    "MailDomain": "dev.agency.gov",
    "BankRouting": "011000015",
    "BankName": "A BANK",
    "BankCompanyId": "1999999999",
}


GOOD_STAGE = Stage("dev", "111122223333", "us-east-1", GOOD)


@pytest.fixture
def file(tmp_path):
    def file(**said):
        (tmp_path / "dev.yaml").write_text(yaml.safe_dump(said))
        return tmp_path

    return file


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_a_stage_of_this_repository_is_refused_until_it_is_filled_in(name):
    """Nothing is ever deployed with an example of ours."""
    with pytest.raises(NotFilledIn) as refused:
        read(name)
    for asked in ("account", *NEEDED - {"Stage"}):
        assert f"{asked}: still to be filled in: " in str(refused.value)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_it_names_only_parameters_that_there_are(name):
    said = yaml.safe_load((STAGES / f"{name}.yaml").read_text())["parameters"]
    assert said.keys() <= TEMPLATE["Parameters"].keys()
    assert said.keys() >= NEEDED - {"Stage"}


def test_a_stage_that_is_filled_in_is_read(file):
    given = {name: text for name, text in GOOD.items() if name != "Stage"}
    said = read("dev", file(account="111122223333", region="us-east-1", parameters=given))
    assert said == Stage("dev", "111122223333", "us-east-1", GOOD)
    check(said, TEMPLATE)


def test_a_place_that_is_missing_is_named(file):
    with pytest.raises(NotFilledIn, match="account: must be set"):
        read("dev", file(region="us-east-1", parameters={}))


def test_the_name_of_the_stage_is_its_files(file):
    folder = file(account="1", region="us-east-1", parameters={"Stage": "prod"})
    with pytest.raises(NotFilledIn, match="Stage: is the file's name"):
        read("dev", folder)


def test_a_stage_without_a_file_is_told_with_those_there_are():
    with pytest.raises(NotFilledIn, match="dev, prod"):
        read("test")


@pytest.mark.parametrize("name", sorted(GOOD))
def test_each_parameter_without_a_default_must_be_set(name):
    given = {n: text for n, text in GOOD.items() if n != name}
    with pytest.raises(NotFilledIn, match=f"{name}: must be set"):
        check(Stage("dev", "1", "us-east-1", given), TEMPLATE)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("BankRouting", "12345678", "must be like"),
        ("BankName", "A BANK WITH A NAME THAT IS TOO LONG", "too short or too long"),
        ("Captcha", "perhaps", "must be one of always"),
        ("WorkerConcurrency", "many", "must be a whole number, 0 to 900"),
        ("EdgeRate", "1", "must be a whole number, 10 to"),
        ("Bank", "x", "no parameter of the template"),
    ],
)
def test_what_cloudformation_would_refuse_is_refused_at_once(name, text, said):
    with pytest.raises(NotFilledIn, match=f"{name}: {said}"):
        check(Stage("dev", "1", "us-east-1", {**GOOD, name: text}), TEMPLATE)


def test_the_command_asks_for_a_stage():
    assert "infra.cloud.deploy --stage" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("text", ["011401533", "0612345670", "on", "off", "1e3", "2026-12-22", "~"])
def test_what_is_written_without_quotes_is_read_as_it_is_written(text, tmp_path):
    """YAML reads 0612345670 as the number 103402424, and `on` as True."""
    (tmp_path / "dev.yaml").write_text(
        f"account: 011122223333\nregion: us-east-1\nparameters:\n  BankRouting: {text}\n"
    )
    said = read("dev", tmp_path)
    assert said.parameters["BankRouting"] == text
    assert said.account == "011122223333"


@pytest.mark.parametrize("text", ["79701223", "19999999999", "123 567890"])
def test_a_company_id_that_no_file_of_the_bank_takes_is_refused(text):
    with pytest.raises(NotFilledIn, match="BankCompanyId"):
        check(replace(GOOD_STAGE, parameters={**GOOD, "BankCompanyId": text}), TEMPLATE)
