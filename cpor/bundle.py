"""Checks a bundle offline: whether the history is whole, and whether what is said of the claim
follows from it.

The hashes cover the public part of every row. They do not cover names, files and comments beside
the history, and a history that was rewritten from its first row on has good hashes: that is seen
only by a head known from elsewhere.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from chalicelib.domain.history import encode_canonical, find_faults
from cpor.exit_codes import Unusable

FORMAT = "cpor-bundle/1"
HASH = 64  # hexadecimal digits of SHA-256
ROW: dict[str, type] = {
    "seq": int,
    "at": str,
    "actor": dict,
    "act": str,
    "moves": dict,
    "reasons": list,
    "told": dict,
    "private_hash": str,
    "hash": str,
    "previous_hash": str,
    "id": str,
    "claim_id": str,
}
MACHINES = ("claim", "customer_answer", "association")


class Verdict(NamedTuple):
    """What came of checking a bundle; no faults: it is whole."""

    claim_id: str
    rows: int
    head: str
    faults: tuple[str, ...]


def verify(text: str, known_head: str = "") -> Verdict:
    """Checks the text of a bundle.

    `known_head`: a hash that its history must contain. Raises Unusable.
    """
    bundle = read(text)
    rows = bundle["history"]
    wrong = list(_misshapen(rows)) or [
        *_missing([row["seq"] for row in rows]), *find_faults(rows), *_head(bundle, rows), *_foreign(bundle, rows),
        *_backwards(rows), *_states(bundle, rows), *_unknown(rows, known_head),
    ]  # fmt: skip
    return Verdict(str(bundle["claim"].get("id", "")), len(rows), str(bundle["head"]), tuple(wrong))


def read(text: str) -> dict[str, Any]:
    """A bundle of the one format there is. Raises Unusable."""
    try:
        bundle = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as wrong:
        raise Unusable(f"This is no bundle: {wrong}") from wrong
    if not isinstance(bundle, dict) or bundle.get("format") != FORMAT:
        raise Unusable(
            f"This is no bundle of the format {FORMAT}, the only one this version can check."
        )
    for name, kind in (("history", list), ("claim", dict), ("head", str)):
        if not isinstance(bundle.get(name), kind):
            raise Unusable(f"This is no bundle: its `{name}` is missing or of another kind.")
    return bundle


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that stands twice would be read differently by different readers."""
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return named


def _misshapen(rows: list[Any]) -> Iterator[str]:
    for at, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            yield f"row {at} is no object"
            continue
        wrong = [name for name, kind in ROW.items() if type(row.get(name)) is not kind]
        if not _spelt(row):
            yield f"row {at} was changed: it holds what is no text"
        if row.get("private") is not None and not isinstance(row.get("salt"), str):
            wrong.append("salt")
        if wrong:
            yield f"row {at} was changed: {', '.join(wrong)} missing or of another kind"


def _spelt(row: dict[str, Any]) -> bool:
    """Half a character (a lone surrogate) can be escaped in JSON, but nobody ever hashed one."""
    try:
        encode_canonical(row)
    except UnicodeEncodeError:
        return False
    return True


def _missing(seqs: list[int]) -> Iterator[str]:
    """Rows that are not there although later ones are."""
    before = 0
    for seq in sorted({seq for seq in seqs if seq > 0}):
        if seq > before + 1:
            yield (
                f"row {before + 1} is missing"
                if seq == before + 2
                else f"rows {before + 1} to {seq - 1} are missing"
            )
        before = seq


def _head(bundle: dict[str, Any], rows: list[Any]) -> Iterator[str]:
    if not rows:
        yield "row 1 is missing: there is no history at all"
    elif bundle["head"] != rows[-1]["hash"]:
        yield f"the head is not the hash of row {rows[-1]['seq']}, the last one here: later rows were cut off, or the head changed"


def _foreign(bundle: dict[str, Any], rows: Iterable[Any]) -> Iterator[str]:
    mine = bundle["claim"].get("id")
    yield from (
        f"row {row['seq']} is of another claim, {row['claim_id']}"
        for row in rows
        if row["claim_id"] != mine
    )


def _backwards(rows: list[Any]) -> Iterator[str]:
    """All moments have one spelling in UTC; whole seconds lack the point, and "." sorts before "Z"."""
    moments = [row["at"].replace("Z", ".000" if "." not in row["at"] else "") for row in rows]
    for row, before, at in zip(rows[1:], moments, moments[1:], strict=False):
        if at < before:
            yield f"row {row['seq']} is older than the row before it"


def _states(bundle: dict[str, Any], rows: list[Any]) -> Iterator[str]:
    """Each row's moves begin where the ones before have led to, and the claim is where the last
    ones lead to.
    """
    where: dict[str, Any] = {}
    for row in rows:
        for name, move in row["moves"].items():
            before, after = move if isinstance(move, list) and len(move) == 2 else (None, None)
            if name in where and where[name] != before:
                yield f"row {row['seq']} leaves {name} {before}, which was {where[name]}"
            where[name] = after
    claim, association = bundle["claim"], bundle["claim"].get("association")
    said = {
        "claim": claim.get("status"),
        "customer_answer": claim.get("customer_answer"),
        "association": association.get("state") if isinstance(association, dict) else "none",
    }
    for name in MACHINES:
        if name in where and said[name] != where[name]:
            yield f"the bundle says {name} {said[name]}, its history says {where[name]}"
    if rows and claim.get("updated_at") != rows[-1]["at"]:
        yield f"the bundle says the claim last changed at {claim.get('updated_at')}, row {rows[-1]['seq']} says {rows[-1]['at']}"


def _unknown(rows: Iterable[Any], known_head: str) -> Iterator[str]:
    if known_head and known_head.lower() not in {row["hash"] for row in rows}:
        yield "no row has the head that you know of: rows were cut off, or the history was rewritten"
