"""Signatures are those of RFC 7515's examples and of another library, and what is no key signs nothing."""

import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from chalicelib.web import signatures

# RFC 7515, appendices A.2 and A.3: the issuer's key, and the token's two other parts.
PAYLOAD = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
MODULUS = (
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs"
    "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV"
    "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
)
BY_RSA = (
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZ"
    "cAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-e"
    "OkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
)
POINT = {"x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
BY_CURVE = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
EXAMPLES = {
    "RS256": ({"n": MODULUS, "e": "AQAB"}, f"eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}", BY_RSA),
    "ES256": (POINT, f"eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}", BY_CURVE),
}


def raw(value):
    return base64.urlsafe_b64decode(value + "==")


def answer(algorithm, signature=None, message=None, **members):
    key, said, signed = EXAMPLES[algorithm]
    return signatures.signed(algorithm, {**key, **members}, (message or said).encode(), raw(signed) if signature is None else signature)


@pytest.mark.parametrize("algorithm", EXAMPLES)
def test_the_examples_of_the_standard_are_signed(algorithm):
    assert answer(algorithm)


@pytest.mark.parametrize("algorithm", EXAMPLES)
def test_no_bit_of_a_signature_or_of_its_message_can_change(algorithm):
    _, message, signature = EXAMPLES[algorithm]
    changed = [bytes(byte ^ (at == place) for at, byte in enumerate(raw(signature))) for place in range(0, len(raw(signature)), 7)]

    assert not any(answer(algorithm, signature=one) for one in changed)
    assert not answer(algorithm, message=message + "A")


@pytest.mark.parametrize("signature", [b"", b"\0" * 64, raw(BY_CURVE)[1:], raw(BY_CURVE) + b"\0", b"\xff" * 64, b"\0" * 32 + raw(BY_CURVE)[32:]])
def test_a_signature_by_the_curve_is_two_numbers_within_it(signature):
    assert not answer("ES256", signature=signature)


@pytest.mark.parametrize("members", [
    {"x": POINT["y"]}, {"x": "AA", "y": "AA"}, {"x": ""}, {"x": "AA" + POINT["x"]}, {"x": "é"}, {"x": "+/"}, {"y": "A"},
])  # fmt: skip
def test_what_is_no_point_of_the_curve_signs_nothing(members):
    assert not answer("ES256", **members)


@pytest.mark.parametrize("members", [{"e": "AA"}, {"e": "Ag"}, {"e": ""}, {"n": "AQAB"}, {"n": ""}, {"n": MODULUS * 5}, {"n": "é"}])
def test_what_is_no_key_of_rsa_signs_nothing(members):
    assert not answer("RS256", **members)


def test_a_weak_key_signs_nothing():
    weak = rsa.generate_private_key(65537, 1024)
    signature = RSAAlgorithm(RSAAlgorithm.SHA256).sign(b"said", weak)

    assert not signatures.signed("RS256", RSAAlgorithm.to_jwk(weak.public_key(), as_dict=True), b"said", signature)


def test_a_padded_member_is_the_same_member():
    assert answer("ES256", x=POINT["x"] + "=")


def test_another_library_reads_what_is_signed_and_knows_the_key():
    made = [signatures.new_key() for _ in range(50)]  # of fifty, some have numbers that begin with zeros

    for key in made:
        message = f"{signatures.text(json.dumps({'alg': 'ES256'}).encode())}.{signatures.text(b'{}')}"
        token = f"{message}.{signatures.text(signatures.sign(key, message.encode()))}"
        assert jwt.decode(token, jwt.PyJWK(key, "ES256"), algorithms=["ES256"]) == {}
        assert signatures.signed("ES256", key, message.encode(), signatures.sign(key, message.encode()))
