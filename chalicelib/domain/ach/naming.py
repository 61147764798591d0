"""What a file sends back by name, also where its sums, codes or end can't be relied on."""

from collections.abc import Iterable, Iterator
from itertools import chain

from chalicelib.domain.ach.layout import lines
from chalicelib.domain.ach.records import ENTRY_DETAIL, RETURNS

_FIRST, _LAST = ENTRY_DETAIL.positions()["individual_identification_number"]
_REASON, _CORRECTION = "99", "98"


def sent_back(chunks: Iterable[bytes], *, whatever_its_code: bool = False) -> Iterator[str]:
    """The individual ids of all that still looks like a return; corrections send nothing back.

    An entry does by its addenda; where those are lost, by its transaction code; or any does, where
    the file can't be relied on (rule 53).
    """
    name, is_return = "", False
    for text in chain((line.text for line in lines(chunks)), ("",)):
        kind = text[1:3]
        if text.startswith("7"):
            is_return = kind == _REASON or (is_return and kind != _CORRECTION)
            continue
        if name and is_return:
            yield name
        is_entry = text.startswith("6")
        name = text[_FIRST - 1 : _LAST].strip() if is_entry else ""
        is_return = is_entry and (whatever_its_code or kind in RETURNS)
