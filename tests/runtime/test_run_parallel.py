"""Parallel calls: results in order, nothing left running, and the request's id in every thread."""

import threading

import pytest

from chalicelib.runtime.metrics import request_id
from chalicelib.runtime.wiring import run_parallel


def test_results_are_in_the_order_of_the_calls():
    first_done = threading.Event()

    def second():
        first_done.set()
        return 2

    assert run_parallel(lambda: first_done.wait(10) and 1, second) == (1, 2)


def test_when_one_fails_the_others_are_waited_for():
    failed, done = threading.Event(), []

    def fail():
        failed.set()
        raise ValueError("this one")

    def slow():
        failed.wait(10)
        done.append("slow")

    with pytest.raises(ValueError, match="this one"):
        run_parallel(fail, slow)
    assert done == ["slow"]


def test_each_call_has_the_id_of_the_request():
    token = request_id.set("request-1")
    try:
        assert run_parallel(request_id.get, request_id.get) == ("request-1", "request-1")
    finally:
        request_id.reset(token)
