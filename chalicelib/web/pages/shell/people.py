"""Who is signed in."""

from chalicelib.domain.refusals import Unavailable
from chalicelib.usecases.callers import Caller
from chalicelib.web.auth.oidc import Client, HttpTransport
from chalicelib.web.auth.sessions import SessionKeeper, SignedIn
from chalicelib.web.http.call import Call
from chalicelib.web.pages.shell import headers
from chalicelib.web.pages.shell.sandbox_transport import SandboxTransport


def find_signed_in(call: Call) -> SignedIn | None:
    """Return who sent a request, by its session cookie."""
    cookie = headers.read_cookie(call.headers, call.services.settings, headers.SESSION)
    return make_keeper(call).find(cookie) if cookie else None


def make_keeper(call: Call) -> SessionKeeper:
    """Return what opens, finds and closes sessions."""
    return SessionKeeper(call.services, make_client(call), call.verify)


def make_client(call: Call) -> Client:
    """Return the pages as the issuer knows them. Raises Unavailable without a secret."""
    settings = call.services.settings
    transport = HttpTransport() if settings.jwks_url else SandboxTransport(call)
    return Client(settings, call.services.secrets.oidc_client_secret, transport)


def find_zone(call: Call, caller: Caller) -> str:
    """Return the time zone of a person's organisation, or of the programme."""
    programme = call.services.settings.programme_time_zone
    if caller.organisation_id is None:
        return programme
    try:
        partner = call.services.partners.partner(caller.organisation_id)
    except Unavailable:
        return programme
    return (partner.time_zone if partner else None) or programme
