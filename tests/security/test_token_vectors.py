"""The Wycheproof vectors for JSON Web Signatures against our check of tokens
(tests/data/wycheproof).

The vectors are signatures and no tokens of this contract: no `typ`, and payloads that are no
claims. So they are tried twice: as they are, where all of them must be refused; and as far as the
signature, with `typ` and `kid` taken as given and any payload, where exactly the good ones that we
can read at all may pass.
"""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.domain.refusals import Unauthenticated
from chalicelib.runtime.settings import Settings
from chalicelib.web.auth import jwt
from chalicelib.web.auth.jwks import KeySet
from chalicelib.web.auth.tokens import Tokens, _is_signed

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FILE = Path(__file__).parent.parent / "data" / "wycheproof" / "json_web_signature_test.json"
# Good ones that we refuse, and why: what the contract's issuer never sends.
REFUSED = {
    "alg": "another algorithm than RS256 and ES256",
    "base64": "an empty payload, or a character that is none of base64url's",
}


@pytest.fixture(scope="module")
def vectors():
    groups = json.loads(FILE.read_text())["testGroups"]
    return [
        (group.get("public") or group["private"], test)
        for group in groups
        for test in group["tests"]
    ]


def judge_token(key, jws):
    """'' when the signature is taken, else why not: every step of `compact.read` and
    `Tokens.verify` but for the claims.
    """
    keys = KeySet(lambda: {"keys": [{"kid": "k", **one} for one in key.get("keys", [key])]})
    segments = jws.split(".")
    if len(segments) != 3:
        return "form"
    try:
        head, _, signature = (jwt._decode(segment) for segment in segments)
        header = jwt._check_header(
            {"typ": "JWT", "kid": key.get("kid", "k"), **jwt._parse_object(head)}, typed=True
        )
    except Unauthenticated as refusal:
        return refusal.values["reason"]
    known = keys.find(header["kid"], header["alg"])
    if known is None:
        return "key"
    return (
        ""
        if _is_signed(header["alg"], known, jws.rpartition(".")[0].encode(), signature)
        else "signature"
    )


def test_no_vector_is_a_token_of_this_service(vectors):
    for key, test in vectors:
        tokens = Tokens(Settings(), lambda key=key: {"keys": key.get("keys", [key])})
        with pytest.raises(Unauthenticated):
            tokens.verify(f"Bearer {test['jws']}", NOW)


def test_nothing_is_taken_that_should_not_be(vectors):
    taken = [
        test["tcId"]
        for key, test in vectors
        if not judge_token(key, test["jws"]) and test["result"] != "valid"
    ]

    assert taken == []


def test_good_ones_are_refused_for_reasons_that_we_stand_by(vectors, capsys):
    good = [
        (test["tcId"], test["comment"], judge_token(key, test["jws"]))
        for key, test in vectors
        if test["result"] == "valid"
    ]
    refused = [one for one in good if one[2]]
    with capsys.disabled():
        print(
            f"\n{len(vectors)} vectors: {len(good)} good, {len(good) - len(refused)} of them "
            f"accepted; refused: {Counter(one[2] for one in refused)}"
        )
        print("\n".join(f"  {number} {comment}: {why}" for number, comment, why in refused))

    assert [one for one in refused if one[2] not in REFUSED] == []
    assert len(good) - len(refused) >= 2
