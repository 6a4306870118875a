"""What operators and auditors see: imports of the feed, health, dead letters, editions."""

from chalicelib.domain.base import rfc3339
from chalicelib.domain.catalogue import Edition
from chalicelib.domain.version import VERSION
from chalicelib.ports.operations import DeadLetterQueue, FeedImport
from chalicelib.usecases import operations
from chalicelib.usecases.step_context import find_current_edition
from chalicelib.web.api.response_models import operations as models
from chalicelib.web.api.serializers.moments import format_moment
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def show_health(call: Call) -> Answer[models.StageHealth]:
    """Answer what waits, and how this stage is set up."""
    chosen, found = call.services.settings, operations.measure_health(call.services, call.now)
    body: models.StageHealth = {
        "stage": chosen.stage,
        "version": VERSION,
        "build": chosen.build,
        "at": rfc3339(call.now),
        "directory": chosen.directory,
        "malware_scan": chosen.malware_scan,
        "due": found.due,
        "oldest_due_at": format_moment(found.oldest_due_at),
        "waiting": found.waiting,
        "overdue": found.overdue,
        "dead_letters": found.dead_letters,
    }
    return Answer(body=body)


def list_imports(call: Call) -> Answer[models.Imports]:
    """List the last imports of the operator's feed, newest first."""
    found = operations.list_imports(call.services)
    return Answer(body={"data": [_serialize_import(one) for one in found]})


def list_dead_letters(call: Call) -> Answer[models.DeadLetters]:
    """List each queue's dead letters with the commands that list and retry them."""
    stage = call.services.settings.stage
    found = operations.list_dead_letters(call.services)
    return Answer(body={"data": [_serialize_queue(one, stage) for one in found]})


def list_editions(call: Call) -> Answer[models.Editions]:
    """List the editions of the catalogue, the oldest first."""
    current = find_current_edition(call.services, call.now)
    editions = sorted(call.services.catalogue.editions, key=lambda one: one.valid_from)
    return Answer(
        body={"data": [_serialize_edition(edition, edition == current) for edition in editions]}
    )


def _serialize_import(done: FeedImport) -> models.Import:
    return {
        "at": rfc3339(done.at),
        "files": [
            {
                "file": name,
                "written": counts["written"],
                "unchanged": counts["unchanged"],
                "bad": counts["bad"],
                "removed": counts["removed"],
            }
            for name, counts in done.files.items()
        ],
        "reasons": list(done.reasons),
    }


def _serialize_queue(queue: DeadLetterQueue, stage: str) -> models.DeadLetterQueue:
    return {
        "queue": queue.name,  # type: ignore[typeddict-item]  # the names of runtime.wiring
        "count": queue.count,
        "list_command": f"cpor tasks list {queue.name} --stage {stage}",
        "retry_command": f"cpor tasks retry {queue.name} --stage {stage}",
        "letters": [
            {
                "id": letter.id,
                "sent_at": rfc3339(letter.sent_at),
                "about": list(letter.about),
                "reason": letter.reason or None,
            }
            for letter in queue.letters
        ],
    }


def _serialize_edition(edition: Edition, is_in_force: bool) -> models.EditionSummary:
    roles = {role.code for area in edition.solution_areas for role in area.partner_roles}
    return {
        "edition": edition.code,
        "valid_from": edition.valid_from.isoformat(),
        "in_force": is_in_force,
        "deadlines": dict(edition.deadlines),
        "submitters": list(edition.submitters),
        "most_items": edition.most_items,
        "partner_roles": sorted(roles),
        "products": [product.name for product in edition.offer.products],
        "workloads": [workload.name for workload in edition.offer.workloads],
    }
