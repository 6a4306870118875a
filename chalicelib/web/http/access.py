"""Authorisation: the roles that a route asks for, against those that a caller really has."""

from dataclasses import replace

from chalicelib.domain.refusals import Forbidden
from chalicelib.usecases.callers import PARTNER_ROLES, PROGRAMME_ROLES, Caller


def authorise(caller: Caller, roles: frozenset[str]) -> Caller:
    """Return the caller with those of their roles that have a meaning for them.

    Raises Forbidden if none of them is among `roles`, and `mixed_roles` for an organisation's
    caller with a role of the programme.
    """
    if caller.organisation_id is not None and caller.roles & PROGRAMME_ROLES:
        raise Forbidden("mixed_roles")
    own = caller.roles & (PROGRAMME_ROLES if caller.organisation_id is None else PARTNER_ROLES)
    if not own & roles:
        raise Forbidden
    return replace(caller, roles=own)
