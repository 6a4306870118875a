"""Finds the stored rows of an id and decodes them: the console shows their values packed."""

import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from chalicelib.aws import keys
from chalicelib.aws.errors import Row
from chalicelib.aws.keys import Key, MalformedId
from chalicelib.aws.rows import Rows, read_key, read_text
from chalicelib.domain import ids
from chalicelib.domain.ids import Kind
from chalicelib.domain.text_types import is_guid
from cpor.errors import CommandError

SHOWN = (
    "a claim (clm_), filing (fil_), arbitration case (arb_), association (asc_), mail (mai_), "
    "evidence (evd_), tenant settings (hnd_), the register of an item (plc_), a task (tsk_), or "
    "the GUID of a tenant"
)
HINTS: dict[Kind | None, str] = {
    Kind.EVENT: "An event is shown with its claim: cpor show clm_… --history",
    Kind.COMMENT: "A comment is shown with its claim: cpor show clm_… --history",
    Kind.BOXED_MAIL: "A mail of the sandbox has links in it: read it at /sandbox/mail",
}
# Not printed: with it, what was deleted from a history could be guessed and confirmed.
SALT = "salt"


class StoredRow(NamedTuple):
    """A row with its value decoded.

    `attributes`: the others, such as the version and the keys of the indexes.
    """

    pk: str
    sk: str
    attributes: dict[str, str]
    value: Any


def find_rows(rows: Rows, some_id: str, with_history: bool = False) -> list[StoredRow]:
    """Return the rows of an id; none when nothing is stored for it.

    `with_history`: also the history and the comments of a claim. Raises CommandError for an id of
    an unknown kind.
    """
    try:
        if ids.kind_of(some_id) is Kind.FILING:
            found = _claims_of_filing(rows, some_id)
        else:
            found = _get(rows, _row_keys(some_id))
        if ids.kind_of(some_id) is Kind.ARBITRATION:  # the rows of its parties have longer keys
            found = list(rows.query(*keys.arbitration(some_id)))
        if with_history:
            found += _history_rows(rows, found)
    except MalformedId as error:
        raise CommandError(f"{error} is not a complete id.") from error
    return [_decode(row) for row in found]


def _row_keys(some_id: str) -> tuple[Key, ...]:
    """Return the keys of the rows of an id. Raises CommandError, MalformedId."""
    if is_guid(some_id.lower()):
        tenant = ids.tenant_key(some_id)
        return keys.tenant(tenant), keys.tenant_settings(tenant)
    kind = ids.kind_of(some_id)
    if kind not in KEYS_OF:
        raise CommandError(HINTS.get(kind, f"This is not the id of {SHOWN}."))
    return KEYS_OF[kind](some_id)


def _task_keys(task_id: str) -> tuple[Key, ...]:
    claim_id = ids.claim_of_task(task_id)
    return keys.task(claim_id), keys.claim(claim_id)


def _slot_keys(slot_id: str) -> tuple[Key, ...]:
    item = ids.parse_slot_id(slot_id)
    if item is None:
        raise MalformedId(slot_id)
    return (keys.slot(item),)


def _settings_keys(settings_id: str) -> tuple[Key, ...]:
    tenant = ids.parse_tenant_settings_id(settings_id)
    if tenant is None:
        raise MalformedId(settings_id)
    return (keys.tenant_settings(tenant),)


KEYS_OF: dict[Kind | None, Callable[[str], tuple[Key, ...]]] = {
    Kind.ARBITRATION: lambda case_id: (keys.arbitration(case_id),),
    Kind.ASSOCIATION: lambda association_id: (keys.claim(ids.claim_of(association_id)),),
    Kind.CLAIM: lambda claim_id: (keys.claim(claim_id),),
    Kind.EVIDENCE: lambda evidence_id: (keys.evidence(evidence_id),),
    Kind.MAIL: lambda mail_id: (keys.mail(mail_id),),
    Kind.OUTBOX: lambda outbox_id: (keys.claim(ids.claim_of_outbox(outbox_id)),),
    Kind.SLOT: _slot_keys,
    Kind.TASK: _task_keys,
    Kind.TENANT_SETTINGS: _settings_keys,
}


def _claims_of_filing(rows: Rows, filing_id: str) -> list[Row]:
    """Return the claims that were filed together: a filing has no row of its own."""
    tenant = ids.parse_filing_id(filing_id)
    if tenant is None:
        raise MalformedId(filing_id)
    claims = rows.query(keys.tenant_partition(tenant), keys.CLAIMS)
    return [row for row in claims if json.loads(read_text(row)).get("filing_id") == filing_id]


def _history_rows(rows: Rows, found: Iterable[Row]) -> list[Row]:
    """Return the history and the comments of the claims among some rows."""
    claims = [read_key(row).sk for row in found if ids.kind_of(read_key(row).sk) is Kind.CLAIM]
    return [
        row
        for claim_id in claims
        for start in (keys.history_of(claim_id), keys.comments_of(claim_id))
        for row in rows.query(start.pk, start.sk)
    ]


def _get(rows: Rows, wanted: tuple[Key, ...]) -> list[Row]:
    found = rows.get(wanted)
    return [found[key] for key in wanted if key in found]


def _decode(row: Row) -> StoredRow:
    key = read_key(row)
    attributes = {
        name: str(next(iter(value.values())))
        for name, value in row.items()
        if name not in {"pk", "sk", "v"}
    }
    return StoredRow(key.pk, key.sk, attributes, _without_salt(json.loads(read_text(row))))


def _without_salt(value: Any) -> Any:
    """Return the value of a row without the salts of a history."""
    if isinstance(value, list):
        return [_without_salt(one) for one in value]
    if isinstance(value, dict):
        return {name: one for name, one in value.items() if name != SALT}
    return value
