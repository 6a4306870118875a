"""What every peer does the same: who asks, the product's own validation and use case, and the answer's text.

What differs between the peers, and from the product, is only what stands around it: the framework, and the edge.
"""

import hashlib
from dataclasses import dataclass

from pydantic import ValidationError

from chalicelib.domain.filing import Filing
from chalicelib.domain.refusals import Refusal
from chalicelib.ports import World
from chalicelib.usecases import filing
from chalicelib.usecases.deciding import Repeat, Reply, reckoning
from chalicelib.web import views
from chalicelib.web.replies import reply
from chalicelib.web.tokens import Tokens


@dataclass(frozen=True)
class Endpoint:
    """POST /v1/claims without an edge."""

    world: World
    tokens: Tokens

    def file(self, body: str | bytes, authorization: str | None, key: str | None) -> tuple[int, str]:
        """Status and JSON."""
        try:
            return self._filed(body, authorization, key or "")
        except ValidationError as wrong:
            return 422, wrong.json(include_input=False)
        except Refusal as refusal:
            return refusal.status, f'{{"code": "{refusal.code}"}}'

    def _filed(self, body: str | bytes, authorization: str | None, key: str) -> tuple[int, str]:
        world, now = self.world, self.world.clock.now()
        by = self.tokens.verify(authorization, now)
        asked = Filing.model_validate_json(body, strict=True)
        fingerprint = hashlib.sha256(body if isinstance(body, bytes) else body.encode()).hexdigest()

        def answer(filing_id: str, filed: filing.Filed) -> Reply:
            seen = [views.claim(claim, place, "en", by.roles, reckoning(world, claim.catalogue_edition, now)) for claim, place in filed]
            return reply({"filing_id": filing_id, "claims": seen}, 201)

        made = filing.file(world, by, asked, now, Repeat(by.organisation, key, fingerprint), answer)
        return made.status, made.body
