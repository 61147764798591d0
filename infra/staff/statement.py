"""What makes up what a member owes, in the words that the member reads (rule 38)."""

from dataclasses import asdict

from rich.table import Table

from chalicelib.adapters.templating import environment
from chalicelib.bootstrap import system
from chalicelib.domain.money import dollars
from chalicelib.domain.statement import StatementItem, statement
from infra.staff.payments import Enrollment
from infra.staff.terminal import AsJson, out, told, wrong


def shown(enrollment_id: Enrollment, as_json: AsJson = False) -> None:
    """Show what makes up what an enrollment owes, as its member sees it."""
    here = system()
    enrollment = here.records.enrollments.get(enrollment_id)
    if enrollment is None:
        raise wrong(f"There is no enrollment {enrollment_id}.")
    whole = statement(enrollment, here.records.books.lines(enrollment_id))
    if as_json:
        told({"owed_cents": whole.owed_cents, "items": [_plain(each) for each in whole.items]})
        return
    table = Table("When", "What")
    table.add_column("Amount", justify="right")
    name = environment("en").get_template("statement_items.html").module.item_name  # type: ignore[attr-defined]
    for item in whole.items:
        what = f"{name(item)}: {item.reason}" if item.reason else str(name(item))
        table.add_row(item.on.isoformat(), what, dollars(item.amount_cents))
    table.add_section()
    table.add_row("", "Owed" if whole.owed_cents >= 0 else "Credit", dollars(whole.owed_cents))
    out().print(table)


def _plain(item: StatementItem) -> dict[str, object]:
    changes = [{**asdict(each), "on": each.on.isoformat()} for each in item.changes]
    return {**asdict(item), "on": item.on.isoformat(), "changes": changes}
