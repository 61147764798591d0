"""What Python loads first in the emulator, and in each process that it starts for a function.

Nothing is added to the package. Each function below changes one thing, right after the module that
it is about was loaded; gaps.py lists them, with their reasons.
"""

import json
import os
import sys
import zipfile
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from threading import Lock
from types import ModuleType, SimpleNamespace
from typing import Any

FOLDER = Path(os.environ["EMULATOR_FOLDER"])
OK = 200
VERSION: ContextVar[str | None] = ContextVar("version", default=None)


def moved() -> datetime:
    """The instant that it is in the story, running on at real speed."""
    seconds = float((FOLDER / "moved").read_text())
    return datetime.now(UTC) + timedelta(seconds=seconds)  # noqa: TID251 - moved from here


def move_ours(clock: ModuleType) -> None:
    """The deployed code's own clock; signatures, delays and time-outs stay in real time."""
    clock.SystemClock.now = lambda _self: moved()  # type: ignore[attr-defined]


def move_files(s3: ModuleType) -> None:
    """When a file came, in S3's listings and in the events about it."""
    s3.now_iso = lambda: f"{moved():%Y-%m-%dT%H:%M:%S}.000Z"  # type: ignore[attr-defined]


def note_denials(evaluator: ModuleType) -> None:
    """One line a denied call: role, action, resource, and of a key what it was to be used for."""
    judge = evaluator.enforce

    def enforce(*given: Any, resource_arn: str = "*", **more: Any) -> Any:
        denied = judge(*given, resource_arn=resource_arn, **more)
        if denied is not None:
            said = more.get("service_context") or {}
            purposes = [f" for {said[key]}" for key in said if key.startswith("kms:")]
            line = [getattr(denied, "principal_arn", str(denied)), given[1]]
            line.append("".join([resource_arn, *purposes]))
            with (FOLDER / "denied").open("a") as denials:
                denials.write(json.dumps(line) + "\n")
        return denied

    evaluator.enforce = enforce  # type: ignore[attr-defined]


def tell_purposes(actions: ModuleType) -> None:
    """What a KMS call says it is for: policies bind on it, and the emulator asks only for tags."""
    tags = actions.request_tag_context

    def context(service: str, action: str, body: bytes, params: Any) -> Any:
        found = tags(service, action, body, params)
        said = json.loads(body or b"{}").get("EncryptionContext") if service == "kms" else None
        return {**found, **{f"kms:EncryptionContext:{k}": v for k, v in (said or {}).items()}}

    actions.request_tag_context = context  # type: ignore[attr-defined]


def read_ranges(s3: ModuleType) -> None:
    """Of a version, too, only the bytes that were asked for."""
    read = s3._get_object

    def get(bucket: str, key: str, headers: Any, query: Any = None) -> Any:
        status, said, body = read(bucket, key, headers, query)
        wanted = headers.get("range", "") if (query or {}).get("versionId") else ""
        if status != OK or not wanted:
            return status, said, body
        found = s3._parse_range(wanted, len(body))
        if found is None:
            why = s3._xml_body(s3._range_error_xml(bucket, key))
            return 416, {"Content-Type": "application/xml"}, why
        start, end = found
        of_the_whole = [name for name in said if name.lower().startswith("x-amz-checksum")]
        kept = {name: text for name, text in said.items() if name not in of_the_whole}
        kept["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
        kept["Content-Length"] = str(end + 1 - start)
        return 206, kept, body[start : end + 1]

    s3._get_object = get  # type: ignore[attr-defined]


def hear_versions(s3: ModuleType) -> None:
    """S3 knows the version; the event is made elsewhere."""
    fire = s3._fire_s3_event

    def fires(*given: Any, version_id: str | None = None, **more: Any) -> None:
        VERSION.set(version_id)
        fire(*given, version_id=version_id, **more)

    s3._fire_s3_event = fires  # type: ignore[attr-defined]


def tell_versions(bus: ModuleType) -> None:
    """An event about an object names its version."""
    dispatch = bus._dispatch_event

    def dispatches(event: Any, view: Any = None) -> Any:
        if event.get("Source") == "aws.s3" and VERSION.get():
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = VERSION.get()
            event["Detail"] = json.dumps(detail)
        return dispatch(event, view)

    bus._dispatch_event = dispatches  # type: ignore[attr-defined]


def share_code(runtime: ModuleType) -> None:
    """Thousands of files a process are what takes longest; none of them is ever written to."""
    lock = Lock()

    class Once(zipfile.ZipFile):
        def extractall(self, path: Any = None, *_: Any) -> None:
            digest = sha256(Path(str(self.filename)).read_bytes()).hexdigest()
            shared = FOLDER / "packages" / digest
            with lock:
                if not shared.exists():
                    super().extractall(shared)
            for each in shared.iterdir():
                (Path(path) / each.name).symlink_to(each)

    runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": Once})  # type: ignore[attr-defined]


CHANGED: dict[str, tuple[Callable[[ModuleType], None], ...]] = {
    "chalicelib.adapters.clock": (move_ours,),
    "ministack.services.s3": (move_files, read_ranges, hear_versions),
    "ministack.services.eventbridge": (tell_versions,),
    "ministack.core.iam_actions": (tell_purposes,),
    "ministack.core.iam_evaluator": (note_denials,),
    "ministack.core.lambda_runtime": (share_code,),
}


class Changing(MetaPathFinder):
    """Finds a module as Python does, and changes it right after it was loaded."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """As importlib asks."""
        changes = CHANGED.get(name, ())
        spec = PathFinder.find_spec(name, path, target) if changes else None
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            for change in changes:
                change(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, Changing())
