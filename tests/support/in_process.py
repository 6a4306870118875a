"""The service in this process, over database and object store in memory, or over moto."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chalice.app import Chalice

from chalicelib.domain.directory import DirectoryLookup, Tenant, TenantSubscriptions
from chalicelib.ports import Directory, Services
from chalicelib.runtime import wiring
from chalicelib.usecases.due_work import run_due_work
from tests.support.api_client import Reply
from tests.support.api_gateway import request
from tests.support.embedded_aws import fresh_services, put_upload
from tests.support.memory_dynamodb import MemoryDynamoDB
from tests.support.service import Service


@contextmanager
def in_process(
    database: MemoryDynamoDB | None = None,
    *,
    moto: bool = False,
    run_parallel: Callable[..., tuple[Any, ...]] = wiring.run_parallel,
    **settings: str,
) -> Iterator[Service]:
    """Run the service in this process over a fresh database and object store in memory.

    `database`: use this one, which may hold rows already. `moto`: use moto's DynamoDB, which
    copies its table at every write, and its S3, so that another implementation judges the calls.
    `settings`: those that differ from the usual ones.
    """
    used = None if moto else database or MemoryDynamoDB()
    with fresh_services(used, run_parallel, **settings) as (made, rows, s3):
        work = InlineQueue()
        services = made.evolve(work_queue=work, directory=SwitchableDirectory(made.directory))

        def send(
            method: str,
            path: str,
            body: Any,
            by: str | None,
            headers: Mapping[str, str],
            form: Mapping[str, str] | None,
        ) -> Reply:
            answer = request(
                application.app, method, path, json=body, form=form, headers=headers, token=by
            )
            return Reply(answer.status, answer.headers, answer.body)

        def put(announced: Mapping[str, Any], content: bytes) -> None:
            put_upload(s3, announced["id"], content, announced["upload"]["fields"]["Content-Type"])

        service = Service(
            "here",
            send,
            put,
            rows,
            lambda: work.do_all(service.services),
            services=services,
            s3=s3,
        )
        with borrow_application(service) as application:
            yield service


class Application:
    """The application with all its routes, for one service at a time."""

    service: Service

    def __init__(self) -> None:
        from chalicelib.web.http import registration
        from chalicelib.web.routes import PROBLEM_PAGE, ROUTES

        self.app = Chalice("cpor", configure_logs=False)
        registration.register(
            self.app,
            ROUTES,
            services=lambda event: self.service.services,
            problem_page=PROBLEM_PAGE,
        )


_idle: list[Application] = []


@contextmanager
def borrow_application(service: Service) -> Iterator[Application]:
    """Use an application that no other service uses: to register the routes takes as long as ten
    requests.
    """
    application = _idle.pop() if _idle else Application()
    application.service = service
    try:
        yield application
    finally:
        _idle.append(application)


class SwitchableDirectory:
    """`ports.Directory` that a test can put out of reach."""

    def __init__(self, real: Directory) -> None:
        self.real = real
        self.unavailable = False

    def customer(self, tenant_id: str, domain: str) -> DirectoryLookup:
        found = self.real.customer(tenant_id, domain)
        return (
            DirectoryLookup(unavailable=True, looked_up_at=found.looked_up_at)
            if self.unavailable
            else found
        )

    def subscriptions(self, tenant_key: str) -> TenantSubscriptions | None:
        return None if self.unavailable else self.real.subscriptions(tenant_key)

    def tenant(self, tenant_key: str) -> Tenant | None:
        return self.real.tenant(tenant_key)


class InlineQueue:
    """`ports.WorkQueue` for one process: the work is done when the request is over."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def enqueue(self, ids: Any) -> None:
        self.ids += ids

    send = enqueue

    def do_all(self, services: Services) -> None:
        while self.ids:
            run_due_work(services, self.ids.pop(0), services.clock.now())
