"""Names of customers and partners next to their ids, wherever people read them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from chalicelib.domain.directory import Partner, Tenant
from chalicelib.domain.ids import tenant_key
from chalicelib.ports import Services
from chalicelib.text.cleaning import clean_line


@dataclass(frozen=True)
class DisplayNames:
    """Names by id, of those that the directory knows.

    Attributes:
        customers: by tenant id.
        partners: by organisation id.
    """

    customers: Mapping[str, str]
    partners: Mapping[str, str]

    def add(self, others: "DisplayNames") -> "DisplayNames":
        """Return these names and others."""
        return DisplayNames(
            {**self.customers, **others.customers}, {**self.partners, **others.partners}
        )


NO_NAMES = DisplayNames({}, {})


def load_display_names(
    services: Services, tenant_ids: Iterable[str], organisation_ids: Iterable[str]
) -> DisplayNames:
    """Load names, in one round trip. An id that cannot be looked up has no name."""
    tenants, organisations = sorted(set(tenant_ids)), sorted(set(organisation_ids))
    reads: list[Callable[[], Tenant | Partner | None]] = [
        partial(services.directory.tenant, tenant_key(tenant)) for tenant in tenants
    ]
    reads += [partial(services.partners.partner, organisation) for organisation in organisations]
    found = services.run_parallel(*reads) if reads else ()
    names = [clean_line(one.name) if one else "" for one in found]
    customers = zip(tenants, names[: len(tenants)], strict=True)
    partners = zip(organisations, names[len(tenants) :], strict=True)
    return DisplayNames(
        {key: name for key, name in customers if name},
        {key: name for key, name in partners if name},
    )
