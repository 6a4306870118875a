"""Sign bundles when they are read. Nothing is signed in a commit, so no step waits for a key."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.bundle_signature import add_signature, make_signing_input
from chalicelib.ports import Services


def sign_bundle(services: Services, bundle: Mapping[str, Any]) -> str:
    """Return the signature of a bundle.

    bundle: a value that JSON can represent. Raises Unavailable.
    """
    signing_input = make_signing_input(bundle, services.history_keys.get_key_id())
    signature = services.history_keys.sign(signing_input.encode())
    return add_signature(signing_input, signature)
