"""A door parses, makes one call of a service, and answers (design.md 3)."""

import ast

import pytest

from tests.architecture import doors

PAGES = doors.DOORS / "pages"
MOST = {
    "billing.show": 1,
    "billing.keep": 4,
    "contact.show": 0,
    "contact.keep": 1,
    "done.show": 1,
    "find.start": 0,
    "find.show": 0,
    "find.search": 2,
    "health.health": 1,
    "history.show": 1,
    "recurring.show": 1,
    "recurring.change": 3,
    "review.show": 1,
    "review.submit": 3,
    "review.audio": 1,
    "static.file": 0,
}
"""Page and view -> kinds of calls. Wanted is 1; the numbers may only shrink."""


def views():
    """Of each page: what answers a GET or a POST."""
    for path in sorted(PAGES.glob("*.py")):
        for name, function in doors.functions(path).items():
            asked = [ast.unparse(each) for each in function.decorator_list]
            if any(each.startswith(("routes.get(", "routes.post(")) for each in asked):
                yield f"{path.stem}.{name}"


def jobs(door):
    """Of what the calendar, queues and files wake: each handler; one of several messages, each."""
    path = doors.DOORS / f"{door}.py"
    for name, function in doors.functions(path).items():
        if not name.startswith("_"):
            cases = [each for each in ast.walk(function) if isinstance(each, ast.match_case)]
            for case in cases:
                yield f"{name}, {ast.unparse(case.pattern)}", _of_case(path, function, case)
            if not cases:
                yield name, doors.calls(path, name)


def _of_case(path, function, case):
    """The case, with the names that it was given outside of it."""
    body = [each for each in ast.walk(function) if isinstance(each, ast.Assign)]
    return doors.calls_in(path, ast.Module(body=[*body, *case.body], type_ignores=[]))


@pytest.mark.parametrize("view", MOST)
def test_a_page_makes_few_calls(view):
    page, name = view.split(".")
    found = doors.calls(PAGES / f"{page}.py", name)
    assert len(found) <= MOST[view], sorted(found)


def test_every_page_is_counted():
    assert set(views()) == MOST.keys()


@pytest.mark.parametrize(
    ("handler", "calls"),
    [each for door in ("schedules", "queues", "files", "mail_events") for each in jobs(door)],
)
def test_what_is_woken_makes_one_call(handler, calls):
    assert len(calls) == 1, f"{handler}: {sorted(calls)}"


def test_the_calls_of_the_doors_are_really_seen():
    assert doors.calls(doors.DOORS / "schedules.py", "sweep") == {"mailing.sweep"}
    assert doors.calls(PAGES / "contact.py", "keep") == {"records.commit"}
    assert doors.calls(PAGES / "history.py", "show") == {"history.of"}
    assert "choosing.account" in doors.calls(PAGES / "billing.py", "keep")
