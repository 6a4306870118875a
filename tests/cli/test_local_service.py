"""`cpor` finds the service that `make run` has started."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpor.local_service import (
    CONFIGURED,
    LocalService,
    announce_service,
    find_local_service,
    use_local_service,
)

SERVICE = LocalService(
    url="http://127.0.0.1:8000",
    aws_endpoint="http://127.0.0.1:4566",
    region="us-east-1",
    access_key="test",
    secret_key="test",
    pid=os.getpid(),
)


@pytest.fixture(autouse=True)
def unconfigured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A user with no settings of AWS; what the test sets is taken back."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in (*CONFIGURED, *SERVICE.environment):
        monkeypatch.setenv(name, "")
    yield


def test_a_running_service_is_found_until_it_ends() -> None:
    with announce_service(SERVICE):
        assert find_local_service() == SERVICE

    assert find_local_service() is None


def test_a_service_whose_process_is_gone_is_not_found() -> None:
    gone = 2**22 + 1  # above Linux's largest process id

    with announce_service(SERVICE.evolve(pid=gone)):
        assert find_local_service() is None


def test_the_service_that_was_started_last_stays_when_an_earlier_one_ends() -> None:
    later = SERVICE.evolve(url="http://127.0.0.1:8001", pid=os.getppid())

    with announce_service(SERVICE):
        last = announce_service(later)
        last.__enter__()

    assert find_local_service() == later


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pid": "x"}', "\0"])
def test_a_damaged_file_is_no_service(text: str, tmp_path: Path) -> None:
    with announce_service(SERVICE):
        (tmp_path / "state" / "cpor" / "local.json").write_text(text)

        assert find_local_service() is None


@pytest.mark.parametrize("stage", ["", "local"])
def test_it_is_used_without_keys(stage: str) -> None:
    with announce_service(SERVICE):
        assert use_local_service(stage)

    assert {name: os.environ[name] for name in SERVICE.environment} == SERVICE.environment


@pytest.mark.parametrize(
    ("stage", "name"),
    [
        ("prod", "X"),
        ("local", "AWS_ENDPOINT_URL"),
        *[("", name) for name in CONFIGURED],
    ],
)
def test_it_is_not_used_where_something_else_is_named(
    stage: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "https://elsewhere.example")

    with announce_service(SERVICE):
        assert not use_local_service(stage)
