"""Tokens: their form, and the key that signs them."""

import hashlib
import hmac
import json
from dataclasses import replace

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
)
from jwt.algorithms import RSAAlgorithm

from chalicelib.domain.refusals import Unauthenticated
from chalicelib.web.auth.tokens import Tokens
from tests.support.tokens import (
    CLAIMS,
    DEL,
    EC,
    KEYS,
    NOW,
    OTHER_EC,
    OTHER_RSA,
    RSA,
    SETTINGS,
    WEAK_RSA,
    a_token,
    encode_part,
    make_jwk,
    reason,
    verify,
)


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (EC, "ES256")])
def test_a_token_of_the_issuer_says_who_calls(key, algorithm):
    caller = verify(a_token(key, algorithm))

    assert (caller.sub, caller.name, caller.organisation_id, caller.locale) == (
        "u-1",
        "Uma User",
        "ORG-1",
        "de",
    )
    assert caller.roles == {"incentives_user"}


def test_a_token_made_by_another_library_is_good_too():
    header = {"kid": "rsa", "typ": "at+jwt"}

    assert verify(jwt.encode(CLAIMS, RSA, algorithm="RS256", headers=header)).sub == "u-1"


def test_a_caller_without_name_roles_and_organisation_is_only_a_subject():
    caller = verify(a_token(name=DEL, roles=DEL, organisation_id=DEL, locale=DEL))

    assert (caller.name, caller.organisation_id, caller.roles, caller.locale) == (
        "u-1",
        None,
        frozenset(),
        None,
    )


@pytest.mark.parametrize("scheme", ["bearer ", "BEARER "])
def test_the_scheme_is_read_without_regard_to_case(scheme):
    assert verify(a_token(), scheme=scheme).sub == "u-1"


@pytest.mark.parametrize("header", [None, ""])
def test_no_header_is_a_missing_token(header):
    with pytest.raises(Unauthenticated) as refused:
        Tokens(SETTINGS, lambda: KEYS).verify(header, NOW)

    assert refused.value.code == "token_missing"


@pytest.mark.parametrize("scheme", ["", "Basic ", "Bearer", "Bearer  ", " Bearer ", "Bearer\t"])
def test_another_scheme_is_refused(scheme):
    assert reason(a_token(), scheme=scheme) == "header"


def test_a_token_of_any_length_is_not_read():
    assert reason(a_token(more="x" * 10_000)) == "header"


# Whose key decides, and which


def test_an_unsigned_token_is_refused():
    header = {"typ": "JWT", "alg": "none", "kid": "rsa"}

    assert reason(f"{encode_part(header)}.{encode_part(CLAIMS)}.") == "base64"
    assert reason(f"{encode_part(header)}.{encode_part(CLAIMS)}.AA") == "alg"


@pytest.mark.parametrize(
    "algorithm",
    ["HS256", "HS512", "RS512", "PS256", "ES384", "EdDSA", "rs256", "RS256 ", "", None, 7],
)
def test_only_two_algorithms_exist(algorithm):
    assert reason(a_token(header={"alg": algorithm})) == "alg"


@pytest.mark.parametrize("kid", ["rsa", "secret", "ec"])
def test_the_public_key_is_no_shared_secret(kid):
    pem = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    message = f"{encode_part({'typ': 'JWT', 'alg': 'HS256', 'kid': kid})}.{encode_part(CLAIMS)}"
    signature = hmac.new(pem, message.encode(), hashlib.sha256).digest()

    assert reason(f"{message}.{encode_part(signature)}") == "alg"


@pytest.mark.parametrize(("algorithm", "kid"), [("RS256", "ec"), ("ES256", "rsa")])
def test_a_key_verifies_its_own_algorithm_only(algorithm, kid):
    assert reason(a_token(header={"alg": algorithm, "kid": kid})) == "key"


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc"])
def test_a_token_brings_no_keys_and_no_rules(member):
    brought = {"jwk": make_jwk(OTHER_RSA, "rsa"), "crit": ["exp"], "b64": False}.get(
        member, "https://evil.example/keys"
    )

    assert reason(a_token(OTHER_RSA, header={member: brought})) == "header_member"


@pytest.mark.parametrize("key", [OTHER_RSA, OTHER_EC])
def test_another_key_under_the_same_id_is_refused(key):
    algorithm = "RS256" if key is OTHER_RSA else "ES256"

    assert reason(a_token(key, algorithm)) == "signature"


@pytest.mark.parametrize(
    "kid", ["unknown", "for-encryption", "signs-only", "other-algorithm", "secret"]
)
def test_a_key_that_is_not_for_this_is_not_found(kid):
    assert reason(a_token(header={"kid": kid})) == "key"


def test_a_weak_key_is_refused_and_so_is_no_key():
    assert reason(a_token(WEAK_RSA, header={"kid": "weak"})) == "signature"
    assert reason(a_token(header={"kid": "no-key"})) == "signature"


@pytest.mark.parametrize("kid", [DEL, "", None, 1, ["rsa"], "x" * 300, "rsa\n"])
def test_a_key_has_one_short_name(kid):
    assert reason(a_token(header={"kid": kid})) == "kid"


@pytest.mark.parametrize("typ", [DEL, "", "JWS", "JOSE", "dpop+jwt", 1])
def test_other_kinds_of_tokens_are_refused(typ):
    assert reason(a_token(header={"typ": typ})) == "typ"


@pytest.mark.parametrize("claim", ["nonce", "at_hash", "c_hash"])
def test_an_id_token_is_no_access_token(claim):
    assert reason(a_token(**{claim: "x"})) == "id_token"


@pytest.mark.parametrize(("seconds", "is_taken"), [(86_400, True), (86_401, False)])
def test_a_token_lives_for_a_day_at_most(seconds, is_taken):
    issued = int(NOW.timestamp()) - 10
    token = a_token(iat=issued, nbf=issued, exp=issued + seconds)
    tokens = Tokens(replace(SETTINGS, stage="prod"), lambda: KEYS)
    found = []

    try:
        found.append(tokens.verify(f"Bearer {token}", NOW).sub)
    except Unauthenticated as refused:
        found.append(refused.values["reason"])

    assert found == ["u-1" if is_taken else "life"]


def test_the_key_of_a_signature_is_not_remembered_beyond_the_key():
    keys = {"keys": [make_jwk(EC, "ec")]}
    tokens = Tokens(SETTINGS, lambda: keys, seconds=iter(range(0, 10_000, 1_000)).__next__)
    token = a_token(EC, "ES256")
    assert tokens.verify(f"Bearer {token}", NOW)

    keys["keys"] = [make_jwk(OTHER_EC, "ec")]

    with pytest.raises(Unauthenticated):
        tokens.verify(f"Bearer {token}", NOW)


# The form


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t + "=",
        lambda t: t.replace(".", "=.", 1),
        lambda t: t + ".",
        lambda t: "." + t,
        lambda t: t.rpartition(".")[0],
        lambda t: t.rpartition(".")[0] + ".",
        lambda t: t + ".AAAA",
        lambda t: t.replace(".", "..", 1),
        lambda t: t[:-1] + ("B" if t[-1] != "B" else "C"),
        lambda t: t.replace("-", "+").replace("_", "/") + "/",
        lambda t: t + "\n",
        lambda t: t[:20] + " " + t[20:],
        lambda t: json.dumps(
            {"payload": t.split(".")[1], "protected": t.split(".")[0], "signature": t.split(".")[2]}
        ),
    ],
)
def test_there_is_one_way_to_write_a_token(spoil):
    assert reason(spoil(a_token())) in {"form", "base64", "header", "signature"}


def test_unused_bits_of_a_segment_are_zero():
    token = a_token()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    unused = alphabet[
        alphabet.index(token[-1]) ^ 1
    ]  # 256 bytes leave 4 unused bits in the last character

    assert reason(token[:-1] + unused) == "base64"


def test_a_signature_over_other_claims_is_refused():
    head, _, signature = a_token().split(".")

    assert (
        reason(f"{head}.{encode_part({**CLAIMS, 'sub': 'somebody-else'})}.{signature}")
        == "signature"
    )


@pytest.mark.parametrize(
    "raw", [b"[]", b"1", b'"x"', b"{", b"\xff", b'{"sub":"a","sub":"b"}', b"[" * 9000, b""]
)
def test_claims_are_one_object(raw):
    head = {"typ": "JWT", "alg": "RS256", "kid": "rsa"}
    message = f"{encode_part(head)}.{encode_part(raw)}"
    signature = RSAAlgorithm(RSAAlgorithm.SHA256).sign(message.encode(), RSA)

    assert reason(f"{message}.{encode_part(signature)}") in {"json", "base64", "header"}


@pytest.mark.parametrize(
    "raw", [b"[]", b'{"alg":"RS256","alg":"none","kid":"rsa","typ":"JWT"}', b"nonsense"]
)
def test_a_header_is_one_object(raw):
    assert reason(f"{encode_part(raw)}.{encode_part(CLAIMS)}.{encode_part(b'x' * 256)}") == "json"


@pytest.mark.parametrize("signature", [b"\0" * 64, b"\xff" * 64, b"\0" * 63, b"0", b"\0" * 200])
def test_a_signature_of_zeros_or_of_another_length_is_refused(signature):
    message = a_token(EC, "ES256").rpartition(".")[0]

    assert reason(f"{message}.{encode_part(signature)}") == "signature"
