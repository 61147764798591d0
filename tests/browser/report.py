"""The last line of a run: how many browser tests ran, or how to make them run."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")
HOW = "Browser tests: none ran, for there is no Chromium here. On Debian: apt-get install chromium"


def chromium():
    """Where Chromium is, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def pytest_terminal_summary(terminalreporter):
    ran = skipped = 0
    for kind, reports in terminalreporter.stats.items():
        for report in reports:
            if "tests/browser/" in getattr(report, "nodeid", ""):
                ran += kind in ("passed", "failed") and report.when == "call"
                skipped += kind == "skipped"
    if ran:
        terminalreporter.write_line(f"Browser tests: {ran} ran in Chromium.")
    elif skipped:
        terminalreporter.write_line(HOW)
