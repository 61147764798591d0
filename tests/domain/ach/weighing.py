"""How much memory a piece of work takes."""

import subprocess
import sys
import tracemalloc
from pathlib import Path

STATUS = Path("/proc/self/status")


def peak_bytes(work, count):
    """The most that Python's own objects took at any moment; slow, so for small counts."""
    tracemalloc.start()
    try:
        work(count)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def peak_of_process(work, count):
    """The most kilobytes that a process of its own took for this work, as Linux saw it."""
    story = (
        f"from {work.__module__} import {work.__name__} as work; work({count}); "
        "from tests.domain.ach.weighing import high_water; print(high_water())"
    )
    run = [sys.executable, "-c", story]
    return int(subprocess.run(run, check=True, capture_output=True, text=True).stdout)  # noqa: S603 -- our own words


def high_water():
    """Of this process alone: getrusage would also count what its parent had taken."""
    [line] = [row for row in STATUS.read_text().splitlines() if row.startswith("VmHWM")]
    return int(line.split()[1])
