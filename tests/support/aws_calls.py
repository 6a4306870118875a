"""Observe the calls that the product makes to AWS.

botocore emits an event before and after every call of a client
(https://botocore.amazonaws.com/v1/documentation/api/latest/topics/events.html). Handlers are
registered on a session, and the clients that it creates from then on have them. The database and
the object store in memory are no botocore clients: `ObservedClient` reports their calls in the same
way.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from threading import RLock
from typing import Any, NamedTuple, Protocol

from botocore.loaders import Loader, create_loader
from botocore.session import Session

LOCK = RLock()


class AwsCall(NamedTuple):
    """One call: the service as IAM names it, the operation, and its parameters."""

    service: str
    operation: str
    parameters: Mapping[str, Any]


class CallObserver(Protocol):
    def before_call(self, call: AwsCall) -> None:
        """The call is about to be made."""

    def after_call(self, call: AwsCall) -> None:
        """The call has succeeded."""


_observers: list[CallObserver] = []


@contextmanager
def observe_calls(observer: CallObserver) -> Iterator[None]:
    """Report every call of the product's clients to `observer` as long as it lasts."""
    _observers.append(observer)
    try:
        yield
    finally:
        _observers.remove(observer)


def prepare_session(session: Session) -> None:
    """Let a new session share botocore's data files, report its calls, and make one at a time.

    moto is not atomic under threads: two conditional writes may both succeed. Observers run
    outside the lock, since they may raise.
    """
    session.register_component("data_loader", share_loader())
    events = session.get_component("event_emitter")
    events.register("before-parameter-build", _keep_parameters)
    events.register("before-call", _report_before)
    events.register_last("before-call", _acquire)
    events.register_first("after-call", _release)
    events.register_first("after-call-error", _release)
    events.register("after-call", _report_after)


@cache
def share_loader() -> Loader:
    """Read botocore's data files once per process: reading them takes longer than most tests."""
    return create_loader()


# Methods of a client that make no call.
LOCAL = ("generate_presigned_url", "generate_presigned_post")


class ObservedClient:
    """A client in memory whose calls are reported, one at a time. `service`: as IAM names it."""

    def __init__(self, service: str, client: Any) -> None:
        self._service = service
        self._client = client

    def get_paginator(self, operation: str) -> "OnePage":
        return OnePage(getattr(self, operation))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(self._client, name)
        if name in LOCAL:
            return method
        operation = "".join(word.capitalize() for word in name.split("_"))

        def call(**parameters: Any) -> Any:
            made = AwsCall(self._service, operation, parameters)
            for observer in tuple(_observers):
                observer.before_call(made)
            with LOCK:
                answer = method(**parameters)
            for observer in tuple(_observers):
                observer.after_call(made)
            return answer

        return call


class OnePage:
    """A paginator over what fits on one page."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call

    def paginate(self, **parameters: Any) -> Iterator[Any]:
        yield self._call(**parameters)


def _keep_parameters(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    context["parameters"] = params


def _report_before(model: Any, context: Mapping[str, Any], **_: Any) -> None:
    for observer in tuple(_observers):
        observer.before_call(_call(model, context))


def _report_after(http_response: Any, model: Any, context: Mapping[str, Any], **_: Any) -> None:
    if http_response.status_code < 300:
        for observer in tuple(_observers):
            observer.after_call(_call(model, context))


def _call(model: Any, context: Mapping[str, Any]) -> AwsCall:
    return AwsCall(model.service_model.signing_name, model.name, context["parameters"])


def _acquire(**_: Any) -> None:
    LOCK.acquire()


def _release(**_: Any) -> None:
    LOCK.release()
