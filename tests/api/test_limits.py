"""Clients learn the limits from every answer, and what to do at their end."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client, RequestFactory
from pytest_django import Settings
from rest_framework.response import Response
from rest_framework.views import APIView

from api import limits, rates
from api.limits import ApiClient
from api.throttles import expensive
from tests.api.limiting import RECENT, from_address, limits_of, remaining, statuses
from tests.factories import PIP_311, count_day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_nothing_kept")]
EXPOSED = (
    "Age, Content-Disposition, ETag, Link, RateLimit, RateLimit-Policy, Retry-After"
)
NOON = datetime(2026, 11, 19, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(settings: Settings) -> Iterator[time_machine.Traveller]:
    settings.API_RATE_LIMITS = "default=3/10s, expensive=2/m"
    with time_machine.travel(NOON, tick=False) as traveller:
        count_day(date(2026, 11, 18), {"django": {PIP_311: 10}})
        yield traveller


def test_answers_tell_what_is_left(client: Client) -> None:
    assert [limits_of(client.get(RECENT)) for _ in range(3)] == [
        ('"default-10s";q=3;w=10', '"default-10s";r=2;t=1'),
        ('"default-10s";q=3;w=10', '"default-10s";r=1;t=1'),
        ('"default-10s";q=3;w=10', '"default-10s";r=0;t=1'),
    ]


def test_refusal_says_the_limit_and_when_to_come_back(client: Client) -> None:
    statuses(3, lambda: client.get(RECENT))

    refused = client.get(RECENT)

    assert refused.status_code == 429
    assert refused.content == (
        b'{"error":{"detail":"Too many requests: the limit is 3 in 10 seconds.'
        b' Come back in 1 second.","status":429}}\n'
    )
    shown = ["Content-Type", "Retry-After", "RateLimit-Policy", "RateLimit"]
    shown += ["Cache-Control", "Access-Control-Allow-Origin"]
    shown += ["Access-Control-Expose-Headers"]
    assert [refused[name] for name in shown] == [
        "application/json",
        "1",
        '"default-10s";q=3;w=10',
        '"default-10s";r=0;t=1',
        "no-store",
        "*",
        EXPOSED,
    ]


@pytest.mark.parametrize("rate", ["3/s", "3/2s", "3/10s", "3/m"])
@pytest.mark.parametrize("second", range(0, 60, 7))
@pytest.mark.parametrize("fraction", [0.0, 0.999])
def test_who_comes_back_when_told_is_answered(
    client: Client,
    settings: Settings,
    clock: time_machine.Traveller,
    rate: str,
    second: int,
    fraction: float,
) -> None:
    # Django-ratelimit's time_left ends within the window, and is 0 for seconds.
    settings.API_RATE_LIMITS = f"default={rate}"
    clock.shift(second + fraction)
    statuses(3, lambda: client.get(RECENT))

    wait = int(client.get(RECENT)["Retry-After"])
    clock.shift(wait - 1)
    early = client.get(RECENT)
    clock.shift(1)

    assert wait >= 1
    assert client.get(RECENT).status_code == 200
    assert wait == 1 or early.status_code == 429


def test_windows_are_fixed_so_an_edge_lets_two_through(
    client: Client, clock: time_machine.Traveller
) -> None:
    # Decided so (docs/limits.md): at most twice the limit in any ten seconds.
    answered = statuses(4, lambda: client.get(RECENT))
    clock.shift(1)

    assert answered + statuses(4, lambda: client.get(RECENT)) == [
        *(200, 200, 200, 429),
        *(200, 200, 200, 429),
    ]


def test_every_rate_of_a_scope_holds(
    client: Client, settings: Settings, clock: time_machine.Traveller
) -> None:
    settings.API_RATE_LIMITS = "default=2/s 3/m"

    first = client.get(RECENT)
    client.get(RECENT)
    third = client.get(RECENT)
    clock.shift(1)
    fourth = client.get(RECENT)
    fifth = client.get(RECENT)

    assert limits_of(first) == (
        '"default-1s";q=2;w=1, "default-60s";q=3;w=60',
        '"default-1s";r=1;t=1, "default-60s";r=2;t=21',
    )
    # What the first rate refuses is not taken from the second.
    assert (third.status_code, third["Retry-After"]) == (429, "1")
    assert (fourth.status_code, fifth.status_code) == (200, 429)
    assert fifth["Retry-After"] == "20"
    assert b"the limit is 3 in 60 seconds. Come back in 20 seconds." in fifth.content


@pytest.mark.parametrize(
    ("method", "path", "status", "left"),
    [
        ("get", "/api/packages/django/recent", 200, 2),
        ("head", "/api/packages/django/recent", 200, 2),
        ("get", "/api/packages/django/overall?mirrors=maybe", 400, 2),
        ("get", "/api/packages/nobody/recent", 404, 2),
        ("post", "/api/packages/django/recent", 405, 2),
        ("get", "/api/coverage", 200, 2),
        ("get", "/api/top?format=xml", 400, 2),
        ("get", "/api/top?limit=x", 400, 2),
        ("get", f"/api/top?{'a=1&' * 1100}", 400, 2),
        ("get", "/api/top?%ff", 400, 2),
        ("get", "/badge/django/day.svg?style=x", 400, 2),
        ("get", "/api/dump?format=xml", 400, 2),
        # Nothing is computed for these.
        ("get", "/api/nowhere", 404, 3),
        ("options", "/api/packages/django/recent", 204, 3),
        ("get", "/api/", 200, 3),
    ],
)
def test_computed_answers_count_and_all_have_the_headers(
    client: Client, method: str, path: str, status: int, left: int
) -> None:
    response = getattr(client, method)(path)

    assert response.status_code == status
    assert response["RateLimit-Policy"] == '"default-10s";q=3;w=10'
    assert remaining(response) == left
    assert response["Access-Control-Expose-Headers"] == EXPOSED


@pytest.mark.parametrize(
    "path",
    ["/", "/packages/django", "/healthz", "/status", "/feeds/packages/django.rss"],
)
def test_all_else_is_free(client: Client, path: str) -> None:
    answers = [client.get(path) for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert not any(answer.has_header("RateLimit") for answer in answers)
    assert remaining(client.get(RECENT)) == 2


class Free(APIView):
    def get(self, request: object) -> Response:
        return Response({})


class Costly(APIView):
    throttle_scope = rates.EXPENSIVE

    def get(self, request: object) -> Response:
        return Response({})


class PartlyCostly(APIView):
    @expensive
    def get(self, request: object) -> Response:
        return Response({})

    def post(self, request: object) -> Response:
        return Response({})


@pytest.mark.parametrize(
    ("view", "method", "key"),
    [
        (Free, "get", "default"),
        (Costly, "get", "expensive"),
        (PartlyCostly, "get", "expensive"),
        (PartlyCostly, "head", "expensive"),
        (PartlyCostly, "post", "default"),
    ],
)
def test_views_say_what_they_cost(view: type[APIView], method: str, key: str) -> None:
    request = getattr(RequestFactory(), method)("/")
    client = ApiClient("address:127.0.0.1")

    view.as_view()(request)

    used = {
        scope: limits.peek(request, client, scope)[0].count
        for scope in (rates.DEFAULT, rates.EXPENSIVE)
    }
    assert used == {rates.DEFAULT: 0, rates.EXPENSIVE: 0} | {key: 1}


def test_scopes_are_counted_apart(client: Client) -> None:
    request = RequestFactory().get("/")

    costly = [Costly.as_view()(request).status_code for _ in range(3)]

    assert costly == [200, 200, 429]
    assert remaining(client.get(RECENT)) == 2


def test_clients_are_counted_apart() -> None:
    assert statuses(4, from_address("192.0.2.7")) == [200, 200, 200, 429]
    assert from_address("192.0.2.8")().status_code == 200


def test_dual_stack_server_does_not_make_one_client_of_the_world() -> None:
    assert statuses(4, from_address("::ffff:192.0.2.7")) == [200, 200, 200, 429]
    assert from_address("::ffff:192.0.2.8")().status_code == 200
    assert from_address("192.0.2.7")().status_code == 429


def test_ipv6_customer_has_one_bucket() -> None:
    answers = [from_address(f"2001:db8:1:2::{n}")().status_code for n in range(4)]

    assert answers == [200, 200, 200, 429]
    assert from_address("2001:db8:1:3::")().status_code == 200


@pytest.mark.parametrize("forwarded", ["1.1.1.{}", "1.1.1.{}, junk", "{}", "a, b"])
def test_forwarding_headers_give_no_fresh_bucket(forwarded: str) -> None:
    asked = [from_address("192.0.2.7", forwarded.format(n)) for n in range(4)]

    assert [ask().status_code for ask in asked] == [200, 200, 200, 429]


def test_trusted_proxy_names_the_client(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.1"]

    spoofed = [from_address("10.0.0.1", f"1.1.1.{n}, 192.0.2.7") for n in range(4)]

    assert [ask().status_code for ask in spoofed] == [200, 200, 200, 429]
    assert from_address("10.0.0.1", "192.0.2.8")().status_code == 200


def test_unix_socket_is_no_error() -> None:
    assert statuses(4, from_address("")) == [200, 200, 200, 429]


def test_limits_can_be_off(client: Client, settings: Settings) -> None:
    settings.API_RATE_LIMITS = "off"

    answers = [client.get(RECENT) for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert not any(answer.has_header("RateLimit-Policy") for answer in answers)


def test_badge_service_is_answered_by_default(
    settings: Settings, clock: time_machine.Traveller
) -> None:
    # 200 requests/s from one address over two edges: no token, and no cache helps.
    settings.API_RATE_LIMITS = ""
    request = RequestFactory().get("/")
    badges = ApiClient("address:192.0.2.7")
    least = 3000

    for number in range(200 * 21):
        clock.shift(1 if number % 200 == 0 else 0)
        [usage] = limits.count(request, badges, rates.DEFAULT)
        least = min(least, usage.remaining)

    assert least == 3000 - 200 * 10
