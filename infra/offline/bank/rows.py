"""Cuts what was sent into rows of 94, as a bank's mainframe does."""

from collections.abc import Iterable, Iterator

SIZE = 94


def rows(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Ended by line feeds (with or without carriage return), or, without any, of fixed length."""
    rest, fixed = b"", None
    for chunk in chunks:
        rest += chunk
        if fixed is None and len(rest) > SIZE + 1:
            fixed = b"\n" not in rest[: SIZE + 2]
        if fixed:
            whole = len(rest) - len(rest) % SIZE
            yield from (rest[start : start + SIZE] for start in range(0, whole, SIZE))
            rest = rest[whole:]
        elif fixed is False:
            *ended, rest = rest.split(b"\n")
            yield from (row.removesuffix(b"\r") for row in ended)
    if rest:
        yield from (row.removesuffix(b"\r") for row in rest.removesuffix(b"\n").split(b"\n"))
