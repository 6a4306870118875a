"""The sandbox's issuer as an OpenID Connect provider, with the page "Choose who to be"."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from chalicelib.domain.directory import Partner
from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Forbidden, Malformed
from chalicelib.domain.user import User
from chalicelib.usecases.callers import PARTNER_ROLES, PROGRAMME_ROLES
from chalicelib.web.auth import sandbox_sign_in
from chalicelib.web.auth.sandbox_sign_in import AuthorizationServer, OAuthError
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.bodies import FORM, parse_form
from chalicelib.web.http.call import Call
from chalicelib.web.pages.shell import headers, public

# In the order of the page.
PARTNER_CHOICES = ("incentives_admin", "incentives_user", "billing_admin")
MAX_PARTNERS = 50  # whose people the page offers: a read for each
PROGRAMME_CHOICES = ("senior_reviewer", "operator", "auditor")
REQUEST = (
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "code_challenge",
    "code_challenge_method",
)


def describe_issuer(call: Call) -> Answer[dict[str, Any]]:
    return Answer(body=sandbox_sign_in.describe(call.services.settings))


def show_choice(call: Call) -> Answer[str]:
    """Show the people to sign in as: those of the feed, and invited ones."""
    query = _read_request(call, public.read_query(call))
    partners, reviewers = call.services.run_parallel(
        call.services.partners.list_partners, call.services.partners.list_reviewers
    )
    users = call.services.store.users
    members = call.services.run_parallel(
        *(partial(users.list, partner.organisation_id) for partner in partners[:MAX_PARTNERS])
    )
    shown = {
        "request": query,
        "members": [user for some in (*members, users.list("")) for user in some if _may(user)],
        "partners": sorted(partners, key=lambda one: one.name),
        "reviewers": _name_relations(reviewers, partners),
        "partner_roles": PARTNER_CHOICES,
        "programme_roles": PROGRAMME_CHOICES,
        "all_roles": sorted(PARTNER_ROLES | PROGRAMME_ROLES),
    }
    return public.show(call, "shell/choose_who.html", "choose.title", shown)


def choose(call: Call) -> Answer[str]:
    """Lead back to the pages with a code for the person who was chosen."""
    headers.refuse_other_sites(call.headers, call.services.settings)
    form = {name: values[-1] for name, values in _parse(call).items()}
    query = _read_request(call, form)
    code = AuthorizationServer(call.services).make_code(
        _make_claims(call, form), query["code_challenge"]
    )
    return public.redirect(call, f"/signed-in?{urlencode({'code': code, 'state': query['state']})}")


def issue_tokens(call: Call) -> Answer[dict[str, Any]]:
    """Answer the token endpoint (RFC 6749, 4.1.3 and 6)."""
    form = {name: values[-1] for name, values in _parse(call, FORM).items()}
    server = AuthorizationServer(call.services)
    try:
        return Answer(body=server.make_tokens(form, call.headers.get("authorization", "")))
    except OAuthError as error:
        return Answer(error.status, {"error": error.code})


def revoke_token(call: Call) -> Answer[dict[str, Any]]:
    """Answer the revocation endpoint (RFC 7009)."""
    form = {name: values[-1] for name, values in _parse(call, FORM).items()}
    server = AuthorizationServer(call.services)
    try:
        server.revoke(form, call.headers.get("authorization", ""))
    except OAuthError as error:
        return Answer(error.status, {"error": error.code})
    return Answer(body={})


def _parse(call: Call, content_type: str = "") -> dict[str, list[str]]:
    return parse_form(call.raw_body, content_type or call.headers.get("content-type", ""))


def _read_request(call: Call, given: dict[str, str]) -> dict[str, str]:
    """Return the authorization request. Raises Malformed for one that is not of our pages."""
    if not sandbox_sign_in.may_authorize(call.services.settings, given):
        raise Malformed([Finding(code="invalid_value", pointer="/redirect_uri")])
    return {name: given.get(name, "") for name in REQUEST}


def _make_claims(call: Call, form: dict[str, str]) -> dict[str, Any]:
    """Return the claims of the chosen person. `who`: organisation, role and name, in one button."""
    organisation, role, name = (form.get("who", "||").split("|", 2) + ["", "", ""])[:3]
    if "role" in form:
        organisation, role, name = form.get("organisation", ""), form["role"], form.get("name", "")
    roles = role.split(",")  # a person who was invited may have several
    if not set(roles) <= PARTNER_ROLES | PROGRAMME_ROLES:
        raise Forbidden
    name = name.strip()[:100] or f"{organisation or 'programme'}-{role}"
    claims: dict[str, Any] = {"sub": name, "name": name, "roles": roles}
    if organisation:
        claims["organisation_id"] = organisation
    claims["locale"] = public.choose_language(call, None)
    return claims


def _may(user: User) -> bool:
    return user.state == "active"


def _name_relations(
    reviewers: dict[str, tuple[str, ...]], partners: tuple[Partner, ...]
) -> list[tuple[str, list[str]]]:
    """Return each reviewer with the names of the partners that they are related to."""
    names = {partner.organisation_id: partner.name for partner in partners}
    return [
        (sub, [names.get(one, one) for one in related])
        for sub, related in sorted(reviewers.items())
    ]
