"""A bundle is signed when it is read, with a key whose public part the service publishes."""

import json
import re

from cpor.bundle import Known, verify
from cpor.bundle_signature import parse_keys

KEYS = "/.well-known/cpor-history-keys.json"


def test_a_bundle_is_signed_with_a_published_key(service):
    customer = service.customer()
    claim = customer.file()

    bundle = service.call("GET", f"/v1/claims/{claim['id']}/bundle", by=customer.by()).text
    published = service.call("GET", KEYS)

    assert published.headers["Cache-Control"] == "public, max-age=3600"
    verdict = verify(bundle, Known(keys=parse_keys(published.text)))
    assert (verdict.faults, verdict.notes) == ((), ())


def test_a_bundle_that_is_read_again_has_a_signature_of_its_own(service):
    customer = service.customer()
    claim = customer.file()
    path = f"/v1/claims/{claim['id']}/bundle"

    first, second = (service.get(path, by=customer.by()) for _ in range(2))

    assert first["signature"] != second["signature"]
    assert first["history"] == second["history"]


def test_the_mail_of_a_decision_prints_a_head_that_later_bundles_contain(service):
    customer = service.customer()
    claim = customer.file()
    customer.approve(claim)
    path = f"/v1/claims/{claim['id']}/bundle"

    mails = service.mails(claim["id"])
    texts = {mail["kind"]: mail["text"] for mail in mails}
    customer.answer(claim, "opt_out")
    bundle = service.call("GET", path, by=customer.by()).text

    (head,) = set(re.findall(r"\b[0-9a-f]{16}\b", texts["approved"]))
    decided = next(
        row for row in json.loads(bundle)["history"] if row["act"] == "association.pending"
    )
    assert decided["hash"].startswith(head)
    assert verify(bundle, Known(head=head)).faults == ()
    assert "cpor verify" not in texts["notice"]
