"""Parallel calls: results in order, nothing left running, and the request's id in every thread."""

import threading

import pytest

from chalicelib.runtime.metrics import request_id
from chalicelib.runtime.wiring import THREADS, run_parallel


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


def test_calls_that_make_calls_of_their_own_do_not_wait_for_each_other_for_ever():
    many = 3 * THREADS
    all_begun = threading.Barrier(THREADS)

    def outer(number):
        if number < THREADS:  # every thread is taken before one of them needs another
            all_begun.wait(10)
        return run_parallel(*(lambda part=part: (number, part) for part in range(3)))

    made = run_parallel(*(lambda number=number: outer(number) for number in range(many)))

    assert made == tuple(tuple((number, part) for part in range(3)) for number in range(many))


def test_the_first_of_two_failures_is_raised():
    def fail(text):
        raise ValueError(text)

    for _ in range(20):
        with pytest.raises(ValueError, match="first"):
            run_parallel(lambda: 1, lambda: fail("first"), lambda: fail("second"))
