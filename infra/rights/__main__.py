"""Makes the policies from what the suite was seen to do: `make rights`, then read the diff."""

import json
import sys
from pathlib import Path

import app
from infra.rights.platform import functions, implied
from infra.rights.right import Right, policy_file, write

Recording = dict[str, list[list[str]]]


def policy(function: str, recorded: Recording) -> str:
    """The policy of a function that was seen to do this, and of what AWS does in its name."""
    seen = {Right(action, resource) for action, resource in recorded.get(function, [])}
    return write(seen | set(implied(app.app, function, seen)))


def main() -> None:
    """Every function gets its own; a file that belongs to no function goes."""
    recorded: Recording = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    names = functions(app.app)
    for function in names:
        policy_file(function).write_text(policy(function, recorded), encoding="utf-8")
    for file in policy_file("x").parent.glob("policy-*.json"):
        if file not in {policy_file(name) for name in names}:
            file.unlink()
    print(f"{len(names)} policies are made; read what changed: git diff .chalice")


if __name__ == "__main__":
    main()
