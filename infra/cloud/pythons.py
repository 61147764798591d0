"""The Python of the Lambda: wheels and .pyc files are made for it, so it builds the package."""

import shutil
import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
WANTED = ("3.13", "3.12")
"""Newest first, of those that Lambda runs on Amazon Linux 2023 (3.11 has an older glibc)."""


def interpreter() -> Path:
    """The newest Python that Lambda and this machine share; else the one that runs this."""
    for version in WANTED:
        for command in _candidates(version):
            if _answers(command, version):
                return command
    return Path(sys.executable)


def environment(name: str, *requirements: str) -> Path:
    """A virtual environment `.venv-<name>` of the Lambda's Python; made anew when asked otherwise.

    Answers its python. Raises CalledProcessError when something can't be installed.
    """
    python = interpreter()
    folder = ROOT / f".venv-{name}"
    ready, bin_python = folder / ".ready", folder / "bin" / "python"
    files = [(ROOT / r[3:]).read_text() for r in requirements if r.startswith("-r ")]
    wanted = sha256("\n".join([str(python), *requirements, *files]).encode()).hexdigest()
    if ready.exists() and ready.read_text() == wanted:
        return bin_python
    shutil.rmtree(folder, ignore_errors=True)
    if python == Path(sys.executable):
        venv.create(folder, with_pip=True)
    else:
        subprocess.run([python, "-m", "venv", folder], check=True)
    words = [word for requirement in requirements for word in requirement.split()]
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([bin_python, *install, *words], check=True, cwd=ROOT, stderr=subprocess.DEVNULL)
    ready.write_text(wanted)
    return bin_python


def _candidates(version: str) -> list[Path]:
    """On the path, and where pyenv keeps those that it does not put there."""
    found = shutil.which(f"python{version}")
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python3"))
    return [Path(found), *kept] if found else kept


def _answers(command: Path, version: str) -> bool:
    ask = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    said = subprocess.run([command, "-c", ask], capture_output=True, text=True, check=False)
    return said.stdout.strip() == version
