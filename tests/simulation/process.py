"""The service as the simulation runs it: processes with their own services and clock, called
through the real handlers.
"""

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from chalice.app import Chalice

from chalicelib import catalogue
from chalicelib.aws.feed import Feed
from chalicelib.aws.history_keys import LocalHistoryKeys
from chalicelib.aws.queue import SqsWorkQueue
from chalicelib.aws.rows import Rows
from chalicelib.aws.ses import SesMailSender
from chalicelib.aws.store import DynamoStore
from chalicelib.directory.registry import Registry
from chalicelib.domain.evidence import Evidence, StoredFile
from chalicelib.domain.links import LinkKey
from chalicelib.domain.refusals import Unauthenticated
from chalicelib.net.domain_names import normalize_domain
from chalicelib.ports import Services
from chalicelib.runtime import queue_handlers
from chalicelib.runtime.settings import Settings
from chalicelib.text.calendars import HolidayCalendars
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.deadlines import sweep
from chalicelib.web.http import registration
from chalicelib.web.routes import PROBLEM_PAGE, ROUTES
from tests.simulation.environment import SesClient, Sqs
from tests.simulation.faulty_clients import Connection, FaultyDynamoDB
from tests.support.api_gateway import Response, request

BASE = "https://por.example"
LINK_KEY = b"simulated link key"
TOKEN_KEY = LinkKey(1, LINK_KEY)
WEBHOOK_KEY = b"simulated webhook key"
SETTINGS = Settings(
    stage="prod",
    table_name="cpor",
    public_base_url=BASE,
    work_queue_url="work",
    programme_country="US",
)
_here = threading.local()
CALLERS: dict[str, Caller] = {}


@dataclass(frozen=True)
class SkewedClock:
    """A process's own clock, off by `skew` ms."""

    ms: Callable[[], int]
    skew: int

    def now(self) -> datetime:
        return moment(self.ms() + self.skew)


class FakeSecrets:
    """`ports.Secrets` in memory."""

    def link_key(self) -> bytes:
        return LINK_KEY

    def link_keys(self) -> tuple[bytes, ...]:
        return (LINK_KEY,)

    def token_key(self) -> LinkKey:
        return TOKEN_KEY

    def find_token_key(self, number: int) -> bytes | None:
        return LINK_KEY if number == TOKEN_KEY.number else None

    def cursor_key(self) -> bytes:
        return b"simulated cursor key"

    def cursor_keys(self) -> tuple[bytes, ...]:
        return (self.cursor_key(),)

    def signing_key(self) -> LinkKey:
        return TOKEN_KEY

    def find_signing_key(self, number: int) -> bytes | None:
        return self.find_token_key(number)

    def webhook_keys(self) -> tuple[bytes, ...]:
        return (WEBHOOK_KEY,)


class FakeFiles:
    """`ports.Files` in which every announced file has been uploaded."""

    def create_upload(self, evidence: Evidence) -> tuple[str, dict[str, str]]:
        return f"{BASE}/upload", {"key": evidence.id}

    def inspect(self, evidence: Evidence) -> StoredFile | None:
        return StoredFile(size=evidence.size, sha256=evidence.sha256, kind="pdf")

    def keep(self, evidence: Evidence, stored: StoredFile) -> StoredFile:
        return stored.evolve(is_kept=True)

    def read_scan_status(self, evidence_id: str, version: str | None) -> str | None:
        return "NO_THREATS_FOUND"

    def delete(self, evidence_id: str) -> None:
        return None

    def create_download(self, evidence: Evidence, version: str | None) -> str:
        return f"{BASE}/download/{evidence.id}"

    def create_view(self, evidence: Evidence, version: str | None, content_type: str) -> str:
        return f"{BASE}/view/{evidence.id}"

    def open(self, evidence_id: str, version: str | None) -> None:
        return None


class FakeTokens:
    """Replaces token verification, which has its own tests: a token is a name."""

    def verify(self, header_value: str | None, now: datetime) -> Caller:
        found = CALLERS.get((header_value or "").removeprefix("Bearer "))
        if found is None:
            raise Unauthenticated("token_missing")
        return found


class Process:
    """One process, with no state that outlives it. `busy`: a handler runs in it."""

    def __init__(self, name: str, connection: Connection, skew: int, surroundings: Any) -> None:
        self.name, self.skew, self.busy = name, skew, False
        rng: random.Random = surroundings.rng

        def run_parallel(*calls: Callable[[], Any]) -> tuple[Any, ...]:
            order = list(range(len(calls)))
            rng.shuffle(order)
            found = {at: calls[at]() for at in order}
            return tuple(found[at] for at in range(len(calls)))

        clock = SkewedClock(surroundings.ms, skew)
        client = FaultyDynamoDB(surroundings.engine, connection, rng, surroundings.writer)
        rows = Rows(client, "cpor", pause=lambda seconds: None)
        registry = Registry(Feed(rows), clock, run_parallel)
        self.services = Services(
            store=DynamoStore(rows, run_parallel),
            directory=registry,
            partners=registry,
            files=FakeFiles(),
            mail_sender=SesMailSender(
                SesClient(surroundings.mail_service, connection), "from@por.example", ""
            ),
            work_queue=SqsWorkQueue(Sqs(surroundings.work, connection), "work"),
            clock=clock,
            calendars=_calendars(),
            secrets=FakeSecrets(),
            history_keys=LocalHistoryKeys(lambda name, make: make()),
            catalogue=catalogue.read_catalogue(),
            settings=SETTINGS,
            random_bytes=rng.randbytes,
            run_parallel=run_parallel,
            normalize_domain=normalize_domain,
            read_real_time=clock.now,
        )

    def serve(self, method: str, path: str, **said: Any) -> Response:
        """Pass one request to the API's handler."""
        _here.services = self.services
        return request(_app(), method, path, **said)

    def work(self, records: list[Mapping[str, Any]]) -> list[str]:
        """Pass a batch to the worker. Return the ids of the messages that failed."""
        return _failures(queue_handlers.handle_work(self.services, (dict(r) for r in records)))

    def hear(self, records: list[Mapping[str, Any]]) -> list[str]:
        """Pass a batch to the handler of mail events.

        Return the ids of the messages that failed.
        """
        return _failures(
            queue_handlers.handle_mail_events(self.services, (dict(r) for r in records))
        )

    def sweep(self) -> int:
        return sweep(self.services, self.services.clock.now()).found


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _failures(answer: Mapping[str, Any]) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


@cache
def _calendars() -> HolidayCalendars:
    return HolidayCalendars("US")


@cache
def _app() -> Chalice:
    made = Chalice("cpor", configure_logs=False)
    registration.register(
        made,
        ROUTES,
        services=lambda event: _here.services,
        verifier=lambda services: FakeTokens(),  # type: ignore[arg-type,return-value]
        problem_page=PROBLEM_PAGE,
    )
    return made
