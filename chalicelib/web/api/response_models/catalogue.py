"""The catalogue in force, and a partner's locations."""

from chalicelib.web.api.response_models.base import Date, Shape


class PartnerRole(Shape):
    code: str
    name: str
    applicable_for: str
    purpose: list[str]
    aliases: list[str]
    engagement: str
    channels: list[str]
    incentivised: bool


class Product(Shape):
    code: str
    name: str
    sku_part_numbers: list[str]


class Workload(Shape):
    code: str
    name: str
    service_plans: list[str]


class SolutionArea(Shape):
    code: str
    name: str
    aliases: list[str]
    partner_roles: list[PartnerRole]
    products: list[Product]
    workloads: list[Workload]


class Catalogue(Shape):
    edition: str
    valid_from: Date
    submitters: list[str]
    solution_areas: list[SolutionArea]
    deadlines: dict[str, str]


class Location(Shape):
    id: str
    name: str
    partner_type: str | None
    enrolled: list[str]


class Locations(Shape):
    data: list[Location]
    next: str | None
