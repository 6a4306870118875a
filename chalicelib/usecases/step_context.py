"""The context of a step: the moment, the calendars and the deadlines of the governing edition."""

from datetime import datetime

from chalicelib.domain.calendars import CalendarRegion
from chalicelib.domain.catalogue import Edition
from chalicelib.domain.deadlines import StepContext
from chalicelib.ports import Services


def make_step_context(services: Services, now: datetime, edition: str | None = None) -> StepContext:
    """Make the context of a step, once per request.

    It is governed by `edition` (its code), or by the edition in force today. Who may submit always
    follows from the edition in force today.
    """
    settings, today = services.settings, find_current_edition(services, now)
    ctx = StepContext(
        now,
        services.calendars,
        CalendarRegion(country=settings.programme_country, zone=settings.programme_time_zone),
        services.catalogue,
        today,
        submitters=today.submitters,
    )
    return ctx.apply_edition(edition) if edition else ctx


def find_current_edition(services: Services, now: datetime) -> Edition:
    """Find the edition in force today, or the one that the settings pin."""
    return services.catalogue.find_edition_on(now.date(), services.settings.catalogue_edition)


def find_item_name(services: Services, now: datetime, code: str, edition: str | None) -> str:
    """Find the name of a product or workload, by the edition in force if none is given."""
    known = (
        services.catalogue.find_edition(edition) if edition else find_current_edition(services, now)
    )
    return known.find_name(code)
