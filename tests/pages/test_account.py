"""The account: preferences, and the organisation's people."""

from tests.support.pages import sign_in


def test_language_and_zone_are_kept_for_the_person(service, customer, browser):
    browser.open("/portal/account")
    browser.submit("Save", language="de", time_zone="Asia/Tokyo")

    assert "Gespeichert." in browser.page.text
    other = sign_in(service, customer.partner(1), "incentives_admin")
    other.open(f"/portal/claims/{customer.file(1)['id']}")
    assert '<html lang="de">' in other.reply.text
    assert "(Ortszeit Tokio)" in other.page.text


def test_the_choice_of_a_language_in_the_layout_is_kept(service, customer, browser):
    browser.send("GET", "/portal?lang=hu", headers={"Sec-Fetch-Site": "same-origin"})

    other = sign_in(service, customer.partner(1), "incentives_admin")
    other.open("/portal")
    assert '<html lang="hu">' in other.reply.text


def test_a_link_elsewhere_changes_nobodys_language(service, customer, browser):
    browser.send("GET", "/portal?lang=hu", headers={"Sec-Fetch-Site": "cross-site"})

    other = sign_in(service, customer.partner(1), "incentives_admin")
    other.open("/portal")
    assert '<html lang="en">' in other.reply.text


def test_a_zone_that_does_not_exist_is_refused_at_its_field(browser):
    browser.open("/portal/account")

    browser.submit("Save", time_zone="Mars/Olympus", expect=422)

    ids = {a.get("id"): a for _, a in browser.page.elements if "id" in a}
    assert ids["time_zone"]["aria-invalid"] == "true"
    assert ids["time_zone"]["value"] == "Mars/Olympus"


def test_shortcuts_are_turned_off(browser):
    browser.open("/portal/account")
    form = next(f for f in browser.page.forms if f.action.endswith("/preferences"))
    browser.submit_fields(form, {k: v for k, v in form.fields.items() if k != "shortcuts"})

    assert 'data-keys="off"' in browser.reply.text


def test_a_person_is_invited_changed_disabled_and_removed(service, customer, browser):
    browser.open("/portal/account")
    browser.submit("Invite", name="Ute", email="ute@partner.example", roles=["billing_admin"])
    assert "Invited." in browser.page.text
    browser.open(next(href for href, text in browser.page.links if "Change: Ute" in text))

    browser.submit("Save the roles", roles=["incentives_user", "billing_admin"])
    browser.submit("Disable")

    assert "signed out everywhere" in browser.page.text
    found = service.get("/v1/users", by=customer.by(1))["data"]
    assert [(one["roles"], one["state"]) for one in found] == [
        (["incentives_user", "billing_admin"], "disabled")
    ]
    browser.submit("Remove")
    assert service.get("/v1/users", by=customer.by(1))["data"] == []


def test_who_is_no_administrator_sees_their_own_account_only(service, customer):
    browser = sign_in(service, customer.partner(1), "incentives_user")

    browser.open("/portal/account")

    assert "Invite a person" not in browser.page.text
    browser.open("/portal/account/people/usr_1", expect=403)


def test_people_of_the_programme_have_an_account_too(service):
    browser = sign_in(service, None, "auditor")

    browser.open("/desk/account")
    browser.submit("Save", language="fr")

    assert "Enregistré." in browser.page.text


def test_the_account_names_the_organisation_as_the_api_does(service, customer, browser):
    me = service.get("/v1/me", by=customer.by(1))

    browser.open("/portal/account")

    assert me["organisation_name"]
    assert me["organisation_name"] in browser.page.text
    assert service.get("/v1/me", by=service.token(None, "reviewer"))["organisation_name"] is None
