"""The caller, and what they have chosen for the pages."""

from typing import Annotated, Literal

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
    """A merge patch (RFC 7396): what is left out stays, null goes back to what is usual."""

    language: Language | None = None
    time_zone: Line | None = None
    shortcuts: bool | None = None
    views: Annotated[tuple[View, ...] | None, Field(max_length=domain.MAX_VIEWS)] = None


def show_me(call: Call) -> Answer[models.Me]:
    caller = require_caller(call)
    return _answer(call, preferences.load_preferences(call.services, caller))


def change_preferences(call: Call, body: PreferencesPatch) -> Answer[models.Me]:
    """Change the members that were sent. Raises Invalid for a zone that does not exist."""
    if body.time_zone and not is_zone(body.time_zone):
        raise Invalid([Finding(code="invalid_value", pointer="/time_zone")])
    # A member that is null goes back to the model's default.
    changes = {
        name: getattr(body, name)
        for name in body.model_fields_set
        if getattr(body, name) is not None
    }
    usual = domain.Preferences(sub="")
    changes |= {name: getattr(usual, name) for name in body.model_fields_set - set(changes)}
    if body.views:
        changes["views"] = tuple(domain.SavedView(**view.model_dump()) for view in body.views)
    request = make_request(call)
    return _answer(call, preferences.change_preferences(call.services, request, changes))


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
