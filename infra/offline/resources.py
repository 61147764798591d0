"""Reads infra/resources.yaml, and resolves what it refers to: the one source, also offline."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped,unused-ignore]

SOURCE = Path(__file__).parents[1] / "resources.yaml"

Document = dict[str, Any]


def load(source: Path = SOURCE) -> Document:
    """The document as it is written, with its anchors and merge keys applied."""
    document: Document = yaml.load(source.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return document


def typed(document: Document) -> dict[str, Document]:
    """The resources that have a type; the others only add to what Chalice makes."""
    return {
        name: resource for name, resource in document["Resources"].items() if "Type" in resource
    }


def function_of(name: str) -> str:
    """The function in app.py that has this logical name: Chalice writes it in camel case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def reports_failures(document: Document, function: str) -> bool:
    """Whether the template lets this function answer for single messages of a batch."""
    return any(
        "ReportBatchItemFailures" in source.get("Properties", {}).get("FunctionResponseTypes", [])
        for name, resource in document["Resources"].items()
        if function_of(name) == function
        for source in resource.get("Properties", {}).get("Events", {}).values()
    )


class Unknown(LookupError):
    """The document refers to something that was not made (yet)."""


class Resolver:
    """Turns Ref, Fn::GetAtt and Fn::Sub into values, as CloudFormation does."""

    def __init__(self, refs: Mapping[str, str]) -> None:
        self.refs: dict[str, str] = dict(refs)
        self.attributes: dict[tuple[str, str], str] = {}

    def made(self, name: str, ref: str, **attributes: str) -> None:
        """Remember what a resource is called, so that others can refer to it."""
        self.refs[name] = ref
        self.attributes.update({(name, key): value for key, value in attributes.items()})

    def resolve(self, value: Any) -> Any:
        """The value with every intrinsic in it replaced. Raises Unknown."""
        if isinstance(value, list):
            return [self.resolve(part) for part in value]
        if not isinstance(value, dict):
            return value
        match list(value.items()):
            case [("Ref", name)]:
                return self._ref(name)
            case [("Fn::GetAtt", [name, attribute])]:
                return self._attribute(name, attribute)
            case [("Fn::Sub", text)]:
                return re.sub(r"\$\{([\w:.]+)\}", lambda found: self._named(found[1]), text)
        return {key: self.resolve(part) for key, part in value.items()}

    def _named(self, name: str) -> str:
        resource, dot, attribute = name.partition(".")
        return self._attribute(resource, attribute) if dot else self._ref(name)

    def _ref(self, name: str) -> str:
        if name not in self.refs:
            raise Unknown(name)
        return self.refs[name]

    def _attribute(self, name: str, attribute: str) -> str:
        if (name, attribute) not in self.attributes:
            raise Unknown(f"{name}.{attribute}")
        return self.attributes[name, attribute]
