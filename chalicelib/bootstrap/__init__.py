"""Builds the real system, once, lazily: the only place that joins ports to adapters."""

from chalicelib.adapters.clock import SystemClock
from chalicelib.bootstrap.file_side import FileSide
from chalicelib.bootstrap.member_side import MemberSide
from chalicelib.ports import Clock
from chalicelib.settings import Settings
from chalicelib.store import Store

__all__ = ["System", "adopt", "build", "forget", "send_metrics", "system"]


class System(MemberSide, FileSide):
    """Every use case, joined to its neighbours."""


_adopted: list[System] = []


def system() -> System:
    """The system of this process; built from the environment when first asked for."""
    if not _adopted:
        _adopted.append(build(Settings.from_environment()))
    return _adopted[0]


def build(settings: Settings, *, store: Store | None = None, clock: Clock | None = None) -> System:
    """A system with its own store or clock, where given."""
    return System(settings=settings, given_store=store, clock=clock or SystemClock())


def forget() -> None:
    """Lets the next call build a system anew."""
    _adopted.clear()


def send_metrics(function: str) -> None:
    """What the system of this process counted leaves, where there is one yet."""
    for here in _adopted:
        here.signals.send(function)


def adopt(system: System) -> None:
    """Stands this system in for the process's own."""
    _adopted[:] = [system]
