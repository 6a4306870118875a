"""Check the caller's side: who may submit, and for which of the organisation's locations."""

from chalicelib.domain.catalogue import Edition
from chalicelib.domain.checks.context import AreaAndRole, CheckContext, Findings
from chalicelib.domain.directory import Location
from chalicelib.domain.filing import Filing
from chalicelib.domain.findings import Finding


def check_submitter(roles: frozenset[str], edition: Edition) -> Findings:
    """Check that one of the caller's roles may submit under the edition."""
    if roles.isdisjoint(edition.submitters):
        yield Finding(
            code="submitter_not_allowed",
            values={"allowed": ", ".join(edition.submitters), "edition": edition.code},
        )


def check_location(filing: Filing, selected: AreaAndRole, context: CheckContext) -> Findings:
    """Check that the location is the organisation's own, enrolled, and of a usual partner type."""
    if not filing.location:
        return
    pointer = "/location_id" if filing.location_id else "/mpn_id"
    own = next(
        (location for location in context.partner.location_ids if location.id == filing.location),
        None,
    )
    if not own:
        yield Finding(
            code="location_not_yours", pointer=pointer, values={"location_id": filing.location}
        )
        return
    yield from _check_enrolment(own, pointer, selected, context)
    if own.partner_type in context.edition.unusual_partner_types:
        yield Finding(
            code="partner_type_unusual",
            pointer=pointer,
            warning=True,
            values={"location_id": own.id, "partner_type": own.partner_type or ""},
        )


def _check_enrolment(
    own: Location, pointer: str, selected: AreaAndRole, context: CheckContext
) -> Findings:
    if selected.role and selected.role.engagement not in own.enrolled:
        yield context.build_finding(
            "location_not_enrolled",
            pointer,
            location_id=own.id,
            engagement=selected.role.engagement,
            enrolment_url=context.enrolment_url,
        )
