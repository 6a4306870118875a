"""What waits for the caller's organisation."""

from collections.abc import Mapping

from chalicelib.usecases import todo
from chalicelib.usecases.display_names import load_display_names
from chalicelib.web.api.paging import take_part
from chalicelib.web.api.request_models import WholeList
from chalicelib.web.api.response_models import todo as models
from chalicelib.web.api.responses import require_caller
from chalicelib.web.api.serializers.moments import format_moment
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def list_todo(call: Call, query: WholeList) -> Answer[models.Todos]:
    found = todo.list_todo(call.services, require_caller(call), call.now)
    part, following = take_part(call, query, found, _sort_key)
    tenants = {one.claim.tenant_id for one in part}
    names = load_display_names(call.services, tenants, ()).customers
    return Answer(body={"data": [_serialize(one, names) for one in part], "next": following})


def _sort_key(one: todo.Todo) -> str:
    """Return what to-dos are sorted by: those without a deadline come last."""
    return f"{format_moment(one.due_at) or '~'} {one.claim.id} {one.next_action}"


def _serialize(one: todo.Todo, names: Mapping[str, str]) -> models.Todo:
    body: models.Todo = {
        "kind": one.kind,
        "id": one.claim.id,
        "due_at": format_moment(one.due_at),
        "next_action": one.next_action,
        "status": one.claim.status,
        "domain": one.claim.domain,
        "item_name": one.item_name,
        "name": one.claim.name,
    }
    name = names.get(one.claim.tenant_id)
    return body | {"customer_name": name} if name else body
