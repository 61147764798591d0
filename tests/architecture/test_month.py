"""The month of a mandate has one home: nobody else puts it together from dates and rows."""

import ast

from tests.architecture.sources import modules, name, tree

HOME = {
    "chalicelib/domain/month.py",
    "chalicelib/domain/month_dates.py",
    "chalicelib/services/monthly/months.py",
}
ASKED_AT_HOME = {"is_frozen", "coming_month", "last_withdrawal_month", "debit_day"}
KEPT_BY = {"chalicelib/repositories/mandates.py": {"is_frozen"}}  # who defines what is read


def asked_in(code):
    """The questions that a piece of code asks or defines, by whatever way of naming them."""
    for node in ast.walk(code):
        match node:
            case ast.Name(id=found) | ast.Attribute(attr=found) | ast.alias(name=found):
                yield found
            case ast.FunctionDef(name=found) | ast.keyword(arg=str(found)):
                yield found


def test_a_question_is_seen_however_it_is_asked():
    code = "from a import debit_day\nx.is_frozen(m)\ncoming_month(at)\nf(is_frozen=True)"
    assert set(asked_in(ast.parse(code))) & ASKED_AT_HOME == ASKED_AT_HOME - {
        "last_withdrawal_month"
    }


def test_dates_and_freeze_of_a_month_are_asked_in_its_own_modules_only():
    asked = {
        name(path): sorted(set(asked_in(tree(path))) & ASKED_AT_HOME)
        for path in modules()
        if name(path) not in HOME
    }
    assert {path: names for path, names in asked.items() if names} == {
        path: sorted(names) for path, names in KEPT_BY.items()
    }
