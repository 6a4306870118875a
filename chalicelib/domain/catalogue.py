"""What can be claimed, by whom and how: dated editions and the offer of products and workloads
(domain.md, "What can be claimed").

The edition in force on the day of submission governs a claim for its whole life. SKUs and service
plans are compared without regard to case: directories spell them in more than one way.
"""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Literal

from chalicelib.domain.base import Frozen
from chalicelib.domain.refusals import NotFound

# Any other channel is unknown (domain.md, "Checks at entry", `purchase_channel_unknown`).
CHANNELS = frozenset({"volume_licensing", "web_direct", "csp"})


class Role(Frozen):
    """A partner role.

    aliases: old names that stay accepted.
    purposes: what it is for.
    engagement: what a location must be enrolled in.
    channels: through which a subscription may have been bought.
    """

    code: str
    aliases: tuple[str, ...] = ()
    purposes: tuple[str, ...]
    engagement: str
    incentivised: bool
    channels: tuple[str, ...]


class Area(Frozen):
    """A solution area.

    aliases: old names that stay accepted.
    claims: whether its items are products (with a subscription) or workloads.
    """

    code: str
    aliases: tuple[str, ...] = ()
    claims: Literal["product", "workload"]
    partner_roles: tuple[Role, ...]

    def find_role(self, name: str) -> Role | None:
        """Return the role of this code or old name."""
        return next(
            (role for role in self.partner_roles if name in {role.code, *role.aliases}), None
        )

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels of any of its roles, for a look-up made before a role is chosen."""
        return tuple(
            dict.fromkeys(channel for role in self.partner_roles for channel in role.channels)
        )


class Product(Frozen):
    """A product.

    skus: SKU part number → SKU id.
    proving_plans: service plan → plan id; one of them shows that the product is provisioned.
    """

    code: str
    name: str
    skus: dict[str, str]
    proving_plans: dict[str, str]

    @property
    def sku_part_numbers(self) -> tuple[str, ...]:
        """The part numbers of its SKUs."""
        return tuple(self.skus)

    def is_sold_as(self, sku_part_number: str) -> bool:
        """Return whether a subscription to this SKU is one for the product."""
        return sku_part_number.upper() in _upper(self.skus)

    def is_proven_by(self, plans: Iterable[str]) -> bool:
        """Return whether one of these service plans shows that the product is provisioned."""
        return not _upper(self.proving_plans).isdisjoint(_upper(plans))


class Workload(Frozen):
    """A workload.

    service_plans: service plan → plan id; one of them shows that the workload is provisioned.
    skus: the SKU part numbers that count.
    """

    code: str
    name: str
    service_plans: dict[str, str]
    skus: tuple[str, ...]

    @cached_property
    def _counting(self) -> frozenset[str]:
        return _upper(self.skus)

    def is_carried_by(self, sku_part_number: str) -> bool:
        """Return whether a subscription to this SKU carries the workload and counts."""
        return sku_part_number.upper() in self._counting

    def is_proven_by(self, plans: Iterable[str]) -> bool:
        """Return whether one of these service plans shows that the workload is provisioned."""
        return not _upper(self.service_plans).isdisjoint(_upper(plans))


class Offer(Frozen):
    """What can be claimed.

    dynamics_family: the part numbers of the whole Dynamics family, add-ons and trials included.
    sku_ids: the ids of every known SKU.
    """

    products: tuple[Product, ...]
    workloads: tuple[Workload, ...]
    dynamics_family: tuple[str, ...]
    sku_ids: frozenset[str]

    @cached_property
    def _family(self) -> frozenset[str]:
        return _upper(self.dynamics_family)

    def is_dynamics_sku(self, sku_part_number: str) -> bool:
        """Return whether a SKU is a Business Applications one, add-ons and trials included."""
        return sku_part_number.upper() in self._family


class Edition(Frozen):
    """The rules in force from a day on.

    submitters: the roles that may submit.
    most_items: how many items a filing may have.
    unusual_partner_types: partner types of a location that cause a warning.
    deadlines: kind → ISO 8601 length, `BD` for business days (`domain.deadlines`).
    """

    code: str
    valid_from: date
    offer: Offer
    submitters: tuple[str, ...]
    most_items: int
    unusual_partner_types: tuple[str, ...] = ()
    solution_areas: tuple[Area, ...]
    deadlines: dict[str, str]

    def find_area(self, name: str) -> Area | None:
        """Return the solution area of this code or old name."""
        return next(
            (area for area in self.solution_areas if name in {area.code, *area.aliases}), None
        )

    def find_product(self, code: str) -> Product | None:
        """Return the product of this code."""
        return next((product for product in self.offer.products if product.code == code), None)

    def find_workload(self, code: str) -> Workload | None:
        """Return the workload of this code."""
        return next((workload for workload in self.offer.workloads if workload.code == code), None)

    def find_name(self, code: str) -> str:
        """Return a product's or workload's proper name, which is never translated.

        An unknown code is its own name.
        """
        known = self.find_product(code) or self.find_workload(code)
        return known.name if known else code


class Catalogue(Frozen):
    """All editions."""

    editions: tuple[Edition, ...]

    def list_item_codes(self) -> list[str]:
        """Return the codes of the products and workloads that any edition has, in order."""
        offers = [edition.offer for edition in self.editions]
        products = {product.code for offer in offers for product in offer.products}
        workloads = {workload.code for offer in offers for workload in offer.workloads}
        return sorted(products | workloads)

    def list_areas(self) -> dict[str, Area]:
        """Return the solution areas that any edition has, by code and old name."""
        areas = [area for edition in self.editions for area in edition.solution_areas]
        return {name: area for area in areas for name in (area.code, *area.aliases)}

    def find_edition_on(self, day: date, pinned: str = "") -> Edition:
        """Return the edition in force on a day, or the pinned one.

        Raise NotFound before the first edition.
        """
        if pinned:
            return self.find_edition(pinned)
        begun = [edition for edition in self.editions if edition.valid_from <= day]
        if not begun:
            raise NotFound("no_edition_in_force", on=day.isoformat())
        return max(begun, key=lambda edition: edition.valid_from)

    def find_edition(self, code: str) -> Edition:
        """Return an edition by code. Raise NotFound."""
        for edition in self.editions:
            if edition.code == code:
                return edition
        raise NotFound("edition_unknown", edition=code)


def _upper(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.upper() for name in names)
