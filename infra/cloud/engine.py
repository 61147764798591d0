"""An emulator of AWS that runs the package and enforces its policies: a process on loopback.

It stands beside moto, which checks no policy and runs no package (facts are in decision 0025).
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import boto3
import yaml
from botocore.config import Config

from infra.cloud import gaps, pythons

HOST, REGION, ACCOUNT = "127.0.0.1", "us-east-1", "000000000000"
INSIDE = Path(__file__).parent / "inside"
START_SECONDS, DEPLOY_SECONDS = 30, 60
TEMPLATE, CODE = "template.json", "deployment.zip"
PATIENCE = Config(read_timeout=120, retries={"total_max_attempts": 1})


class NotUp(RuntimeError):
    """The emulator, or what was deployed on it, did not come up; the message says why."""


@dataclass(frozen=True, slots=True)
class Stack:
    """What was deployed: logical name -> physical."""

    name: str
    resources: Mapping[str, str] = field(repr=False)
    states: Mapping[str, str] = field(repr=False)


@dataclass(slots=True)
class Engine:
    """A running emulator. `running()` starts one; leaving it leaves nothing behind."""

    port: int
    folder: Path

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """With these variables boto3 speaks to it, as the root of its account."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            # A host of its own for an account would be looked up in the DNS.
            "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        }

    def client(self, service: str) -> Any:
        """A boto3 client of the root."""
        given = self.environment
        return boto3.Session(
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        ).client(service, endpoint_url=self.url, config=PATIENCE)

    def ask(self, address: str) -> Any:
        """What the emulator itself tells, as JSON."""
        with urlopen(f"{self.url}{address}", timeout=30) as answer:  # noqa: S310 - loopback
            return json.load(answer)

    def move(self, to: datetime) -> None:
        """From now on it is this instant in the deployed code, and runs on at real speed."""
        new = self.folder / "moving"
        new.write_text(str(to.timestamp() - time.time()))  # noqa: TID251 - moved from here
        new.replace(self.folder / "moved")

    def now(self) -> datetime:
        """The instant that the deployed code is told."""
        seconds = float((self.folder / "moved").read_text())
        return datetime.fromtimestamp(time.time() + seconds, UTC)  # noqa: TID251 - moved from here

    def denied(self) -> list[tuple[str, str, str]]:
        """Role, action and resource of each call that a policy denied, in order."""
        file = self.folder / "denied"
        lines = file.read_text().splitlines() if file.exists() else []
        return [tuple(json.loads(line)) for line in lines]

    @property
    def log(self) -> Path:
        """What the emulator says."""
        return self.folder / "log"


@contextmanager
def running() -> Iterator[Engine]:
    """One that enforces policies. Raises NotUp, or CalledProcessError of its installation."""
    python = pythons.environment("engine", "-r requirements-engine.txt")
    folder = Path(tempfile.mkdtemp(prefix="engine-"))
    engine = Engine(_free_port(), folder)
    engine.move(datetime.now(UTC))  # noqa: TID251 - not moved yet
    with engine.log.open("wb") as log:
        process = subprocess.Popen(
            [python, "-m", "ministack"],
            cwd=folder,
            env=_environment(engine),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(engine, process)
        yield engine
    finally:
        _end(process)
        shutil.rmtree(folder, ignore_errors=True)


def _environment(engine: Engine) -> dict[str, str]:
    """Nothing of ours is inherited, for its functions inherit all of it."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(engine.folder),
        "TMPDIR": str(engine.folder),
        "PYTHONPATH": str(INSIDE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "EMULATOR_FOLDER": str(engine.folder),
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(engine.port),
        "AUTH": "true",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
    }


def deploy(
    engine: Engine, package: Path, parameters: Mapping[str, str], *, without: Collection[str] = ()
) -> Stack:
    """Code and transformed template go up, gaps are lifted, the stack comes up. Raises NotUp.

    Of the types `without` nothing is made.
    """
    template = yaml.safe_load((package / "template.yaml").read_text(encoding="utf-8"))
    left_out = [n for n, each in template["Resources"].items() if each["Type"] in without]
    for name in left_out:
        del template["Resources"][name]
    name, bucket = f"premium-pay-{parameters['Stage']}", f"code-{parameters['Stage']}"
    s3 = engine.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.upload_file(str(package / CODE), bucket, CODE)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"]["Code"] = {"S3Bucket": bucket, "S3Key": CODE}
    s3.put_object(Bucket=bucket, Key=TEMPLATE, Body=json.dumps(gaps.lift(template)).encode())
    cloudformation = engine.client("cloudformation")
    cloudformation.create_stack(
        StackName=name,
        TemplateURL=f"{engine.url}/{bucket}/{TEMPLATE}",
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
    )
    return _made(cloudformation, name)


def _made(cloudformation: Any, name: str) -> Stack:
    end = time.monotonic() + DEPLOY_SECONDS
    while time.monotonic() < end:
        [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            break
        time.sleep(0.2)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        why = [
            f"{each['LogicalResourceId']}: {each.get('ResourceStatusReason')}"
            for each in events
            if "FAILED" in each["ResourceStatus"]
        ]
        raise NotUp("\n".join([f"{name}: {stack['StackStatus']}", *why]))
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    found = [each for page in pages for each in page["StackResourceSummaries"]]
    return Stack(
        name,
        {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found},
        {each["LogicalResourceId"]: each["ResourceStatus"] for each in found},
    )


def _wait(engine: Engine, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            engine.ask("/_ministack/health")
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise NotUp(f"the emulator did not start:\n{engine.log.read_text()[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """With all that it started: they are a group of their own, and nothing of them is kept."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])
