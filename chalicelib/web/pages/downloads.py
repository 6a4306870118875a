"""What partners and reviewers save of a claim: its files, and the whole case."""

import json

from chalicelib.web.http.answer import Answer
from chalicelib.web.pages.shell.visit import Visit


def open_evidence(visit: Visit) -> Answer[str]:
    """Lead to a short-lived download of one of the claim's files."""
    found = visit.api.get("/v1/claims/{claim_id}/evidence/{evidence_id}", **visit.path)
    return Answer(303, headers={"Location": found.location})


def download_bundle(visit: Visit) -> Answer[str]:
    """Return the whole case as one document, which `cpor verify` checks."""
    claim_id = visit.path["claim_id"]
    bundle = visit.api.get("/v1/claims/{claim_id}/bundle", claim_id=claim_id).body
    headers = {
        "Content-Type": "application/json",
        "Content-Disposition": f'attachment; filename="{claim_id}.json"',
    }
    return Answer(body=json.dumps(bundle, ensure_ascii=False), headers=headers)
