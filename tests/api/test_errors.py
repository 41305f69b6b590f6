"""What goes wrong on our side is said in JSON, without details."""

import pytest
from django.db import OperationalError
from django.test import Client

from packages import snapshot

pytestmark = pytest.mark.django_db


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(snapshot, "current", fail)


def test_database_that_is_gone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, OperationalError("secret host name"))

    response = client.get("/api/packages/django/recent")

    assert response.status_code == 503
    assert response.content == (
        b'{"error":{"detail":"The database does not answer; try again in a minute.",'
        b'"status":503}}\n'
    )


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/api/packages/django/recent", "application/json"), ("/", "text/html")],
)
def test_anything_else_is_a_500_of_its_kind(
    monkeypatch: pytest.MonkeyPatch, path: str, kind: str
) -> None:
    fail_with(monkeypatch, ZeroDivisionError("secret"))
    client = Client(raise_request_exception=False)

    response = client.get(path)

    assert response.status_code == 500
    assert response["Content-Type"].startswith(kind)
    assert b"secret" not in response.content


def test_documentation_is_at_api(client: Client) -> None:
    assert client.get("/api")["Location"] == "/api/"
    assert client.get("/api/").status_code == 200


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "text/*", "*/*", "nonsense", ""]
)
def test_answers_are_json_whatever_is_accepted(client: Client, accept: str) -> None:
    response = client.get("/api/packages/nope/recent", headers={"accept": accept})

    assert response.status_code == 404
    assert response["Content-Type"] == "application/json"
