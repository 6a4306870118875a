"""Puts a small feed straight into the table: partners, a tenant, its subscriptions."""

from collections.abc import Iterable

from chalicelib.aws import keys
from chalicelib.aws.rows import Rows, make_row
from chalicelib.domain.directory import Location, Partner, Subscription, Tenant
from chalicelib.domain.figures import Figures
from chalicelib.domain.ids import item_key, tenant_key
from chalicelib.domain.item import Item

ENGAGEMENTS = (
    "bizapps_presales_advisor",
    "bizapps_usage_recognition",
    "bizapps_revenue",
    "modern_work_security_usage",
)
TENANT = "11111111-1111-4111-8111-111111111111"
SUBSCRIPTION = "33333333-3333-4333-8333-333333333333"
SALES = "dynamics_365_sales_enterprise"


def a_partner(organisation_id: str = "org_a", location: str = "4516001") -> Partner:
    return Partner(
        organisation_id=organisation_id,
        name=organisation_id.replace("_", " ").title(),
        country="DE",
        time_zone="Europe/Berlin",
        locale="en",
        location_ids=(Location(id=location, name="Berlin", enrolled=ENGAGEMENTS),),
    )


def a_tenant(**changes: object) -> Tenant:
    whole = {
        "tenant_id": TENANT,
        "name": "Fabrikam GmbH",
        "domains": ("fabrikam.example", "fabrikam.onmicrosoft.com"),
        "country": "DE",
        "time_zone": "Europe/Berlin",
        "locale": "de",
        "contacts": ("admin@fabrikam.example",),
    }
    return Tenant.model_validate({**whole, **changes})


def a_subscription(**changes: object) -> Subscription:
    whole = {
        "subscription_id": SUBSCRIPTION,
        "tenant_id": TENANT,
        "sku_part_number": "DYN365_ENTERPRISE_SALES",
        "channel": "volume_licensing",
        "state": "active",
        "provisioning": {"DYN365_ENTERPRISE_SALES": "Success"},
    }
    return Subscription.model_validate({**whole, **changes})


def write(
    rows: Rows,
    partners: Iterable[Partner] = (),
    tenants: Iterable[Tenant] = (),
    subscriptions: Iterable[Subscription] = (),
    figures: Iterable[tuple[str, Item, Figures]] = (),
) -> None:
    """Writes what a feed's import would have written."""
    made = [
        make_row(
            keys.partner(p.organisation_id),
            p.model_dump_json(),
            f_pk=keys.PARTNERS,
            f_sk=p.organisation_id,
        )
        for p in partners
    ]
    for tenant in tenants:
        tag = tenant_key(tenant.tenant_id)
        made.append(make_row(keys.tenant(tag), tenant.model_dump_json()))
        made += [
            make_row(keys.domain(d), f'{{"tenant_id": "{tenant.tenant_id}"}}')
            for d in tenant.domains
        ]
    for sub in subscriptions:
        key = keys.subscription(
            tenant_key(sub.tenant_id), item_key(Item(subscription_id=sub.subscription_id).name)
        )
        made.append(make_row(key, sub.model_dump_json()))
    for tenant_id, item, one in figures:
        made.append(
            make_row(
                keys.figures(tenant_key(tenant_id), item.name, one.month), one.model_dump_json()
            )
        )
    rows.write(made)


def demonstration(rows: Rows) -> None:
    """Two partners, one German tenant with one subscription."""
    write(rows, [a_partner(), a_partner("org_b", "4516002")], [a_tenant()], [a_subscription()])
