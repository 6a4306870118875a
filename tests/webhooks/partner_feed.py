"""A partner's feed of any length: events of invented claims, in the rows that the product writes.

The claims themselves do not exist: the feed and the deliveries read histories only.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.fixtures import NOW
from bench.metered import Metered
from chalicelib.aws.rows import Rows
from chalicelib.aws.store.writes import history_row
from chalicelib.domain.history import Act, Actor, Entry, Subject, chain_entries
from chalicelib.domain.ids import Kind, item_key, new_id, tenant_key
from chalicelib.domain.item import Item
from chalicelib.domain.organisation_ids import new_organisation_id
from chalicelib.domain.webhook_delivery import Answer
from chalicelib.domain.webhook_endpoint import Secret, WebhookEndpoint
from chalicelib.ports import Change, Services, WebhookRequest
from tests.support import feed
from tests.support.receiver import Receiver

ORGANISATION = "org_a"
TYPES = ("claim.amended", "comment.added", "notice.sent", "notice.delivered", "clock.warning")


class Scene:
    """A service with endpoints, and a receiver for each of their addresses.

    Its clock stands still until it is moved; the real time, which deliveries are signed with, runs.
    `judge`: looks at each request as it comes.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.metered = Metered()
        self.receivers: dict[str, Receiver] = defaultdict(Receiver)
        self.judge: Callable[[WebhookRequest], object] = lambda request: None
        self.services = self.metered.services.evolve(
            webhooks=Receiver().port._replace(sender=self),
            read_real_time=lambda: datetime.now(UTC),
            random_bytes=self.random.randbytes,
        )

    @property
    def clock(self) -> Any:
        return self.metered.clock

    def find_fault(self, url: str) -> str | None:
        return None

    def send(self, request: WebhookRequest) -> Answer:
        """Give a request to the receiver of its address."""
        self.judge(request)
        return self.receivers[request.url].send(request)


@dataclass
class PartnerFeed:
    """Writes events. `written`: all of them, by claim."""

    rows: Rows
    random: random.Random
    organisation_id: str = ORGANISATION
    claims: int = 50
    written: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        suffix = tenant_key(feed.TENANT) + item_key(feed.SALES)
        self._claims = [
            new_id(Kind.CLAIM, NOW, self.random.randbytes, suffix) for _ in range(self.claims)
        ]

    @property
    def ids(self) -> set[str]:
        """Ids of all events."""
        return {one for some in self.written.values() for one in some}

    def add(self, count: int, at: datetime) -> list[Entry]:
        """Write events of random claims up to a moment; some are written two at a time.

        Each write has a millisecond of its own: two of one claim follow one another.
        """
        added: list[Entry] = []
        while len(added) < count:
            some = min(self.random.choice((1, 1, 1, 2)), count - len(added))
            began = at - timedelta(milliseconds=count - len(added))
            added += self._write(self.random.choice(self._claims), some, began)
        return added

    def _write(self, claim_id: str, count: int, at: datetime) -> tuple[Entry, ...]:
        acts = [
            Act(act=self.random.choice(TYPES), actor=Actor(kind="system")) for _ in range(count)
        ]
        known = self.written[claim_id]
        made = chain_entries(acts, claim_id, len(known), "", at, self.random.randbytes)
        subject = make_subject(self.organisation_id, len(known))
        entries = tuple(one.evolve(subject=subject) for one in made)
        self.rows.write([history_row(entries, self.organisation_id)])
        known += [one.id for one in entries]
        return entries


def make_subject(organisation_id: str, version: int) -> Subject:
    """Make what an event is about."""
    return Subject(
        filing_id="fil_1",
        organisation_id=organisation_id,
        tenant_id=feed.TENANT,
        item=Item(product=feed.SALES),
        solution_area="business_applications",
        partner_role="usage_recognition",
        version=version,
    )


def add_endpoint(
    services: Services, number: int, organisation_id: str = ORGANISATION, position: str = ""
) -> WebhookEndpoint:
    """Store an endpoint that takes events after a position, or from the beginning of the feed."""
    made = WebhookEndpoint(
        id=new_organisation_id(Kind.WEBHOOK_ENDPOINT, organisation_id, NOW, services.random_bytes),
        organisation_id=organisation_id,
        url=f"https://{number}.partner.example/hooks",
        contact="ops@partner.example",
        position=position,
        state="enabled",
        created_at=NOW,
        next_at=NOW,
        secrets=(Secret(key=services.secrets.signing_key().number),),
    )
    services.store.commit(Change(endpoints=(made,)))
    return made


def find_disorder(ids: Iterable[str], feed_: PartnerFeed) -> list[str]:
    """List the claims whose events came in another order than they were written in."""
    claim_of = {one: claim_id for claim_id, some in feed_.written.items() for one in some}
    came: dict[str, list[str]] = defaultdict(list)
    for one in dict.fromkeys(ids):
        came[claim_of[one]].append(one)
    return [claim_id for claim_id, some in came.items() if some != feed_.written[claim_id]]
