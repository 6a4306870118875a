"""The public address and the issuer of tokens, called as a partner's program would."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests

from chalicelib.domain.refusals import Unavailable
from chalicelib.runtime.settings import Settings
from chalicelib.web.auth.jwks import ALGORITHMS, make_fetcher
from cpor.doctor.finding import Finding, deploy
from cpor.stage import Stage

TIMEOUT = 30  # seconds: a first answer may take the whole start of a new function
DNS = "Check that its DNS record leads to this API. The address is set by PublicBaseUrl."


def check_health(stage: Stage) -> Iterator[Finding]:
    """Check that PUBLIC_BASE_URL answers, and that it is this stage as it was deployed."""
    chosen = stage.settings_of("APIHandler")
    url = f"{chosen.public_base_url}/v1/health"
    where = f"public address {url}"
    try:
        response = requests.get(url, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        yield Finding(where, f"It does not answer: {type(error).__name__}.", DNS)
        return
    if response.status_code >= 500:
        advice = f"Read the log of the function APIHandler. {deploy(stage)}"
        yield Finding(where, f"It answers {response.status_code}.", advice)
    elif response.status_code != 200:
        yield Finding(where, f"It answers {response.status_code}.", DNS)
    elif (name := _read_field(response.text, "stage")) != stage.name:
        wrong = f"The answer is from {name or 'something else'}, not from {stage.name}."
        yield Finding(where, wrong, DNS)
    elif (build := _read_field(response.text, "build")) != chosen.build:
        wrong = f"The answer is from build {build or 'unknown'}, deployed is {chosen.build}."
        yield Finding(where, wrong, f"Wait a minute; if it stays so: {deploy(stage)}")


def check_issuer(stage: Stage) -> Iterator[Finding]:
    """Check that the issuer of tokens publishes keys that can be used."""
    chosen = stage.settings_of("APIHandler")
    if not chosen.jwks_url and not chosen.sandbox:
        wrong = "Nobody can sign in: JWKS_URL is empty, and only a sandbox has its own issuer."
        advice = deploy(stage, "'OidcIssuer=https://… JwksUrl=https://…'")
        yield Finding("issuer", wrong, advice)
        return
    yield from _check_profile(stage, chosen)
    url = chosen.jwks_url or f"{chosen.public_base_url}/sandbox/issuer/jwks"
    yield from _check_keys(url, chosen.sandbox)


def _check_profile(stage: Stage, chosen: Settings) -> Iterator[Finding]:
    is_cognito = urlsplit(chosen.oidc_issuer).netloc.startswith("cognito-idp.")
    profile = "cognito" if is_cognito else "standard"
    if (chosen.oidc_profile == "cognito") != is_cognito:
        wrong = f"Its tokens are read with the profile {chosen.oidc_profile}: nobody can sign in."
        advice = deploy(stage, f"OidcProfile={profile}")
        yield Finding(f"issuer {chosen.oidc_issuer}", wrong, advice)


def _check_keys(url: str, is_sandbox: bool) -> Iterator[Finding]:
    where = f"issuer {url}"
    try:
        keys = make_fetcher(url, is_sandbox)().get("keys")
    except (Unavailable, ValueError) as error:
        wrong = f"Its keys cannot be fetched: {error.__cause__ or error}."
        yield Finding(where, wrong, "Check that the address is right and can be reached.")
        return
    if not isinstance(keys, list) or not any(map(_is_usable, keys)):
        algorithms = " or ".join(sorted(ALGORITHMS))
        wrong = f"It publishes no key for {algorithms}."
        yield Finding(where, wrong, "Give it such a key, or correct JwksUrl.")


def _is_usable(key: Any) -> bool:
    if not isinstance(key, dict):
        return False
    kind = key.get("kty") == "RSA" or (key.get("kty"), key.get("crv")) == ("EC", "P-256")
    return kind and key.get("use", "sig") == "sig" and isinstance(key.get("kid"), str)


def _read_field(text: str, name: str) -> str:
    try:
        body = json.loads(text)
    except ValueError:
        return ""
    return str(body.get(name, "")) if isinstance(body, dict) else ""
