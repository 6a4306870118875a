"""Signing in and out: OpenID Connect, authorization code with PKCE (pages.md, section 3)."""

import hmac
import re

from chalicelib.domain.refusals import Forbidden, Refusal
from chalicelib.usecases.callers import PARTNER_ROLES, PROGRAMME_ROLES, Caller
from chalicelib.web.auth.oidc import VERIFIER, SignIn, make_secret
from chalicelib.web.auth.sessions import SECRET_BYTES
from chalicelib.web.http.access import authorise
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.bodies import parse_form
from chalicelib.web.http.call import Call
from chalicelib.web.pages.page_table import PAGES
from chalicelib.web.pages.shell import headers, people, public
from chalicelib.web.pages.shell.page import find_page

STATE = re.compile(r"[A-Za-z0-9_-]{43}")
LONGEST_CODE = 2048  # characters; Cognito's have 36


def begin(call: Call) -> Answer[str]:
    """Lead to the issuer, and remember in a cookie what began here."""
    to = public.read_query(call).get("to", "")
    random = call.services.random_bytes
    sign_in = SignIn(
        state=make_secret(random(SECRET_BYTES)),
        verifier=make_secret(random(SECRET_BYTES)),
        to=to if headers.is_own_path(to) else "/",
    )
    address = people.make_client(call).make_authorization_url(sign_in)
    kept = f"{sign_in.state}|{sign_in.verifier}|{sign_in.to}"
    settings = call.services.settings
    cookie = headers.make_cookie(settings, headers.SIGN_IN, kept, headers.SIGN_IN_SECONDS)
    return public.lead_to(call, address, [cookie])


def finish(call: Call) -> Answer[str]:
    """Take the code that the issuer sent the person back with, and open a session."""
    settings = call.services.settings
    forget = headers.make_cookie(settings, headers.SIGN_IN, "", 0)
    sign_in = _read_sign_in(call)
    query = public.read_query(call)
    code, state = query.get("code", ""), query.get("state", "")
    if sign_in is None or not hmac.compare_digest(sign_in.state.encode(), state.encode()):
        return _fail(call, forget)
    if not code or len(code) > LONGEST_CODE:
        return _fail(call, forget)
    keeper = people.make_keeper(call)
    try:
        tokens = people.make_client(call).exchange_code(code, sign_in.verifier)
        cookie, signed_in = keeper.open(tokens)
    except Refusal as refusal:
        if refusal.status != 401:
            raise
        return _fail(call, forget)
    before = headers.read_cookie(call.headers, settings, headers.SESSION)
    if earlier := keeper.find(before) if before else None:
        keeper.close(earlier.session)
    session = headers.make_cookie(settings, headers.SESSION, cookie, headers.SESSION_SECONDS)
    to = _choose_target(signed_in.caller, sign_in.to)
    answer = public.redirect(call, to, [forget, session])
    return Answer(answer.status, headers=answer.headers, caller=signed_in.caller)


def sign_out(call: Call) -> Answer[str]:
    """Close the session, here or in all browsers, and go through the issuer's logout."""
    settings = call.services.settings
    headers.refuse_other_sites(call.headers, settings)
    form = parse_form(call.raw_body, call.headers.get("content-type", "")) if call.raw_body else {}
    signed_in = people.find_signed_in(call)
    if signed_in:
        people.make_keeper(call).close(signed_in.session, everywhere="everywhere" in form)
    logout = people.make_client(call).make_logout_url()
    answer = public.show(call, "shell/signed_out.html", "signed_out.title", {"logout": logout})
    cookies = headers.make_cookie(settings, headers.SESSION, "", 0)
    # A redirect of a form would need the issuer in `form-action` of every page.
    more = {"Set-Cookie": [cookies]} | ({"Refresh": f"0;url={logout}"} if logout else {})
    return Answer(answer.status, answer.body, headers=dict(answer.headers) | more)


def _read_sign_in(call: Call) -> SignIn | None:
    kept = headers.read_cookie(call.headers, call.services.settings, headers.SIGN_IN)
    state, _, rest = kept.partition("|")
    verifier, _, to = rest.partition("|")
    if not STATE.fullmatch(state) or not VERIFIER.fullmatch(verifier):
        return None
    return SignIn(state, verifier, to if headers.is_own_path(to) else "/")


def _fail(call: Call, forget: str) -> Answer[str]:
    answer = public.show(call, "shell/sign_in_failed.html", "sign_in_failed.title", {}, status=400)
    return Answer(
        answer.status,
        answer.body,
        headers=dict(answer.headers) | {"Set-Cookie": [forget]},
        code="sign_in_failed",
    )


def _choose_target(caller: Caller, to: str) -> str:
    """Return where a person goes after signing in: where they wanted to, if they may see it."""
    found = find_page(PAGES, "GET", to.partition("?")[0])
    if found is not None:
        try:
            authorise(caller, found[0].roles)
        except Forbidden:
            return find_home(caller)
        return to
    return find_home(caller)


def find_home(caller: Caller) -> str:
    """Return the first page for a person, by the roles they have."""
    if caller.organisation_id is None and caller.roles & PROGRAMME_ROLES:
        return "/desk"
    return "/portal" if caller.roles & PARTNER_ROLES else "/"
