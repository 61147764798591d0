"""Each function as Lambda starts it: a fresh process, the package and boto3 alone on the path.

The events are as AWS sends them. The neighbours answer, but wake nobody.
"""

import json
import shutil
import subprocess
import zipfile
from dataclasses import dataclass, field
from types import SimpleNamespace
from uuid import uuid4

import pytest
import yaml

from chalicelib.domain.acknowledgement import HEADER
from infra.cloud import pythons, template
from infra.offline.clock import written
from tests.e2e.cloud import Cloud
from tests.e2e.guest import STAGE
from tests.e2e.recorded import a_bounce, a_message, created
from tests.entrypoints.gateway import Gateway
from tests.journeys.people import THURSDAY, a_feed, a_row
from tests.member import claim_of

JOBS = ("bill", "notify", "withdraw", "watch", "send_same_day", "collect", "settle", "sweep")
QUEUES = ("import_rows", "send_mail", "work_shard", "follow_up")
RUN = """
import importlib, json, sys, uuid
sys.path.insert(0, sys.argv[1])
module, name = sys.argv[2].rsplit(".", 1)
said, sys.stdout = sys.stdout, sys.stderr
class Context:
    function_name, function_version, memory_limit_in_mb = name, "$LATEST", 512
    aws_request_id = str(uuid.uuid4())
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:" + name
    get_remaining_time_in_millis = lambda self: 180_000
answer = getattr(importlib.import_module(module), name)(json.load(sys.stdin), Context())
json.dump(answer, said)
"""


@dataclass
class Lambda:
    """Starts a function's process anew for each event."""

    python: str
    folder: str
    stage: Cloud
    more: dict[str, str] = field(repr=False)

    def __call__(self, handler, event):
        logical = "".join(word.title() for word in handler.split("_"))
        variables = self.stage.variables("APIHandler" if handler == "app" else logical)
        said = subprocess.run(  # noqa: S603 - our own package
            [self.python, "-I", "-c", RUN, self.folder, f"app.{handler}"],
            input=json.dumps(event),
            env={**variables, **self.more},
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == 0, said.stderr[-3000:]
        return json.loads(said.stdout)


@pytest.fixture(scope="module")
def unpacked(package, tmp_path_factory):
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        archive.extractall(folder)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def function(quiet, unpacked, engine):
    quiet.invoke("MakeKeys", {})  # the contracts, on the same stage, leave it without
    python = pythons.environment("runtime", "boto3==1.44.5")
    return Lambda(str(python), str(unpacked), quiet, engine.environment)


@pytest.fixture
def gateway(function):
    return FreshGateway(
        SimpleNamespace(app=SimpleNamespace(app=lambda event, _context: function("app", event))),
        stage=STAGE.strip("/"),
    )


class FreshGateway(Gateway):
    """Sends several headers of a name, as the gateway does."""

    def event(self, method, address, body, headers):
        event = super().event(method, address, body, headers)
        event["multiValueHeaders"]["X-Forwarded-For"] = ["203.0.113.7", "198.51.100.9"]
        event["requestContext"]["requestId"] = str(uuid4())
        return event


def stored(quiet, key, body):
    """Puts an object; what S3 tells EventBridge of it."""
    bucket = quiet.settings.bucket
    version = quiet.s3.put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]
    return created(bucket, key, version, len(body))


def test_every_function_of_the_template_is_in_the_package(package, unpacked, function):
    document = yaml.safe_load((package / "template.yaml").read_text())
    handlers = [each["Handler"] for _, each in template.functions(document)]
    look = "import sys; sys.path.insert(0, sys.argv[1]); import app; print(app.__file__)"
    look += "; [getattr(app, name.partition('.')[2]) for name in sys.argv[2:]]"
    said = subprocess.run(  # noqa: S603 - our own package
        [function.python, "-I", "-c", look, str(unpacked), *handlers],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.startswith(str(unpacked))
    assert len(handlers) > 15


def test_the_runtime_has_nothing_of_what_the_package_must_bring(function):
    look = (
        "import importlib.util as u; print([n for n in ('cryptography','pydantic','jinja2','PIL')"
    )
    look += " if u.find_spec(n)])"
    said = subprocess.check_output([function.python, "-I", "-c", look], text=True)  # noqa: S603
    assert said.strip() == "[]"


def test_a_second_making_of_the_keys_makes_none(function):
    assert function("make_keys", {}) == []


def test_the_page_answers_a_proxy_event_with_base64_stage_and_several_headers(gateway):
    shown = gateway.get("/find")
    assert shown.status == 200
    assert 'action="/api/find"' in shown.html
    missed = gateway.post("/find", claim_of(a_row(first_name="Zoë")))
    assert missed.status == 422
    assert "Zoë" in missed.html


def test_a_feed_with_a_blank_in_its_key_is_read_from_an_event_of_the_bus(function, quiet):
    key = "inbound/enrollments/our feed, of today.csv"
    assert function("import_feed", stored(quiet, key, a_feed(a_row()))) is None
    [told] = quiet.messages("FeedQueue")
    assert json.loads(told)["key"] == key


def test_a_file_of_the_bank_with_a_blank_in_its_key_is_read(function, quiet):
    key = "inbound/bank/word of today.csv"
    assert function("read_bank_file", stored(quiet, key, HEADER + b"\n")) is None


@pytest.mark.parametrize("job", JOBS)
def test_the_calendar_s_input_is_read_by(function, job):
    given = '{"scheduled_at":"<aws.scheduler.scheduled-time>"}'
    event = given.replace("<aws.scheduler.scheduled-time>", written(THURSDAY))
    assert function(job, json.loads(event)) is None


@pytest.mark.parametrize("reader", QUEUES)
def test_one_bad_message_comes_again_alone_from(function, reader):
    good = []
    if reader == "send_mail":  # of a letter that is not there any more: nothing to do
        good = [a_message('{"day": "2026-12-03", "mail_id": "gone"}', "good")]
    event = {"Records": [a_message("{not json", "bad"), *good]}
    assert function(reader, event) == {"batchItemFailures": [{"itemIdentifier": "bad"}]}


def test_a_letter_that_came_back_opens_a_case(function, quiet):
    assert function("mail_event", a_bounce("maria@example.com")) is None
    assert [case["case"] for case in quiet.ask("/cases") if case["kind"] == "phone_member"] == [
        "phone_member#confirmation.HC-1"
    ]
