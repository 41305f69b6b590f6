"""What programs read comes past most layers, as with all of them; so do kept pages."""

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

from api import security
from packages import snapshot
from packages.kept_answers import kept_answers
from packages.models import ApiToken
from packages.models.tokens import digest_of
from packages.snapshot import Snapshot
from pypistats_site import public_handler
from pypistats_site.cross_origin import OPEN_PREFIXES
from pypistats_site.public_handler import PublicHandler
from tests.factories import MIRROR, PIP_311, count_day

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("_connection_outlives_requests"),
]
RECENT = "/api/packages/django/recent"
FEED = "/feeds/packages/django.rss"
PUBLIC = [
    RECENT,
    "/api/packages/django/python_minor?format=csv",
    "/api/packages/__all__/overall",
    "/api/",
    "/api/coverage",
    "/api/schema",
    "/api/top?limit=3",
    "/badge/django/month.svg",
    "/badge/django/month.json",
    "/feeds/",
    FEED,
    "/feeds/packages/django",
    "/rss/django/downloads.xml",
    "/services/pypirss/rss/django",
]
REFUSED = [
    "/api/nothing",
    "/api/dump/recent.csv.gz",
    "/api/packages/django/",
    "/api/packages/nope/recent",
    f"{RECENT}?period=year",
    "/badge/nope/month.svg",
    "/feeds/packages/nope.rss",
    "/feeds/packages",
    "/services/nothing",
    "/services/pypirss",
    "/rss/",
]
PAGES = ["/", "/packages/django"]
HANDLED = ["/admin/login/", "/healthz", "/nothing", "/search?q=django"]
STATE = "RateLimit"
"""Goes down with each answer."""


class Answer(NamedTuple):
    status: str
    headers: dict[str, str]
    body: bytes

    @property
    def unchanging(self) -> "Answer":
        """What two answers to the same request share."""
        headers = {k: v for k, v in self.headers.items() if k != STATE}
        return self._replace(headers=headers)


class Server:
    """The application, and how often Django's own handler behind it was asked."""

    def __init__(self) -> None:
        self.handled = 0
        self._handler = WSGIHandler()
        self._application = PublicHandler(self._handle)

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        return _answer(self._application, path, method, headers)

    def ask_django(self, path: str, method: str = "GET", **headers: str) -> Answer:
        return _answer(self._handler, path, method, headers)

    def _handle(self, *asked: Any) -> Any:
        self.handled += 1
        return self._handler(*asked)


def _answer(
    application: Any, path: str, method: str, headers: dict[str, str]
) -> Answer:
    told = []
    answer = application(
        environ(path, method, headers), lambda *found: told.append(found)
    )
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    [(status, sent)] = told
    assert len(dict(sent)) == len(sent)
    return Answer(status, dict(sent), body)


def environ(path: str, method: str, headers: dict[str, str]) -> dict[str, Any]:
    before, _, query = path.partition("?")
    body = headers.pop("body", "").encode()
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": before,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": headers.pop("content_type", ""),
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "192.0.2.1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": headers.pop("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
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


@pytest.mark.parametrize("path", PUBLIC + REFUSED)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "DELETE", "get"])
def test_public_answer_is_djangos(server: Server, path: str, method: str) -> None:
    worked_out, known = (server.ask(path, method) for _ in range(2))
    assert server.handled == 0
    kept_answers.cache_clear()
    by_django = server.ask_django(path, method)

    assert worked_out.unchanging == by_django.unchanging
    assert known.unchanging == by_django.unchanging
    if method == "GET":
        assert (by_django.status == "200 OK") is (path in PUBLIC)


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example.org"},
        {"authorization": "Bearer nonsense"},
        {"accept": "text/csv"},
        {"accept_encoding": "br, gzip"},
        {"if_modified_since": "Thu, 19 Nov 2026 11:59:59 GMT"},
        {"origin": "https://elsewhere.example.org"},
        {"access_control_request_method": "GET", "method": "OPTIONS"},
        {"body": "x" * 3_000_000, "method": "POST"},
        {"scheme": "https"},
    ],
    ids=lambda headers: next(iter(headers)),
)
@pytest.mark.parametrize("path", [RECENT, "/badge/django/day.svg", FEED])
def test_headers_count_as_with_django(
    server: Server, path: str, headers: dict[str, str]
) -> None:
    answer = server.ask(path, **headers)
    kept_answers.cache_clear()

    assert answer.unchanging == server.ask_django(path, **headers).unchanging


def test_bulk_request_is_djangos(server: Server) -> None:
    asked = {"content_type": "application/json", "body": '{"packages": ["django"]}'}

    answer = server.ask("/api/recent", "POST", **asked)

    assert b'"last_month":10' in answer.body
    assert (
        answer.unchanging
        == server.ask_django("/api/recent", "POST", **asked).unchanging
    )


def test_secure_answers_are_told_apart(server: Server, settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS = 60
    security._headers.cache_clear()

    secure, plain = (server.ask(RECENT, scheme=s) for s in ("https", "http"))
    security._headers.cache_clear()

    name = "Strict-Transport-Security"
    assert secure.headers[name] == "max-age=60"
    assert name not in plain.headers


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_kept_page_is_djangos(server: Server, path: str, method: str) -> None:
    first, second = (server.ask(path, method) for _ in range(2))

    assert server.handled == 1
    assert first == second == server.ask_django(path, method)
    assert first.status == "200 OK"


@pytest.mark.parametrize("path", [*PUBLIC, *PAGES])
def test_unchanged_answer_is_djangos(
    server: Server, settings: Settings, path: str
) -> None:
    settings.ANSWER_CACHE_MB = 0
    kept_answers.cache_clear()
    tag = server.ask_django(path).headers["ETag"]

    answer = server.ask(path, if_none_match=f'"another", {tag}, "third"')

    assert server.handled == 0
    assert (answer.status, answer.body) == ("304 Not Modified", b"")
    assert answer.headers["ETag"] == tag
    assert answer.unchanging == server.ask_django(path, if_none_match=tag).unchanging


@pytest.mark.parametrize("path", HANDLED)
def test_what_nobody_keeps_is_the_handlers(server: Server, path: str) -> None:
    answers = [server.ask(path) for _ in range(2)]

    assert server.handled == 2
    assert answers[0].status == answers[1].status


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "DELETE", "get"])
def test_other_methods_for_a_page_are_the_handlers(server: Server, method: str) -> None:
    server.ask("/")

    server.ask("/", method)

    assert server.handled == 2


def test_new_generation_is_worked_out(server: Server) -> None:
    server.ask(RECENT)
    server.ask("/packages/django")
    count_day(date(2026, 11, 18), {"django": {PIP_311: 1}})

    answer = server.ask(RECENT)
    page = server.ask("/packages/django")

    assert b'"last_day":1,' in answer.body
    assert b"2026-11-18" in page.body
    assert server.handled == 2


def test_handler_gets_the_address_as_it_came(server: Server) -> None:
    sent = "/packages/\N{SNOWMAN}".encode().decode("latin-1")

    answer = server.ask(sent)

    assert answer.status == "404 Not Found"
    assert "\N{SNOWMAN}" in answer.body.decode()
    assert server.handled == 1


def test_token_has_limits_of_its_own(server: Server, settings: Settings) -> None:
    settings.API_RATE_LIMITS = "default=100/d"
    ApiToken.objects.create(name="badges", digest=digest_of("secret"), factor=3)

    answer = server.ask(RECENT, authorization="Bearer secret")

    assert answer.headers["RateLimit-Policy"] == '"default-86400s";q=300;w=86400'


def test_known_answers_are_not_counted(server: Server, settings: Settings) -> None:
    settings.API_RATE_LIMITS = "default=1/d"

    answers = [server.ask(RECENT) for _ in range(4)]
    other = server.ask("/api/packages/django/overall")

    assert [answer.status for answer in answers] == ["200 OK"] * 4
    assert other.status == "429 Too Many Requests"


def test_database_that_fails_is_not_hidden(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [server.ask(path) for path in (RECENT, "/")]

    def fails(seconds: float) -> None:
        raise OperationalError("The connection is gone.")

    monkeypatch.setattr(snapshot, "within", fails)

    assert [server.ask(path).unchanging for path in (RECENT, "/")] == [
        answer.unchanging for answer in kept
    ]
    assert server.ask("/api/packages/nope/recent").status == "404 Not Found"
    assert server.handled == 2


def test_connections_are_looked_after(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Django does at the start of a request: one that is broken is replaced."""
    order: list[str] = []
    within = snapshot.within

    def asked(seconds: float) -> Snapshot:
        order.append("asked")
        return within(seconds)

    monkeypatch.setattr(snapshot, "within", asked)
    monkeypatch.setattr(
        public_handler, "close_old_connections", lambda: order.append("looked after")
    )

    server.ask(RECENT)

    assert order == ["looked after", "asked"]


def test_every_open_address_is_tested() -> None:
    assert {
        prefix for prefix in OPEN_PREFIXES for path in PUBLIC if path.startswith(prefix)
    } == set(OPEN_PREFIXES)
