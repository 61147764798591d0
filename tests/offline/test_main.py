"""`python -m infra.offline`, as `make run` starts it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from infra.offline.__main__ import BadOption, Options

ROOT = Path(__file__).parents[2]


def two_free_ports():
    for port in range(20_000 + os.getpid() % 20_000, 60_000, 7):
        try:
            for each in (port, port + 1):
                socket.create_server(("127.0.0.1", each)).close()
        except OSError:
            continue
        return port
    raise AssertionError("no ports are free")


def start(**options):
    return subprocess.Popen(
        [sys.executable, "-m", "infra.offline"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120", **options},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_options_have_defaults():
    options = Options.read({})
    assert (options.port, options.count, options.now.tzinfo is not None) == (8000, 2000, True)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "http"),
        ("PORT", "65535"),
        ("PORT", "0"),
        ("NOW", "2026-12-03T10:00:00"),
        ("NOW", "noon"),
        ("MEMBERS", "-1"),
        ("MEMBERS_SEED", "x"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(name, text):
    with pytest.raises(BadOption, match=name):
        Options.read({name: text})


def test_it_serves_until_it_is_told_to_stop():
    port = two_free_ports()
    running = start(PORT=str(port), NOW="2026-12-03T10:00:00-05:00", MEMBERS="3")
    try:
        for _ in range(200):
            try:
                clock = urllib.request.urlopen(f"http://127.0.0.1:{port + 1}/clock.json").read()
                break
            except OSError:
                assert running.poll() is None, running.stdout.read()
                time.sleep(0.1)
        assert b"2026-12-03T15:00:" in clock
    finally:
        running.send_signal(signal.SIGTERM)
        said = running.communicate(timeout=20)[0]
    assert running.returncode == 0
    assert f"http://127.0.0.1:{port}/" in said
    assert f"http://127.0.0.1:{port + 1}/" in said
    assert said.count("born") == 3
    assert "Traceback" not in said


def test_a_taken_port_is_one_clear_line():
    port = two_free_ports()
    with socket.create_server(("127.0.0.1", port + 1)):
        running = start(PORT=str(port), MEMBERS="3")
        said = running.communicate(timeout=20)[0]
    assert running.returncode == 2
    assert str(port) in said
    assert len(said.strip().splitlines()) == 1
