"""How feeds go over HTTP."""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.factories import PIP_311, count_day

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 18)
ADDRESS = "/feeds/packages/django.rss?every=day"
CHART = "/feeds/charts/django/2026-10-18.png"


@pytest.fixture(autouse=True)
def _counted() -> Iterator[None]:
    """Ask a minute after the count: in its own second it has no Last-Modified."""
    count_day(DAY, {"django": {PIP_311: 1000}})
    asked_at = datetime.now(UTC) + timedelta(minutes=1)
    with time_machine.travel(asked_at, tick=False):
        yield


@pytest.mark.parametrize("address", [ADDRESS, CHART])
def test_unchanged_answer_is_not_sent_again(client: Client, address: str) -> None:
    first = client.get(address)

    by_tag = client.get(address, headers={"if-none-match": first["ETag"]})
    by_date = client.get(address, headers={"if-modified-since": first["Last-Modified"]})

    assert (by_tag.status_code, by_tag.content) == (304, b"")
    assert by_date.status_code == 304
    assert by_tag["Cache-Control"] == first["Cache-Control"]
    assert first["Cache-Control"].startswith("public, max-age=")


def test_reader_with_the_present_answer_costs_one_query(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tag = client.get(ADDRESS)["ETag"]

    with django_assert_num_queries(1):
        response = client.get(ADDRESS, headers={"if-none-match": f'"old", {tag}'})

    assert response.status_code == 304


def test_answer_is_compressed_for_those_who_can_read_that(client: Client) -> None:
    plain = client.get(ADDRESS)
    packed = client.get(ADDRESS, headers={"accept-encoding": "gzip"})

    assert packed["Content-Encoding"] == "gzip"
    assert packed["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.content) == plain.content
    again = client.get(
        ADDRESS,
        headers={"accept-encoding": "gzip", "if-none-match": packed["ETag"]},
    )
    assert again.status_code == 304


@pytest.mark.parametrize("condition", ["if-none-match", "if-modified-since"])
def test_unknown_package_is_404_for_readers_with_an_old_copy(
    client: Client, condition: str
) -> None:
    values = {
        "if-none-match": "*",
        "if-modified-since": client.get(ADDRESS)["Last-Modified"],
    }

    response = client.get(
        "/feeds/packages/no-such-package.rss", headers={condition: values[condition]}
    )

    assert response.status_code == 404


def test_posting_to_a_feed_is_not_allowed() -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post(ADDRESS).status_code == 405


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("/packages/django", "/feeds/packages/django"),
        ("/", "/feeds/packages/__all__"),
        ("/about", "/feeds/packages/__all__"),
        ("/status", "/feeds/days"),
        ("/feeds/movers", "/feeds/movers"),
        ("/feeds/list?packages=django", "/feeds/list"),
    ],
)
def test_feed_is_discovered_from_the_page(client: Client, page: str, feed: str) -> None:
    html = client.get(page).content.decode()

    found = re.findall(
        r'<link rel="alternate"\s+type="([^"]*)"[^>]*href="([^"?]*)[^"]*"', html
    )
    assert found == [
        ("application/rss+xml", f"{feed}.rss"),
        ("application/atom+xml", f"{feed}.atom"),
        ("application/feed+json", f"{feed}.json"),
    ]


@contextmanager
def database_gone(
    but: str, error: type[Exception] = ProgrammingError
) -> Iterator[None]:
    def fail(execute: Any, sql: str, *args: object) -> Any:
        if but in sql:
            return execute(sql, *args)
        message = "secret host name"
        raise error(message)

    with connection.execute_wrapper(fail):
        yield


ADDRESSES = [
    "/feeds/packages/django",
    *(f"/feeds/packages/django.{form}" for form in ("rss", "atom", "json")),
    "/feeds/list.rss?packages=django",
    "/feeds/opml?packages=django",
    "/feeds/tracked.rss",
    "/feeds/tracked.opml",
    "/feeds/users/0.rss",
    "/feeds/users/0.opml",
    "/feeds/movers.rss",
    "/feeds/days.rss",
    CHART,
]


@pytest.mark.parametrize("but", ["nothing", "packages_generation"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_readers_come_back_when_the_database_does_not_answer(
    client: Client, address: str, but: str
) -> None:
    with database_gone(but):
        response = client.get(address)

    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert response["Cache-Control"] == "no-store"
    text = "The database does not answer; try again in a minute."
    assert response.content.decode() == text


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_connection_that_is_lost_is_no_fault_of_the_feed(
    client: Client, error: type[Exception]
) -> None:
    with database_gone("nothing", error):
        assert client.get(ADDRESS).status_code == 503


@pytest.mark.parametrize("but", ["nothing", "packages_generation"])
def test_feed_given_before_outlives_the_database(client: Client, but: str) -> None:
    before = client.get(ADDRESS)

    with database_gone(but):
        after = client.get(ADDRESS)
        again = client.get(ADDRESS, headers={"if-none-match": before["ETag"]})

    assert (after.status_code, after.content) == (200, before.content)
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("movers.rss?every=day", "every cannot be asked of this address, which takes:"),
        ("days.rss?list=pypistats", "which takes: nothing."),
        ("packages/django.rss?packages=django", "which takes: events, every, list."),
        ("tracked?packages=django", "which takes: events, every, list."),
        ("tracked.opml?packages=django", "which takes: events, every, list."),
        ("charts/django/2026-10-18.png?every=day", "which takes: list."),
    ],
)
def test_what_only_other_feeds_take_is_400(
    client: Client, address: str, taken: str
) -> None:
    response = client.get(f"/feeds/{address}")

    assert response.status_code == 400
    assert taken in response.content.decode()


@pytest.mark.parametrize(
    "address", ["packages/django.rss", "movers.rss", "days.rss", "list.rss?packages=x"]
)
def test_what_no_feed_takes_is_ignored(client: Client, address: str) -> None:
    expected = client.get(f"/feeds/{address}").content

    query = "&utm_source=x" if "?" in address else "?utm_source=x"
    assert client.get(f"/feeds/{address}{query}").content == expected
