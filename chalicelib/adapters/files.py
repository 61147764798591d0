"""Objects of the bucket, read as a stream of lines."""

from collections.abc import Iterator
from typing import Any

CHUNK_BYTES = 1 << 20
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
        body = self._s3.get_object(Bucket=self._bucket, Key=key, **which, **span)["Body"]
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

    def erase(self, key: str) -> None:
        """Deletes all versions and delete markers of just this key."""
        pages = self._s3.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=key
        )
        for page in pages:
            for found in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                if found["Key"] == key:
                    self._s3.delete_object(
                        Bucket=self._bucket, Key=key, VersionId=found["VersionId"]
                    )
