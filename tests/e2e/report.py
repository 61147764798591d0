"""What was walked, how long it took, what was lifted for it, and what a policy denied."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from infra.cloud.gaps import GAPS, MENDED

WORDS = 3_000
WORD = {"passed": "yes", "failed": "NO", "skipped": "skipped"}


@dataclass
class Reported:
    """Collected while it runs."""

    rows: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Node id -> outcome and seconds, preparation included."""
    denied: list[tuple[str, str, str]] = field(default_factory=list)
    alarms: list[tuple[str, str]] = field(default_factory=list)
    """What was broken, and the figure that came."""
    log: Path | None = None
    """What the emulator and the functions said."""


reported = Reported()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and reported.log and reported.log.exists():
        report.sections.append(("the emulator's last words", reported.log.read_text()[-WORDS:]))
    return report


def pytest_runtest_logreport(report):
    outcome, seconds = reported.rows.get(report.nodeid, ("passed", 0.0))
    worst = report.outcome if report.outcome != "passed" else outcome
    reported.rows[report.nodeid] = (worst, seconds + report.duration)


def pytest_terminal_summary(terminalreporter):
    if not reported.rows:
        return
    write = terminalreporter.write_line
    terminalreporter.section("what was walked")
    for name, outcome, seconds in _table():
        write(f"{seconds:7.1f} s  {WORD[outcome]:10}{name}")
    if reported.alarms:
        terminalreporter.section("what was broken, and what rang")
        for broken, rang in reported.alarms:
            write(f"{broken}: {rang}")
    terminalreporter.section("lifted from the template, and nothing else")
    for gap in GAPS:
        write(f"{gap.name}: {gap.change}; {gap.reason}")
    terminalreporter.section("mended in the emulator")
    for name, why in MENDED.items():
        write(f"{name}: {why}")
    if reported.denied:
        terminalreporter.section("denied by a policy")
        for (who, action, resource), count in Counter(reported.denied).items():
            write(f"{count:4} x {who.rpartition('/')[2]}: {action} on {resource}")


def _table():
    """A row a test; a contract that is tested elsewhere too is one row."""
    contracts = {}
    for node, (outcome, seconds) in reported.rows.items():
        file, _, name = node.partition("::")
        if "/contracts/" not in file:
            yield _sentence(name), outcome, seconds
            continue
        counts, spent = contracts.get(file, (Counter(), 0.0))
        contracts[file] = (counts + Counter([outcome]), spent + seconds)
    for file, (counts, seconds) in contracts.items():
        said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
        subject = file.rpartition("/test_")[2].removesuffix(".py")
        yield f"contract of {subject}: {said}", "failed" if counts["failed"] else "passed", seconds


def _sentence(name):
    return name.removeprefix("test_").replace("_", " ")
