"""A partner API that files claims, and how the tests call `cpor claims`."""

import hashlib
from typing import Any

from typer.testing import CliRunner

from cpor.cli import app
from tests.support.partner_api import Answer, Asked


class Book:
    """A service that files each row once per key, and refuses what a test marks as bad."""

    def __init__(self) -> None:
        self.filed: dict[str, str] = {}
        self.later = 0

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == "/v1/evidence":
            number = hashlib.sha256(asked.key.encode()).hexdigest()[:8]
            return (
                201,
                {
                    "id": f"evd_{number}",
                    "upload": {"url": f"{asked.headers['Host']}", "fields": {}},
                    "expires_at": "2026",
                },
                {},
            )
        if self.later:
            self.later -= 1
            return 429, {"code": "too_many_requests"}, {"Retry-After": "7"}
        if "bad" in asked.body.get("external_reference", ""):
            errors = [
                {"code": code, "pointer": pointer, "detail": f"=about {code}", "hint": "do"}
                for code, pointer in (("product_unknown", ""), ("domain_mismatch", "/domain"))
            ]
            return 422, {"code": "invalid", "errors": errors}, {}
        claim = self.filed.setdefault(asked.key, f"clm_{len(self.filed) + 1}")
        return 201, {"filing_id": "fil_1", "claims": [{"id": claim}]}, {}


def claims(*words: str, **more: Any) -> Any:
    return CliRunner().invoke(app, ["claims", *words], **more)
