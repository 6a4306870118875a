"""The caller, and what they have chosen for the pages."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from chalicelib.domain import preferences as domain
from chalicelib.domain.filing import RequestValue
from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Invalid
from chalicelib.domain.text_types import ONE_LINE, Line
from chalicelib.text.i18n import LANGUAGES
from chalicelib.text.time_zones import is_zone
from chalicelib.usecases import preferences
from chalicelib.usecases.display_names import load_display_names
from chalicelib.web.api.request_models import Name
from chalicelib.web.api.response_models import me as models
from chalicelib.web.api.responses import make_request, require_caller
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call

Language = Literal[LANGUAGES]  # type: ignore[valid-type]  # one list
Query = Annotated[str, StringConstraints(max_length=domain.MAX_QUERY, pattern=ONE_LINE)]


class View(RequestValue):
    """A list as somebody filtered it."""

    name: Name
    query: Query = ""


class PreferencesPatch(RequestValue):
    """What is left out stays, null goes back to what is usual."""

    language: Language | None = None
    time_zone: Line | None = None
    shortcuts: bool | None = None
    views: Annotated[tuple[View, ...] | None, Field(max_length=domain.MAX_VIEWS)] = None


class MePatch(RequestValue):
    """A merge patch (RFC 7396) of the caller, of whom only the preferences change here."""

    preferences: PreferencesPatch | None = Field(default_factory=PreferencesPatch)


def show_me(call: Call) -> Answer[models.Me]:
    caller = require_caller(call)
    return _answer(call, preferences.load_preferences(call.services, caller))


def change_preferences(call: Call, body: MePatch) -> Answer[models.Me]:
    """Change the members that were sent. Raises Invalid for a zone that does not exist."""
    changes = _list_changes(body.preferences)
    request = make_request(call)
    return _answer(call, preferences.change_preferences(call.services, request, changes))


def _list_changes(patch: PreferencesPatch | None) -> dict[str, Any]:
    """Return the new values by name. What is null, alone or as a whole, gets its usual value."""
    usual = domain.Preferences(sub="")
    if patch is None:
        return {name: getattr(usual, name) for name in PreferencesPatch.model_fields}
    if patch.time_zone and not is_zone(patch.time_zone):
        raise Invalid([Finding(code="invalid_value", pointer="/preferences/time_zone")])
    changes = {name: getattr(patch, name) for name in patch.model_fields_set}
    changes |= {name: getattr(usual, name) for name in changes if changes[name] is None}
    if patch.views:
        changes["views"] = tuple(domain.SavedView(**view.model_dump()) for view in patch.views)
    return changes


def _answer(call: Call, chosen: domain.Preferences) -> Answer[models.Me]:
    caller = require_caller(call)
    organisations = [caller.organisation_id] if caller.organisation_id else []
    names = load_display_names(call.services, (), organisations).partners
    body: models.Me = {
        "sub": caller.sub,
        "name": caller.name,
        "organisation_id": caller.organisation_id,
        "organisation_name": names.get(caller.organisation_id or ""),
        "roles": sorted(caller.roles),
        "preferences": {
            "language": chosen.language,
            "time_zone": chosen.time_zone,
            "shortcuts": chosen.shortcuts,
            "views": [{"name": view.name, "query": view.query} for view in chosen.views],
        },
        "version": chosen.rev,
    }
    return Answer(body=body, etag=str(chosen.rev))
