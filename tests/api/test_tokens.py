"""Tokens raise a client's limits, for as long as they are in force."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, InterfaceError, OperationalError
from django.db.models import QuerySet
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from api import tokens
from packages.models import ApiToken
from tests.api.limiting import RECENT, from_address, limits_of, remaining, statuses
from tests.factories import PIP_311, count_day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_nothing_kept")]
NOON = datetime(2026, 11, 19, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> Iterator[None]:
    settings.API_RATE_LIMITS = "default=2/10s"
    with time_machine.travel(NOON, tick=False):
        count_day(date(2026, 11, 18), {"django": {PIP_311: 10}})
        yield


def new_token(name: str = "badges", factor: int = 2) -> tuple[ApiToken, str]:
    token = ApiToken(name=name, factor=factor)
    secret = token.set_new_secret()
    token.save()
    return token, secret


def asking(authorization: str, address: str = "192.0.2.7") -> Client:
    return Client(headers={"authorization": authorization}, REMOTE_ADDR=address)


def test_token_raises_the_limit_and_is_counted_apart() -> None:
    _, secret = new_token()
    client = asking(f"Bearer {secret}")
    without = from_address("192.0.2.7")

    first = client.get(RECENT)

    assert first["RateLimit-Policy"] == '"default-10s";q=4;w=10'
    assert remaining(first) == 3
    assert statuses(4, lambda: client.get(RECENT)) == [200, 200, 200, 429]
    assert statuses(3, without) == [200, 200, 429]


def test_token_is_one_client_wherever_it_asks_from() -> None:
    _, secret = new_token()
    asked = [asking(f"Bearer {secret}", f"192.0.2.{n}") for n in range(5)]

    answers = [client.get(RECENT).status_code for client in asked]

    assert answers == [200, 200, 200, 200, 429]


def test_answer_is_the_same_with_and_without_a_token(client: Client) -> None:
    _, secret = new_token()
    theirs, ours = asking(f"Bearer {secret}").get(RECENT), client.get(RECENT)

    assert theirs.content == ours.content
    assert "Authorization" not in theirs.get("Vary", "")


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "bearer pypistats_",
        "Bearer {secret}x",
        "Bearer {secret} {secret}",
        "Bearer {digest}",
        "Bearer \x00\ud800",
        f"Bearer {'x' * 10_000}",
    ],
)
@pytest.mark.parametrize("path", [RECENT, "/api/nowhere"])
def test_wrong_token_is_refused(authorization: str, path: str) -> None:
    token, secret = new_token()
    given = authorization.format(secret=secret, digest=token.digest)

    refused = asking(given).get(path)

    assert refused.status_code == 401
    assert refused.content == (
        b'{"error":{"detail":"The token is wrong or revoked; send \'Authorization:'
        b" Bearer <token>' with one that is in force, or no such header.\","
        b'"status":401}}\n'
    )
    shown = ["Content-Type", "WWW-Authenticate", "Cache-Control", "RateLimit"]
    shown += ["Access-Control-Allow-Origin"]
    assert [refused[name] for name in shown] == [
        "application/json",
        'Bearer realm="api", error="invalid_token"',
        "no-store",
        '"default-10s";r=2;t=3',
        "*",
    ]


def test_guesser_is_refused_without_a_look_up(
    settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.API_RATE_LIMITS = "default=2/10s, expensive=3/m"
    guesses = (asking(f"Bearer {number}").get(RECENT) for number in range(100))

    answers = [next(guesses).status_code for _ in range(4)]
    with django_assert_num_queries(0):
        refused = next(guesses)

    assert answers == [401, 401, 401, 429]
    assert (refused.status_code, refused["Retry-After"]) == (429, "42")
    assert refused.json()["error"]["detail"] == (
        "Too many wrong tokens: the limit is 3 in 60 seconds. Come back in 42 seconds."
    )
    assert limits_of(refused) == (
        '"expensive-60s";q=3;w=60',
        '"expensive-60s";r=0;t=42',
    )
    assert refused["Cache-Control"] == "no-store"


def test_guesser_takes_nothing_from_others(settings: Settings) -> None:
    _, secret = new_token()
    known = asking(f"Bearer {secret}")
    first = known.get(RECENT)
    settings.API_RATE_LIMITS = "default=2/10s, expensive=1/m"
    guessed = statuses(3, lambda: asking("Bearer x").get(RECENT))

    of_its_address = [known.get(RECENT), from_address("192.0.2.7")()]
    elsewhere = asking("Bearer x", "192.0.2.8").get(RECENT)

    assert (first.status_code, guessed) == (200, [401, 429, 429])
    assert [answer.status_code for answer in of_its_address] == [200, 200]
    assert elsewhere.status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_scheme_is_written_in_any_case(scheme: str) -> None:
    _, secret = new_token()

    assert asking(f"{scheme}  {secret} ").get(RECENT).status_code == 200


@pytest.mark.parametrize("given", ["Basic dXNlcjpwYXNz", "nonsense", ""])
def test_other_schemes_are_a_proxys_business(given: str) -> None:
    assert remaining(asking(given).get(RECENT)) == 1


def test_token_in_an_address_is_none(client: Client) -> None:
    _, secret = new_token()

    response = client.get(RECENT, {"token": secret, "access_token": secret})

    assert response["RateLimit-Policy"] == '"default-10s";q=2;w=10'


def test_revoked_token_is_refused_after_ten_seconds_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token, secret = new_token()
    client = asking(f"Bearer {secret}")
    client.get(RECENT)
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=NOON)
    now = time.monotonic()

    monkeypatch.setattr(time, "monotonic", lambda: now + 9)
    soon = client.get(RECENT)
    monkeypatch.setattr(time, "monotonic", lambda: now + 11)
    later = client.get(RECENT)

    assert (soon.status_code, later.status_code) == (200, 401)


def test_database_keeps_no_secret() -> None:
    token, secret = new_token()
    row = ApiToken.objects.filter(pk=token.pk).values().get()

    assert not any(secret[len(token.beginning) :] in str(kept) for kept in row.values())


def test_last_use_is_a_day_that_is_written_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    token, secret = new_token()
    client = asking(f"Bearer {secret}")
    client.get(RECENT)
    token.refresh_from_db()
    tokens.forget()

    # Once more: the token's row, and the two queries of the answer.
    with django_assert_num_queries(3):
        client.get(RECENT)

    assert token.last_used_on == date(2026, 11, 19)


def test_known_token_costs_no_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    _, secret = new_token()
    client = asking(f"Bearer {secret}")
    client.get(RECENT)

    with django_assert_num_queries(2):
        client.get(RECENT)


def test_locked_database_keeps_no_request_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # tests/api/test_counters.py locks a real one; on PostgreSQL nothing is locked.
    token, secret = new_token()

    def locked(*_: Any, **__: Any) -> int:
        message = "database is locked"
        raise OperationalError(message)

    monkeypatch.setattr(QuerySet, "update", locked)
    answer = asking(f"Bearer {secret}").get(RECENT)

    token.refresh_from_db()
    assert answer.status_code == 200
    assert token.last_used_on is None


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, DatabaseError])
def test_database_that_is_gone_is_a_503(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def gone(_: str) -> None:
        message = "secret host name"
        raise error(message)

    monkeypatch.setattr(ApiToken.objects, "in_force", gone)

    answer = asking("Bearer x").get(RECENT)

    assert answer.status_code == 503
    assert answer["RateLimit"]
    assert answer.json() == {
        "error": {
            "status": 503,
            "detail": "The database does not answer; try again in a minute.",
        }
    }
