"""The interfaces of everything outside the domain. Use cases depend on these, adapters provide them."""

from chalicelib.ports.clock import Clock
from chalicelib.ports.directory import Directory, Partners
from chalicelib.ports.files import Files
from chalicelib.ports.mail import BoxedMail, Mail, Mailbox, MailSender
from chalicelib.ports.queue import WorkQueue
from chalicelib.ports.secrets import Secrets
from chalicelib.ports.services import Services
from chalicelib.ports.store import Change, Conflict, FilingInputs, Receipt, Store

__all__ = [
    "BoxedMail",
    "Change",
    "Clock",
    "Conflict",
    "Directory",
    "Files",
    "FilingInputs",
    "Mail",
    "MailSender",
    "Mailbox",
    "Partners",
    "Receipt",
    "Secrets",
    "Services",
    "Store",
    "WorkQueue",
]
