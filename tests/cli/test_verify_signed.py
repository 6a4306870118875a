"""Signed bundles: any change is detected, also of a history that was cut off or rewritten."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from chalicelib.aws.history_keys import LocalHistoryKeys
from chalicelib.domain.bundle_signature import add_signature, make_signing_input
from chalicelib.domain.history import GENESIS, hash_row
from cpor.bundle import Known, verify
from cpor.bundle_signature import Keys, parse_keys
from cpor.cli import app
from cpor.errors import CommandError
from tests.support.in_process import in_process

KEYS_PATH = "/.well-known/cpor-history-keys.json"
Path = tuple[str | int, ...]


@pytest.fixture(scope="module")
def case() -> Iterator[tuple[list[str], str]]:
    """Bundles of one claim at three moments, and the published keys."""
    with in_process() as service:
        customer = service.customer()
        claim = customer.file(comment="hello", name="Größe")
        path = f"/v1/claims/{claim['id']}/bundle"
        bundles = [service.call("GET", path, by=customer.by()).text]
        customer.approve(claim)
        bundles.append(service.call("GET", path, by=customer.by()).text)
        service.to(customer.clock(claim, "customer_opt_out") or "")
        bundles.append(service.call("GET", path, by=customer.by()).text)
        yield bundles, service.call("GET", KEYS_PATH).text


@pytest.fixture(scope="module")
def bundles(case: tuple[list[str], str]) -> list[str]:
    return case[0]


@pytest.fixture(scope="module")
def keys(case: tuple[list[str], str]) -> Keys:
    return parse_keys(case[1])


def list_leaves(value: Any, at: Path = ()) -> Iterator[Path]:
    """List where the texts, numbers and empty lists of a document are."""
    if isinstance(value, dict) and value:
        for name, part in value.items():
            yield from list_leaves(part, (*at, name))
    elif isinstance(value, list) and value:
        for number, part in enumerate(value):
            yield from list_leaves(part, (*at, number))
    else:
        yield at


def replace(document: Any, at: Path, value: Any) -> Any:
    """Return a copy of a document with another value at one place."""
    copied = copy.deepcopy(document)
    inner = copied
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = value
    return copied


def faults(bundle: Any, keys: Keys | None, **known: str) -> tuple[str, ...]:
    try:
        return verify(json.dumps(bundle), Known(keys=keys, **known)).faults
    except CommandError as error:
        return (str(error),)


def rewrite(bundle: dict[str, Any], row: int) -> dict[str, Any]:
    """Return the bundle with one row changed and every hash computed again."""
    made = copy.deepcopy(bundle)
    made["history"][row]["told"]["organisation_id"] = "org_somebody_else"
    head = GENESIS
    for one in made["history"]:
        one["previous_hash"] = head
        head = one["hash"] = hash_row(one)
    made["head"] = head
    return made


def sign(bundle: dict[str, Any], signer: LocalHistoryKeys) -> dict[str, Any]:
    signing_input = make_signing_input(bundle, signer.get_key_id())
    signature = add_signature(signing_input, signer.sign(signing_input.encode()))
    return {**bundle, "signature": signature}


def cpor(*words: str) -> Any:
    return CliRunner().invoke(app, ["verify", *words])


def test_what_the_service_wrote_passes_at_every_moment(bundles, keys):
    assert [verify(text, Known(keys=keys))[3:5] for text in bundles] == [((), ())] * 3


def test_any_single_change_of_anything_is_detected(bundles, keys):
    bundle = json.loads(bundles[2])
    leaves = list(list_leaves(bundle))

    unnoticed = [
        at
        for at in leaves
        for value in ("changed", 7, None)
        if (changed := replace(bundle, at, value)) != bundle
        if not faults(changed, keys)
    ]

    assert len(leaves) > 200
    assert unnoticed == []


def test_a_change_is_noticed_without_keys_too_unless_it_is_signed_again(bundles):
    bundle = json.loads(bundles[2])

    changed = replace(bundle, ("claim", "name"), "Other")

    assert faults(changed, None) == ("something in the bundle was changed after it was signed",)


def test_a_forger_with_a_key_of_its_own_is_noticed(bundles, keys):
    forged = sign(rewrite(json.loads(bundles[1]), 1), LocalHistoryKeys(lambda name, make: make()))

    assert any("does not publish" in fault for fault in faults(forged, keys))


def test_a_forger_who_names_the_services_key_is_noticed(bundles, keys):
    class Borrowed(LocalHistoryKeys):
        def get_key_id(self) -> str:
            return next(iter(keys))

    forged = sign(rewrite(json.loads(bundles[1]), 1), Borrowed(lambda name, make: make()))

    assert "the signature was not made with the service's key" in faults(forged, keys)


def test_a_signature_that_was_removed_is_noticed_with_and_without_keys(bundles, keys):
    bundle = json.loads(bundles[1])
    del bundle["signature"]
    as_earlier_version = {**bundle, "format": "cpor-bundle/1"}

    assert "the signature is missing" in faults(bundle, None)
    assert any("was removed" in fault for fault in faults(as_earlier_version, None))
    assert any("no signature" in fault for fault in faults(as_earlier_version, keys))


@pytest.mark.parametrize("rows", [1, 3])
def test_a_truncated_history_is_detected_by_an_earlier_bundle_even_if_signed_again(bundles, rows):
    signer = LocalHistoryKeys(lambda name, make: make())
    cut = json.loads(bundles[2])
    cut["history"] = cut["history"][:-rows]
    cut["head"] = cut["history"][-1]["hash"]
    known = {"earlier": bundles[2]}

    said = faults(sign(cut, signer), None, **known)

    assert any("which the earlier bundle has, were cut off" in fault for fault in said)


@pytest.mark.parametrize("row", range(4))
def test_a_forked_history_is_detected_by_an_earlier_bundle_and_by_a_head(bundles, row):
    """Also when the forger has the service's own key."""
    forked = sign(rewrite(json.loads(bundles[2]), row), LocalHistoryKeys(lambda name, make: make()))
    head = json.loads(bundles[0])["head"]

    by_bundle = faults(forked, None, earlier=bundles[0])
    by_head = faults(forked, None, head=head[:16])

    assert any(f"row {row + 1} is not that of the earlier bundle" in one for one in by_bundle)
    assert any("no row has the head" in fault for fault in by_head)


def test_a_later_bundle_continues_an_earlier_one_and_holds_its_head(bundles, keys):
    head = json.loads(bundles[0])["head"]

    known = Known(head=head[:16].upper(), earlier=bundles[0], keys=keys)

    assert verify(bundles[2], known).faults == ()
    assert verify(bundles[0], Known(earlier=bundles[2])).faults


def test_bundles_of_two_claims_do_not_continue_each_other(bundles):
    other = json.loads(bundles[0])
    other["claim"]["id"] = "clm_other"

    assert (
        "the earlier bundle is of another claim"
        in verify(bundles[2], Known(earlier=json.dumps(other))).faults
    )


def test_evidence_and_claim_must_be_what_the_history_tells(bundles):
    """Also without a signature, as far as the history tells of them."""
    bundle = json.loads(bundles[1])
    tampered = replace(bundle, ("evidence", 0, "sha256"), "0" * 64)
    other_tenant = replace(bundle, ("claim", "tenant_id"), "somebody")

    assert any("does not name the file 000" in one for one in faults(tampered, None))
    assert any("the bundle says tenant_id somebody" in one for one in faults(other_tenant, None))


def test_the_command_tells_who_asked_whom_for_what(tmp_path, case):
    bundle, key_file = tmp_path / "bundle.json", tmp_path / "keys.json"
    bundle.write_text(case[0][2])
    key_file.write_text(case[1])
    claim = json.loads(case[0][2])["claim"]

    ended = cpor(str(bundle), "--keys", str(key_file))

    assert ended.exit_code == 0
    assert "note:" not in ended.stdout
    for part in (
        f"Organisation {claim['organisation_id']}, location {claim['location_id']}",
        f"asks tenant {claim['tenant_id']} ({claim['domain']})",
        f"as {claim['partner_role']}",
        json.loads(case[0][2])["evidence"][0]["sha256"],
        "Text of the mail: SHA-256",
        "The customer did not object in time.",
    ):
        assert part in ended.stdout


def test_the_command_says_when_nothing_proves_the_signature(tmp_path, case):
    bundle = tmp_path / "bundle.json"
    bundle.write_text(case[0][2])

    ended = cpor(str(bundle))

    assert ended.exit_code == 0
    assert "note: The signature was not checked" in ended.stdout


def test_a_head_may_come_from_a_file(tmp_path, case):
    bundle, head = tmp_path / "bundle.json", tmp_path / "head"
    bundle.write_text(case[0][2])
    head.write_text(json.loads(case[0][0])["head"][:16] + "\n")

    assert cpor(str(bundle), "--head", str(head)).exit_code == 0
    head.write_text("f" * 16)
    assert cpor(str(bundle), "--head", str(head)).exit_code == 1


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"keys": [{}]}', '{"keys": 1}'])
def test_a_file_without_keys_is_refused(tmp_path, case, content):
    bundle, key_file = tmp_path / "bundle.json", tmp_path / "keys.json"
    bundle.write_text(case[0][0])
    key_file.write_text(content)

    assert cpor(str(bundle), "--keys", str(key_file)).exit_code == 2


@pytest.mark.parametrize("signature", ["", "a.b", "a.b.c", "e30.e30.e30", "W10.W10.W10", "..", 7])
def test_a_signature_that_cannot_be_read_is_a_fault(bundles, keys, signature):
    assert faults({**json.loads(bundles[0]), "signature": signature}, keys)
