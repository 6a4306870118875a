"""Everybody who may knock, and every way in which a token can be wrong."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.web.auth.sandbox_issuer import LIFE, Issuer
from tests.security.rules import PARTNER, PROGRAMME
from tests.support.fixtures import Fixtures


@dataclass(frozen=True)
class ApiCaller:
    """A caller: what the token says. `roles` that are nobody's, or in the wrong hands, open
    nothing.
    """

    name: str
    organisation_id: str | None
    roles: tuple[str, ...]

    def may(self, who: frozenset[str]) -> bool:
        """The one rule: one of the wanted roles, in the hands it was made for, and never both sides
        at once.
        """
        mine = set(self.roles) & (PROGRAMME if self.organisation_id is None else PARTNER)
        mixed = self.organisation_id is not None and bool(set(self.roles) & PROGRAMME)
        return bool(mine & who) and not mixed


def callers(organisation_id: str) -> Iterator[ApiCaller]:
    """One for each role, for none, for several, for those that do not go together, and for made-up
    ones.
    """
    for role in sorted(PARTNER):
        yield ApiCaller(role, organisation_id, (role,))
        yield ApiCaller(f"{role} of nobody", None, (role,))
    for role in sorted(PROGRAMME):
        yield ApiCaller(role, None, (role,))
    yield ApiCaller("no roles", organisation_id, ())
    yield ApiCaller("no roles of nobody", None, ())
    yield ApiCaller("several", organisation_id, ("billing_admin", "incentives_user"))
    yield ApiCaller("mixed", organisation_id, ("incentives_admin", "senior_reviewer"))
    yield ApiCaller("made up", organisation_id, ("root", "INCENTIVES_ADMIN", "admin", "*"))
    yield ApiCaller("made up of nobody", None, ("root", "REVIEWER", "*"))


def token(fixtures: Fixtures, caller: ApiCaller) -> str:
    asked = {"roles": list(caller.roles), "name": f"K {caller.name}"}
    asked |= {"organisation_id": caller.organisation_id} if caller.organisation_id else {}
    key = (caller.organisation_id, caller.roles, caller.name)
    if key not in fixtures.service.tokens:
        fixtures.service.tokens[key] = fixtures.service.post("/sandbox/tokens", asked)[
            "access_token"
        ]
    return fixtures.service.tokens[key]


def bad_headers(fixtures: Fixtures) -> dict[str, str | None]:
    """`Authorization` headers that prove nothing, each for an administrator with every role there
    is.
    """
    services = fixtures.service.services
    assert services is not None
    now = services.clock.now()
    issuer = Issuer(services.settings, services.secrets.get_or_create)  # type: ignore[attr-defined]
    claims = {
        "sub": "mallory",
        "organisation_id": fixtures.customer.partner(1),
        "roles": ["incentives_admin"],
    }
    good = issuer.make_token(claims, now)
    head, body, seal = good.split(".")
    said: dict[str, Any] = jwt.decode(good, options={"verify_signature": False})
    header = jwt.get_unverified_header(good)
    forger = ec.generate_private_key(ec.SECP256R1())

    def forge_token(**changes: Any) -> str:
        return jwt.encode(
            {**said, **changes},
            forger,
            algorithm="ES256",
            headers={"kid": header["kid"], "typ": "JWT"},
        )

    def seal_token(**changes: Any) -> str:
        key = jwt.PyJWK(json.loads(services.secrets.get_or_create("issuer", bytes)), "ES256")  # type: ignore[union-attr,attr-defined]
        return jwt.encode(
            {**said, **changes},
            key,
            algorithm="ES256",
            headers={"kid": header["kid"], "typ": "JWT"},
        )

    tokens = {
        "expired": issuer.make_token(claims, now - LIFE - timedelta(minutes=2)),
        "not yet": issuer.make_token(claims, now + timedelta(minutes=5)),
        "wrong audience": seal_token(aud="another"),
        "several audiences": seal_token(aud=["cpor", "another"]),
        "wrong issuer": seal_token(iss="https://issuer.invalid"),
        "no subject": seal_token(sub=""),
        "none": f"{_encode({'alg': 'none', 'typ': 'JWT', 'kid': header['kid']})}.{body}.",
        "none with seal": f"{_encode({**header, 'alg': 'none'})}.{body}.{seal}",
        "forged": forge_token(),
        "other claims": f"{head}.{_encode({**said, 'roles': ['senior_reviewer']})}.{seal}",
        "unsealed": f"{head}.{body}.",
        "cut": good[:-8],
        "two parts": f"{head}.{body}",
        "nonsense": "x",
        "empty": "",
    }
    return {
        "missing": None,
        "basic": "Basic dTpw",
        "without scheme": good,
        "twice": f"Bearer {good} {good}",
        **{name: f"Bearer {text}" for name, text in tokens.items()},
    }


def _encode(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
