"""Our items, keys and conditions in DynamoDB's own words, and back."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer

from chalicelib.store import TABLES, Change, Check, Item, Key, Put, Remove, When, Write, allowed

Call = dict[str, Any]
to_wire = TypeSerializer().serialize
_from_wire = TypeDeserializer().deserialize


def parameters(write: Write) -> Call:
    """The parameters of one write, alone or inside a transaction, but for the table's name."""
    call: Call = {}
    names: dict[str, str] = {}
    values: Call = {}
    match write:
        case Put(item=item):
            call["Item"] = {name: to_wire(v) for name, v in item.items() if v is not None}
        case Change():
            call["Key"] = wire_key(write.table, write.key)
            call["UpdateExpression"] = _update(write, names, values)
        case Remove() | Check():
            call["Key"] = wire_key(write.table, write.key)
    condition = _condition(write.when, names, values)
    if condition:
        call["ConditionExpression"] = condition
    if names:
        call["ExpressionAttributeNames"] = names
    if values:
        call["ExpressionAttributeValues"] = values
    return call


def _update(write: Change, names: dict[str, str], values: Call) -> str:
    clauses: dict[str, list[str]] = {"SET": [], "REMOVE": [], "ADD": []}
    for n, (name, value) in enumerate(write.set.items()):
        names[f"#s{n}"] = name
        if value is None:
            clauses["REMOVE"].append(f"#s{n}")
        else:
            values[f":s{n}"] = to_wire(value)
            clauses["SET"].append(f"#s{n} = :s{n}")
    for n, (name, amount) in enumerate(write.add.items()):
        names[f"#a{n}"] = name
        values[f":a{n}"] = to_wire(amount)
        clauses["ADD"].append(f"#a{n} :a{n}")
    return " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts)


def _condition(when: When, names: dict[str, str], values: Call) -> str:
    parts = []
    for n, (name, wanted) in enumerate(when.items()):
        names[f"#c{n}"] = name
        choices = []
        for m, value in enumerate(allowed(wanted)):
            if value is None:
                choices.append(f"attribute_not_exists(#c{n})")
            else:
                values[f":c{n}x{m}"] = to_wire(value)
                choices.append(f"#c{n} = :c{n}x{m}")
        parts.append(f"({' OR '.join(choices)})")
    return " AND ".join(parts)


def wire_key(table: str, key: Key) -> Call:
    """The attributes that name an item."""
    return {name: to_wire(value) for name, value in zip(TABLES[table], key, strict=True)}


def item_of(wire: Mapping[str, Any]) -> Item:
    """An item with Python's own values."""
    return {name: _plain(_from_wire(value)) for name, value in wire.items()}


def _plain(value: Any) -> Any:
    """Whole numbers as int, bytes as bytes: DynamoDB's own types stay in here."""
    match value:
        case Decimal():
            return int(value)
        case Binary():
            return bytes(value.value)  # type: ignore[attr-defined]
        case list():
            return [_plain(each) for each in value]
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case _:
            return value
