"""What waits for the caller's organisation."""

from chalicelib.usecases import todo
from chalicelib.web.api.response_models import todo as models
from chalicelib.web.api.responses import require_caller
from chalicelib.web.api.serializers.moments import format_moment
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def list_todo(call: Call) -> Answer[models.Todos]:
    found = todo.list_todo(call.services, require_caller(call), call.now)
    return Answer(body={"data": [_serialize(one) for one in found], "next": None})


def _serialize(one: todo.Todo) -> models.Todo:
    return {
        "kind": one.kind,
        "id": one.claim.id,
        "due_at": format_moment(one.due_at),
        "next_action": one.next_action,
        "status": one.claim.status,
        "domain": one.claim.domain,
        "item_name": one.item_name,
        "name": one.claim.name,
    }
