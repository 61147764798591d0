"""`make deploy STAGE=dev`: from this tree to a stack that answers."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
import yaml
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

import chalicelib
from infra.cloud import account, changes, package, smoke, stacks, template
from infra.cloud.account import Aws, NotReady
from infra.cloud.pythons import ROOT
from infra.cloud.rollout import Failed, Pause, Rollout, Running
from infra.cloud.smoke import Fetch, Unwell
from infra.cloud.stage import Document, NotFilledIn, Stage, check, read

ADDRESS, COMMIT = "EndpointURL", "Commit"  # outputs of the stack


class Refused(RuntimeError):
    """Somebody, or a rule, said no; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was said on the command line."""

    dry_run: bool = False
    replace: bool = False
    ask: Callable[[str], bool] = typer.confirm


@dataclass(slots=True)
class Deployment:
    """One deployment of one stage."""

    stage: Stage
    aws: Aws
    package: Path
    commit: str
    console: Console
    pause: Pause = time.sleep
    fetch: Fetch = smoke.fetch
    rollout: Rollout = field(init=False)
    before: str | None = None
    """The commit that ran before, where one did."""

    def __post_init__(self) -> None:
        name = stacks.stack_name(self.stage.name)
        self.rollout = Rollout(self.aws.cloudformation, name, self.pause)

    def run(self, wishes: Wishes) -> None:
        """Raises NotFilledIn, NotReady, Refused, Failed or Unwell."""
        sam = yaml.safe_load((self.package / "sam.yaml").read_text(encoding="utf-8"))
        running = self._checked(sam)
        url, document = self._uploaded(sam)
        change_set = f"deploy-{uuid4().hex[:12]}"
        self.rollout.propose(url, self.stage.parameters, change_set, is_new=running is None)
        try:
            found = self.rollout.proposed(change_set)
            self._tell(found, document, running)
            self._agreed(found, wishes)
        except BaseException:
            self.rollout.withdraw(change_set, is_new=running is None)
            raise
        if wishes.dry_run or found is None:
            self.rollout.withdraw(change_set, is_new=running is None)
        if wishes.dry_run:
            self._say("A dry run: nothing was changed.")
            return
        if found is not None:
            running = self.rollout.execute(change_set, self._event)
        assert running is not None, "without a stack there is something to change"
        self._keys()
        self._say(f"Asking {running.outputs[ADDRESS]}health ...")
        smoke.check(running.outputs[ADDRESS], chalicelib.__version__, self.fetch, self.pause)
        self._say(f"[green]{self.stage.name} answers, version {chalicelib.__version__}.[/]")

    def _checked(self, sam: Document) -> Running | None:
        """What runs now, after everything that can be known before was looked at."""
        check(self.stage, sam)
        who = account.identity(self.aws, self.stage)
        self._say(f"{self.stage.name}: account {self.stage.account}, {self.stage.region}, as {who}")
        running = self.rollout.running()
        self.before = running.outputs.get(COMMIT, "unknown") if running else None
        now = running.parameters if running else None
        account.check_concurrency(self.aws, sam, self.stage.parameters, now)
        if not account.may_send_to_anyone(self.aws):
            self._say("[yellow]SES is in its sandbox: mail reaches verified addresses only.[/]")
        return running

    def _uploaded(self, sam: Document) -> tuple[str, Document]:
        """Address of the template for CloudFormation, and what it says."""
        bucket = account.code_bucket(self.aws, self.stage)
        self._say(f"Uploading to {bucket} ...")
        code = account.upload(self.aws, self.stage, bucket, self.package / "deployment.zip")
        document = template.transformed(sam, f"s3://{bucket}/{code}")
        document.setdefault("Outputs", {})[COMMIT] = {"Value": self.commit}
        file = self.package / "deployed.yaml"
        template.write(document, file)
        key = account.upload(self.aws, self.stage, bucket, file)
        return f"https://{bucket}.s3.{self.stage.region}.amazonaws.com/{key}", document

    def _tell(
        self, found: list[changes.Change] | None, document: Document, running: Running | None
    ) -> None:
        if found is None:
            self._say("Nothing changes.")
            return
        self.console.print(changes.shown(found) if found else "No resource changes, outputs do.")
        if running is None:
            return
        wanted = changes.table_names(document, self.stage.name)
        for old, new in changes.new_forms(wanted, self.rollout.tables()):
            self._say(f"[yellow]{new} is a new form of {old}: it starts empty.[/] {old} stays.")

    def _agreed(self, found: list[changes.Change] | None, wishes: Wishes) -> None:
        losing = [change.name for change in found or () if change.loses]
        if losing and not wishes.replace:
            names = ", ".join(losing)
            raise Refused(f"the system would lose what it keeps in {names}: say --replace")
        name = self.rollout.stack
        if found is not None and not wishes.dry_run and not wishes.ask(f"Change {name} so?"):
            raise Refused("nothing was changed")

    def _event(self, event: Document) -> None:
        status, name = event["ResourceStatus"], event["LogicalResourceId"]
        if not status.endswith("_IN_PROGRESS"):
            style = "red" if status.endswith("_FAILED") else "dim"
            self.console.print(f"  {status.lower()} {name}", style=style, markup=False)

    def _keys(self) -> None:
        """The vault's keys that are missing; without them nothing is sealed."""
        name = stacks.Functions(self.stage.name, self.aws.cloudformation, self.aws.lambdas).name(
            "make_keys"
        )
        answer = self.aws.lambdas.invoke(FunctionName=name, Payload=b"{}")
        said = answer["Payload"].read().decode()
        if "FunctionError" in answer:
            raise Unwell(f"make_keys failed; see its log ({answer['FunctionError']})")
        made = ", ".join(json.loads(said))
        self._say(f"Keys made: {made}." if made else "No key was missing.")

    def _say(self, text: str) -> None:
        self.console.print(text)


def roll_back(stage: str, before: str | None) -> str:
    """What to do about a stage that was deployed and is not well."""
    if before is None:
        return "This was its first deployment: look at its log, mend, and deploy again."
    return (
        "It serves what was deployed now. To go back to what ran before:\n"
        f"  git checkout {before} && make deploy STAGE={stage}"
    )


def main(
    stage: Annotated[str, typer.Option(help="A file in infra/stages, such as dev.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Stop after the change set.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Tables, keys and buckets may be replaced.")
    ] = False,
) -> None:
    """Package, upload, show what changes, change it, and see that it answers."""
    console = Console(stderr=True, highlight=False)
    ask: Callable[[str], bool] = (lambda _: True) if yes else typer.confirm
    try:
        wanted = read(stage)
        out = package.build(tell=console.print)
        deployment = Deployment(wanted, Aws.of(wanted), out, _commit(), console)
        try:
            deployment.run(Wishes(dry_run=dry_run, replace=replace, ask=ask))
        except Unwell as unwell:
            _end(console, f"{unwell}\n{roll_back(stage, deployment.before)}")
    except (NotFilledIn, NotReady, Refused, Failed, template.BadTemplate) as no:
        _end(console, f"Not deployed: {no}")
    except (ClientError, BotoCoreError) as refused:
        _end(console, f"AWS: {refused}")


def _end(console: Console, text: str) -> None:
    console.print(text, style="red", markup=False)
    sys.exit(1)


def _commit() -> str:
    """What is deployed, as git names it."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607 - whichever is there
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip() or "unknown"


if __name__ == "__main__":
    typer.run(main)
