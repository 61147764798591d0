"""Objects of the bucket, read as a stream of lines."""

from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.ports import Gone, Lying

CHUNK_BYTES = 1 << 20
GONE = frozenset({"NoSuchKey", "NoSuchVersion"})
LONGEST_LINE_BYTES = 1 << 16


class S3Files:
    """One bucket; every version of what is erased goes."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def lines(
        self, key: str, version: str, start: int = 0, end: int | None = None
    ) -> Iterator[bytes]:
        """Lines with their line ends; memory stays flat. An endless line comes in pieces."""
        which = {"VersionId": version} if version else {}
        until = "" if end is None else str(end - 1)
        span = {"Range": f"bytes={start}-{until}"} if start or until else {}
        try:
            body = self._s3.get_object(Bucket=self._bucket, Key=key, **which, **span)["Body"]
        except ClientError as error:
            if error.response["Error"]["Code"] in GONE:
                raise Gone(key) from None
            raise
        rest = b""
        for chunk in body.iter_chunks(CHUNK_BYTES):
            *whole, rest = (rest + chunk).splitlines(keepends=True) or [b""]
            yield from whole
            if rest.endswith(b"\n") or len(rest) > LONGEST_LINE_BYTES:
                yield rest
                rest = b""
        if rest:
            yield rest

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Writes an object; the bucket encrypts it."""
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)

    def put_lines(self, key: str, lines: Iterable[bytes], content_type: str) -> None:
        """By way of the disk: S3 must know how long an object is before it takes one."""
        with TemporaryFile() as file:
            file.writelines(lines)
            file.seek(0)
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=file, ContentType=content_type)

    def erase(self, key: str, version: str) -> None:
        """Deletes just this version; another feed may lie under the same name, unread."""
        self._s3.delete_object(Bucket=self._bucket, Key=key, VersionId=version)

    def lying(self, prefix: str) -> Iterator[Lying]:
        """By key; S3 lists what it has stored the moment before. A mark of deletion hides none."""
        pages = self._s3.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
            for found in page.get("Versions", ()):
                yield Lying(found["Key"], found["VersionId"], found["LastModified"])
