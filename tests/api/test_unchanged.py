"""What is answered without being computed tells the limits too, and counts nothing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.test import Client, RequestFactory
from django.urls import include, path
from django_ratelimit.core import get_usage
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from api import limits
from api.limits import ApiClient
from api.middleware import ClientLimits
from api.rates import EXPENSIVE
from api.throttles import expensive
from tests.api.limiting import RECENT, limits_of

US = ApiClient("address:127.0.0.1")
NOON = datetime(2026, 11, 19, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(settings: Settings) -> Iterator[time_machine.Traveller]:
    settings.API_RATE_LIMITS = "default=3/10s, expensive=2/m"
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def ask(answer: HttpResponse, path: str = RECENT) -> HttpResponse:
    """Have the middleware pass on an answer that something before the views made."""
    ask_through: Callable[[HttpRequest], Any] = ClientLimits(lambda _: answer)
    response = ask_through(RequestFactory().get(path))
    assert isinstance(response, HttpResponse)
    return response


def count_here(number: int = 1) -> None:
    for _ in range(number):
        limits.count(RequestFactory().get("/"), US, "default")


def count_in_another_process() -> None:
    seen = dict(limits._seen)
    count_here()
    limits._seen.clear()
    limits._seen.update(seen)


def test_unchanged_answers_count_nothing() -> None:
    count_here()

    answers = [ask(HttpResponseNotModified()) for _ in range(5)]

    assert {limits_of(answer) for answer in answers} == {
        ('"default-10s";q=3;w=10', '"default-10s";r=2;t=1')
    }


def test_unchanged_answer_is_given_when_nothing_is_left() -> None:
    count_here(9)

    answer = ask(HttpResponseNotModified())

    assert (answer.status_code, answer["RateLimit"]) == (304, '"default-10s";r=0;t=1')


class Costs(ViewSet):
    lookup_field = "name"

    @action(detail=True)
    def little(self, request: Request, name: str) -> Response:
        return Response({})

    @action(detail=True)
    @expensive
    def much(self, request: Request, name: str) -> Response:
        return Response({})


class Dump(APIView):
    throttle_scope = EXPENSIVE


router = SimpleRouter(trailing_slash=False)
router.register("costs", Costs, basename="costs")
urlpatterns = [
    path("api/dump", Dump.as_view()),
    path("api/", include(router.urls)),
]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("path", "policy"),
    [
        ("/api/costs/django/little", '"default-10s";q=3;w=10'),
        ("/api/costs/django/much", '"expensive-60s";q=2;w=60'),
        ("/api/costs/flask/much", '"expensive-60s";q=2;w=60'),
        ("/api/dump", '"expensive-60s";q=2;w=60'),
        ("/api/costs/none", '"default-10s";q=3;w=10'),
    ],
)
def test_unchanged_answer_tells_the_limits_of_its_address(
    path: str, policy: str
) -> None:
    assert ask(HttpResponseNotModified(), path)["RateLimit-Policy"] == policy


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_actions_of_a_viewset_are_counted_by_what_they_cost(client: Client) -> None:
    much = [client.get(f"/api/costs/{name}/much").status_code for name in "abc"]

    assert much == [200, 200, 429]
    assert client.head("/api/costs/a/much").status_code == 429
    assert client.get("/api/costs/a/little")["RateLimit"] == '"default-10s";r=2;t=1'


def test_first_look_sees_what_other_processes_counted() -> None:
    count_in_another_process()

    assert ask(HttpResponseNotModified())["RateLimit"] == '"default-10s";r=2;t=1'


def test_counter_is_looked_at_once_a_second(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    def usage(*arguments: Any, **named: Any) -> Any:
        looks.append(1)
        return get_usage(*arguments, **named)

    monkeypatch.setattr(limits, "get_usage", usage)

    def many() -> None:
        for _ in range(20):
            ask(HttpResponseNotModified())

    many()
    within_a_second = len(looks)
    clock.shift(1)
    many()

    assert (within_a_second, len(looks)) == (1, 2)


def test_a_second_later_other_processes_are_seen(
    clock: time_machine.Traveller,
) -> None:
    clock.shift(1)
    ask(HttpResponseNotModified())
    clock.shift(1)
    count_in_another_process()

    assert ask(HttpResponseNotModified())["RateLimit"] == '"default-10s";r=2;t=9'


@pytest.mark.django_db
def test_looking_needs_no_database(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        ask(HttpResponseNotModified())
