"""The catalogue, and the caller's locations."""

from chalicelib.domain.refusals import Forbidden
from chalicelib.web.api.paging import take_part
from chalicelib.web.api.request_models import CatalogueQuery, WholeList
from chalicelib.web.api.response_models.catalogue import Catalogue, Locations
from chalicelib.web.api.responses import require_caller
from chalicelib.web.api.serializers.catalogue import serialize_catalogue, serialize_locations
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def show_catalogue(call: Call, query: CatalogueQuery) -> Answer[Catalogue]:
    services = call.services
    day = query.on or call.now.date()
    edition = services.catalogue.find_edition_on(day, services.settings.catalogue_edition)
    return Answer(body=serialize_catalogue(edition, call.language))


def list_locations(call: Call, query: WholeList) -> Answer[Locations]:
    partner = call.services.partners.partner(require_caller(call).organisation)
    if partner is None:
        raise Forbidden("organisation_unknown")
    numbered = list(enumerate(partner.location_ids))
    part, following = take_part(call, query, numbered, lambda one: f"{one[0]:09}")
    return Answer(body=serialize_locations((one for _, one in part), following))
