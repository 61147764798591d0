"""Builds the Lambda's zip and its template in build/package: the same source, the same bytes."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import yaml
from rich.console import Console

from infra.cloud import alarms, pythons, template
from infra.cloud.pythons import ROOT

OUT = ROOT / "build" / "package"
SOURCES = ("app.py", "chalicelib", ".chalice", "requirements.txt")
STAGE = "cloud"  # Chalice's; ours is a parameter, so that every stage runs the same bytes
MERGED = "merged.yaml"  # infra/resources.yaml with the alarms of infra/alarms.yaml
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day that a zip can name
ARM, HERE = "arm64", "arm64" if platform.machine() == "aarch64" else "x86_64"

Tell = Callable[[str], None]


def build(out: Path = OUT, *, architecture: str = ARM, tell: Tell = lambda _: None) -> Path:
    """Zip, sam.yaml and template.yaml (transformed), linted. Answers the folder.

    Raises BadTemplate, or CalledProcessError where a tool fails.
    """
    tell("The Lambda's Python and its tools")
    python = pythons.environment("lambda", "-r requirements-build.txt")
    shutil.rmtree(out, ignore_errors=True)
    source = out / "source"
    _copy(source, architecture)
    tell(f"The package, for {architecture}")
    template.write(alarms.merged(), out / MERGED)
    _chalice(python, source, out)
    tell("Bytecode, and the same bytes each time")
    _repack(python, out)
    tell("The template, as AWS's transform reads it")
    sam = yaml.safe_load((out / "sam.yaml").read_text(encoding="utf-8"))
    template.write(template.transformed(sam), out / "template.yaml")
    template.lint(out / "sam.yaml", out / "template.yaml")
    return out


def digest(zipped: Path) -> str:
    """Its SHA-256."""
    return hashlib.sha256(zipped.read_bytes()).hexdigest()


def _copy(source: Path, architecture: str) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    source.mkdir(parents=True)
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, source / name)
    config = source / ".chalice" / "config.json"
    said = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps({**said, "lambda_architecture": architecture}), encoding="utf-8")


def _chalice(python: Path, source: Path, out: Path) -> None:
    command = [python.parent / "chalice", "package", "--stage", STAGE]
    merged = ["--template-format", "yaml", "--merge-template", out / MERGED]
    environ = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1", "PYTHONDONTWRITEBYTECODE": "1"}
    said = subprocess.run(
        [*command, *merged, out],
        cwd=source,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode:
        raise RuntimeError(f"chalice package failed:\n{said.stdout[-2000:]}{said.stderr[-2000:]}")


def _repack(python: Path, out: Path) -> None:
    """With .pyc files that Lambda need not check: its disk is read-only, it could keep none."""
    plain, zipped = out / "unpacked", out / "deployment.zip"
    shutil.unpack_archive(zipped, plain)
    compiling = ["-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-s", plain]
    environ = {**os.environ, "PYTHONHASHSEED": "0"}
    subprocess.run([python, *compiling, plain], check=True, env=environ)
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in plain.rglob("*") if p.is_file()):
            info = zipfile.ZipInfo(path.relative_to(plain).as_posix(), EPOCH)
            info.external_attr, info.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())
    shutil.rmtree(out / "source")


def main() -> None:
    """`make package`."""
    console = Console(stderr=True, highlight=False)
    architecture = os.environ.get("ARCHITECTURE", ARM)
    with console.status("") as status:

        def tell(step: str) -> None:
            status.update(f"{step} ...")
            console.print(step)

        try:
            out = build(architecture=architecture, tell=tell)
        except (template.BadTemplate, RuntimeError) as refused:
            console.print(str(refused), style="red", markup=False)
            sys.exit(1)
    zipped = out / "deployment.zip"
    runtime = next(template.functions(yaml.safe_load((out / "sam.yaml").read_text())))[1]["Runtime"]
    size = zipped.stat().st_size / 1e6
    print(f"{size:.1f} MB, {runtime}, {architecture}, sha256 {digest(zipped)}")


if __name__ == "__main__":
    main()
