"""The public address and the issuer of tokens, asked as partners' machines would ask them."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from chalicelib.domain.refusals import Unavailable
from cpor.doctor.finding import Finding, deploy
from cpor.stage import Stage

SECONDS = 30  # a first answer may take a new function's whole start


def health(stage: Stage) -> Iterator[Finding]:
    """PUBLIC_BASE_URL answers, and it is this stage that does."""
    import requests

    url = f"{stage.settings_of('APIHandler').public_base_url}/v1/health"
    dns = "See that its DNS record leads to this API. The address is set by PublicBaseUrl."
    try:
        answer = requests.get(url, timeout=SECONDS, allow_redirects=False)
    except requests.RequestException as away:
        yield Finding(f"public address {url}", f"It does not answer: {type(away).__name__}.", dns)
        return
    if answer.status_code != 200:
        do = (
            dns
            if answer.status_code < 500
            else f"Read the log of the function APIHandler. {deploy(stage)}"
        )
        yield Finding(f"public address {url}", f"It answers {answer.status_code}.", do)
    elif _stage(answer.text) != stage.name:
        yield Finding(
            f"public address {url}",
            f"It is answered by {_stage(answer.text) or 'something else'}, not by {stage.name}.",
            dns,
        )


def issuer(stage: Stage) -> Iterator[Finding]:
    """Whoever signs the tokens publishes keys that can be used."""
    from chalicelib.web.auth.jwks import ALGORITHMS, remote_keys

    chosen = stage.settings_of("APIHandler")
    if not chosen.jwks_url and not chosen.sandbox:
        yield Finding(
            "issuer",
            "Nobody can sign in: JWKS_URL is empty, and only a sandbox has an issuer of its own.",
            f"make deploy STAGE={stage.name} BUCKET=… SET='OidcIssuer=https://… JwksUrl=https://…'",
        )
        return
    cognito = urlsplit(chosen.oidc_issuer).netloc.startswith("cognito-idp.")
    if cognito != (chosen.oidc_profile == "cognito"):
        yield Finding(
            f"issuer {chosen.oidc_issuer}",
            f"Its tokens are read as those of the profile {chosen.oidc_profile}: nobody can sign in.",
            f"make deploy STAGE={stage.name} BUCKET=… SET=OidcProfile={'cognito' if cognito else 'standard'}",
        )
    url = chosen.jwks_url or f"{chosen.public_base_url}/sandbox/issuer/jwks"
    try:
        keys = remote_keys(url, chosen.sandbox)().get("keys")
    except (Unavailable, ValueError) as wrong:
        yield Finding(
            f"issuer {url}",
            f"Its keys cannot be had: {wrong.__cause__ or wrong}.",
            "See that the address is right and can be reached.",
        )
        return
    if (
        not any(_usable(key) for key in keys if isinstance(key, dict))
        if isinstance(keys, list)
        else True
    ):
        yield Finding(
            f"issuer {url}",
            f"It publishes no key for {' or '.join(sorted(ALGORITHMS))}.",
            "Give it such a key, or set JwksUrl right.",
        )


def _usable(key: dict[str, Any]) -> bool:
    kind = key.get("kty") == "RSA" or (key.get("kty"), key.get("crv")) == ("EC", "P-256")
    return kind and key.get("use", "sig") == "sig" and isinstance(key.get("kid"), str)


def _stage(text: str) -> str:
    try:
        told = json.loads(text)
    except ValueError:
        return ""
    return str(told.get("stage", "")) if isinstance(told, dict) else ""
