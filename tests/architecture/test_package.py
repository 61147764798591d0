"""What goes to the Lambda: no test double, nothing compiled here, a template that lints."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

pytestmark = pytest.mark.slow  # packaging fetches wheels: a quarter of a minute


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    out = tmp_path_factory.mktemp("package")
    for name in ("app.py", "chalicelib", ".chalice", "requirements.txt"):
        source = HERE / name
        target = out / "source" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)
    command = [
        *(str(BIN / "chalice"), "package", "--stage", "prod", "--template-format", "yaml"),
        *("--merge-template", str(HERE / "infra" / "resources.yaml"), str(out / "built")),
    ]
    environ = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1"}
    subprocess.run(command, cwd=out / "source", env=environ, check=True, capture_output=True)  # noqa: S603
    return out / "built"


@pytest.fixture(scope="module")
def names(package):
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        return archive.namelist()


def test_the_template_lints(package):
    found = subprocess.run(  # noqa: S603
        [str(BIN / "cfn-lint"), str(package / "sam.yaml")], capture_output=True, check=False
    )
    assert found.returncode == 0, found.stdout.decode()


@pytest.mark.parametrize("double", ["moto", "infra", "tests", "playwright", "boto3", "botocore"])
def test_the_lambda_carries_no_test_double_and_no_boto3(names, double):
    assert not [name for name in names if name.split("/")[0] == double]


def test_no_wheel_was_compiled_here(package):
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        wheels = [name for name in archive.namelist() if name.endswith(".dist-info/WHEEL")]
        assert wheels
        for wheel in wheels:
            assert "-linux_x86_64" not in archive.read(wheel).decode(), wheel


def test_pillow_brings_its_own_libraries(names):
    assert any(name.startswith("pillow.libs/") for name in names)


def test_the_zip_stays_far_below_what_lambda_takes(package):
    assert (package / "deployment.zip").stat().st_size < 25_000_000


def test_each_function_has_its_handler_in_app_and_a_role_of_its_own(package):
    template = yaml.safe_load((package / "sam.yaml").read_text())
    functions = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    assert len(functions) > 10
    for function in functions:
        assert re.fullmatch(r"app\.\w+", function["Handler"])
        assert "Role" in function


def test_every_resource_has_a_type(package):
    template = yaml.safe_load((package / "sam.yaml").read_text())
    assert not [name for name, each in template["Resources"].items() if "Type" not in each]
