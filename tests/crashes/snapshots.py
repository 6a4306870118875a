"""The final content of a table, without ids and moments: two runs of one scenario must end with the
same.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from chalicelib.aws import keys
from chalicelib.aws.rows import read_text
from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.history import Entry, find_faults
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.slot import Slot
from chalicelib.domain.tenant_settings import TenantSettings
from tests.crashes.stops import TABLE

ENTRIES = TypeAdapter(tuple[Entry, ...])


def rows(prefix: str = "") -> list[Any]:
    """Return the rows whose sort key begins with a prefix, in DynamoDB's form."""
    return [row for row in TABLE.rows.values() if read_text(row, "sk").startswith(prefix)]


def values(kind: Any, prefix: str) -> list[Any]:
    return [
        kind.model_validate_json(read_text(row))
        for row in rows(prefix)
        # A row under another one of its kind, such as a party's words, is not a value of the kind.
        if read_text(row, "pk").startswith("T#")
        and (prefix.endswith("#") or "#" not in read_text(row, "sk"))
    ]


def list_due(now: datetime) -> list[str]:
    """Return the ids of what is due, soonest first."""
    found = [
        (read_text(row, "d_sk"), keys.due_id(read_text(row, "pk"), read_text(row, "sk")))
        for row in rows()
        if "d_sk" in row
    ]
    return [some_id for moment, some_id in sorted(found) if moment <= keys.moment(now)]


def final_state() -> dict[str, Any]:
    """Return everything that was decided, written and sent."""
    claims, cases = values(Claim, "clm_"), values(Arbitration, "arb_")
    return {
        "claims": sorted(_claim(c) for c in claims),
        "slots": sorted(_slot(p) for p in values(Slot, "P#")),
        "cases": sorted(
            (c.state, c.escalated, len(c.parties), c.proposal is not None) for c in cases
        ),
        "tenant settings": [(h.locked, h.blocked) for h in values(TenantSettings, "M")],
        "mails": Counter(
            (m.kind, m.recipient, m.scope, len(m.claim_ids), m.round)
            for m in values(MailRecord, "L#")
        ),
        "comments": len(rows("K#")),
    }


def broken() -> list[str]:
    """Return what must never be in a table: a broken hash chain, a slot that differs from its
    claims, a waiting notification.
    """
    claims = values(Claim, "clm_")
    found = [
        f"{c.id} still has to notify about {c.outbox}"
        for c in claims
        if any(one.not_before is None for one in c.outbox)  # others wait for the end of their day
    ]
    found += [
        f"the tenant settings still has to notify about {h.outbox}"
        for h in values(TenantSettings, "M")
        if h.outbox
    ]
    found += [
        f"{p.item.name} is unsettled" for p in values(Slot, "P#") if p.pending_settlement_since
    ]
    for claim in claims:
        found += find_faults([e.to_public() for e in entries(claim.id)])
        found += (
            []
            if len(entries(claim.id)) == claim.seq
            else [f"{claim.id} has another number of history entries"]
        )
    contenders = {e.claim_id: e for p in values(Slot, "P#") for e in p.contenders}
    standing = {c.id: c.to_contender() for c in claims if c.standing}
    return (
        found if contenders == standing else [*found, f"slots have {contenders}, claims {standing}"]
    )


def entries(claim_id: str) -> list[Entry]:
    """Return a claim's history."""
    mine = sorted((read_text(row, "sk"), read_text(row)) for row in rows(f"H#{claim_id}#"))
    return [entry for _, one in mine for entry in ENTRIES.validate_json(one)]


def _claim(c: Claim) -> tuple[Any, ...]:
    association = (
        (c.association.state, c.association.ordinal, c.association.cause) if c.association else ()
    )
    codes = c.decision.codes if c.decision else ()
    return (
        c.organisation_id,
        c.status,
        c.answer.state,
        c.answer.round,
        str(association),
        codes,
        tuple(sorted(k.kind for k in c.clocks)),
        c.review.escalated,
        c.contested,
        c.redacted,
        len(c.renewed_subscriptions),
        tuple(sorted({e.act for e in entries(c.id)})),
    )


def _slot(p: Slot) -> tuple[Any, ...]:
    contenders = sorted((e.organisation_id, e.standing, e.proven) for e in p.contenders)
    return (contenders, sorted(c.organisation_id for c in p.cooldowns), p.case_id is not None)
