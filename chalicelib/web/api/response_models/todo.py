"""What waits for an organisation."""

from typing import Annotated, NotRequired

from chalicelib.usecases.todo import Action, Kind
from chalicelib.web.api.response_models.base import OMITTED_WHEN_NONE, Shape, Timestamp
from chalicelib.web.api.response_models.claims import Status


class Todo(Shape):
    """`id`: of the claim. `next_action`: the call that settles it."""

    kind: Kind
    id: str
    due_at: Timestamp | None
    next_action: Action
    status: Status
    customer_name: NotRequired[Annotated[str | None, OMITTED_WHEN_NONE]]
    domain: str
    item_name: str
    name: str | None


class Todos(Shape):
    data: list[Todo]
    next: str | None
