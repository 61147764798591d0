"""The rules are plain Python; beside lint-imports, which holds the layers against each other."""

import sys

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


def imports(paths):
    """Each module with each that it imports."""
    return [(name(path), module) for path in paths for module in sorted(imported(path))]


def test_the_domain_imports_only_itself_and_what_every_python_has():
    known = sys.stdlib_module_names - WORLDLY
    assert [
        (path, module)
        for path, module in imports(DOMAIN)
        if module.partition(".")[0] not in known and not module.startswith("chalicelib.domain")
    ] == []


def test_services_and_ports_know_no_framework_and_no_adapter():
    assert [
        (path, module)
        for path, module in imports(INNER)
        if module.partition(".")[0] in FRAMEWORKS
        or module.startswith(("chalicelib.adapters", "chalicelib.entrypoints"))
    ] == []


def test_only_one_module_asks_what_time_it_is():
    asked = ("datetime.now(", "utcnow(", "date.today(", "time.time(", "time_ns(", "monotonic(")
    asking = [
        name(path)
        for path in modules()
        if any(word in path.read_text(encoding="utf-8") for word in asked)
    ]
    assert set(asking) <= {"chalicelib/adapters/clock.py"}
