"""Linters that others use for OpenAPI documents find nothing in the published one.

Redocly and Spectral with their recommended rules; exceptions are in the files beside this one, each
with its reason. vacuum is left out: its npm package downloads a program when it is installed; what
it said when it was built by hand is in docs/decisions.md.
"""

import json
from pathlib import Path

import pytest

from chalicelib.runtime.settings import Settings
from chalicelib.web.http import openapi
from chalicelib.web.http.routing import RouteTable
from chalicelib.web.routes import ROUTES
from tests.clients import node_tools
from tests.clients.node_tools import HERE

pytestmark = pytest.mark.slow


@pytest.fixture
def document(tmp_path: Path) -> str:
    node_tools.install()
    file = tmp_path / "openapi.json"
    described = openapi.describe(RouteTable(ROUTES), Settings(stage="local"))
    file.write_text(json.dumps(described))
    return str(file)


def test_redocly_finds_nothing(document):
    options = ["--config", str(HERE / "redocly.yaml"), "--format", "json"]

    done = node_tools.run("redocly", "lint", document, *options)

    assert json.loads(done.stdout)["problems"] == []


def test_spectral_finds_nothing(document):
    options = ["--ruleset", str(HERE / "spectral.yaml"), "--fail-severity", "hint", "--quiet"]

    done = node_tools.run("spectral", "lint", document, "--format", "json", *options)

    assert done.returncode == 0, done.stdout + done.stderr
