"""A large transmission: memory does not grow with its entries, and each costs the same calls."""

import io
import itertools
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from chalicelib.adapters import bank_line
from chalicelib.domain import entry
from tests.bank import Bank, _error
from tests.faults.metered import Metered
from tests.faults.test_proof_scale import FEW, MANY, MEGABYTE, SEALED_AT, waiting, weigh


class DiskS3:
    """As much of S3 as files to the bank need; what lies in it takes no memory of ours."""

    def __init__(self, folder):
        self.folder = Path(tempfile.mkdtemp(dir=folder))
        self.objects, self.uploads = {}, {}
        self.names = itertools.count()

    def put_object(self, *, Bucket, Key, Body, IfNoneMatch):  # noqa: N803 - as S3 says it
        assert (Bucket, IfNoneMatch) == ("bucket", "*")
        if Key in self.objects:
            raise _error("PreconditionFailed")
        self.objects[Key] = self._path()
        self.objects[Key].write_bytes(Body)

    def create_multipart_upload(self, **_place):
        path = self._path()
        self.uploads[path.name] = path
        return {"UploadId": path.name}

    def upload_part(self, *, UploadId, PartNumber, Body, **_place):  # noqa: N803
        with self.uploads[UploadId].open("ab") as file:
            file.write(Body)
        return {"ETag": str(PartNumber)}

    def complete_multipart_upload(self, *, Key, UploadId, **_rest):  # noqa: N803
        if Key in self.objects:
            raise _error("PreconditionFailed")
        self.objects[Key] = self.uploads.pop(UploadId)

    def get_object(self, *, Key, **_place):  # noqa: N803
        return {"Body": _Lines(self.objects[Key])}

    def head_object(self, *, Key, **_place):  # noqa: N803
        if Key not in self.objects:
            raise _error("404")

    def _path(self):
        return self.folder / str(next(self.names))


class _Lines(io.FileIO):
    def iter_lines(self, _size):
        with io.BufferedReader(self) as lines:
            yield from (line.rstrip(b"\n") for line in lines)


@dataclass
class Sealed:
    """An evening of one file, sealed and sent."""

    count: int
    peak: int
    calls: float
    read_units: float
    seconds: float


def seal(count, folder):
    """Twice: once metered and timed, once weighed."""
    bank = waiting(count, DiskS3(folder))
    meter = Metered(bank.store)
    timed = Bank(bank.store, s3=DiskS3(folder), seen=meter, bank_most_lines=10**7)
    before = time.process_time()
    timed.system.transmission_job.collect(SEALED_AT)
    seconds = time.process_time() - before
    [transmission] = bank.system.records.transmissions.all()
    assert (transmission.entries, str(transmission.state)) == (count, "sent")
    again = waiting(count, DiskS3(folder)).system.transmission_job
    peak = weigh(lambda: again.collect(SEALED_AT))
    return Sealed(count, peak, meter.total / count, meter.read_units / count, seconds)


@pytest.mark.slow
def test_transmission_a_hundred_thousand_entries_takes_the_memory_of_twenty_thousand(
    monkeypatch, tmp_path
):
    # Both files have several parts then: what is held of one is two parts, however long it is.
    monkeypatch.setattr(bank_line, "PART_BYTES", 1 << 20)
    found = []
    for count, shards in (FEW, MANY):
        monkeypatch.setattr(entry, "WEB_SHARDS", shards)
        (tmp_path / str(count)).mkdir()
        found.append(seal(count, tmp_path / str(count)))
    table = Table(
        "entries", "peak, MB", "calls each", "read units", "ms each", title="Transmission"
    )
    for each in found:
        peak, ms = f"{each.peak / MEGABYTE:.1f}", f"{1e3 * each.seconds / each.count:.3f}"
        units = f"{each.read_units:.2f}"
        table.add_row(f"{each.count:,}", peak, f"{each.calls:.4f}", units, ms)
    Console(width=100).print(table)
    few, many = found
    assert many.peak < few.peak + 4 * MEGABYTE
    assert many.calls <= few.calls
    assert many.seconds / many.count < 2 * few.seconds / few.count, "time is linear"
