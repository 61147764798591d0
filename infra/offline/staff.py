"""`make staff ARGS="payments E123" AS=Ada`: sends a staff command to the world of a `make run`.

PORT is that world's (8000), AS who does it. Ends with the command's exit code; 2 when it can't be
sent, 3 when nobody is there.
"""

import json
import os
import sys
import urllib.error
import urllib.request

from infra.offline.__main__ import HIGHEST_PORT, BadOption, number
from infra.offline.serving import HOST

BAD, NOBODY = 2, 3
LONGEST_SECONDS = 3600  # `reconcile` of a large world


def main(words: list[str]) -> int:
    """The exit code of the command."""
    try:
        port = number(os.environ, "PORT", 8000, 1, HIGHEST_PORT)
    except BadOption as bad:
        return _told(BAD, str(bad))
    who = os.environ.get("AS", "").strip()
    if not who:
        return _told(BAD, 'Say who you are: make staff ARGS="cases" AS=Ada.')
    room = f"http://{HOST}:{port + 1}"
    body = json.dumps({"words": words or ["--help"], "as": who}).encode()
    asked = urllib.request.Request(f"{room}/staff", body, {"Content-Type": "application/json"})  # noqa: S310 - this machine
    try:
        with urllib.request.urlopen(asked, timeout=LONGEST_SECONDS) as answer:  # noqa: S310
            said = json.load(answer)
            code, text = int(said["exit"]), str(said["text"])
    except urllib.error.HTTPError as refusal:
        return _told(BAD, f"{room} refused it: {refusal.read().decode(errors='replace')}")
    except (OSError, ValueError, KeyError, TypeError):
        return _told(NOBODY, f"No world answers at {room}. Start one with `make run`, or say PORT.")
    sys.stdout.write(text)
    return code


def _told(code: int, text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
