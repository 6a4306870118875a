"""The catalogue in the caller's language, and a partner's locations."""

from collections.abc import Iterable

from chalicelib.domain.catalogue import Area, Edition, Role
from chalicelib.domain.directory import Location
from chalicelib.text import i18n
from chalicelib.web.api.response_models import catalogue as models


def serialize_catalogue(edition: Edition, language: str) -> models.Catalogue:
    """Write the edition in force."""
    return {
        "edition": edition.code,
        "valid_from": edition.valid_from.isoformat(),
        "submitters": list(edition.submitters),
        "solution_areas": [
            _serialize_area(area, edition, language) for area in edition.solution_areas
        ],
        "deadlines": dict(edition.deadlines),
    }


def serialize_locations(locations: Iterable[Location], following: str | None) -> models.Locations:
    """Write locations of a partner as a list. `following`: the cursor of those after them."""
    data: list[models.Location] = [
        {
            "id": location.id,
            "name": location.name,
            "partner_type": location.partner_type,
            "enrolled": list(location.enrolled),
        }
        for location in locations
    ]
    return {"data": data, "next": following}


def describe_role(edition: Edition, role: str, language: str) -> str:
    """Say for whom a partner role applies under an edition."""
    return i18n.translate(language, f"partner_role.{role}.applicable_for.{edition.code}")


def _serialize_area(area: Area, edition: Edition, language: str) -> models.SolutionArea:
    return {
        "code": area.code,
        "name": i18n.translate(language, f"solution_area.{area.code}"),
        "aliases": list(area.aliases),
        "partner_roles": [_serialize_role(role, edition, language) for role in area.partner_roles],
        "products": _serialize_products(edition) if area.claims == "product" else [],
        "workloads": _serialize_workloads(edition) if area.claims == "workload" else [],
    }


def _serialize_role(role: Role, edition: Edition, language: str) -> models.PartnerRole:
    return {
        "code": role.code,
        "name": i18n.translate(language, f"partner_role.{role.code}.name"),
        "applicable_for": describe_role(edition, role.code, language),
        "purpose": list(role.purposes),
        "aliases": list(role.aliases),
        "engagement": role.engagement,
        "channels": list(role.channels),
        "incentivised": role.incentivised,
    }


def _serialize_products(edition: Edition) -> list[models.Product]:
    return [
        {
            "code": product.code,
            "name": product.name,
            "sku_part_numbers": list(product.sku_part_numbers),
        }
        for product in edition.offer.products
    ]


def _serialize_workloads(edition: Edition) -> list[models.Workload]:
    return [
        {
            "code": workload.code,
            "name": workload.name,
            "service_plans": list(workload.service_plans),
        }
        for workload in edition.offer.workloads
    ]
