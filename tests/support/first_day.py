"""The first day of an account, as docs/operations.md tells it, on an emulator of its own.

The commands are read from the page, so what is tried is what it prints. Each function is a step of
the page; `STEPS` has them by number. What the emulator is not, the page says below its steps.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from cpor.doctor.finding import Finding
from cpor.doctor.web import check_health
from cpor.stage import Stage
from tests.support.certificates import authority, server_context
from tests.support.fake_ses import FakeSes, fake_ses
from tests.support.forwarding import ForwardingHandler, serving
from tools.deployment import deploy
from tools.embedded import deployment, emulator
from tools.packaging.package import ROOT, Package, package
from tools.packaging.target import HOST

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
BUCKET = "some-name"
POLL = 0.05  # seconds; the emulator deploys at once
# Longer than the visibility timeout of the work queue (360 seconds, infra/queues.yaml): the message
# of a function that reached its time limit on a busy machine comes back only then.
SECONDS_TO_HAPPEN = 400.0
# Without a domain, the page says, these two are left out.
OF_A_DOMAIN = ("DomainName=", "CertificateArn=")
BATCHES = {"Effect": "Allow", "Action": ["sqs:SendMessageBatch"], "Resource": "*"}
LIST_OF_PEOPLE = """organisation,mail,name,roles,locale
,rita@vendor.example,Rita,reviewer,en
,sven@vendor.example,Sven,senior_reviewer auditor,de
"""


class Account:
    """An account and a region of the emulator, with nothing in it.

    ses: the mail service that the functions reach, in front of the emulator.
    issuer: the address of the user pools' keys over TLS.
    """

    def __init__(
        self, endpoint: str, ses: FakeSes, issuer: str, folder: Path, region: str = emulator.REGION
    ) -> None:
        self.endpoint, self.ses, self.issuer, self.folder = endpoint, ses, issuer, folder
        self.region, self.bucket = region, f"{BUCKET}-{region}"

    def in_region(self, region: str) -> "Account":
        """Return the account in another region."""
        return Account(self.endpoint, self.ses, self.issuer, self.folder, region)

    def client(self, service: str) -> Any:
        return deployment.client(service, self.endpoint, self.region)

    @property
    def stage(self) -> Stage:
        """The stage `prod` as it is now."""
        return Stage("prod", endpoint=self.endpoint, make_client=self.client)

    @property
    def api(self) -> str:
        """The address of the API at the emulator: names of API Gateway lead nowhere here."""
        return f"{self.endpoint}/restapis/{self.stage.output('RestAPIId')}/api/_user_request_"

    def cpor(self, *words: str, ends: int = 0) -> str:
        """Run the command line as an operator does, and return what it prints."""
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": emulator.KEYS[0],
            "AWS_SECRET_ACCESS_KEY": emulator.KEYS[1],
        }
        done = subprocess.run(
            [sys.executable, "-m", "cpor", *words],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == ends, done.stdout + done.stderr
        return done.stdout

    def configure(self, function: str, **variables: str) -> None:
        """Set environment variables of a function, by its name in the template."""
        found = self.stage.configuration(function)
        self.client("lambda").update_function_configuration(
            FunctionName=found["FunctionName"],
            Environment={"Variables": found["Environment"]["Variables"] | variables},
        )


@contextmanager
def empty_account() -> Iterator[Account]:
    """Start an emulator with an empty account, its mail service, and TLS for its keys."""
    with ExitStack() as started:
        folder = Path(started.enter_context(tempfile.TemporaryDirectory(prefix="cpor-day-")))
        (folder / "emulator").mkdir()
        engine = emulator.start(folder / "emulator", None)
        started.callback(engine.stop)
        ses = started.enter_context(fake_ses(engine.endpoint))
        keys = type("Keys", (ForwardingHandler,), {"behind": engine.endpoint})
        issuer = started.enter_context(serving(keys, server_context(("localhost",))))
        (folder / "authority.pem").write_text(authority())
        yield Account(engine.endpoint, ses, issuer, folder)


def read_steps() -> dict[int, str]:
    """Return the steps of the page's "First day" by number."""
    section = PAGE.partition("\n## First day\n")[2].partition("\n###")[0]
    found = re.split(r"^(\d+)\. ", section, flags=re.MULTILINE)[1:]
    return dict(zip(map(int, found[::2]), found[1::2], strict=True))


def find_commands(text: str, start: str) -> list[str]:
    """Return the commands in a text that begin with these words."""
    quoted = (one.replace("\n", " ") for one in re.findall(r"`([^`]+)`", text))
    return [" ".join(one.split()) for one in quoted if one.startswith(start)]


def create_role_for_logs(account: Account) -> None:
    """Step 2."""
    template = (ROOT / "infra" / "account" / "gateway.yaml").read_text()
    cloudformation = account.client("cloudformation")
    cloudformation.create_stack(
        StackName="cpor-gateway", TemplateBody=template, Capabilities=["CAPABILITY_IAM"]
    )
    wait_for(lambda: _read_status(cloudformation, "cpor-gateway") == "CREATE_COMPLETE")


def create_bucket(account: Account) -> None:
    """Step 3."""
    make_bucket(account, account.bucket)


def make_bucket(account: Account, name: str) -> None:
    """Make a bucket in the account's region."""
    where: Any = {"LocationConstraint": account.region}
    more = {} if account.region == emulator.REGION else {"CreateBucketConfiguration": where}
    account.client("s3").create_bucket(Bucket=name, **more)


def deploy_in_two_steps(account: Account) -> None:
    """Step 5, without a domain."""
    (command,) = find_commands(read_steps()[5], "make deploy STAGE=prod")
    words = command.partition('SET="')[2].rstrip('"').split()
    given = [word for word in words if not word.startswith(OF_A_DOMAIN)]
    deploy_again(account, *given, "Target=emulator")


def deploy_again(account: Account, *given: str) -> None:
    """`make deploy`, with a package for the Python of the emulator."""
    arguments = ["--stage", "prod", "--bucket", account.bucket, *given]

    def check(stage: Stage) -> Iterator[Finding]:
        return check_emulated_health(account, stage)

    assert deploy.main(arguments, account.client, check, package_for_host, POLL) == 0


def check_emulated_health(account: Account, stage: Stage) -> Iterator[Finding]:
    """What `make deploy` asks the new version, at its address at the emulator."""
    chosen = replace(stage.settings_of("APIHandler"), public_base_url=account.api)

    class Emulated(Stage):
        def settings_of(self, function: str) -> Any:
            return chosen

    return check_health(Emulated("prod", make_client=account.client))


def package_for_host(stage: str) -> Package:
    return package(stage, HOST)


def make_secrets(account: Account) -> None:
    """Step 8."""
    for command in find_commands(read_steps()[8], "cpor secrets"):
        account.cpor(*command.split()[1:])


def import_feed(account: Account) -> None:
    """Step 11, with the demonstration feed."""
    for command in find_commands(read_steps()[11], "cpor import"):
        account.cpor(*command.replace("DIR", "cpor/demo").split()[1:])


def allow_short_passwords(account: Account) -> None:
    """The emulator's first passwords are shorter than the policy of the pool allows."""
    account.client("cognito-idp").update_user_pool(
        UserPoolId=account.stage.output("UserPoolId"),
        Policies={"PasswordPolicy": {"MinimumLength": 8}},
    )


def invite_people(account: Account, organisation: str = "org_northlight") -> None:
    """Step 12, with the commands of "Tokens" and a list."""
    allow_short_passwords(account)
    (account.folder / "people.csv").write_text(LIST_OF_PEOPLE)
    section = PAGE.partition("\n## Tokens\n")[2].partition("\n## ")[0]
    for line in re.findall(r"^cpor users invite .*$", section, re.MULTILINE):
        words = line.partition("#")[0].replace("ORG", organisation).split()[1:]
        account.cpor(*(str(account.folder / w) if w.endswith(".csv") else w for w in words))


# What the emulator can rehearse of the page's steps; the first claim (13) is the test's own.
STEPS: dict[int, Callable[[Account], None]] = {
    2: create_role_for_logs,
    3: create_bucket,
    5: deploy_in_two_steps,
    8: make_secrets,
    11: import_feed,
    12: invite_people,
}


def connect_functions(account: Account) -> None:
    """Lead the functions to the parts that the emulator lacks.

    The worker's mails go to the test's mail service, and the API reads the pool's keys over TLS.
    The emulator asks for a right that AWS does not have: there, `sqs:SendMessage` covers batches.
    """
    for role in ("ApiHandlerRole", "SweepRole", "WorkerRole"):
        account.client("iam").put_role_policy(
            RoleName=account.stage.physical_id(role),
            PolicyName="EmulatedRight",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [BATCHES]}),
        )
    pool = account.stage.output("UserPoolId")
    account.configure("Worker", AWS_ENDPOINT_URL=account.ses.url)
    account.configure(
        "APIHandler",
        JWKS_URL=f"{account.issuer}/{pool}/.well-known/jwks.json",
        SSL_CERT_FILE=str(account.folder / "authority.pem"),
    )


def wait_for(happened: Callable[[], Any]) -> Any:
    """Wait until something is true, and return it."""
    until = time.monotonic() + SECONDS_TO_HAPPEN
    while not (found := happened()):
        assert time.monotonic() < until, "it has not happened"
        time.sleep(0.2)
    return found


def _read_status(cloudformation: Any, name: str) -> str:
    return str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
