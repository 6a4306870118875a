"""The delivery run of a webhook endpoint: lease it, post waiting events, record the results.

Results are recorded every ten events, so a run that is stopped repeats ten at most. Early, late and
repeated runs are safe; events are never skipped, because the position moves in the same write as
what it has passed (integration.md, 3).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from chalicelib.domain import webhook_endpoint as rules
from chalicelib.domain.events import EVENT_TYPES, find_types
from chalicelib.domain.history import Entry
from chalicelib.domain.ids import new_nonce
from chalicelib.domain.webhook_delivery import (
    MAX_SHOWN,
    Answer,
    Attempt,
    Delivery,
)
from chalicelib.domain.webhook_endpoint import Failure, Waiting, WebhookEndpoint
from chalicelib.ports import Change, Conflict, Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.event_feed import ReadEvents, get_event, parse_position, read_events
from chalicelib.usecases.webhook_mails import send_notices
from chalicelib.usecases.webhook_requests import make_webhook_request, require_webhooks

BATCH = 10  # events between two writes (integration.md, 3)
LANES = 4  # requests at once, each for events of other claims (integration.md, 3)
RUN_SECONDS = 40  # after which a run stops: a request may take 18, and the function has 60


@dataclass
class _Run:
    """One run: what it works on, and the deliveries that are not written yet."""

    services: Services
    endpoint: WebhookEndpoint
    now: datetime
    deliveries: list[tuple[str, Delivery]] = field(default_factory=list)


def deliver(services: Services, endpoint_id: str, now: datetime) -> bool:
    """Deliver what waits for an endpoint; True when there is more to do at once."""
    endpoint = services.store.endpoints.get(endpoint_id)
    if endpoint is None or not endpoint.is_open:
        if endpoint and endpoint.notices:
            send_notices(services, endpoint, now)
        return False
    began = services.read_real_time()
    if endpoint.leased_until and began < endpoint.leased_until:
        return False
    if endpoint.stuck and endpoint.next_at and now < endpoint.next_at:
        return False  # a wake-up does not override the schedule of a failing receiver
    target = _find_target(services, endpoint)
    if target is None:
        services.store.endpoints.remove(endpoint)
        return False
    try:
        run = _Run(services, _lease(services, target, began), now)
        more = _work(run, lambda: (services.read_real_time() - began).seconds >= RUN_SECONDS)
    except Conflict:  # another run has taken over, or the owner has changed the endpoint
        return False
    if run.endpoint.notices:
        send_notices(services, run.endpoint, now)
    return more


def _find_target(services: Services, endpoint: WebhookEndpoint) -> WebhookEndpoint | None:
    """Return what is posted to: of a replay, its endpoint as it is now, None once that is gone."""
    if endpoint.parent is None:
        return endpoint
    parent = services.store.endpoints.get(endpoint.parent)
    if parent is None or not parent.is_open:
        return None
    return endpoint.evolve(url=parent.url, secrets=parent.secrets)


def _lease(services: Services, endpoint: WebhookEndpoint, began: datetime) -> WebhookEndpoint:
    """Take the lease. Raises Conflict when another run has taken it."""
    leased = endpoint.evolve(
        lease=new_nonce(services.random_bytes),
        leased_until=began + rules.LEASE,
        rev=endpoint.rev + 1,
    )
    services.store.commit(Change(endpoints=(leased,)))
    return leased


def _work(run: _Run, is_out_of_time: Callable[[], bool]) -> bool:
    """Deliver until nothing is deliverable now; return True when it stopped because time was up."""
    _retry_set_aside(run)
    _save(run)
    while run.endpoint.is_open:
        if is_out_of_time():
            run.endpoint = run.endpoint.evolve(next_at=run.now)
            _release(run)
            return True
        if not _take_page(run):
            break
    _release(run)
    return False


def _take_page(run: _Run) -> bool:
    """Deliver the events of one page; return whether to go on with the next page."""
    command = ReadEvents(
        parse_position(run.endpoint.position), _find_wanted_types(run.endpoint), limit=BATCH
    )
    reader = Caller(sub=run.endpoint.id, organisation_id=run.endpoint.organisation_id)
    page = read_events(run.services, reader, command, run.now)
    until = run.endpoint.until
    entries = [entry for entry in page.entries if until is None or entry.at < until]
    left = [entry for entry in entries if entry.id not in run.endpoint.done]
    if left:
        _deliver_in_order(run, left)
        left = [entry for entry in entries if entry.id not in run.endpoint.done]
    if not left:
        run.endpoint = rules.move_to(run.endpoint, str(page.position), page.position.settled)
    is_settled = "." not in run.endpoint.position
    run.endpoint = rules.plan_next(run.endpoint, run.now, is_settled)
    is_over = until is not None and not left and (len(entries) < len(page.entries))
    if is_over or (until is not None and run.now >= until and not page.entries):
        run.endpoint = run.endpoint.evolve(state="disabled", next_at=None)  # the replay is done
    _save(run)
    return run.endpoint.stuck is None and (bool(page.entries) or page.more)


def _deliver_in_order(run: _Run, entries: list[Entry]) -> None:
    """Post events, those of one claim one after the other, until one is not accepted.

    The first is posted alone, so that an unavailable receiver gets one request and not four. The
    stuck event is tried when its time has come, and the one behind it where the rules say so.
    """
    stuck = run.endpoint.stuck
    if stuck and not any(entry.id == stuck.id for entry in entries):
        run.endpoint = run.endpoint.evolve(stuck=None)  # earlier events have appeared before it
        stuck = None
    if stuck:
        _retry_stuck(run, stuck, entries)
    elif _post(run, [entries[0]]):
        for some in _cut_lanes(entries[1:]):
            if not _post(run, some):
                break


def _retry_stuck(run: _Run, stuck: Waiting, entries: list[Entry]) -> None:
    if stuck.next_at > run.now:
        return
    _post(run, [entry for entry in entries if entry.id == stuck.id])
    if not rules.must_try_next(run.endpoint):
        return
    behind = [entry for entry in entries if entry.id != stuck.id][:1]
    if behind and _probe(run, behind[0]):
        run.endpoint = rules.set_aside_stuck(run.endpoint)
    else:
        run.endpoint = rules.mark_failing(run.endpoint, run.now)


def _probe(run: _Run, entry: Entry) -> bool:
    """Post an event whose failure is not counted."""
    answer = _send(run, entry)
    if answer.is_taken:
        _note(run, entry, answer)
    return answer.is_taken


def _cut_lanes(entries: list[Entry]) -> Iterable[list[Entry]]:
    """Cut events into groups to post at once: in order, and no two of one claim in a group."""
    group: list[Entry] = []
    for entry in entries:
        if len(group) == LANES or any(one.claim_id == entry.claim_id for one in group):
            yield group
            group = []
        group.append(entry)
    if group:
        yield group


def _post(run: _Run, entries: list[Entry]) -> bool:
    """Post events at the same time; return whether all were accepted.

    The first failure stops all.
    """
    answers = run.services.run_parallel(*(partial(_send, run, entry) for entry in entries))
    for entry, answer in zip(entries, answers, strict=True):
        if answer.is_taken or run.endpoint.stuck is None or run.endpoint.stuck.id == entry.id:
            _note(run, entry, answer)
    return all(answer.is_taken for answer in answers)


def _send(run: _Run, entry: Entry) -> Answer:
    webhooks = require_webhooks(run.services)
    event = webhooks.serialize(entry)
    request = make_webhook_request(run.services, run.endpoint, event, run.now)
    return webhooks.sender.send(request)


def _note(run: _Run, entry: Entry, answer: Answer) -> None:
    """Record the result of a request in the endpoint, and in the event's delivery."""
    waiting = _find_waiting(run.endpoint, entry, run.now)
    if answer.is_taken:
        run.endpoint = rules.record_done(rules.record_success(run.endpoint, run.now), entry.id)
        state = "delivered"
    else:
        jitter = run.services.random_bytes(1)[0] / 255
        pause = rules.find_pause(waiting.attempts + 1, jitter, answer.retry_after)
        failure = Failure(at=run.now, reason=answer.reason or "", status=answer.status)
        run.endpoint = rules.record_failure(run.endpoint, waiting, failure, pause)
        state = "failed" if waiting.attempts + 1 >= rules.MOST_ATTEMPTS else "retrying"
    earlier: tuple[Attempt, ...] = ()
    if waiting.attempts:
        known = run.services.store.endpoints.get_delivery(run.endpoint.id, entry.id)
        earlier = known.attempts if known else ()
    delivery = make_delivery(entry, earlier, answer, run.now)
    run.deliveries.append((run.endpoint.id, delivery.evolve(state=state)))


def make_delivery(
    entry: Entry, earlier: tuple[Attempt, ...], answer: Answer, now: datetime
) -> Delivery:
    """Make the record of an event after one more attempt."""
    attempt = Attempt(
        at=now, ms=answer.ms, status=answer.status, reason=answer.reason, answer=answer.text
    )
    return Delivery(
        event_id=entry.id,
        claim_id=entry.claim_id,
        type=entry.act,
        at=entry.at,
        state="delivered" if answer.is_taken else "retrying",
        attempts=(*earlier, attempt)[-MAX_SHOWN:],
    )


def _find_waiting(endpoint: WebhookEndpoint, entry: Entry, now: datetime) -> Waiting:
    known = (*filter(None, [endpoint.stuck]), *endpoint.set_aside)
    found = next((one for one in known if one.id == entry.id), None)
    return found or Waiting(id=entry.id, claim_id=entry.claim_id, next_at=now)


def _retry_set_aside(run: _Run) -> None:
    """Post the due events that were set aside, each independently."""
    due = [one for one in run.endpoint.set_aside if one.next_at <= run.now][:BATCH]
    for one in due:
        if entry := get_event(run.services, one.claim_id, one.id):
            _note(run, entry, _send(run, entry))


def _find_wanted_types(endpoint: WebhookEndpoint) -> frozenset[str]:
    return find_types(endpoint.types)[0] if endpoint.types else frozenset(EVENT_TYPES)


def _save(run: _Run) -> None:
    """Write the endpoint and the deliveries in one transaction. Raises Conflict."""
    if not run.deliveries:
        return
    began = run.services.read_real_time()
    run.endpoint = run.endpoint.evolve(leased_until=began + rules.LEASE, rev=run.endpoint.rev + 1)
    run.services.store.commit(Change(endpoints=(run.endpoint,), deliveries=tuple(run.deliveries)))
    run.deliveries.clear()


def _release(run: _Run) -> None:
    """Give the lease back. Raises Conflict."""
    run.endpoint = run.endpoint.evolve(lease="", leased_until=None, rev=run.endpoint.rev + 1)
    run.services.store.commit(Change(endpoints=(run.endpoint,), deliveries=tuple(run.deliveries)))
    run.deliveries.clear()
