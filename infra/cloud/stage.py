"""What somebody decided for a stage: infra/stages/<stage>.yaml, checked before AWS is asked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.cloud.pythons import ROOT

STAGES = ROOT / "infra" / "stages"
TO_FILL_IN = re.compile(r"<.*>", re.DOTALL)
STAGE = "Stage"  # the parameter that the file's own name fills in

Document = dict[str, Any]


class NotFilledIn(ValueError):
    """The stage can't be deployed as it is; the message names everything that is wrong."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: which account and region it lives in, and the parameters of its stack."""

    name: str
    account: str
    region: str
    parameters: Mapping[str, str]


def read(name: str, folder: Path = STAGES) -> Stage:
    """The stage of this name. Raises NotFilledIn."""
    file = folder / f"{name}.yaml"
    if not file.exists():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.yaml")))
        raise NotFilledIn(f"there is no {file.name} in {folder}; there are: {known}")
    # Every value is the text that stands there: YAML's own idea of 0612345670 is 103402424.
    said = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader) or {}  # noqa: S506 - it makes nothing but text, lists and maps
    given = {key: str(text) for key, text in (said.get("parameters") or {}).items()}
    places = {key: str(said.get(key, "")) for key in ("account", "region")}
    problems = [f"{key}: {problem}" for key, problem in _unsaid({**places, **given})]
    problems += [f"{key}: must be set" for key, text in places.items() if not text]
    if STAGE in given:
        problems.append(f"{STAGE}: is the file's name")
    if problems:
        raise NotFilledIn(_list(file, problems))
    return Stage(name, places["account"], places["region"], {STAGE: name, **given})


def check(stage: Stage, template: Document) -> None:
    """Whether the template takes its parameters, all of them. Raises NotFilledIn."""
    known: Mapping[str, Document] = template["Parameters"]
    problems = [f"{name}: no parameter of the template" for name in stage.parameters.keys() - known]
    for name, parameter in known.items():
        text = stage.parameters.get(name)
        if text is None:
            problems += [f"{name}: must be set"] * ("Default" not in parameter)
        elif problem := _problem(text, parameter):
            problems.append(f"{name}: {problem}")
    if problems:
        raise NotFilledIn(_list(STAGES / f"{stage.name}.yaml", sorted(problems)))


def _unsaid(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, text in given.items():
        if TO_FILL_IN.fullmatch(text.strip()):
            yield key, f"still to be filled in: {text.strip()[1:-1]}"


def _problem(text: str, parameter: Document) -> str | None:
    """What CloudFormation would refuse only after minutes."""
    if "AllowedValues" in parameter:
        allowed = [str(each) for each in parameter["AllowedValues"]]
        return None if text in allowed else f"must be one of {', '.join(allowed)}"
    if parameter["Type"] == "Number":
        least, most = parameter.get("MinValue", 0), parameter.get("MaxValue", 10**9)
        is_fine = text.isdecimal() and least <= int(text) <= most
        return None if is_fine else f"must be a whole number, {least} to {most}"
    if not re.fullmatch(parameter.get("AllowedPattern", ".*"), text):
        return f"must be like {parameter['AllowedPattern']}"
    if not parameter.get("MinLength", 0) <= len(text) <= parameter.get("MaxLength", 4096):
        return "too short or too long"
    return None


def _list(file: Path, problems: list[str]) -> str:
    return "\n  ".join([f"{file.name} is not ready:", *problems])
