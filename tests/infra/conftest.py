"""The templates of all stages, as this Python packages them."""

import json
from typing import Any

import pytest

from tools.packaging.package import STAGES, package
from tools.packaging.target import HOST


@pytest.fixture(scope="module", params=STAGES)
def template(request: pytest.FixtureRequest) -> Any:
    return json.loads(package(request.param, HOST).template.read_text())


@pytest.fixture(scope="module")
def resources(template: Any) -> dict[str, Any]:
    return {
        name: resource | {"Properties": resource.get("Properties", {})}
        for name, resource in template["Resources"].items()
    }
