"""The interfaces of everything outside the domain: use cases call them, adapters provide them.

Each module describes one kind of service; names are imported from here.
"""

from chalicelib.ports.api_keys import ApiKeys
from chalicelib.ports.claims import Arbitrations, Claims, History, Slots, StoredClaim
from chalicelib.ports.clock import Clock, ClockState, MovableClock
from chalicelib.ports.customers import MailRecords, Tenants
from chalicelib.ports.directory import Directory, Partners
from chalicelib.ports.files import EvidenceRecords, Files
from chalicelib.ports.insights import Insights
from chalicelib.ports.mail import BoxedMail, Mail, Mailbox, MailSender
from chalicelib.ports.preferences import PreferenceRecords
from chalicelib.ports.queue import Queues, WorkQueue
from chalicelib.ports.requests import Receipt, Requests
from chalicelib.ports.secrets import SandboxSecrets, Secrets
from chalicelib.ports.services import Services
from chalicelib.ports.sessions import Grants, Sessions
from chalicelib.ports.store import Change, Conflict, FilingInputs, FilingQuery, Store
from chalicelib.ports.users import UserPool, Users
from chalicelib.ports.webhooks import WebhookEndpoints, WebhookRequest, Webhooks, WebhookSender

__all__ = [
    "ApiKeys",
    "Arbitrations",
    "BoxedMail",
    "Change",
    "Claims",
    "Clock",
    "ClockState",
    "Conflict",
    "Directory",
    "EvidenceRecords",
    "Files",
    "FilingInputs",
    "FilingQuery",
    "Grants",
    "History",
    "Insights",
    "Mail",
    "MailRecords",
    "MailSender",
    "Mailbox",
    "MovableClock",
    "Partners",
    "PreferenceRecords",
    "Queues",
    "Receipt",
    "Requests",
    "SandboxSecrets",
    "Secrets",
    "Services",
    "Sessions",
    "Slots",
    "Store",
    "StoredClaim",
    "Tenants",
    "UserPool",
    "Users",
    "WebhookEndpoints",
    "WebhookRequest",
    "WebhookSender",
    "Webhooks",
    "WorkQueue",
]
