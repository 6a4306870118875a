"""The settings of a process: the only module that reads the environment."""

import os
from dataclasses import dataclass, fields
from functools import cache

from chalicelib.runtime.lazy_import import load

# The first two have the test clock, the mailbox, and an issuer that gives tokens to anyone.
STAGES = ("local", "sandbox", "prod")


class SettingsError(Exception):
    """A process cannot start with its settings; the text says what to set."""


@dataclass(frozen=True)
class Settings:
    """Everything that a deployment can set.

    Each field is read from the environment variable of its name in upper case.
    """

    stage: str = ""  # one of STAGES; there is no default, and without it nothing is served
    table_name: str = "cpor"
    work_queue_url: str = ""
    webhook_queue_url: str = ""
    work_dead_letters_url: str = ""  # the queues of dead letters, for /v1/operations
    webhook_dead_letters_url: str = ""
    mail_events_dead_letters_url: str = ""
    sweep_dead_letters_url: str = ""
    evidence_bucket: str = "cpor-evidence"
    public_base_url: str = "http://127.0.0.1:8000"
    oidc_issuer: str = "http://127.0.0.1:8000/sandbox/issuer"
    oidc_audience: str = "cpor"
    oidc_profile: str = "standard"  # what its tokens look like: web/auth/issuer_profiles.py
    user_pool_id: str = ""  # the stack's own user pool; empty: another issuer, or the sandbox's
    jwks_url: str = ""  # empty: the sandbox's built-in issuer
    oidc_client_id: str = "cpor-pages"  # how the pages are known to the issuer
    oidc_scope: str = "openid"  # what the pages ask the issuer for
    secrets_prefix: str = ""  # SSM path of the secrets; empty: kept in the table (sandbox only)
    mail_from: str = "partner-of-record@programme.example"
    programme_mail: str = "reviewers@programme.example"  # where warnings and escalations go
    configuration_set: str = ""
    programme_name: str = "Partner Programme"
    vendor_name: str = ""  # who runs the programme
    logo_svg: str = ""  # a drawing, at most 2 KB: a function's environment has 4 KB
    brand_colour: str = ""  # #rrggbb, of links and buttons (web/pages/brand.py)
    mail_logo_url: str = ""  # the logo as PNG: many mail clients show no SVG
    privacy_url: str = ""
    imprint_url: str = ""
    programme_country: str = "US"
    programme_time_zone: str = "America/Los_Angeles"
    catalogue_edition: str = ""  # pins one edition; empty: the one in force
    support_url: str = "https://support.programme.example/"
    enrolment_url: str = "https://programme.example/enrolment"
    directory: str = "registry"  # registry, or live: Microsoft's cloud and the operator's feed
    live_authority: str = "https://login.microsoftonline.com"
    live_graph: str = "https://graph.microsoft.com/v1.0"
    live_client_id: str = ""
    sandbox_addresses: str = ""  # networks that may call a sandbox, as CIDRs; empty: all
    aws_endpoint_url: str = ""  # set by the embedded run
    history_signer_arn: str = ""  # KMS key that signs bundles; empty: a sandbox's own key
    malware_scan: str = "none"  # none, or guardduty: evidence is read only once it is tagged clean
    build: str = "unknown"  # the digest of the deployed package, as /v1/health returns it
    trusted_roots: str = "amazon"  # amazon, or default: the whole bundle (ca_bundle.py)

    @property
    def sandbox(self) -> bool:
        """Whether this stage has the test clock, the built-in issuer and the mailbox."""
        return self.stage in {"local", "sandbox"}

    def require_valid(self) -> None:
        """Raise SettingsError for settings with which nothing may be served."""
        if self.stage not in STAGES:
            raise SettingsError(
                f"STAGE is {self.stage or 'not set'}: it must be {', '.join(STAGES)}. Packages "
                "have it from .chalice/config.json; set it in the environment of other processes."
            )
        if self.sandbox_addresses:
            try:
                load("runtime.address_filter:parse_networks")(self.sandbox_addresses)
            except ValueError as error:
                raise SettingsError(
                    f"SANDBOX_ADDRESSES is no list of networks such as 192.0.2.0/24: {error}"
                ) from error

    @property
    def has_built_in_issuer(self) -> bool:
        """Whether tokens come from the sandbox's own issuer."""
        return self.sandbox and self.oidc_issuer == f"{self.public_base_url}/sandbox/issuer"


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings(
        **{
            field.name: os.environ[field.name.upper()]
            for field in fields(Settings)
            if field.name.upper() in os.environ
        }
    )
