"""Which function acts: every call made meanwhile is recorded, and held against its policy."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from infra.rights.right import Right, granted

_acting: ContextVar[str | None] = ContextVar("acting", default=None)
ASIDE = ""


class Denied(PermissionError):
    """The policy of the function does not grant this."""

    def __init__(self, function: str, rights: Iterable[Right]) -> None:
        said = "; ".join(map(str, sorted(rights)))
        super().__init__(f"{function} may not: {said}")


class Recorder:
    """What each function did, in this process. `enforces`: whether policies count."""

    def __init__(self) -> None:
        self.enforces = True
        self.recorded: dict[str, set[Right]] = defaultdict(set)
        self.on_start: list[Callable[[], None]] = []
        """Called when a function begins, as in a process of its own."""
        self.listeners: list[set[Right]] = []
        """Each is told all rights that anybody needs meanwhile, in whatever thread."""

    @contextmanager
    def acting(self, function: str) -> Iterator[None]:
        """Meanwhile this function acts, unless one does already."""
        if _acting.get():
            yield
            return
        token = _acting.set(function)
        try:
            for forget in self.on_start:
                forget()
            yield
        finally:
            _acting.reset(token)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Meanwhile nobody acts: somebody else does something between two calls."""
        token = _acting.set(ASIDE)
        try:
            yield
        finally:
            _acting.reset(token)

    def note_wire(self, needed: Callable[[], Iterable[Right]]) -> None:
        """The same; what is needed is asked only when a function acts. Raises Denied."""
        if _acting.get():
            self.note(needed())

    def note(self, rights: Iterable[Right]) -> None:
        """A call that needs these rights is about to be made. Raises Denied."""
        function, needed = _acting.get(), set(rights)
        if function != ASIDE:
            for listener in self.listeners:
                listener.update(needed)
        if not function:
            return
        self.recorded[function] |= needed
        if self.enforces and (missing := needed - policy_of(function)):
            raise Denied(function, missing)


@cache
def policy_of(function: str) -> frozenset[Right]:
    """What a function may; read once."""
    return granted(function)


RECORDER = Recorder()
"""The one of this process."""
acting = RECORDER.acting
