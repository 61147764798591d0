"""Whether what was deployed answers: its own address, its own version, its own tables."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable

from infra.cloud.rollout import Pause

TRIES = 12
SECONDS = 5.0  # between two tries: rights and a first start take a while to sink in
PATIENCE = 30
OK = 200

Fetch = Callable[[str], tuple[int, bytes]]


class Unwell(RuntimeError):
    """The page does not answer as it should; the message says how."""


def fetch(url: str) -> tuple[int, bytes]:
    """Status and body. Raises OSError where nobody answers."""
    asked = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310 - ours
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


def check(address: str, version: str, fetch: Fetch, pause: Pause) -> None:
    """`/health` answers 200 and this version, within a minute. Raises Unwell."""
    why = ""
    for attempt in range(TRIES):
        if attempt:
            pause(SECONDS)
        why = _problem(f"{address.rstrip('/')}/health", version, fetch)
        if not why:
            return
    raise Unwell(why)


def _problem(url: str, version: str, fetch: Fetch) -> str:
    try:
        status, body = fetch(url)
    except OSError as error:
        return f"{url} does not answer: {error}"
    try:
        said = json.loads(body)
        answers = said["version"]
    except (ValueError, KeyError, TypeError):
        return f"{url} answers {status}, and says no version"
    if missing := said.get("unreachable"):
        return f"{url} can't read its tables: {', '.join(missing)}"
    if (status, answers) != (OK, version):
        return f"{url} answers {status} and version {answers}, not {version}"
    return ""
