"""How the tests read a template."""

from typing import Any

FUNCTIONS = {"APIHandler", "Worker", "MailEvents", "Webhooks", "Sweep"}


def of_type(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the properties of the resources of a type, by name."""
    return {
        name: resource["Properties"]
        for name, resource in resources.items()
        if resource["Type"] == kind
    }
