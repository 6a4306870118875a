"""A rehearsal: rows are lost, a backup is restored to another table, which replaces the first, and
everything goes on.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.aws import keys
from chalicelib.aws.rows import read_text
from chalicelib.domain.history import find_faults
from chalicelib.domain.ids import tenant_key
from cpor.doctor import table as doctors
from cpor.stage import Stage
from tests.support.emulator import DeployedStage
from tests.support.over_http import over_http
from tests.support.service import Service
from tools.deployment import stack
from tools.deployment.stack import StackUpdate
from tools.embedded import deployment
from tools.packaging.package import package

pytestmark = [pytest.mark.deployed, pytest.mark.xdist_group("ministack")]
RESTORED = "cpor-restored"


@pytest.fixture
def service(deployed_stage: DeployedStage) -> Iterator[Service]:
    with over_http(deployed_stage) as made:
        yield made


@pytest.fixture
def take_place(deployed_stage: DeployedStage) -> Iterator[Any]:
    """`make deploy … SET=RestoredTable=…`, as far as the stack is concerned; undone afterwards."""

    def put(name: str) -> None:
        stack.deploy(
            StackUpdate(
                deployment.STACK,
                package("local"),
                deployment.ARTEFACTS,
                {"RestoredTable": name},
                poll=0.05,
            ),
            deployed_stage.client,
        )

    yield put
    put("")
    deployed_stage.client("dynamodb").delete_table(TableName=RESTORED)


def test_what_was_lost_is_there_again_and_goes_on(service, deployed_stage, take_place):
    database, customer = deployed_stage.client("dynamodb"), service.customer()
    claim = customer.file()
    before, history = customer.claim(claim), customer.history(claim)
    backup = database.create_backup(TableName=deployed_stage.table_name, BackupName="rehearsal")[
        "BackupDetails"
    ]["BackupArn"]
    lost = service.rows.query(keys.tenant_partition(tenant_key(customer.tenant_id)))
    service.rows.write([], [keys.Key(read_text(one, "pk"), read_text(one, "sk")) for one in lost])
    assert service.call("GET", f"/v1/claims/{claim['id']}", by=customer.by()).status == 404

    database.restore_table_from_backup(TargetTableName=RESTORED, BackupArn=backup)
    take_place(RESTORED)

    assert customer.claim(claim) == before
    assert customer.history(claim) == history
    assert find_faults(history) == []
    assert customer.review(claim, "start")["status"] == "under_review"
    assert len(customer.history(claim)) > len(history)
    stage = Stage("local", make_client=deployed_stage.client)
    lacking = [one.wrong for one in doctors.check(stage)]
    assert [
        word
        for word in ("time to live", "point-in-time")
        if not any(word in one for one in lacking)
    ] == []
    database.update_time_to_live(
        TableName=RESTORED, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    database.update_continuous_backups(
        TableName=RESTORED, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    assert [one.wrong for one in doctors.check(stage)] == []
