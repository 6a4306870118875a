"""The caller, and what they have chosen for the pages."""

from chalicelib.web.api.response_models.base import Shape


class SavedView(Shape):
    name: str
    query: str


class PreferencesOfMe(Shape):
    language: str | None
    time_zone: str | None
    shortcuts: bool
    views: list[SavedView]


class Me(Shape):
    sub: str
    name: str
    organisation_id: str | None
    organisation_name: str | None
    roles: list[str]
    preferences: PreferencesOfMe
    version: int
