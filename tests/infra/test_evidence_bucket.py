"""The rules of the evidence bucket in the packaged templates: what a claim takes is kept."""

import json
from typing import Any

import pytest

from chalicelib.aws.object_keys import key_of_kept, key_of_unclaimed
from tools.packaging.package import STAGES, package
from tools.packaging.target import HOST

EVIDENCE = "evd_01m8dfkpr5femz5f9ncszxa2"
# What makes a rule delete objects; a marker that is removed hides no version
# (https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html).
DELETING = {
    "ExpirationDate",
    "ExpirationInDays",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionExpirationInDays",
}


@pytest.fixture(scope="module", params=STAGES)
def rules(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    template = json.loads(package(request.param, HOST).template.read_text())
    bucket = template["Resources"]["EvidenceBucket"]["Properties"]
    enabled: list[dict[str, Any]] = [
        rule for rule in bucket["LifecycleConfiguration"]["Rules"] if rule["Status"] == "Enabled"
    ]
    return enabled


def list_deleting(rules: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """List the rules that would delete a version of an object."""
    return [
        rule for rule in rules if rule.keys() & DELETING and key.startswith(rule.get("Prefix", ""))
    ]


def test_no_rule_deletes_any_version_that_a_claim_has_taken(rules):
    assert list_deleting(rules, key_of_kept(EVIDENCE)) == []


def test_an_upload_that_no_claim_takes_is_deleted_after_seven_days(rules):
    (rule,) = list_deleting(rules, key_of_unclaimed(EVIDENCE))

    assert rule["ExpirationInDays"] == 7
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_rules_are_told_apart_by_the_prefix_alone(rules):
    assert not any(rule.keys() & {"Filter", "TagFilters"} for rule in rules)
