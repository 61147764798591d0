"""When objects were put, by our clock: moto dates them by the machine's."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from moto.s3.models import s3_backends

from infra.offline.clock import VirtualClock
from infra.offline.engine import Call
from infra.offline.environment import ACCOUNT
from infra.offline.events import CREATES, place_of

TICK = timedelta(microseconds=1)


def dated_by(clock: VirtualClock) -> Callable[[Call], None]:
    """Dates each object that is put, and each mark of deletion, as they come."""
    last = datetime.min.replace(tzinfo=UTC)

    def date(call: Call) -> None:
        nonlocal last
        is_mark = call.operation == "DeleteObject" and not urlsplit(call.url).query
        if call.service != "s3" or not (is_mark or call.operation in CREATES):
            return
        bucket, key = place_of(call)
        versions = s3_backends[ACCOUNT]["aws"].get_bucket(bucket).keys.getlist(key, [])
        # moto takes the latest date for the latest version: no two are alike.
        last = max(clock.now(), last + TICK)
        if versions:
            versions[-1].last_modified = last.replace(tzinfo=None)

    return date
