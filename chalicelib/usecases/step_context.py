"""The context of a step: the moment, the calendars and the deadlines of the governing edition."""

from datetime import datetime

from chalicelib.domain.deadlines import CalendarRegion, StepContext
from chalicelib.ports import Services


def make_step_context(services: Services, edition: str, now: datetime) -> StepContext:
    """Make the context of a step at this moment.

    Deadlines are those of `edition`, which governs the claim. Who may submit follows from the
    edition in force today.
    """
    settings = services.settings
    programme = CalendarRegion(
        country=settings.programme_country, zone=settings.programme_time_zone
    )
    today = services.catalogue.find_edition_on(now.date(), settings.catalogue_edition)
    return StepContext(
        now,
        services.calendars,
        programme,
        services.catalogue.find_edition(edition).deadlines,
        submitters=today.submitters,
    )
