"""A person's own preferences."""

from typing import Any

from chalicelib.domain.preferences import Preferences
from chalicelib.domain.refusals import StaleVersion
from chalicelib.ports import Conflict, Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.request import Request


def load_preferences(services: Services, caller: Caller) -> Preferences:
    """Return the caller's preferences, the usual ones when nothing was ever saved."""
    owner = caller.organisation_id or ""
    found = services.store.preferences.get(owner, caller.sub)
    return found or Preferences(organisation_id=owner, sub=caller.sub)


def change_preferences(
    services: Services, request: Request, changes: dict[str, Any]
) -> Preferences:
    """Change some of the caller's preferences. Raises StaleVersion."""
    before = load_preferences(services, request.caller)
    request.refuse_stale(before.rev)
    after = before.evolve(**changes, rev=before.rev + 1)
    try:
        services.store.preferences.save(after)
    except Conflict as lost:
        raise StaleVersion(version=str(after.rev)) from lost
    return after
