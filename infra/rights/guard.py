"""Policies enforced on one machine: moto itself checks none."""

from collections.abc import Callable

from infra.offline.engine import Call
from infra.rights.acting import RECORDER, Denied
from infra.rights.calls import Logical, of_wire


def guard(logical: Logical) -> Callable[[Call], str | None]:
    """Says of a call why the function that acts may not make it; None where it may."""

    def denied(call: Call) -> str | None:
        try:
            RECORDER.note_wire(
                lambda: of_wire(call.service, call.operation, call.url, call.body, logical)
            )
        except Denied as no:
            return str(no)
        return None

    return denied
