"""The customer is shown the partner's country and domains, as the programme knows them."""

from tests.support import feed


def test_notice_and_page_name_the_partners_country_and_verified_domains(service):
    customer = service.customer(locale="en")
    domains = ("northwind.example", "nw.example", "third.example", "fourth.example")
    partner = feed.a_partner(customer.partner(), "4500001")
    feed.write(service.rows, [partner.evolve(country="AT", domains=domains)])
    claim = customer.file()

    notice = service.mails(claim["id"], "notice", to=customer.admin)[0]["text"]
    page = service.call("GET", f"{service.link(claim['id'], customer.admin)}?lang=en").text

    for text in (notice, page):
        assert "Austria" in text
        assert "northwind.example, nw.example, third.example" in text
        assert "fourth.example" not in text
