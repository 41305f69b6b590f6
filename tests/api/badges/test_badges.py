"""Badges over HTTP, as readmes, caches and shields ask for them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from defusedxml.ElementTree import fromstring
from django.db import OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from packages import snapshot
from packages.models import Package
from tests.factories import MIRROR, PIP_311, count_day

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 18)
SVG = "{http://www.w3.org/2000/svg}"
CACHED = "stale-while-revalidate=300, stale-if-error=432000"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 19, 6, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def _counted() -> None:
    cells = {PIP_311: 1500, MIRROR: 1_000_000}
    for age in (200, 20, 3, 0):
        count_day(LAST - timedelta(days=age), {"zope-interface": cells})
    Package.objects.create(normalized_name="tracked-only", tracked=True)


def told(client: Client, path: str, status: int = 200) -> str | None:
    response = client.get(f"/badge/{path}")
    assert response.status_code == status
    assert response["Content-Type"] == "image/svg+xml"
    told: str | None = fromstring(response.content).get("aria-label")
    return told


def refusal(client: Client, path: str, status: int = 400) -> str:
    response = client.get(f"/badge/{path}")
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    error = response.json()["error"]
    assert error["status"] == status
    detail: str = error["detail"]
    return detail


@pytest.mark.usefixtures("_counted")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("zope-interface/day.svg", "downloads: 1.5k/day"),
        ("zope-interface/week.svg", "downloads: 3k/week"),
        ("zope-interface/month.svg", "downloads: 4.5k/month"),
        ("zope-interface/total.svg", "downloads: 6k"),
        ("Zope.Interface/day.svg", "downloads: 1.5k/day"),
        ("zope__interface/day.svg", "downloads: 1.5k/day"),
        ("__all__/day.svg", "downloads: 1.5k/day"),
        ("tracked-only/month.svg", "downloads: 0/month"),
        ("zope-interface/day.svg?list=everything", "downloads: 1M/day"),
        ("zope-interface/total.svg?list=EVERYTHING", "downloads: 4M"),
        ("zope-interface/day.svg?label=Abrufe%20%3C3", "Abrufe <3: 1.5k/day"),
        ("zope-interface/day.svg?v=2&v=3", "downloads: 1.5k/day"),
    ],
)
def test_badge_tells_the_downloads(client: Client, path: str, expected: str) -> None:
    assert told(client, path) == expected


@pytest.mark.usefixtures("_counted")
def test_badge_looks_as_asked(client: Client) -> None:
    query = "style=For-The-Badge&color=%23ABC&label_color=red"

    root = fromstring(client.get(f"/badge/zope-interface/day.svg?{query}").content)

    fills = [rect.get("fill") for rect in root.iter(f"{SVG}rect")]
    assert (fills, root.get("height")) == (["#e05d44", "#abc"], "28")


@pytest.mark.usefixtures("_counted")
def test_shields_gets_the_same_as_json(client: Client) -> None:
    response = client.get("/badge/Zope.Interface/month.json?label=pulls&color=green")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == f"public, max-age=77700, {CACHED}"
    assert response.content == (
        b'{"cacheSeconds":3600,"color":"#97ca00","label":"pulls","labelColor":"#555",'
        b'"message":"4.5k/month","schemaVersion":1}\n'
    )


@pytest.mark.usefixtures("_counted")
@pytest.mark.parametrize(
    "name",
    ["nope", "-nope", "no%00pe", "n" * 10_000, "%F0%9F%9A%80", "%ff", "a b", "%2e%2e"],
)
def test_unknown_package_has_a_badge_that_says_so(client: Client, name: str) -> None:
    assert told(client, f"{name}/month.svg", 404) == "downloads: no data"
    response = client.get(f"/badge/{name}/month.json")

    assert response.status_code == 404
    assert response["Cache-Control"] == "public, max-age=300"
    assert response.json() == {
        "cacheSeconds": 300,
        "color": "#9f9f9f",
        "label": "downloads",
        "labelColor": "#555",
        "message": "no data",
        "schemaVersion": 1,
    }


def test_nothing_is_known_before_the_first_day(client: Client) -> None:
    assert told(client, "django/day.svg", 404) == "downloads: no data"


@pytest.mark.usefixtures("_counted")
def test_late_data_leaves_the_last_value(client: Client) -> None:
    with time_machine.travel(datetime(2027, 1, 19, 6, tzinfo=UTC), tick=False):
        snapshot.refreshed()

        assert told(client, "zope-interface/week.svg") == "downloads: 3k/week"


@pytest.mark.parametrize(
    "path",
    ["django/year.svg", "django/Day.svg", "django/last_day.json", "django/%00.svg"],
)
def test_period_that_is_not_there(client: Client, path: str) -> None:
    detail = refusal(client, path, 404)

    assert detail == (
        "There is no such badge; the periods are day, week, month, total."
    )


@pytest.mark.parametrize(
    "path",
    [
        "",
        "django",
        "django/",
        "django/day",
        "django/day.png",
        "a/b/day.svg",
        "/day.svg",
    ],
)
def test_address_that_is_not_there_is_told_in_json(client: Client, path: str) -> None:
    assert refusal(client, path, 404) == "There is nothing at this address."


def headers(response: Any) -> dict[str, str]:
    names = (
        *("Access-Control-Allow-Origin", "Cross-Origin-Resource-Policy"),
        *("X-Content-Type-Options", "Set-Cookie", "Location"),
    )
    return {name: response[name] for name in names if response.has_header(name)}


@pytest.mark.usefixtures("_counted")
@pytest.mark.parametrize("kind", ["svg", "json"])
@pytest.mark.parametrize(
    "path",
    ["zope-interface/day.{}", "nope/day.{}", "nope/year.{}", "nope/day.{}?color=x"],
)
def test_every_site_may_show_it_and_no_cookie_is_set(
    client: Client, path: str, kind: str
) -> None:
    response = client.get(f"/badge/{path.format(kind)}")

    assert headers(response) == {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    assert not response.cookies
    assert response.get("Vary", "Accept-Encoding") == "Accept-Encoding"
    assert "script-src 'self'" in response["Content-Security-Policy"]


@pytest.mark.usefixtures("_counted")
@pytest.mark.parametrize("path", ["/badge/flask/day.svg", "/badge/flask/day.json"])
def test_badge_is_sent_again_only_when_a_day_was_counted(
    client: Client, path: str
) -> None:
    count_day(LAST, {"flask": {PIP_311: 5}})
    first = client.get(path)
    asked_again = {"if-none-match": first["ETag"]}

    unchanged = client.get(path, headers=asked_again)
    count_day(LAST, {"flask": {PIP_311: 6}})
    changed = client.get(path, headers=asked_again)

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged["ETag"] == first["ETag"] != changed["ETag"]
    assert unchanged["Cache-Control"] == first["Cache-Control"]
    assert unchanged["Access-Control-Allow-Origin"] == "*"
    assert changed.status_code == 200


@pytest.mark.usefixtures("_counted")
def test_badges_that_differ_have_validators_that_differ(client: Client) -> None:
    queries = ("", "?color=red", "?label=a", "?style=flat-square", "?list=everything")
    paths = [f"/badge/zope-interface/day.svg{query}" for query in queries]

    assert len({client.get(path)["ETag"] for path in paths}) == len(paths)


def without_counts(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.items() if name != "RateLimit"}


@pytest.mark.usefixtures("_counted")
def test_head_has_the_headers_of_get(client: Client) -> None:
    got = client.get("/badge/zope-interface/day.svg")
    head = client.head("/badge/zope-interface/day.svg")

    assert (head.status_code, head.content) == (200, b"")
    assert without_counts(head) == without_counts(got)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_badges_are_only_read(client: Client, method: str) -> None:
    response = getattr(client, method)("/badge/django/day.svg")

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert response.json()["error"]["status"] == 405


def test_database_that_is_gone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("secret host name")

    monkeypatch.setattr(snapshot, "current", fail)

    detail = refusal(client, "django/day.svg", 503)

    assert detail == "The database does not answer; try again in a minute."


@pytest.mark.usefixtures("_counted")
def test_two_hundred_badges_cost_two_queries_each_at_most(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    shields = Client(headers={"user-agent": "shields (self-hosted)/dev"})
    periods = [f"{period}.json" for period in ("day", "week", "month", "total")]
    shields.get("/badge/zope-interface/day.json")

    with django_assert_max_num_queries(2 * 200):
        answers = [
            shields.get(f"/badge/Zope.Interface/{periods[n % 4]}") for n in range(200)
        ]

    assert {answer.status_code for answer in answers} == {200}
    assert [answer.json()["message"] for answer in answers] == [
        *("1.5k/day", "3k/week", "4.5k/month", "6k")
    ] * 50
