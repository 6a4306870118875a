"""Who may come in: the roles that a route asks for, against those that a caller really has."""

from dataclasses import replace

from chalicelib.domain.refusals import Forbidden
from chalicelib.web.http.call import PARTNER, PROGRAMME, Caller


def authorised(caller: Caller, who: frozenset[str]) -> Caller:
    """The caller with the roles that mean something for them, if one of those is wanted.

    Raises `Forbidden`: `mixed_roles` for an organisation with a programme role, anywhere.
    """
    if caller.organisation_id is not None and caller.roles & PROGRAMME:
        raise Forbidden("mixed_roles")
    roles = caller.roles & (PROGRAMME if caller.organisation_id is None else PARTNER)
    if not roles & who:
        raise Forbidden
    return replace(caller, roles=roles)
