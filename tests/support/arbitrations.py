"""Cases of arbitration as tests bring them to a decision."""

from typing import Any

from tests.support.api_client import ApiClient


def hear_everyone(service: ApiClient, case_id: str) -> None:
    """Let every party of a case that can still speak make its statement."""
    senior = service.token(None, "senior_reviewer", name="Sena")
    path = f"/v1/arbitrations/{case_id}"
    parties: list[dict[str, Any]] = service.get(path, by=senior)["parties"]
    for party in parties:
        if party["left_because"] is None and party["statement"] is None:
            by = service.token(party["organisation_id"])
            service.call("POST", f"{path}/statement", {"text": "We do the work."}, by=by)
