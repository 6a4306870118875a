"""Nobody gets in with a token that the issuer did not make for this service, for now."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from chalicelib.domain.refusals import Unauthenticated, Unavailable
from chalicelib.runtime.settings import Settings
from chalicelib.web.auth.tokens import Tokens

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
SETTINGS = Settings(oidc_issuer="https://issuer.example", oidc_audience="cpor")
RSA, OTHER_RSA, WEAK_RSA = (rsa.generate_private_key(65537, bits) for bits in (2048, 2048, 1024))
EC, OTHER_EC = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
CLAIMS = {
    "iss": "https://issuer.example",
    "aud": "cpor",
    "sub": "u-1",
    "name": "Uma User",
    "organisation_id": "ORG-1",
    "roles": ["incentives_user"],
    "locale": "de",
    "iat": AT,
    "nbf": AT,
    "exp": AT + 600,
}
DEL = object()


def published(key, kid, **more):
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid} | more


def without_use(key):
    return {name: value for name, value in key.items() if name not in {"use", "key_ops"}}


KEYS = {
    "keys": [
        without_use(published(RSA, "rsa")),
        published(EC, "ec", use="sig", alg="ES256"),
        published(RSA, "for-encryption", use="enc"),
        published(RSA, "signs-only", key_ops=["sign"]),
        published(RSA, "other-algorithm", alg="PS256"),
        published(WEAK_RSA, "weak"),
        {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "no-key"},
        "not even an object",
    ]
}


def encoded(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def a_token(key=RSA, algorithm="RS256", header=None, **claims):
    said = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not DEL}
    kid = "rsa" if algorithm == "RS256" else "ec"
    return signed({"typ": "JWT", "alg": algorithm, "kid": kid} | (header or {}), said, key)


def signed(header, claims, key):
    header = {name: value for name, value in header.items() if value is not DEL}
    message = f"{encoded(header)}.{encoded(claims)}"
    algorithm = (
        RSAAlgorithm(RSAAlgorithm.SHA256)
        if isinstance(key, rsa.RSAPrivateKey)
        else ECAlgorithm(ECAlgorithm.SHA256)
    )
    return f"{message}.{encoded(algorithm.sign(message.encode(), key))}"


def verify(token, now=NOW, scheme="Bearer ", **more):
    return Tokens(SETTINGS, lambda: KEYS, **more).verify(f"{scheme}{token}", now)


def reason(token, **more):
    with pytest.raises(Unauthenticated) as refused:
        verify(token, **more)
    return refused.value.values["reason"]


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

    assert reason(f"{encoded(header)}.{encoded(CLAIMS)}.") == "base64"
    assert reason(f"{encoded(header)}.{encoded(CLAIMS)}.AA") == "alg"


@pytest.mark.parametrize(
    "algorithm",
    ["HS256", "HS512", "RS512", "PS256", "ES384", "EdDSA", "rs256", "RS256 ", "", None, 7],
)
def test_only_two_algorithms_exist(algorithm):
    assert reason(a_token(header={"alg": algorithm})) == "alg"


@pytest.mark.parametrize("kid", ["rsa", "secret", "ec"])
def test_the_public_key_is_no_shared_secret(kid):
    pem = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    message = f"{encoded({'typ': 'JWT', 'alg': 'HS256', 'kid': kid})}.{encoded(CLAIMS)}"
    signature = hmac.new(pem, message.encode(), hashlib.sha256).digest()

    assert reason(f"{message}.{encoded(signature)}") == "alg"


@pytest.mark.parametrize(("algorithm", "kid"), [("RS256", "ec"), ("ES256", "rsa")])
def test_a_key_verifies_its_own_algorithm_only(algorithm, kid):
    assert reason(a_token(header={"alg": algorithm, "kid": kid})) == "key"


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc"])
def test_a_token_brings_no_keys_and_no_rules(member):
    brought = {"jwk": published(OTHER_RSA, "rsa"), "crit": ["exp"], "b64": False}.get(
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


def test_the_key_of_a_signature_is_not_remembered_beyond_the_key():
    keys = {"keys": [published(EC, "ec")]}
    tokens = Tokens(SETTINGS, lambda: keys, seconds=iter(range(0, 10_000, 1_000)).__next__)
    token = a_token(EC, "ES256")
    assert tokens.verify(f"Bearer {token}", NOW)

    keys["keys"] = [published(OTHER_EC, "ec")]

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
        reason(f"{head}.{encoded({**CLAIMS, 'sub': 'somebody-else'})}.{signature}") == "signature"
    )


@pytest.mark.parametrize(
    "raw", [b"[]", b"1", b'"x"', b"{", b"\xff", b'{"sub":"a","sub":"b"}', b"[" * 9000, b""]
)
def test_claims_are_one_object(raw):
    head = {"typ": "JWT", "alg": "RS256", "kid": "rsa"}
    message = f"{encoded(head)}.{encoded(raw)}"
    signature = RSAAlgorithm(RSAAlgorithm.SHA256).sign(message.encode(), RSA)

    assert reason(f"{message}.{encoded(signature)}") in {"json", "base64", "header"}


@pytest.mark.parametrize(
    "raw", [b"[]", b'{"alg":"RS256","alg":"none","kid":"rsa","typ":"JWT"}', b"nonsense"]
)
def test_a_header_is_one_object(raw):
    assert reason(f"{encoded(raw)}.{encoded(CLAIMS)}.{encoded(b'x' * 256)}") == "json"


@pytest.mark.parametrize("signature", [b"\0" * 64, b"\xff" * 64, b"\0" * 63, b"0", b"\0" * 200])
def test_a_signature_of_zeros_or_of_another_length_is_refused(signature):
    message = a_token(EC, "ES256").rpartition(".")[0]

    assert reason(f"{message}.{encoded(signature)}") == "signature"


# The claims


@pytest.mark.parametrize("name", ["iss", "aud", "exp", "nbf", "sub"])
@pytest.mark.parametrize("value", [DEL, None])
def test_the_claims_that_decide_are_there(name, value):
    assert reason(a_token(**{name: value})) == f"no_{name}"


COGNITO = replace(SETTINGS, oidc_profile="cognito")
ACCESS = {
    "token_use": "access",
    "scope": "openid cpor/partner",
    "client_id": "c-1",
    "aud": DEL,
    "nbf": DEL,
}


def of_cognito(settings=COGNITO, typ=DEL, **claims):
    """Verifies a token as a user pool makes it."""
    token = a_token(header={"typ": typ}, **{**ACCESS, **claims})
    return Tokens(settings, lambda: KEYS).verify(f"Bearer {token}", NOW)


def refused_of_cognito(**claims):
    with pytest.raises(Unauthenticated) as refused:
        of_cognito(**claims)
    return refused.value.values["reason"]


def test_an_access_token_of_a_user_pool_is_good_where_that_is_the_issuer():
    assert (of_cognito().sub, of_cognito().organisation_id) == ("u-1", "ORG-1")
    assert of_cognito(organisation_id=DEL, roles=["reviewer"], scope="cpor/reviewer").roles == {
        "reviewer"
    }
    assert of_cognito(typ="JWT", aud="cpor").sub == "u-1"


def test_what_a_user_pool_leaves_out_is_missed_of_every_other_issuer():
    with pytest.raises(Unauthenticated) as refused:
        of_cognito(SETTINGS)
    assert refused.value.values["reason"] == "typ"
    assert reason(a_token(**ACCESS)) == "no_aud"
    assert reason(a_token(**{**ACCESS, "aud": "cpor"})) == "no_nbf"


@pytest.mark.parametrize("claims", [
    {"token_use": "id", "aud": "cpor"}, {"token_use": "refresh"}, {"scope": "openid"}, {"scope": ""}, {"scope": "cpor"},
    {"scope": "cpor/reviewer"}, {"scope": "other/partner"}, {"scope": ["cpor/partner"]}, {"scope": "xcpor/partner"},
    {"scope": "aws.cognito.signin.user.admin"}, {"aud": "c-1"}, {"aud": ["cpor"]}, {"aud": None},
    {"organisation_id": DEL}, {"organisation_id": DEL, "scope": "cpor/partner"},
])  # fmt: skip
def test_a_token_of_the_pool_that_is_not_for_this_service_or_this_part_of_it_is_refused(claims):
    assert refused_of_cognito(**claims) == "aud"


@pytest.mark.parametrize("name", ["iss", "exp", "iat", "sub", "token_use", "scope"])
def test_a_token_of_the_pool_says_everything_that_decides(name):
    assert refused_of_cognito(**{name: DEL}) == f"no_{name}"


def test_a_token_of_the_pool_begins_when_it_was_made_and_ends():
    assert refused_of_cognito(iat=AT + 61) == "nbf"
    assert refused_of_cognito(nbf=AT + 61) == "nbf"
    assert refused_of_cognito(exp=AT - 60) == "exp"
    assert refused_of_cognito(iss="https://other.example") == "iss"
    assert refused_of_cognito(typ="JWE") == "typ"


def test_a_profile_nobody_knows_lets_nobody_in():
    with pytest.raises(KeyError):
        Tokens(replace(SETTINGS, oidc_profile="anything"), lambda: KEYS)


@pytest.mark.parametrize(
    "issuer",
    ["https://issuer.example/", "https://ISSUER.example", "", ["https://issuer.example"], 1],
)
def test_another_issuer_is_refused(issuer):
    assert reason(a_token(iss=issuer)) == "iss"


@pytest.mark.parametrize(
    "audience", ["other", "cpor ", "CPOR", ["cpor"], ["other", "cpor"], [], {"cpor": 1}, True]
)
def test_a_token_for_others_or_for_several_is_refused(audience):
    assert reason(a_token(aud=audience)) == "aud"


def test_a_token_ends_a_minute_after_its_end():
    assert verify(a_token(exp=AT), now=NOW + timedelta(seconds=59))

    with pytest.raises(Unauthenticated) as refused:
        verify(a_token(exp=AT), now=NOW + timedelta(seconds=60))
    assert refused.value.code == "token_expired"


def test_a_token_begins_a_minute_before_its_beginning():
    assert verify(a_token(nbf=AT + 60))
    assert reason(a_token(nbf=AT + 61)) == "nbf"
    assert reason(a_token(iat=AT + 61)) == "nbf"


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", ["1800000000", True, [], {}, -1, 1e300, "x"])
def test_moments_are_numbers(name, value):
    assert reason(a_token(**{name: value})) == name


@pytest.mark.parametrize(
    "value", ["", " u-1", "a\nb", "a\u0000", "x" * 256, 7, ["u-1"], {}, "a\u2028b", "\u202ea"]
)
@pytest.mark.parametrize("name", ["sub", "organisation_id"])
def test_a_subject_and_an_organisation_are_short_texts(name, value):
    assert reason(a_token(**{name: value})) == name


def test_an_organisation_cannot_reach_into_anothers_keys():
    assert reason(a_token(organisation_id="ORG-1#I")) == "organisation_id"


@pytest.mark.parametrize(
    "roles", ["reviewer", {"reviewer": 1}, [1], [["reviewer"]], ["x" * 300], ["r"] * 33, 0, False]
)
def test_roles_are_a_list_of_names(roles):
    assert reason(a_token(roles=roles)) == "roles"


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
    line = Line({"keys": [published(EC, "ec")]})
    tokens = line.tokens()
    tokens.verify(f"Bearer {a_token(EC, 'ES256')}", NOW)

    line.keys, line.seconds = KEYS, 61.0

    assert tokens.verify(f"Bearer {a_token()}", NOW)


def test_a_withdrawn_key_stops_working_within_ten_minutes():
    line = Line()
    tokens = line.tokens()
    tokens.verify(f"Bearer {a_token()}", NOW)

    line.keys, line.seconds = {"keys": [published(EC, "ec")]}, 601.0

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


def test_without_any_keys_nobody_is_refused_for_good():
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
