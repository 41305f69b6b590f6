"""What goes wrong on our side is said in JSON, without details."""

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    transaction,
)
from django.db.backends.utils import CursorWrapper
from django.db.utils import ConnectionHandler
from django.test import Client

from packages import snapshot
from packages.models import Package

pytestmark = pytest.mark.django_db


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(snapshot, "current", fail)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, DatabaseError])
def test_database_that_is_gone(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    fail_with(monkeypatch, error("secret host name"))

    response = client.get("/api/packages/django/recent")

    assert response.status_code == 503
    assert response.content == (
        b'{"error":{"detail":"The database does not answer; try again in a minute.",'
        b'"status":503}}\n'
    )
    assert response["Retry-After"] == "60"


PAGES = ["/", "/api/", "/search?q=django", "/packages/django", "/status"]
LISTS = ["/api/top", "/api/packages", "/api/recent?packages=django", "/badge/a/day.svg"]


@pytest.mark.parametrize("path", [*PAGES, *LISTS])
def test_database_that_goes_while_we_answer(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Also where it goes after the view, when standings are seen to be newer."""
    client = Client(raise_request_exception=False)
    execute: Any = CursorWrapper.execute

    for last in count():
        transaction.set_rollback(False)  # the test's, of which the last error is a part
        asked = count()

        def run(*arguments: Any, asked: Any = asked, last: int = last) -> Any:
            if next(asked) >= last:
                raise OperationalError("secret host name")
            return execute(*arguments)

        monkeypatch.setattr(CursorWrapper, "execute", run)
        answer = client.get(path)
        if next(asked) <= last:
            break
        assert (answer.status_code, answer["Retry-After"]) == (503, "60")
        assert answer["Cache-Control"] == "no-store"
        assert b"The database does not answer" in answer.content
        assert b"secret" not in answer.content

    assert answer.status_code in {200, 404}
    assert last > 0


def test_statement_that_is_wrong_is_no_503(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, ProgrammingError("no such column"))
    client = Client(raise_request_exception=False)

    assert client.get("/api/packages/django/recent").status_code == 500


def test_file_that_is_no_database(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "pypistats.sqlite3"
    path.write_bytes(b"This is no database, and it is longer than a header. " * 20)

    connections = ConnectionHandler(
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}}
    )

    def read() -> None:
        connections["default"].cursor().execute("SELECT * FROM packages_generation")

    monkeypatch.setattr(snapshot, "_of_database", read)

    assert client.get("/api/packages/django/recent").status_code == 503
    connections.close_all()


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
    leading = client.get("/api")

    assert (leading.status_code, leading["Location"]) == (301, "/api/")
    assert leading["Access-Control-Allow-Origin"] == "*"
    assert leading["RateLimit"]
    assert client.get("/api/").status_code == 200


def test_preflight_of_api_is_answered_and_led_nowhere(client: Client) -> None:
    asking = {"access-control-request-method": "GET"}

    answer = client.options("/api", headers=asking)

    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, POST, OPTIONS"


@pytest.mark.parametrize("path", ["/apiary", "/badges", "/api-", "/"])
def test_neighbours_of_the_api_are_pages(client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer["Content-Type"].startswith("text/html")
    assert not answer.has_header("Access-Control-Allow-Origin")
    assert not answer.has_header("RateLimit")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "FROB"])
@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/coverage",
        "/api/packages/django",
        "/api/packages/django/recent",
        "/api/packages/django/ci",
    ],
)
def test_method_that_is_not_taken(method: str, path: str) -> None:
    response = Client(enforce_csrf_checks=True).generic(method, path)

    assert response.status_code == 405
    assert "GET" in response["Allow"]
    assert response.json() == {
        "error": {"status": 405, "detail": f'Method "{method}" not allowed.'}
    }


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/", "GET, HEAD, OPTIONS"),
        ("/api/coverage", "GET, HEAD, OPTIONS"),
        ("/api/dump", "GET, HEAD, OPTIONS"),
        ("/api/packages/django", "GET, HEAD, OPTIONS"),
        ("/api/recent", "GET, POST, HEAD, OPTIONS"),
        ("/badge/django/day.svg", "GET, HEAD, OPTIONS"),
    ],
)
def test_every_address_says_what_it_takes_and_no_more(path: str, methods: str) -> None:
    response = Client(enforce_csrf_checks=True).options(path)

    assert (response.status_code, response.content) == (204, b"")
    assert response["Allow"] == methods
    assert not response.has_header("Content-Type")
    assert not response.has_header("Content-Length")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/nothing", 404),
        ("/api/packages/django/nothing", 404),
        ("/api/packages/django/recent/", 404),
        ("/api/packages/%00/recent", 404),
        (f"/api/{'x' * 10_000}", 404),
        ("/api/packages/django/overall?mirrors=maybe", 400),
        ("/api/packages/no-such/ci", 404),
    ],
)
def test_errors_have_one_shape(client: Client, path: str, status: int) -> None:
    Package.objects.create(normalized_name="django")

    response = client.get(path)

    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    detail = response.json()["error"]["detail"]
    assert response.json() == {"error": {"status": status, "detail": detail}}
    assert detail.endswith(".")


def test_host_that_is_not_ours_is_told_in_json(client: Client) -> None:
    response = client.get("/api/packages/django/recent", headers={"host": "else.where"})

    assert response.status_code == 400
    assert response.json() == {
        "error": {
            "status": 400,
            "detail": "The header Host names another site than this one.",
        }
    }


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", f"/api/top?{'a=1&' * 1100}", {}),
        ("GET", f"/packages/django?{'a=1&' * 1100}", {}),
        ("GET", f"/feeds/packages/django.rss?{'a=1&' * 1100}", {}),
        ("GET", "/api/top", {"HTTP_HOST": "else.where"}),
        ("POST", "/", {"CONTENT_LENGTH": "9999999"}),
        ("POST", "/admin/login/", {"CONTENT_LENGTH": "9999999"}),
    ],
)
def test_what_a_client_does_wrong_is_told_to_it_and_not_to_the_log(
    client: Client,
    caplog: pytest.LogCaptureFixture,
    method: str,
    path: str,
    headers: dict[str, str],
) -> None:
    response = client.generic(method, path, **headers)  # type: ignore[arg-type]

    assert response.status_code == 400
    assert "could not be understood" not in response.text
    assert caplog.records == []


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "text/*", "*/*", "nonsense", ""]
)
def test_answers_are_json_whatever_is_accepted(client: Client, accept: str) -> None:
    response = client.get("/api/packages/nope/recent", headers={"accept": accept})

    assert response.status_code == 404
    assert response["Content-Type"] == "application/json"
