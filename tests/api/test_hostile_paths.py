"""Addresses that nobody means: 404 of the address's kind, short, and nothing else."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
NAMES = [
    "%00",
    "..",
    "%2e%2e",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "a%2fb",
    "%0d%0aSet-Cookie:%20a=b",
    "%e2%80%ae",
    "%ff%fe",
    "%3Cscript%3E",
    "%25s{0}",
    "'%20OR%20''='",
    "n" * 10_000,
    "%F0%9F%9A%80" * 1000,
]
ADDRESSES = {
    "/api/packages/{}/recent": "application/json",
    "/api/{}": "application/json",
    "/badge/{}/day.json": "application/json",
    "/badge/{}": "application/json",
    "/packages/{}": "text/html; charset=utf-8",
}


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("name", NAMES)
def test_hostile_name_is_not_found(client: Client, address: str, name: str) -> None:
    response = client.get(address.format(name))

    assert response.status_code == 404
    assert response["Content-Type"] == ADDRESSES[address]
    assert not response.cookies
    assert len(response.content) < 4000
    if ADDRESSES[address].startswith("text/html"):
        assert "<script>" not in response.text


@pytest.mark.parametrize("name", NAMES)
def test_hostile_name_has_a_badge_without_it_or_none(client: Client, name: str) -> None:
    response = client.get(f"/badge/{name}/day.svg")

    assert response.status_code == 404
    if "%2f" in name:
        assert response["Content-Type"] == "application/json"
    else:
        nobody = client.get("/badge/nobody-knows-it/day.svg")
        assert response["Content-Type"] == "image/svg+xml"
        assert response.content == nobody.content


@pytest.mark.parametrize(
    "path", ["/api//packages", "/badge//day.svg", "/%2fbadge/a/day.svg"]
)
def test_doubled_slash_leads_nowhere(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 404
    assert not response.has_header("Location")


def test_host_that_is_not_ours_gets_no_badge(client: Client) -> None:
    response = client.get("/badge/django/day.svg", headers={"host": "else.where"})

    assert response.status_code == 400
    detail = "The header Host names another site than this one."
    assert response.json() == {"error": {"status": 400, "detail": detail}}
