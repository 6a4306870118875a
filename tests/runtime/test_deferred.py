"""What is deferred is read when it is asked for, and not before."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
VERIFY = """if True:
    import json, sys
    from datetime import datetime
    from chalicelib.runtime.settings import Settings
    from chalicelib.web.auth.tokens import Tokens
    token, keys, now = sys.argv[1:]
    tokens = Tokens(Settings(oidc_issuer="https://issuer.example", oidc_audience="cpor"), lambda: json.loads(keys))
    print(tokens.verify(f"Bearer {token}", datetime.fromisoformat(now)).sub, "cryptography.x509.base" in sys.modules)
    from cryptography import x509
    print(x509.Name.__name__, "cryptography.x509.base" in sys.modules)
"""


def test_certificates_are_not_read_for_a_token_and_are_there_for_who_asks():
    key, at = ec.generate_private_key(ec.SECP256R1()), int(NOW.timestamp())
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())) | {"kid": "one"}
    claims = {
        "iss": "https://issuer.example",
        "aud": "cpor",
        "sub": "u-1",
        "iat": at,
        "nbf": at,
        "exp": at + 600,
    }
    token = jwt.encode(claims, key, algorithm="ES256", headers={"kid": "one", "typ": "at+jwt"})

    said = subprocess.run(
        [sys.executable, "-c", VERIFY, token, json.dumps({"keys": [public]}), NOW.isoformat()],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert said.splitlines() == ["u-1 False", "Name True"]
