"""The rules are plain Python; beside lint-imports, which holds the layers against each other."""

import sys

import pytest

from tests.architecture.sources import imported, modules, name

FRAMEWORKS = {
    *("boto3", "botocore", "chalice", "pydantic", "jinja2", "aws_lambda_powertools"),
    *("cryptography", "captcha", "PIL", "moto", "infra", "phonenumbers", "email_validator"),
}
# What asks the world although it is in the standard library.
WORLDLY = {
    *("os", "io", "socket", "subprocess", "threading", "multiprocessing", "asyncio", "random"),
    *("secrets", "time", "tempfile", "pathlib", "shutil", "logging", "urllib", "http"),
}
DOMAIN = list(modules("chalicelib/domain"))
INNER = [*modules("chalicelib/services"), *modules("chalicelib/ports")]


@pytest.mark.parametrize("path", DOMAIN, ids=name)
def test_the_domain_imports_only_itself_and_what_every_python_has(path):
    for module in imported(path):
        top = module.partition(".")[0]
        assert top in sys.stdlib_module_names or module.startswith("chalicelib.domain"), module
        assert top not in WORLDLY, module


@pytest.mark.parametrize("path", INNER, ids=name)
def test_services_and_ports_know_no_framework_and_no_adapter(path):
    for module in imported(path):
        assert module.partition(".")[0] not in FRAMEWORKS, module
        assert not module.startswith(("chalicelib.adapters", "chalicelib.entrypoints")), module


@pytest.mark.parametrize("path", list(modules()), ids=name)
def test_only_one_module_asks_what_time_it_is(path):
    if name(path) == "chalicelib/adapters/clock.py":
        return
    text = path.read_text(encoding="utf-8")
    asked = ("datetime.now(", "utcnow(", "date.today(", "time.time(", "time_ns(", "monotonic(")
    assert not any(word in text for word in asked)
