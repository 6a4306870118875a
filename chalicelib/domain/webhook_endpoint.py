"""Webhook endpoints: where a partner receives its events, and the results of the last attempts.

Pure rules (integration.md, 3). An endpoint reads its partner's feed from a position. While
deliveries succeed, it reads page after page. An event that fails stops it: that event alone is
tried again, on a schedule. After three failures the next event is tried once; if that one is
accepted, the fault is in the event, which is set aside with a schedule of its own, and the others
go on.
"""

from datetime import datetime, timedelta
from typing import Literal

from chalicelib.domain.base import Frozen, Instant

MAX_ENDPOINTS = 5  # endpoints of one partner (integration.md, 3)
# Before each attempt, counted from the failure before it (integration.md, 3).
SCHEDULE = tuple(
    timedelta(seconds=seconds)
    for seconds in (0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
MOST_ATTEMPTS = len(SCHEDULE)
TRIES_NEXT = 3  # failures of an event after which the next one is tried
MAIL_AFTER = 5  # failures of an event after which a mail goes to the contact
MAX_JITTER = 0.1  # share of a pause
MAX_RETRY_AFTER = 3600.0  # seconds that a receiver may ask for
MAX_SET_ASIDE = 50  # events; with more of them the endpoint itself counts as failing
# Ids of unsettled events that are remembered, the newest ones: 6 KB of the row; chosen.
MAX_DONE = 200
IDLE = timedelta(hours=1)  # between two reads of the feed without a wake-up
UNSETTLED = timedelta(minutes=2)  # until then earlier events may still appear (event_feed.SETTLED)
LEASE = timedelta(seconds=60)
MAX_SECRETS = 5  # chosen: signatures of one message, as many as a receiver reads in one header
GONE = 410  # the status by which a receiver ends its subscription

State = Literal["unproven", "enabled", "failing", "disabled"]


class Failure(Frozen):
    """An attempt that failed. reason: one of `webhook_delivery.REASONS`, or `status_NNN`."""

    at: Instant
    reason: str
    status: int | None = None


class Waiting(Frozen):
    """An event that was not accepted yet, and how often it failed."""

    id: str
    claim_id: str
    attempts: int = 0
    next_at: Instant


class Secret(Frozen):
    """Which secret deliveries are signed with.

    key: the number of the key in Parameter Store that it is derived from.
    number: counts the secrets of the endpoint.
    until: when it ends; None: it is the current one.
    """

    key: int
    number: int = 1
    until: Instant | None = None


class WebhookEndpoint(Frozen):
    """An endpoint of a partner, or a replay that posts to one.

    types: the types of events that are wanted; none: all.
    locale: of mails to `contact`.
    secrets: the current one first.
    position: how far in the feed events were dealt with (`event_feed.Position`).
    done: ids of events after the settled part of the position that were dealt with already.
    stuck: the event that stopped the endpoint.
    set_aside: events that failed while later ones were accepted.
    next_at: when to read the feed again; None: only after a wake-up.
    lease, leased_until: the id and the end (real time) of the run that works on it.
    notices: mails that are still to be sent: kind and reference.
    version: of what its owner set; changes with `PATCH`.
    parent, until: of a replay: the endpoint that it posts to, and where it ends.
    rev: the number of the version that is stored.
    """

    id: str
    organisation_id: str
    url: str
    contact: str
    types: tuple[str, ...] = ()
    description: str = ""
    locale: str = "en"
    state: State = "unproven"
    created_at: Instant
    secrets: tuple[Secret, ...]
    position: str = ""
    done: tuple[str, ...] = ()
    stuck: Waiting | None = None
    set_aside: tuple[Waiting, ...] = ()
    next_at: Instant | None = None
    lease: str = ""
    leased_until: Instant | None = None
    failing_since: Instant | None = None
    last_success_at: Instant | None = None
    last_failure: Failure | None = None
    notices: tuple[tuple[str, str], ...] = ()
    version: int = 1
    parent: str | None = None
    until: Instant | None = None
    rev: int = 1

    @property
    def is_open(self) -> bool:
        """Whether events are delivered to it."""
        return self.state in ("enabled", "failing")

    def list_secrets(self, now: datetime) -> tuple[Secret, ...]:
        """List the secrets to sign with: the current one, and the one before while it is valid."""
        return tuple(
            secret for secret in self.secrets if secret.until is None or now < secret.until
        )

    def with_new_secret(self, key: int, now: datetime, until: datetime) -> "WebhookEndpoint":
        """Return the endpoint with another secret; the current one ends at `until`.

        Secrets of earlier rotations keep their own ends: a receiver may still use one.
        """
        current, *earlier = self.list_secrets(now)
        new = Secret(key=key, number=current.number + 1)
        kept = (new, current.evolve(until=until), *earlier)
        return self.evolve(secrets=kept[:MAX_SECRETS])


def record_success(endpoint: WebhookEndpoint, at: datetime) -> WebhookEndpoint:
    """Return the endpoint after an accepted request; the first one proves the address."""
    state = "enabled" if endpoint.state in ("unproven", "failing") else endpoint.state
    return endpoint.evolve(state=state, last_success_at=at, failing_since=None)


def record_done(endpoint: WebhookEndpoint, event_id: str) -> WebhookEndpoint:
    """Return the endpoint after an accepted event."""
    is_stuck = endpoint.stuck is not None and endpoint.stuck.id == event_id
    left = tuple(one for one in endpoint.set_aside if one.id != event_id)
    if len(left) < len(endpoint.set_aside):
        return endpoint.evolve(set_aside=left)
    done = (*endpoint.done, event_id)
    return endpoint.evolve(done=done, stuck=None if is_stuck else endpoint.stuck)


def move_to(endpoint: WebhookEndpoint, position: str, settled: str) -> WebhookEndpoint:
    """Return the endpoint after everything up to a position was dealt with.

    settled: no new event can appear up to here. What was posted after it is remembered, because an
    index that lags may leave an event out that it has listed before, and list it again.
    """
    later = sorted(one for one in endpoint.done if one > settled)
    return endpoint.evolve(position=position, done=tuple(later[-MAX_DONE:]))


def record_failure(
    endpoint: WebhookEndpoint, event: Waiting, failure: Failure, pause: timedelta
) -> WebhookEndpoint:
    """Return the endpoint after an event that was not accepted.

    pause: until the next attempt (`find_pause`). A failure of an event that was set aside affects
        only that event; any other one stops the endpoint.
    """
    after = endpoint.evolve(last_failure=failure)
    if failure.status == GONE:
        return disable(after, f"{event.id}/gone")
    failed = event.evolve(attempts=event.attempts + 1, next_at=failure.at + pause)
    is_last = failed.attempts >= MOST_ATTEMPTS
    if any(one.id == event.id for one in endpoint.set_aside):
        kept = (failed if one.id == event.id else one for one in endpoint.set_aside)
        return after.evolve(set_aside=tuple(one for one in kept if not (one is failed and is_last)))
    after = after.evolve(stuck=failed)
    if is_last:
        return disable(after, event.id)
    if failed.attempts == MAIL_AFTER and not endpoint.parent:
        after = after.evolve(notices=(*after.notices, ("webhook_failing", event.id)))
    return after


def find_pause(attempts: int, jitter: float, retry_after: float | None) -> timedelta:
    """Return the pause before the next attempt, after so many failures.

    jitter: from 0 to 1. retry_after: seconds that the receiver asked for.
    """
    planned = SCHEDULE[min(attempts, MOST_ATTEMPTS - 1)] * (1 + MAX_JITTER * jitter)
    wanted = timedelta(seconds=min(retry_after or 0.0, MAX_RETRY_AFTER))
    return max(planned, wanted)


def must_try_next(endpoint: WebhookEndpoint) -> bool:
    """Return whether the event after the stuck one is to be tried, once."""
    return (
        endpoint.stuck is not None
        and endpoint.stuck.attempts == TRIES_NEXT
        and endpoint.state != "failing"
    )


def set_aside_stuck(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Return the endpoint after the event behind the stuck one was accepted."""
    stuck = endpoint.stuck
    if stuck is None or len(endpoint.set_aside) >= MAX_SET_ASIDE:
        return endpoint
    return endpoint.evolve(
        stuck=None,
        set_aside=(*endpoint.set_aside, stuck),
        done=(*endpoint.done, stuck.id),
    )


def mark_failing(endpoint: WebhookEndpoint, at: datetime) -> WebhookEndpoint:
    """Return the endpoint after a second event was not accepted."""
    return endpoint.evolve(state="failing", failing_since=endpoint.failing_since or at)


def disable(endpoint: WebhookEndpoint, reference: str) -> WebhookEndpoint:
    """Return the endpoint disabled by its failures, with a mail that says so. It keeps its place.

    reference: names the mail.
    """
    notices = (*endpoint.notices, ("webhook_disabled", reference))
    if endpoint.parent:  # no mail for a replay: its endpoint fails too, and sends one
        notices = ()
    return endpoint.evolve(state="disabled", next_at=None, notices=notices)


def plan_next(endpoint: WebhookEndpoint, now: datetime, is_settled: bool) -> WebhookEndpoint:
    """Return the endpoint with the time of its next run.

    is_settled: whether no event can appear any more before its position.
    """
    if not endpoint.is_open:
        return endpoint.evolve(next_at=None)
    due = [one.next_at for one in endpoint.set_aside]
    if endpoint.stuck:
        due.append(endpoint.stuck.next_at)
    else:
        due.append(now + (IDLE if is_settled else UNSETTLED))
    return endpoint.evolve(next_at=min(due))
