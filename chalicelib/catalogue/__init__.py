"""The catalogue as dated data: `edition-*.json` hold the rules, `offer-*.json` what can be claimed.

Offers are made by `tools/generate/catalogue.py`. A published file is never edited: a change is a
new edition, which may name a new offer.
"""

import json
from functools import cache
from pathlib import Path

from chalicelib.domain.catalogue import Catalogue, Edition, Offer

HERE = Path(__file__).parent


@cache
def read_catalogue(folder: Path = HERE) -> Catalogue:
    """Read every edition in a folder, each with its offer; once in a process."""
    offers = {
        file.stem: Offer.model_validate_json(file.read_bytes())
        for file in folder.glob("offer-*.json")
    }
    editions = (json.loads(file.read_bytes()) for file in sorted(folder.glob("edition-*.json")))
    return Catalogue(editions=tuple(_build_edition(rules, offers) for rules in editions))


def _build_edition(rules: dict[str, str], offers: dict[str, Offer]) -> Edition:
    return Edition.model_validate({**rules, "offer": offers[rules["offer"]]})
