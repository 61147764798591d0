"""A door parses, makes one call of a service, and answers (design.md 3)."""

import ast

import pytest

from tests.architecture import doors

PAGES = doors.DOORS / "pages"
ROUTES = ("routes.get(", "routes.post(", "routes.leave(")


def views():
    """Of each page: what answers a GET, a POST, or the button of a language."""
    for path in sorted(PAGES.glob("*.py")):
        for name, function in doors.functions(path).items():
            asked = [ast.unparse(each) for each in function.decorator_list]
            if any(each.startswith(ROUTES) for each in asked):
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


def test_a_page_makes_at_most_one_call_and_that_of_a_service():
    found = {
        view: doors.calls(PAGES / f"{view.split('.')[0]}.py", view.split(".")[1])
        for view in views()
    }
    assert len(found) > 10
    assert {view: calls for view, calls in found.items() if len(calls) > 1} == {}
    assert {
        view for view, calls in found.items() if any(c.startswith("records") for c in calls)
    } == set()


@pytest.mark.parametrize(
    ("handler", "calls"),
    [each for door in ("schedules", "queues", "files", "mail_events") for each in jobs(door)],
)
def test_what_is_woken_makes_one_call(handler, calls):
    assert len(calls) == 1, f"{handler}: {sorted(calls)}"


def test_the_calls_of_the_doors_are_really_seen():
    assert doors.calls(doors.DOORS / "schedules.py", "sweep") == {"mailing.sweep"}
    assert doors.calls(PAGES / "contact.py", "keep") == {"visits.save"}
    assert doors.calls(PAGES / "history.py", "show") == {"history.of"}
    assert doors.calls(PAGES / "billing.py", "keep") == {"choosing.choose"}
    assert doors.calls(PAGES / "find.py", "search") == {"finding.search"}
