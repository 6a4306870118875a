"""Checks a bundle offline: whether the history is complete, and whether the claim follows from it.

The hashes cover the public part of every row. The signature covers everything, comments and names
included. A history that was rewritten from its first row on has correct hashes: the signature, an
earlier bundle, or a head known from elsewhere shows that.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from chalicelib.domain.bundle_signature import SIGNATURE
from chalicelib.domain.history import encode_canonical, find_faults
from cpor.bundle_facts import collect_facts, describe_history, find_contradictions
from cpor.bundle_signature import Keys, find_signature_faults
from cpor.errors import CommandError

# Bundles of the first format have no signature. They were made before there was one.
UNSIGNED, SIGNED = "cpor-bundle/1", "cpor-bundle/2"
HEAD_LENGTH = 16  # hexadecimal digits of a head that mails print
HASH_LENGTH = 64  # hexadecimal digits of SHA-256
ROW_TYPES: dict[str, type] = {
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

Row = dict[str, Any]


class Known(NamedTuple):
    """Facts about a case that are known apart from the bundle.

    head: a hash that its history must contain, or how it begins.
    earlier: the text of an earlier bundle, which its history must continue.
    keys: the public keys of the service; None: the signature is not checked.
    """

    head: str = ""
    earlier: str = ""
    keys: Keys | None = None


class Verdict(NamedTuple):
    """The result of checking a bundle; without faults it is complete and unchanged.

    notes: what was not checked.
    story: the history in sentences; empty when there are faults.
    """

    claim_id: str
    rows: int
    head: str
    faults: tuple[str, ...]
    notes: tuple[str, ...] = ()
    story: tuple[str, ...] = ()


def verify(text: str, known: Known = Known()) -> Verdict:  # noqa: B008 - it is immutable
    """Check the text of a bundle against itself and what is known. Raises CommandError."""
    bundle = parse_bundle(text)
    rows = bundle["history"]
    faults = tuple(_find_malformed_rows(rows)) or tuple(_find_all_faults(bundle, rows, known))
    return Verdict(
        str(bundle["claim"].get("id", "")),
        len(rows),
        str(bundle["head"]),
        faults,
        tuple(_list_notes(bundle, known)),
        () if faults else tuple(describe_history(rows)),
    )


def parse_bundle(text: str) -> dict[str, Any]:
    """Return a bundle of one of the known formats. Raises CommandError."""
    try:
        bundle = json.loads(text, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"This is not a bundle: {error}") from error
    if not isinstance(bundle, dict) or bundle.get("format") not in (UNSIGNED, SIGNED):
        raise CommandError(
            f"This is not a bundle of the formats {UNSIGNED} and {SIGNED}, "
            "the only ones this version can check."
        )
    for name, kind in (("history", list), ("claim", dict), ("head", str)):
        if not isinstance(bundle.get(name), kind):
            raise CommandError(f"This is not a bundle: `{name}` is missing or of another type.")
    return bundle


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object. Readers would differ about a name that appears twice."""
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("a name appears twice in one object")
    return named


def _find_malformed_rows(rows: list[Any]) -> Iterator[str]:
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            yield f"row {number} is not an object"
            continue
        wrong = [name for name, kind in ROW_TYPES.items() if type(row.get(name)) is not kind]
        if row.get("private") is not None and not isinstance(row.get("salt"), str):
            wrong.append("salt")
        if not _is_encodable(row):
            yield f"row {number} was changed: it contains invalid text"
        if wrong:
            yield f"row {number} was changed: {', '.join(wrong)} missing or of another type"


def _is_encodable(row: Row) -> bool:
    """Return whether a row can have been hashed: JSON can escape half a character, UTF-8 cannot."""
    try:
        encode_canonical(row)
    except UnicodeEncodeError:
        return False
    return True


def _find_all_faults(bundle: dict[str, Any], rows: list[Row], known: Known) -> Iterator[str]:
    yield from _find_missing_rows([row["seq"] for row in rows])
    yield from find_faults(rows)
    yield from _find_wrong_head(bundle, rows)
    yield from _foreign_rows(bundle, rows)
    yield from _find_disordered_rows(rows)
    yield from _find_disconnected_moves(rows)
    yield from _wrong_claim(bundle["claim"], rows)
    yield from find_contradictions(bundle, rows)
    yield from _unknown_head(rows, known.head.lower())
    yield from _broken_continuation(bundle, rows, known.earlier)
    yield from _wrong_signature(bundle, rows, known.keys)


def _list_notes(bundle: dict[str, Any], known: Known) -> Iterator[str]:
    """Yield what nothing here can prove."""
    if bundle["format"] == UNSIGNED:
        yield (
            "It is not signed, because it was made by an earlier version. Names, comments and "
            "files are not covered, and a history that was rewritten as a whole is not noticed."
        )
    elif known.keys is None:
        yield (
            "The signature was not checked: give the service's public keys with --keys. Without "
            "it, a bundle that was forged as a whole is not noticed."
        )


def _wrong_signature(bundle: dict[str, Any], rows: list[Row], keys: Keys | None) -> Iterator[str]:
    if bundle["format"] == SIGNED:
        yield from find_signature_faults(bundle, keys)
    elif keys is not None:
        yield "it has no signature; bundles of earlier versions are checked without --keys"
    elif SIGNATURE in bundle or collect_facts(rows):
        yield "its signature was removed: its history was written by a version that signs"


def _broken_continuation(bundle: dict[str, Any], rows: list[Row], earlier: str) -> Iterator[str]:
    """Yield where the history does not continue the one of an earlier bundle."""
    if not earlier:
        return
    before = parse_bundle(earlier)
    old = before["history"]
    if before["claim"].get("id") != bundle["claim"].get("id"):
        yield "the earlier bundle is of another claim"
    elif list(_find_malformed_rows(old)) or find_faults(old):
        yield "the earlier bundle is itself not what the service wrote"
    elif len(old) > len(rows):
        yield f"rows {len(rows) + 1} to {len(old)}, which the earlier bundle has, were cut off"
    elif other := [row["seq"] for was, row in zip(old, rows, strict=False) if was != row]:
        yield f"row {other[0]} is not that of the earlier bundle: the history was rewritten"


def _find_missing_rows(numbers: list[int]) -> Iterator[str]:
    """Yield which rows are missing although later ones are there."""
    before = 0
    for number in sorted({number for number in numbers if number > 0}):
        if number == before + 2:
            yield f"row {before + 1} is missing"
        elif number > before + 2:
            yield f"rows {before + 1} to {number - 1} are missing"
        before = number


def _find_wrong_head(bundle: dict[str, Any], rows: list[Row]) -> Iterator[str]:
    if not rows:
        yield "row 1 is missing: the history is empty"
    elif bundle["head"] != rows[-1]["hash"]:
        yield (
            f"the head is not the hash of row {rows[-1]['seq']}, the last one here: later rows "
            "were cut off, or the head was changed"
        )


def _foreign_rows(bundle: dict[str, Any], rows: Iterable[Row]) -> Iterator[str]:
    claim_id = bundle["claim"].get("id")
    for row in rows:
        if row["claim_id"] != claim_id:
            yield f"row {row['seq']} is of another claim, {row['claim_id']}"


def _find_disordered_rows(rows: list[Row]) -> Iterator[str]:
    """Yield which rows are older than the row before."""
    moments = [_format_milliseconds(row["at"]) for row in rows]
    for row, before, at in zip(rows[1:], moments, moments[1:], strict=False):
        if at < before:
            yield f"row {row['seq']} is older than the row before it"


def _last_states(rows: Iterable[Row]) -> dict[str, Any]:
    """Return the state of each machine after the last row."""
    return {name: _parse_move(move)[1] for row in rows for name, move in row["moves"].items()}


def _parse_move(move: Any) -> tuple[Any, Any]:
    return (move[0], move[1]) if isinstance(move, list) and len(move) == 2 else (None, None)


def _find_disconnected_moves(rows: list[Row]) -> Iterator[str]:
    """Yield which moves do not begin in the state that the rows before have led to."""
    states: dict[str, Any] = {}
    for row in rows:
        for name, move in row["moves"].items():
            before, after = _parse_move(move)
            if name in states and states[name] != before:
                yield f"row {row['seq']} leaves {name} {before}, which was {states[name]}"
            states[name] = after


def _wrong_claim(claim: dict[str, Any], rows: list[Row]) -> Iterator[str]:
    """Yield where the claim is not in the state that its history has led to."""
    association = claim.get("association")
    said = {
        "claim": claim.get("status"),
        "customer_answer": claim.get("customer_answer"),
        "association": association.get("state") if isinstance(association, dict) else "none",
    }
    states = _last_states(rows)
    for name in MACHINES:
        if name in states and said[name] != states[name]:
            yield f"the bundle says {name} {said[name]}, its history says {states[name]}"
    if rows and _format_milliseconds(str(claim.get("updated_at"))) != _format_milliseconds(
        rows[-1]["at"]
    ):
        yield (
            f"the bundle says the claim last changed at {claim.get('updated_at')}, "
            f"row {rows[-1]['seq']} says {rows[-1]['at']}"
        )


def _format_milliseconds(at: str) -> str:
    """Return a moment with milliseconds; older rows spell whole seconds without them."""
    return at if "." in at else at.replace("Z", ".000Z")


def _unknown_head(rows: Iterable[Row], head: str) -> Iterator[str]:
    if head and not any(row["hash"].startswith(head) for row in rows):
        yield "no row has the head that you gave: rows were cut off, or the history was rewritten"
