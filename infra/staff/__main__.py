"""`python -m infra.staff`: commands for people who run the system.

They work on the system that the environment names: its settings, and AWS as boto3 finds it.
"""

import typer

from infra.staff import (
    cases,
    credit,
    evidence,
    files,
    payments,
    rates,
    reconcile,
    rehearse,
    runs,
    waits,
)
from infra.staff.terminal import Careful

app = typer.Typer(
    cls=Careful,
    help="Commands for people who run the system.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # a local may be what a member typed
)
app.command()(rehearse.rehearse)
app.command()(reconcile.reconcile)
app.command()(runs.runs)
app.add_typer(runs.commands, name="run")
app.command()(cases.cases)
app.add_typer(cases.commands, name="case")
app.command()(payments.payments)
app.add_typer(payments.commands, name="payment")
app.command(name="credits")(credit.waiting)
app.add_typer(credit.commands, name="credit")
app.command()(files.files)
app.add_typer(files.commands, name="file")
app.add_typer(waits.commands, name="lift-wait")
app.add_typer(evidence.commands, name="evidence")
app.command()(evidence.directory)
app.command()(rates.rates)

if __name__ == "__main__":
    app(prog_name="python -m infra.staff")
