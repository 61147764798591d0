"""`python -m infra.staff`: commands for people who run the system.

They work on the system that `--stage` names, or else the environment: its settings, and AWS as
boto3 finds it.
"""

from typing import Annotated

import typer

from chalicelib import bootstrap
from chalicelib.settings import Settings
from infra.cloud import stacks
from infra.staff import (
    adjustments,
    audit,
    bank,
    cases,
    corrections,
    credit,
    dead_letters,
    disputes,
    evidence,
    feeds,
    files,
    members,
    payments,
    quarantine,
    rates,
    reconcile,
    rehearse,
    routing,
    runs,
    settlement,
    statement,
    suspense,
    waits,
)
from infra.staff.terminal import Careful, aside, is_called, wrong

app = typer.Typer(
    cls=Careful,
    help="Commands for people who run the system.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # a local may be what a member typed
)


@app.callback()
def of_stage(
    stage: Annotated[
        str, typer.Option(help="Take the settings from the stack of this stage, such as prod.")
    ] = "",
) -> None:
    """Commands for people who run the system."""
    if stage and is_called():
        raise wrong("Only this world can be worked on from here: leave --stage away.")
    if stage:
        settings = Settings.from_environment(stacks.functions(stage).environment())
        bootstrap.adopt(bootstrap.build(settings))
        aside().print(f"Stage {settings.stage}", style="dim")


app.command()(rehearse.rehearse)
app.command()(reconcile.reconcile)
app.command()(runs.runs)
app.add_typer(runs.commands, name="run")
app.command()(cases.cases)
app.add_typer(cases.commands, name="case")
app.command()(audit.audit)
app.add_typer(members.commands, name="member")
app.command()(payments.payments)
app.add_typer(payments.commands, name="payment")
app.command(name="statement")(statement.shown)
app.command(name="credits")(credit.waiting)
app.add_typer(credit.commands, name="credit")
app.add_typer(credit.refunds, name="refund")
app.command()(adjustments.adjustments)
app.add_typer(adjustments.commands, name="adjustment")
app.command()(feeds.feeds)
app.add_typer(feeds.commands, name="feed")
app.command()(files.files)
app.add_typer(files.commands, name="file")
app.add_typer(bank.commands, name="bank")
app.add_typer(corrections.commands, name="correction")
app.add_typer(disputes.commands, name="dispute")
app.add_typer(routing.commands, name="routing")
app.add_typer(settlement.commands, name="settlement")
app.add_typer(suspense.commands, name="suspense")
app.add_typer(quarantine.commands, name="quarantine")
app.add_typer(waits.commands, name="lift-wait")
app.add_typer(evidence.commands, name="evidence")
app.command()(evidence.directory)
app.command()(rates.rates)
app.add_typer(dead_letters.commands, name="dead-letters")

if __name__ == "__main__":
    app(prog_name="python -m infra.staff")
