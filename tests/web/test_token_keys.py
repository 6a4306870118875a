"""The issuer's keys: fetched, kept, renewed and withdrawn."""

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from jwt.algorithms import RSAAlgorithm

from chalicelib.domain.refusals import Unauthenticated, Unavailable
from chalicelib.web.auth.tokens import Tokens
from tests.support.tokens import EC, KEYS, NOW, RSA, SETTINGS, a_token, make_jwk

# The issuer's keys


class Line:
    """An issuer at the end of a line that may be down."""

    def __init__(self, keys=KEYS):
        self.keys, self.fetched, self.seconds = keys, 0, 0.0

    def __call__(self):
        self.fetched += 1
        if self.keys is None:
            raise Unavailable("issuer_unreachable")
        return self.keys

    def tokens(self):
        return Tokens(SETTINGS, self, seconds=lambda: self.seconds)


def test_keys_are_fetched_once_for_many_tokens():
    line = Line()
    tokens = line.tokens()

    for _ in range(5):
        tokens.verify(f"Bearer {a_token()}", NOW)

    assert line.fetched == 1


def test_made_up_key_ids_cost_one_fetch_a_minute():
    line = Line()
    tokens = line.tokens()

    for second in range(120):
        line.seconds = float(second)
        with pytest.raises(Unauthenticated):
            tokens.verify(f"Bearer {a_token(header={'kid': f'k{second}'})}", NOW)

    assert line.fetched == 2


def test_a_new_key_of_the_issuer_is_found():
    line = Line({"keys": [make_jwk(EC, "ec")]})
    tokens = line.tokens()
    tokens.verify(f"Bearer {a_token(EC, 'ES256')}", NOW)

    line.keys, line.seconds = KEYS, 61.0

    assert tokens.verify(f"Bearer {a_token()}", NOW)


def test_a_withdrawn_key_stops_working_within_ten_minutes():
    line = Line()
    tokens = line.tokens()
    tokens.verify(f"Bearer {a_token()}", NOW)

    line.keys, line.seconds = {"keys": [make_jwk(EC, "ec")]}, 601.0

    with pytest.raises(Unauthenticated):
        tokens.verify(f"Bearer {a_token()}", NOW)


@pytest.mark.parametrize("outage", [None, {}, {"keys": []}, {"keys": "none"}])
def test_the_last_good_keys_serve_through_an_outage_of_a_day(outage):
    line = Line()
    tokens = line.tokens()
    tokens.verify(f"Bearer {a_token()}", NOW)

    line.keys, line.seconds = outage, 86_000.0
    assert tokens.verify(f"Bearer {a_token()}", NOW)

    line.seconds = 87_000.0
    with pytest.raises(Unavailable):
        tokens.verify(f"Bearer {a_token()}", NOW)


def test_without_any_keys_no_token_is_refused_for_good():
    line = Line(None)
    tokens = line.tokens()

    for second in (0.0, 1.0, 2.0):
        line.seconds = second
        with pytest.raises(Unavailable):
            tokens.verify(f"Bearer {a_token()}", NOW)
    assert line.fetched == 1

    line.keys, line.seconds = KEYS, 6.0
    assert tokens.verify(f"Bearer {a_token()}", NOW)


def test_a_published_private_key_signs_nothing_here():
    private = {
        **RSAAlgorithm.to_jwk(RSA, as_dict=True),
        "kid": "rsa",
        "key_ops": ["verify", "sign"],
    }
    line = Line({"keys": [private]})

    assert line.tokens().verify(f"Bearer {a_token()}", NOW)


def test_pem_is_not_a_key_set():
    pem = RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    with pytest.raises(Unavailable):
        Line({"keys": pem}).tokens().verify(f"Bearer {a_token()}", NOW)
