"""Signs people in at the pages of a user pool on the emulator, as a browser does."""

import base64
import hashlib
import re
from urllib.parse import parse_qs, urlparse

import requests

from cpor.stage import Stage

PASSWORD = "correct horse battery 9A!"
SECONDS = 30


def sign_in(stage: Stage, name: str, scope: str) -> dict[str, str]:
    """Return the tokens after authorization code with PKCE.

    The emulator, the endpoint of the stage, serves the pool's pages.
    """
    endpoint, proof = stage.endpoint, "x" * 43
    digest = hashlib.sha256(proof.encode()).digest()
    pool, client_id = stage.output("UserPoolId"), stage.output("PagesClientId")
    client = stage.client("cognito-idp").describe_user_pool_client(
        UserPoolId=pool, ClientId=client_id
    )["UserPoolClient"]
    (back,) = client["CallbackURLs"]
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": back,
        "scope": scope,
        "state": "s",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    page = requests.get(f"{endpoint}/oauth2/authorize", params=query, timeout=SECONDS).text
    form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    form |= {"username": name, "password": PASSWORD}
    answer = requests.post(f"{endpoint}/login", data=form, allow_redirects=False, timeout=SECONDS)
    code = parse_qs(urlparse(answer.headers["Location"]).query)["code"][0]
    tokens: dict[str, str] = requests.post(
        f"{endpoint}/oauth2/token",
        timeout=SECONDS,
        auth=(client_id, client["ClientSecret"]),
        data={
            "grant_type": "authorization_code",
            "client_id": client_id,
            "code": code,
            "redirect_uri": back,
            "code_verifier": proof,
        },
    ).json()
    return tokens
