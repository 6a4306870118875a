"""Assign a customer and a partner to each script of a demonstration."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from chalicelib.aws.feed import Feed
from chalicelib.aws.queue import run_in_order
from chalicelib.aws.store import DynamoStore
from chalicelib.directory.registry import Registry
from chalicelib.domain.directory import Partner
from chalicelib.net.domain_names import initial_suffix
from chalicelib.ports import Services
from cpor.buffered_rows import BufferedRows
from cpor.demo_customers import DemoCustomer
from cpor.demo_run import AREAS, DemoClaim
from cpor.demo_script import Script


def buffer_services(services: Services, rows: BufferedRows) -> Services:
    """Return the same services over buffered rows, with the operator's feed as directory."""
    suffix = initial_suffix(services.settings.live_authority)
    registry = Registry(Feed(rows), services.clock, run_in_order, suffix)
    return services.evolve(
        store=DynamoStore(rows, run_in_order),
        directory=registry,
        partners=registry,
        run_parallel=run_in_order,
    )


def assign_scripts(
    services: Services, scripts: Sequence[Script], customers: Sequence[DemoCustomer], now: datetime
) -> Iterator[DemoClaim]:
    """Yield each script with its customer, and a partner whose location may claim the item."""
    partners = _list_claimants(services, now)
    for script in scripts:
        customer = customers[script.customer]
        area = AREAS[next(iter(customer.items[script.item]))]
        claimants = partners.get(area)
        if claimants:
            # A few partners file most claims.
            partner, location, role = claimants[
                int(len(claimants) * (script.partner / 1000) ** 1.7)
            ]
            yield DemoClaim(script, customer, partner, location, role)


def _list_claimants(services: Services, now: datetime) -> dict[str, list[tuple[Partner, str, str]]]:
    """List for each area the possible claimants: partner, location and role."""
    found: dict[str, list[tuple[Partner, str, str]]] = {}
    edition = services.catalogue.find_edition_on(now.date())
    for organisation_id in services.store.insights.list_partners():
        partner = services.partners.partner(organisation_id)
        for location in partner.location_ids if partner else ():
            for area in edition.solution_areas:
                for role in area.partner_roles:
                    is_simple = role.code != "influenced_revenue_recognition"
                    if partner and is_simple and role.engagement in location.enrolled:
                        row = (partner, location.id, role.code)
                        found.setdefault(area.code, []).append(row)
    return found
