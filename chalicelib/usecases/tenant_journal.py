"""List what happened to a tenant's claims, for its journal: from the claims' histories."""

from datetime import datetime
from functools import partial
from typing import NamedTuple

from chalicelib.domain.claim import Claim
from chalicelib.domain.history import Entry
from chalicelib.domain.ids import Kind, new_id, tenant_key
from chalicelib.domain.tenant_file import TenantFile
from chalicelib.ports import Services
from chalicelib.usecases.visits import Visit, select_claims

MOST_CLAIMS = 100  # claims whose histories are read for a page: those changed last
# The acts that concern the customer: a key of `journal`, and whose act it is where the history does
# not say that a partner or the customer brought it about.
ACTS = {
    "claim.submitted": ("submit", "partner"),
    "claim.amended": ("amended", "partner"),
    "claim.withdrawn": ("withdrawn", "partner"),
    "claim.disputed": ("disputed", "partner"),
    "claim.approved": ("approved", "programme"),
    "claim.rejected": ("rejected", "programme"),
    "claim.expired": ("expired", "programme"),
    "notice.address_found": ("address_recorded", "programme"),
    "customer.agreed": ("agreed", "customer"),
    "customer.left_agreement": ("left_agreement", "contact"),
    "customer.opted_out": ("opted_out", "customer"),
    "customer.undone": ("undone", "customer"),
    "customer.not_objected": ("not_objected", "programme"),
    "association.activated": ("activated", "programme"),
    "association.paused": ("paused", "programme"),
    "association.resumed": ("resumed", "programme"),
    "association.ended": ("ended", "programme"),
}


class ClaimAct(NamedTuple):
    """One act. `what`: a key of `journal`; `by`: `partner`, `programme`, `customer` or `contact`,
    the person whom the partner named.
    """

    at: datetime
    what: str
    by: str
    claim: Claim


def list_acts(
    services: Services, visit: Visit, since: datetime | None, until: datetime | None
) -> list[ClaimAct]:
    """List what happened to the claims that the customer was asked about, newest first.

    These are the claims that are open, live or answered, and those filed last before `until`:
    at most fifty that have ended since.

    since, until: None: without that bound; `until` itself is not included.
    """
    mail = visit.guest.mail
    key, tenants = tenant_key(mail.tenant_id), services.store.tenants
    before = new_id(Kind.CLAIM, until, bytes) if until else ""  # before all ids of that moment
    file, filed = services.run_parallel(
        lambda: tenants.get_file(key),
        lambda: tenants.list_newest_claims(key, before),
    )
    found = {claim.id: claim for claim in (*file.claims, *filed)}
    claims = select_claims(mail, TenantFile(claims=tuple(found.values())))
    changed = [one for one in claims if since is None or one.updated_at >= since]
    newest = sorted(changed, key=lambda one: one.updated_at, reverse=True)[:MOST_CLAIMS]
    reads = [partial(services.store.history.list_entries, one.id, one.head) for one in newest]
    histories = services.run_parallel(*reads) if reads else ()
    acts = [
        _make_act(entry, claim)
        for claim, entries in zip(newest, histories, strict=True)
        for entry in entries
        if entry.act in ACTS
        and (since is None or entry.at >= since)
        and (until is None or entry.at < until)
    ]
    return sorted(acts, key=lambda one: one.at, reverse=True)


def _make_act(entry: Entry, claim: Claim) -> ClaimAct:
    """Return an act of a claim with who brought it about.

    What follows from an objection, or from the end of an association by its partner, is not the
    programme's act, so a rejection that follows is shown as the end of the request.
    """
    what, by = ACTS[entry.act]
    if by == "programme" and entry.actor in ("partner", "customer"):
        by, what = entry.actor, "request_ended" if what == "rejected" else what
    return ClaimAct(entry.at, what, by, claim)
