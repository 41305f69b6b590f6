"""How feeds go over HTTP."""

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
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
