"""Events of a partner's feed."""

from chalicelib.domain.base import rfc3339
from chalicelib.domain.events import ACTS, read_details
from chalicelib.domain.history import Entry, Subject
from chalicelib.web.api.response_models import events as models
from chalicelib.web.api.serializers.claims import serialize_named_item


def serialize_event(entry: Entry) -> models.Event:
    """Write a row of history as an event.

    Raise ValueError for a row that does not say what it is about: the feed completes old ones.
    """
    if entry.subject is None:
        raise ValueError(f"{entry.id} has no subject")
    return {
        "id": entry.id,
        "type": entry.act,
        "at": rfc3339(entry.at),
        "seq": entry.seq,
        "api_version": models.API_VERSION,
        "data": _serialize_data(entry, entry.subject),
    }


def _serialize_data(entry: Entry, subject: Subject) -> models.EventData:
    act = ACTS[entry.act]
    move: tuple[str | None, str | None] = (None, None)
    before, after = act.move or entry.moves.get(act.machine or "") or move
    return {
        "claim_id": entry.claim_id,
        "filing_id": subject.filing_id,
        "association_id": subject.association_id,
        "arbitration_id": subject.arbitration_id,
        "tenant_id": subject.tenant_id,
        "organisation_id": subject.organisation_id,
        "location_id": subject.location_id,
        "item": serialize_named_item(subject.item),
        "solution_area": subject.solution_area,
        "partner_role": subject.partner_role,
        "external_reference": subject.external_reference,
        "from": before if before != "none" else None,
        "to": after,
        "reasons": list(entry.reasons),
        "details": read_details(entry.act, entry.facts),
        "actor": {"kind": entry.actor},
        "version": subject.version,
    }
