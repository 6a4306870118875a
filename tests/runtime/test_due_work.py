"""What the worker does with the ids that a message names."""

import json

import pytest

from chalicelib.domain.ids import Kind
from chalicelib.runtime import queue_handlers
from chalicelib.usecases.due_work import HANDLERS, UnknownId, run_due_work
from tests.support.in_process import in_process

NEVER_DUE = [kind for kind in Kind if kind not in HANDLERS]


@pytest.fixture(scope="module")
def service():
    with in_process() as made:
        yield made


@pytest.mark.parametrize(
    "some_id", ["", "clm", "xyz_1", *(f"{kind.prefix}1" for kind in NEVER_DUE)]
)
def test_an_id_of_an_unknown_kind_is_an_error(service, some_id):
    with pytest.raises(UnknownId):
        run_due_work(service.services, some_id, service.services.clock.now())


def test_a_message_with_an_unknown_id_comes_again_and_others_do_not(service):
    claim = service.customer().file()
    records = [
        {"messageId": "known", "body": json.dumps({"ids": [claim["id"]]})},
        {"messageId": "unknown", "body": json.dumps({"ids": ["xyz_1"]})},
    ]

    result = queue_handlers.handle_work(service.services, records)

    assert result == {"batchItemFailures": [{"itemIdentifier": "unknown"}]}


def test_malformed_settings_ids_are_an_error(service):
    with pytest.raises(UnknownId):
        run_due_work(service.services, "hnd_1", service.services.clock.now())
