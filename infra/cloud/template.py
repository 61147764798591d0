"""The template: Chalice's functions and ours, as SAM reads it and as CloudFormation gets it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import yaml
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform as translate

Document = dict[str, Any]
CODE = "s3://code/deployment.zip"
"""SAM wants an address of the code; which one is decided at the upload."""


class BadTemplate(ValueError):
    """The transform or the linter refuses the template; the message says why, line by line."""


def transformed(sam: Document, code: str = CODE) -> Document:
    """What AWS's own transform makes of it. Raises BadTemplate, as AWS would refuse it."""
    document: Document = json.loads(json.dumps(sam))
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code
    # The translator asks for a region only to tell partitions apart; nothing is called.
    session = boto3.Session(region_name="us-east-1")
    try:
        with patch("boto3.session.Session", return_value=session):
            made: Document = translate(document, {}, _NoManagedPolicies())
    except InvalidDocumentException as refused:
        raise BadTemplate("\n".join(cause.message for cause in refused.causes)) from None
    return made


def lint(*templates: Path) -> None:
    """Raises BadTemplate with cfn-lint's findings, warnings too."""
    command = [str(Path(sys.executable).parent / "cfn-lint"), *map(str, templates)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    if said.returncode:
        raise BadTemplate(said.stdout)


def write(document: Document, path: Path) -> None:
    """As YAML with every intrinsic in its long form; the same document, the same bytes."""
    plain = json.loads(json.dumps(document))  # CloudFormation takes no YAML aliases
    path.write_text(yaml.dump(plain, sort_keys=True, width=120), encoding="utf-8")


def functions(document: Document) -> Iterator[tuple[str, Document]]:
    """Logical name and properties of each function, transformed or not."""
    for name, resource in sorted(document["Resources"].items()):
        if resource["Type"] in ("AWS::Serverless::Function", "AWS::Lambda::Function"):
            yield name, resource["Properties"]


class _NoManagedPolicies:
    """We name none of AWS's managed policies; SAM would look them up in the account."""

    def load(self) -> dict[str, str]:
        return {}
