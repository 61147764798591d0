"""Sound in pieces: some browsers play nothing that does not answer byte ranges."""

import re

from chalice import Response

from chalicelib.entrypoints.answers import Headers

_RANGE = re.compile(r"bytes=(\d{0,9})-(\d{0,9})", re.ASCII)


def ranged(body: bytes, content_type: str, asked: str) -> Response:
    """The whole body, or the one range that was asked for (206; 416 when there is none)."""
    headers: Headers = {"Content-Type": content_type, "Accept-Ranges": "bytes"}
    match = _RANGE.fullmatch(asked.strip())
    if not match or not (match[1] or match[2]):
        return Response(body=body, status_code=200, headers=headers)
    if match[1]:
        first, last = int(match[1]), min(int(match[2] or len(body) - 1), len(body) - 1)
    else:
        first, last = max(len(body) - int(match[2]), 0), len(body) - 1
    if first > last:
        headers["Content-Range"] = f"bytes */{len(body)}"
        return Response(body=b"", status_code=416, headers=headers)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
    return Response(body=body[first : last + 1], status_code=206, headers=headers)
