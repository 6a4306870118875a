"""The promises about answers: what was accepted is stored with its receipt, and a repeat gets the
same answer.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from chalicelib.aws import keys
from chalicelib.aws.rows import read_text
from chalicelib.domain.claim import Claim
from chalicelib.domain.ids import claim_of
from tests.simulation.process import CALLERS
from tests.simulation.records import Broken, Records
from tests.simulation.requests import Request
from tests.support.api_gateway import Response
from tests.support.memory_dynamodb import RowChange

FINE = frozenset({200, 201, 303})
EXPECTED = frozenset({400, 403, 404, 409, 410, 412, 422, 429, 503})


def has_status_changed(one: RowChange) -> bool:
    """Return whether a write has changed a claim's status, or created or deleted it."""
    before, after = (
        Claim.model_validate_json(read_text(row)) if row else None
        for row in (one.before, one.after)
    )
    return not before or not after or before.status != after.status


@dataclass
class Answers:
    """What the callers have been answered.

    first: the first success for each key.

    wrote: the keys under which claims were changed.

    expected: statuses that an answer may have.
    """

    records: Records
    first: dict[tuple[str, str], str] = field(default_factory=dict)
    wrote: set[tuple[str, str]] = field(default_factory=set)
    repeats: int = 0
    expected: frozenset[int] = FINE | EXPECTED

    def check_write(self, request: Request, write: list[RowChange]) -> None:
        """Check a write while a request is served: a change of a claim under a key comes with its
        receipt.
        """
        changes = [one for one in write if one.key[1].startswith("clm_")]
        if request.method == "GET" and any(
            one.key[1][:2] != "J#" and one.key[0][:2] != "Q#" for one in write
        ):
            raise Broken(f"reading has changed {[one.key for one in write]}: {request.label}")
        if not changes or not request.key or request.method != "POST":
            return
        if request.path == "/v1/review/next" and not any(
            has_status_changed(one) for one in changes
        ):
            # No claim was found for the reviewer, and the operator was notified. The next request
            # is served again.
            return
        if not any(one.key == self._slip(request) for one in write):
            raise Broken(f"claims were changed without the receipt: {request.label}")
        self.wrote.add((request.who, request.key))

    def was_accepted(self, request: Request) -> bool:
        """Return whether this request has been carried out, or answered with success."""
        return (request.who, request.key) in self.wrote or (request.who, request.key) in self.first

    def check_answer(
        self, request: Request, answer: Response, held: Callable[[str], bool], before: bool
    ) -> None:
        """Check an answer that the caller has got.

        held: tells whether a claim's association has been in force since the request was made.

        before: whether the same request had been accepted when this one was made. Two at the same
        moment may read two states, of which one lets the filing in.
        """
        if answer.status not in self.expected:
            raise Broken(f"answered {answer.status}: {request.label}\n{answer.body[:500]}")
        if answer.status in FINE:
            self._check_stored(request, answer)
        if (
            answer.status == 200
            and request.path.endswith("/seats")
            and not held(claim_of(request.path.split("/")[3]))
        ):
            raise Broken(f"figures were shown without an association: {request.label}")
        if not request.key or request.method != "POST":
            return
        known = self.first.get((request.who, request.key))
        if answer.status in FINE and known not in (None, answer.body):
            raise Broken(f"the same key, another answer: {request.label}")
        self.repeats += known is not None
        if answer.status in FINE:
            self.first[request.who, request.key] = answer.body
        elif (
            answer.status not in (503, 409, 429)
            and self.was_accepted(request)
            and (before or answer.status != 422)
        ):
            raise Broken(
                f"accepted before, refused now with {answer.status}: {request.label}\n"
                f"{answer.body[:300]}"
            )

    def _check_stored(self, request: Request, answer: Response) -> None:
        """Check that what was answered with success is stored: the receipt, the claim and its
        history.
        """
        if request.method == "POST" and request.key and not self._receipt(request, answer.body):
            raise Broken(f"answered {answer.status} without a receipt: {request.label}")
        if request.method == "GET" or not answer.body.startswith("{"):
            return
        body = json.loads(answer.body)
        for said in body.get("claims", [body]):
            if str(said.get("id", "")).startswith("clm_"):
                claim = self.records.claims.get(said["id"])
                if (
                    claim is None
                    or claim.version < said["version"]
                    or len(self.records.history[claim.id]) < claim.seq
                ):
                    raise Broken(f"answered {answer.status}, but it is not stored: {request.label}")

    def _receipt(self, request: Request, body: str) -> bool:
        slip = self.records.engine.rows.get(self._slip(request))
        return slip is not None and json.loads(read_text(slip))["body"] == body

    @staticmethod
    def _slip(request: Request) -> keys.Key:
        caller = CALLERS[request.who]
        return keys.receipt(
            f"org:{caller.organisation_id}"
            if caller.organisation_id
            else f"programme:{caller.sub}",
            request.key,
        )
