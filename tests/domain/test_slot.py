"""The slot of an item, as rows of earlier versions have it."""

from chalicelib.domain.slot import Slot
from tests.support.claims import a_claim

STORED = """{"tenant_id": "t", "item": {"workload": "teams"}, "rev": 3, "entrants": [
    {"claim_id": "clm_1", "organisation_id": "a", "partner_role": "r", "standing": "waiting"},
    {"claim_id": "clm_2", "organisation_id": "b", "partner_role": "r", "standing": "rival"}]}"""


def test_a_held_claim_in_a_row_of_an_earlier_version_takes_no_place():
    slot = Slot.model_validate_json(STORED)

    assert [one.claim_id for one in slot.contenders] == ["clm_2"]
    assert slot.find_contender("clm_1") == a_claim(status="awaiting_provisioning").to_contender()
