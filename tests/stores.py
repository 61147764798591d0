"""A store that lets a test in between two calls: to die there, or to let another act."""

from dataclasses import replace

from chalicelib.store import ConditionFailed, Store
from infra.rights.acting import RECORDER


def mail_rows(store):
    """The rows of promised messages; those that say what waits are no letters."""
    return [row for row in store.items["outbox"].values() if "kind" in row]


def pending_mails(system):
    """The messages that nobody sent or gave up."""
    waiting = system.records.outbox.pending()
    return [system.records.outbox.get(each.day, each.mail_id) for each in waiting]


class Crash(BaseException):
    """The process dies here; no `except Exception` swallows it."""


def die():
    """What a process does at the worst moment."""
    raise Crash


class Deaf:
    """The reply to one write is lost: botocore sends it again, and its own first try refuses it."""

    def __init__(self, store: Store, which):
        self.inner, self.which = store, which
        self.get, self.get_many, self.query = store.get, store.get_many, store.query

    def write(self, *writes):
        self.inner.write(*writes)
        if any(self.which(write) for write in writes):
            self.which = lambda _: False
            raise ConditionFailed(writes)


class Interrupted:
    """Calls `act` once, before the n-th call that matters: a write, or a read that finds a row.

    An empty slot is like the next one, so a test need not stop at each of a thousand.
    """

    def __init__(self, store: Store, n, act=die):
        self.inner, self.left, self.act = store, n, act

    @property
    def items(self):
        return self.inner.items

    def get(self, table, key):
        self._pass(self.inner.get(table, key) is not None)
        return self.inner.get(table, key)

    def get_many(self, table, keys):
        self._pass(self.inner.get_many(table, keys))
        return self.inner.get_many(table, keys)

    def query(self, table, partition, **how):
        self._pass(next(iter(self.inner.query(table, partition, **how)), None))
        yield from self.inner.query(table, partition, **how)

    def write(self, *writes):
        self._pass(True)
        self.inner.write(*writes)

    def _pass(self, matters):
        if matters:
            self.left -= 1
            if self.left == 0:
                with RECORDER.aside():
                    self.act()


def with_records(service, **given):
    """The service as it is, on records of which some, or their commit, are others."""
    records = replace(service.records)
    records.__dict__.update(given)
    return replace(service, records=records)
