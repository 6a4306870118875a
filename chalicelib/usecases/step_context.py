"""The context of a step: the moment, the calendars and the deadlines of the governing edition."""

from datetime import datetime

from chalicelib.domain.deadlines import CalendarRegion, StepContext
from chalicelib.ports import Services


def make_step_context(services: Services, now: datetime, edition: str | None = None) -> StepContext:
    """Make the context of a step, once per request.

    Deadlines are those of `edition` (its code), or of the edition in force today. Who may submit
    always follows from the edition in force today.
    """
    settings = services.settings
    today = services.catalogue.find_edition_on(now.date(), settings.catalogue_edition)
    ctx = StepContext(
        now,
        services.calendars,
        CalendarRegion(country=settings.programme_country, zone=settings.programme_time_zone),
        today.deadlines,
        submitters=today.submitters,
        edition=today.code,
    )
    return apply_edition(services, ctx, edition) if edition else ctx


def apply_edition(services: Services, ctx: StepContext, edition: str) -> StepContext:
    """Return the same context with the deadlines of another edition, given by its code."""
    if ctx.edition == edition:
        return ctx
    return ctx._replace(
        edition=edition, deadlines=services.catalogue.find_edition(edition).deadlines
    )
