"""The checks at entry as a reviewer reads them."""

from chalicelib.domain.checks.results import GROUPS, group_warnings

# domain.md, "Checks at entry": everything there that only warns.
WARNINGS = {
    "contested",
    "evidence_reused",
    "partner_type_unusual",
    "purchase_channel_unknown",
    "subscription_state_unknown",
}


def test_every_warning_has_a_group():
    assert set[str]().union(*GROUPS.values()) == WARNINGS


def test_a_group_without_warnings_has_none():
    found = group_warnings(["partner_type_unusual", "new_in_2030"])

    assert found["partner"] == ["partner_type_unusual"]
    assert found["subscription"] == ["new_in_2030"]
    assert found["evidence"] == []
    assert list(found) == list(GROUPS)
