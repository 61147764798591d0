"""Files to the bank, through the bucket: a sealed copy that never changes, and the one it fetches.

`sealed/bank/<name>` is encrypted by us before S3 sees it, in a bucket that locks what it has;
`outbound/bank/<name>` lies in the other, under its key, until the bank says that it has it
(rules.md 33). Both are written once.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.domain.purposes import BANK_FILE
from chalicelib.ports import Gone, NotPutOut, Outbound, Unsealable, Vault
from chalicelib.store import MOST_LOOKS, Contended

CHUNK_BYTES = 1 << 19  # plain bytes sealed together
PART_BYTES = 8 << 20  # S3: a part of an upload has at least five megabytes
THERE = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})


class FileChanged(Exception):
    """A file of this name was sealed before with other bytes; nothing was written (I16)."""


Address = dict[str, str]
"""Bucket and key, as S3 wants them named."""


class S3BankLine:
    """Writes and sends as a stream: memory does not grow with a file."""

    def __init__(self, s3: Any, bucket: str, sealed_bucket: str, vault: Vault) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._sealed_bucket = sealed_bucket
        self._vault = vault

    def write(self, name: str, lines: Iterable[bytes]) -> None:
        """Seals a file; where one lies already, it must have the same plain bytes. FileChanged."""
        digest = hashlib.sha256()

        def sealed() -> Iterator[bytes]:
            for n, chunk in enumerate(_chunks(lines, CHUNK_BYTES)):
                digest.update(chunk)
                yield self._seal(name, n, chunk)

        chunks = sealed()
        if self._put_once(self._sealed(name), chunks):
            return
        for _ in chunks:
            pass  # the digest is of the whole file
        if digest.digest() != self._digest_of(name):
            raise FileChanged(name)

    def send(self, name: str) -> None:
        """Puts the plain file where the bank fetches it; once there, it stays. NotPutOut."""
        if not self._put_once(self._outbound(name), self.read(name)) and not self.has(name):
            raise NotPutOut(name)

    def has(self, name: str) -> bool:
        """Whether it lies there."""
        return self.landed(name) is not None

    def landed(self, name: str) -> datetime | None:
        """What has no byte only holds the place. Of a file in parts: when its upload began."""
        try:
            found = self._s3.head_object(**self._outbound(name))
        except ClientError as error:
            if error.response["Error"]["Code"] in ABSENT:
                return None
            raise
        return found["LastModified"] if found["ContentLength"] else None

    def look(self, name: str) -> Outbound:
        """What stands there, by all versions: S3 lists what it has stored the moment before."""
        files, markers = self._versions(self._outbound(name))
        if any(each["IsLatest"] and each["Size"] for each in files):
            return Outbound.LIES
        if markers or any(each["Size"] for each in files):
            return Outbound.GONE
        return Outbound.HELD if files else Outbound.EMPTY

    def hold(self, name: str) -> None:
        """The file itself may come first; who loses either way looks what stands there."""
        self._put_once(self._outbound(name), ())

    def free(self, name: str) -> None:
        """Only versions without a byte go."""
        place = self._outbound(name)
        for each in self._versions(place)[0]:
            if not each["Size"]:
                self._s3.delete_object(**place, VersionId=each["VersionId"])

    def erase(self, name: str) -> None:
        """Every version of the plain copy goes, and what marks it as deleted (rule 33).

        Raises Contended.
        """
        place = self._outbound(name)
        for _ in range(MOST_LOOKS):
            found = [*itertools.chain(*self._versions(place))]
            if not found:
                return
            for each in found:
                self._s3.delete_object(**place, VersionId=each["VersionId"])
        raise Contended("new versions of a file that is erased come all the time")

    def read(self, name: str) -> Iterator[bytes]:
        """The plain bytes of a sealed file. Raises Gone, or Unsealable where it does not open."""
        for n, line in enumerate(self._body(self._sealed(name)).iter_lines(CHUNK_BYTES)):
            yield self._open(name, n, line)

    def outbound(self, name: str) -> Iterator[bytes]:
        """The copy that the bank fetches, while it lies there. Raises Gone."""
        chunks = iter(self._body(self._outbound(name)).iter_chunks(CHUNK_BYTES))
        first = next(chunks, b"")
        if not first:
            raise Gone(name)  # its place is only held
        yield first
        yield from chunks

    def _seal(self, name: str, n: int, chunk: bytes) -> bytes:
        # Bound to its place: a chunk moved within the file, or to another, does not open.
        return self._vault.seal(BANK_FILE, chunk.decode("ascii"), f"{name}#{n}").encode() + b"\n"

    def _sealed(self, name: str) -> Address:
        return {"Bucket": self._sealed_bucket, "Key": f"sealed/bank/{name}"}

    def _outbound(self, name: str) -> Address:
        return {"Bucket": self._bucket, "Key": f"outbound/bank/{name}"}

    def _versions(self, place: Address) -> tuple[list[Any], list[Any]]:
        """Objects, and what marks them as deleted."""
        key = place["Key"]
        answer = self._s3.list_object_versions(Bucket=place["Bucket"], Prefix=key)
        files, markers = answer.get("Versions", ()), answer.get("DeleteMarkers", ())
        return [each for each in files if each["Key"] == key], [
            each for each in markers if each["Key"] == key
        ]

    def _open(self, name: str, n: int, line: bytes) -> bytes:
        try:
            return self._vault.open(BANK_FILE, line.decode("ascii"), f"{name}#{n}").encode("ascii")
        except UnicodeDecodeError:  # what is no text was never sealed
            raise Unsealable(BANK_FILE) from None

    def _body(self, place: Address) -> Any:
        try:
            return self._s3.get_object(**place)["Body"]
        except ClientError as error:
            if error.response["Error"]["Code"] in ABSENT:
                raise Gone(place["Key"]) from None
            raise

    def _digest_of(self, name: str) -> bytes:
        digest = hashlib.sha256()
        for chunk in self.read(name):
            digest.update(chunk)
        return digest.digest()

    def _put_once(self, place: Address, chunks: Iterable[bytes]) -> bool:
        """False when something lies there already."""
        parts = _chunks(chunks, PART_BYTES)
        first = next(parts, b"")
        second = next(parts, None)
        if second is None:
            return self._unless_there(
                lambda: self._s3.put_object(**place, Body=first, IfNoneMatch="*")
            )
        return self._upload(place, [first, second], parts)

    def _upload(self, place: Address, head: list[bytes], rest: Iterator[bytes]) -> bool:
        upload = self._s3.create_multipart_upload(**place)["UploadId"]
        sent = []
        for number, body in enumerate(_all(head, rest), start=1):
            answer = self._s3.upload_part(**place, UploadId=upload, PartNumber=number, Body=body)
            sent.append({"PartNumber": number, "ETag": answer["ETag"]})
        is_first = self._unless_there(
            lambda: self._s3.complete_multipart_upload(
                **place, UploadId=upload, MultipartUpload={"Parts": sent}, IfNoneMatch="*"
            )
        )
        if not is_first:
            self._s3.abort_multipart_upload(**place, UploadId=upload)  # its parts would stay
        return is_first

    def _unless_there(self, put: Callable[[], Any]) -> bool:
        try:
            put()
        except ClientError as error:
            if error.response["Error"]["Code"] in THERE:
                return False
            raise
        return True


def _all(head: list[bytes], rest: Iterator[bytes]) -> Iterator[bytes]:
    while head:
        yield head.pop(0)
    yield from rest


def _chunks(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of about this size."""
    waiting: list[bytes] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= size:
            yield b"".join(waiting)
            waiting, length = [], 0
    if waiting:
        yield b"".join(waiting)
