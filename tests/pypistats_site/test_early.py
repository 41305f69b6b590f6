"""What is known is answered without Django's handler, and as that would answer it."""

import io
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest
import time_machine
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError
from pytest_django import Settings

from packages import snapshot
from packages.kept_answers import kept_answers
from packages.models import ApiToken
from packages.models.tokens import digest_of
from pypistats_site.early import EarlyAnswers
from tests.factories import MIRROR, PIP_311, count_day

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("_connection_outlives_requests"),
]
RECENT = "/api/packages/django/recent"
PATHS = [
    RECENT,
    "/api/packages/django/python_minor?format=csv",
    "/api/packages/__all__/overall",
    "/badge/django/month.svg",
    "/feeds/packages/django.rss",
    "/packages/django",
    "/",
]
LIMITS = ("RateLimit", "RateLimit-Policy")


class Answer(NamedTuple):
    status: str
    headers: dict[str, str]
    body: bytes
    early: bool


class Server:
    """The application, and how often the handler behind it was asked."""

    def __init__(self) -> None:
        self.handled = 0
        self._handler = WSGIHandler()
        self._application = EarlyAnswers(self._handle)

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        before, told = self.handled, []

        def start(*found: Any) -> Any:
            told.append(found)

        answer = self._application(environ(path, method, headers), start)
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        [(status, sent)] = told
        return Answer(status, dict(sent), body, self.handled == before)

    def _handle(self, *asked: Any) -> Any:
        self.handled += 1
        return self._handler(*asked)


def environ(path: str, method: str, headers: dict[str, str]) -> dict[str, Any]:
    before, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": before,
        "QUERY_STRING": query,
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "192.0.2.1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    """Ages in headers go by the clock."""
    with time_machine.travel(datetime(2026, 11, 19, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture(autouse=True)
def _counted() -> None:
    count_day(date(2026, 11, 17), {"django": {PIP_311: 10, MIRROR: 2}})


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_kept_answer_is_the_handlers(server: Server, path: str, method: str) -> None:
    first, second = (server.ask(path, method) for _ in range(2))

    assert (first.early, second.early) == (False, True)
    assert second.status == first.status == "200 OK"
    assert second.body == first.body
    assert without_limits(second) == without_limits(first)
    assert [name in second.headers for name in LIMITS] == [
        path.startswith(("/api/", "/badge/"))
    ] * 2


def without_limits(answer: Answer) -> dict[str, str]:
    return {k: v for k, v in answer.headers.items() if k not in LIMITS}


@pytest.mark.parametrize("path", PATHS)
def test_unchanged_answer_is_the_handlers(
    server: Server, settings: Settings, path: str
) -> None:
    settings.ANSWER_CACHE_MB = 0
    kept_answers.cache_clear()
    tag = server.ask(path).headers["ETag"]

    early = server.ask(path, if_none_match=tag)
    handled = server.ask(path, if_none_match=f'"another", {tag}, "third"')

    assert early.early
    assert early.status == "304 Not Modified"
    assert early.body == b""
    assert early.headers["ETag"] == tag
    assert without_limits(early) == without_limits(handled)


def test_new_generation_is_worked_out(server: Server, settings: Settings) -> None:
    settings.GENERATION_CHECK_SECONDS = 0
    server.ask(RECENT)
    count_day(date(2026, 11, 18), {"django": {PIP_311: 1}})

    answer = server.ask(RECENT)

    assert not answer.early
    assert b'"last_day":1,' in answer.body
    assert server.ask(RECENT).early


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "DELETE", "get"])
def test_other_methods_are_the_handlers(server: Server, method: str) -> None:
    server.ask(RECENT)

    assert not server.ask(RECENT, method).early


@pytest.mark.parametrize(
    "path", ["/admin/login/", "/healthz", "/api/packages/nope/recent"]
)
def test_what_nobody_keeps_is_the_handlers(server: Server, path: str) -> None:
    assert [server.ask(path).early for _ in range(2)] == [False, False]


def test_handler_gets_the_address_as_it_came(server: Server) -> None:
    sent = "/api/packages/\N{SNOWMAN}/recent".encode().decode("latin-1")

    answer = server.ask(sent)

    assert (answer.status, answer.early) == ("404 Not Found", False)
    assert "\N{SNOWMAN}" in answer.body.decode()


def test_foreign_host_is_refused_by_the_handler(server: Server) -> None:
    server.ask(RECENT)

    answer = server.ask(RECENT, host="evil.example.org")

    assert (answer.status, answer.early) == ("400 Bad Request", False)


def test_wrong_token_is_refused_though_the_answer_is_known(server: Server) -> None:
    server.ask(RECENT)

    answer = server.ask(RECENT, authorization="Bearer nonsense")

    assert answer.status == "401 Unauthorized"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_token_has_limits_of_its_own(server: Server, settings: Settings) -> None:
    settings.API_RATE_LIMITS = "default=100/d"
    ApiToken.objects.create(name="badges", digest=digest_of("secret"), factor=3)
    server.ask(RECENT)

    answer = server.ask(RECENT, authorization="Bearer secret")

    assert answer.early
    assert answer.headers["RateLimit-Policy"] == '"default-86400s";q=300;w=86400'


def test_known_answers_are_not_counted(server: Server, settings: Settings) -> None:
    settings.API_RATE_LIMITS = "default=1/d"

    answers = [server.ask(RECENT) for _ in range(4)]

    assert [answer.status for answer in answers] == ["200 OK"] * 4


def test_database_that_fails_is_the_handlers(
    server: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.GENERATION_CHECK_SECONDS = 0
    kept = server.ask(RECENT)

    def fails(seconds: float) -> None:
        raise OperationalError("The connection is gone.")

    monkeypatch.setattr(snapshot, "within", fails)
    answer = server.ask(RECENT)

    assert not answer.early
    assert (answer.status, answer.body) == (kept.status, kept.body)
