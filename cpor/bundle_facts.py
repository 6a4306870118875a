"""Check the facts that a history proves: claimant, customer, item and evidence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from chalicelib.domain.events import ACTS
from chalicelib.text.cleaning import clean_line

Row = Mapping[str, Any]

# Members of the claim that its history repeats, by their names there.
FACTS = (
    "organisation_id",
    "location_id",
    "tenant_id",
    "domain",
    "solution_area",
    "partner_role",
    "subscription_id",
    "item",
)


def collect_facts(rows: Iterable[Row]) -> dict[str, str]:
    """Return the newest facts that the history states."""
    facts: dict[str, str] = {}
    for row in rows:
        facts |= {
            name: str(row["told"][name]) for name in (*FACTS, "evidence") if name in row["told"]
        }
    return facts


def find_contradictions(bundle: Mapping[str, Any], rows: Sequence[Row]) -> Iterator[str]:
    """Yield where claim or evidence differ from the history."""
    facts, claim = collect_facts(rows), bundle["claim"]
    item = claim.get("item") if isinstance(claim.get("item"), dict) else {}
    said = {name: claim.get(name) for name in FACTS} | {
        "item": item.get("product") or item.get("workload"),
        "subscription_id": item.get("subscription_id"),
    }
    for name in FACTS:
        # A subscription that the service has filled in is hidden while the claim is not approved.
        if name in facts and said[name] != facts[name] and said[name] is not None:
            yield f"the bundle says {name} {said[name]}, its history says {facts[name]}"
    yield from _find_other_files(bundle, rows, facts.get("evidence"))


def describe_history(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the history in sentences: when, who, what. Texts of the bundle are cleaned."""
    for row in rows:
        act = ACTS.get(str(row["act"]))
        sentence = act.sentence if act else clean_line(str(row["act"]))
        who = clean_line(str(row["actor"].get("kind", "?")))
        yield f"{clean_line(str(row['at']))}  {who}: {sentence}"
        yield from (f"    {line}" for line in _describe_facts(row["told"]))


def _find_other_files(
    bundle: Mapping[str, Any], rows: Sequence[Row], files_named: str | None
) -> Iterator[str]:
    is_deleted = any(row["act"] == "retention.deleted" for row in rows)
    files = bundle.get("evidence")
    if files_named is None or (is_deleted and not files):
        return
    listed = {
        f"{file.get('sha256')}@{file.get('object_version') or '-'}"
        for file in (files if isinstance(files, list) else ())
        if isinstance(file, dict)
    }
    known = set(files_named.split())
    yield from (f"the history does not name the file {one}" for one in sorted(listed - known))
    yield from (f"the bundle does not list the file {one}" for one in sorted(known - listed))


def _describe_facts(stated: Mapping[str, Any]) -> Iterator[str]:
    facts = {name: clean_line(str(text), 4000) for name, text in stated.items()}
    if "tenant_id" in facts:
        yield (
            f"Organisation {facts.get('organisation_id')}, location {facts.get('location_id')}, "
            f"asks tenant {facts['tenant_id']} ({facts.get('domain')})"
        )
        yield f"to be its partner for {_name_item(facts)}, as {facts.get('partner_role')}."
    elif "text_sha256" in facts:
        yield (
            f"It named organisation {facts.get('organisation_id')}, {_name_item(facts)}, "
            f"as {facts.get('partner_role')}."
        )
    elif facts.keys() & {"partner_role", "location_id", "subscription_id"}:
        changed = (f"{name} {facts[name]}" for name in FACTS if name in facts)
        yield f"From now on: {', '.join(changed)}."
    yield from (f"Evidence: SHA-256 {one}" for one in _list_files(facts))
    yield from (f"Text of the mail: SHA-256 {one}" for one in facts.get("text_sha256", "").split())


def _name_item(facts: Mapping[str, str]) -> str:
    subscription = facts.get("subscription_id")
    return f"{facts.get('item')}{f' (subscription {subscription})' if subscription else ''}"


def _list_files(facts: Mapping[str, str]) -> Iterator[str]:
    for name in ("evidence", "statement_evidence"):
        for one in facts.get(name, "").split():
            checksum, _, version = one.partition("@")
            yield checksum if version in ("", "-") else f"{checksum}, version {version}"
