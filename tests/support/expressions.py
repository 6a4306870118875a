"""The few expressions of the database that the product uses; anything else raises, so that none is
read wrongly.
"""

import re
from collections.abc import Mapping
from typing import Any

Row = dict[str, Any]
Values = Mapping[str, Any]

_THERE = re.compile(r"attribute_(not_)?exists\((\w+)\)")
_EQUAL = re.compile(r"(\w+) = (:\w+)")
_AT_MOST = re.compile(r"(\w+) <= (:\w+)")
_KEYS = re.compile(
    r"#pk = :pk(?: AND (?:(begins_with)\(#sk, :prefix\)|#sk (BETWEEN) :low AND :high))?"
)
_CHANGE = re.compile(r"ADD (\w+) (:\w+)(?: SET (\w+) = (:\w+))?")


def is_met(condition: str | None, row: Row | None, values: Values) -> bool:
    """Whether a condition holds for the row that stands there (None: nothing does)."""
    return not condition or any(
        all(_is_met(part.strip(), row or {}, values) for part in alternative.split(" AND "))
        for alternative in condition.split(" OR ")
    )


def _is_met(part: str, row: Row, values: Values) -> bool:
    if there := _THERE.fullmatch(part):
        return (there[2] in row) != bool(there[1])
    if equal := _EQUAL.fullmatch(part):
        return bool(row.get(equal[1]) == values[equal[2]])
    if at_most := _AT_MOST.fullmatch(part):
        return at_most[1] in row and int(row[at_most[1]]["N"]) <= int(values[at_most[2]]["N"])
    raise NotImplementedError(part)


def key_range(condition: str, values: Values) -> tuple[str, str, str]:
    """Return the partition key and the inclusive bounds of the sort key in a key condition."""
    found = _KEYS.fullmatch(condition)
    if found is None:
        raise NotImplementedError(condition)
    pk = values[":pk"]["S"]
    if found[1]:
        return pk, values[":prefix"]["S"], values[":prefix"]["S"] + "\U0010ffff"
    return (pk, values[":low"]["S"], values[":high"]["S"]) if found[2] else (pk, "", "\U0010ffff")


def update_row(expression: str, row: Row, values: Values) -> Row:
    """A row after an update: a number added to, another attribute set."""
    found = _CHANGE.fullmatch(expression)
    if found is None:
        raise NotImplementedError(expression)
    total = int(row.get(found[1], {"N": "0"})["N"]) + int(values[found[2]]["N"])
    after = row | {found[1]: {"N": str(total)}}
    return after | {found[3]: values[found[4]]} if found[3] else after
