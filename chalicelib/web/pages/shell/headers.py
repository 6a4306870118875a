"""Security headers of the pages for people who sign in, cookies, and where a form came from."""

import re
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from chalicelib.domain.refusals import Forbidden
from chalicelib.runtime.settings import Settings

SESSION = "session"
SIGN_IN = "signin"
LANGUAGE = "language"
SIGN_IN_SECONDS = 600  # pages.md, section 3
SESSION_SECONDS = 12 * 3600
LANGUAGE_SECONDS = 365 * 86_400
# Own paths only, in characters that mean nothing to a browser but themselves.
OWN_PATH = re.compile(r"/(?:[A-Za-z0-9_~][A-Za-z0-9._~-]*(?:/[A-Za-z0-9_~][A-Za-z0-9._~-]*)*/?)?")
OWN_QUERY = re.compile(r"[A-Za-z0-9._~%&=+:-]*")
LONGEST_PATH = 500  # characters


def make_headers(bucket_origin: str = "", is_viewer: bool = False) -> dict[str, str | list[str]]:
    """Return the security headers of a page (pages.md, section 2).

    bucket_origin: of the bucket of evidence, where the browser may reach it.
    is_viewer: of the API reference, whose viewer sets styles from its script.
    """
    bucket = f" {bucket_origin}" if bucket_origin else ""
    styles = " 'unsafe-inline'" if is_viewer else ""
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'{styles}; "
        f"img-src 'self'{bucket}; connect-src 'self'{bucket}; "
        + (f"frame-src{bucket}; " if bucket else "")
        + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    return {"Content-Security-Policy": policy, "Referrer-Policy": "same-origin"}


def refuse_other_sites(headers: Mapping[str, str], settings: Settings) -> None:
    """Raise Forbidden for a form that was not sent from one of our own pages.

    Browsers say so in `Sec-Fetch-Site`; old ones say the origin, and what says nothing is refused.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site != "same-origin":
            raise Forbidden("cross_site")
    elif headers.get("origin") != find_origin(settings.public_base_url):
        raise Forbidden("cross_site")


def find_origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def is_own_path(to: str) -> bool:
    """Return whether a text is a path of ours, with or without a query, and nothing else."""
    path, _, query = to.partition("?")
    fits = OWN_PATH.fullmatch(path) and OWN_QUERY.fullmatch(query)
    return bool(fits) and len(to) <= LONGEST_PATH


def read_cookie(headers: Mapping[str, str], settings: Settings, name: str) -> str:
    """Return the value of one of our cookies, '' without it, and where there are two of a name."""
    header, wanted = headers.get("cookie") or "", name_cookie(settings, name)
    if len(re.findall(rf"(?:^|[;,]\s*){re.escape(wanted)}=", header)) != 1:
        return ""
    cookies = SimpleCookie()
    try:
        cookies.load(header)
    except CookieError:
        return ""
    return cookies[wanted].value if wanted in cookies else ""


def make_cookie(settings: Settings, name: str, value: str, seconds: int) -> str:
    """Return a Set-Cookie header; `seconds` 0 deletes the cookie."""
    secure = "; Secure" if is_https(settings) else ""
    return (
        f"{name_cookie(settings, name)}={value}; Path=/; Max-Age={seconds}{secure}; HttpOnly; "
        "SameSite=Lax"
    )


def name_cookie(settings: Settings, name: str) -> str:
    """Return a cookie's name. With `__Host-` no other host can set it; it needs HTTPS."""
    return f"__Host-{name}" if is_https(settings) else name


def is_https(settings: Settings) -> bool:
    return settings.public_base_url.startswith("https://")
