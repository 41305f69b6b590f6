"""What may be asked of every series beyond pypistats.org's own parameters."""

from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from packages.models import CountedDay
from tests.api.answers import refusal
from tests.factories import MIRROR, PIP_39, PIP_311, POETRY, UV_CI, count_day

SERIES = [
    "overall",
    "python_major",
    "python_minor",
    "system",
    "installer",
    "ci",
]
MONDAY = date(2026, 11, 9)

pytestmark = pytest.mark.django_db


def count(day: date) -> CountedDay:
    return count_day(day, {"django": {PIP_311: 10, UV_CI: 3, MIRROR: 5}})


@pytest.fixture(autouse=True)
def _three_days() -> None:
    for age in range(3):
        count(MONDAY + timedelta(days=age))


def rows(client: Client, path: str) -> list[tuple[str, str, int]]:
    response = client.get(f"/api/packages/django/{path}")
    assert response.status_code == 200
    data = response.json()["data"]
    return [(row["category"], row["date"], row["downloads"]) for row in data]


def test_installers_without_mirrors(client: Client) -> None:
    response = client.get(
        "/api/packages/django/installer?start_date=2026-11-10&end_date=2026-11-10"
    )

    assert response.content == (
        b'{"data":[{"category":"pip","date":"2026-11-10","downloads":10},'
        b'{"category":"uv","date":"2026-11-10","downloads":3}],'
        b'"package":"django","type":"installer_downloads"}\n'
    )


def test_one_installer(client: Client) -> None:
    found = rows(client, "installer?installer=UV&start_date=2026-11-11")

    assert found == [("uv", "2026-11-11", 3)]


def test_mirrors_are_installers_under_a_list_that_counts_them(client: Client) -> None:
    found = rows(client, "installer?list=everything&start_date=2026-11-11")

    assert found == [
        ("bandersnatch", "2026-11-11", 5),
        ("pip", "2026-11-11", 10),
        ("uv", "2026-11-11", 3),
    ]


def test_installer_that_nobody_used(client: Client) -> None:
    detail = refusal(client, "/api/packages/django/installer?installer=curl")

    assert detail == (
        "installer is 'curl'; allowed are: bandersnatch, null, other, pip, uv."
    )


def test_ci(client: Client) -> None:
    response = client.get("/api/packages/django/ci?start_date=2026-11-11")

    assert response.content == (
        b'{"data":[{"category":"false","date":"2026-11-11","downloads":10},'
        b'{"category":"true","date":"2026-11-11","downloads":3}],'
        b'"package":"django","type":"ci_downloads"}\n'
    )
    assert rows(client, "ci?ci=true&start_date=2026-11-11") == [
        ("true", "2026-11-11", 3)
    ]


def test_long_list_of_allowed_values_is_cut(client: Client) -> None:
    many = {PIP_311._replace(installer=f"tool{n:02}"): 1 for n in range(50)}
    count_day(MONDAY, {"django": many})

    detail = refusal(client, "/api/packages/django/installer?installer=x")

    assert detail.endswith("tool34, tool35 and 15 more.")


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("start_date=2026-11-10", {"2026-11-10", "2026-11-11"}),
        ("end_date=2026-11-10", {"2026-11-09", "2026-11-10"}),
        ("start_date=2026-11-10&end_date=2026-11-10", {"2026-11-10"}),
        ("start_date=2030-01-01", set()),
        ("end_date=2020-01-01", set()),
        (
            "start_date=0001-01-01&end_date=9999-12-31&colour=red",
            {
                "2026-11-09",
                "2026-11-10",
                "2026-11-11",
            },
        ),
    ],
)
def test_both_ends_are_included(
    client: Client, name: str, query: str, expected: set[str]
) -> None:
    assert {day for _, day, _ in rows(client, f"{name}?{query}")} == expected


@pytest.mark.parametrize("name", SERIES)
def test_all_packages_have_the_series_too(client: Client, name: str) -> None:
    address = f"/api/packages/__all__/{name}?end_date=2026-11-09"
    data = client.get(address).json()["data"]

    assert {row["date"] for row in data} == {"2026-11-09"}


def test_recent_with_mirrors(client: Client) -> None:
    address = "/api/packages/django/recent"

    assert client.get(f"{address}?mirrors=true").json()["data"] == {
        "last_day": 18,
        "last_week": 54,
        "last_month": 54,
    }
    without = client.get(f"{address}?mirrors=false").content
    assert without == client.get(address).content


def test_one_call_for_a_page(client: Client) -> None:
    last = date(2026, 11, 11)
    count_day(last, {"zope-interface": {PIP_39: 7, POETRY: 2, MIRROR: 5}})

    def row(category: str, downloads: int) -> dict[str, object]:
        return {"category": category, "date": "2026-11-11", "downloads": downloads}

    answer = client.get("/api/packages/Zope.Interface").json()

    assert (
        answer["data"].pop("windows") == client.get("/api/coverage").json()["windows"]
    )
    assert answer == {
        "data": {
            "data_through": "2026-11-11",
            "list": "pypistats",
            "recent": {"last_day": 9, "last_week": 9, "last_month": 9},
            "recent_with_mirrors": {"last_day": 14, "last_week": 14, "last_month": 14},
            "overall": [row("with_mirrors", 14), row("without_mirrors", 9)],
            "python_major": [row("3", 7), row("null", 2)],
            "python_minor": [row("3.9", 7), row("null", 2)],
            "system": [row("Darwin", 7), row("Windows", 2)],
            "installer": [row("pip", 7), row("poetry", 2)],
            "ci": [row("false", 9)],
        },
        "package": "zope-interface",
        "type": "package",
    }
    assert client.get("/api/packages/nope").status_code == 404


def test_days_of_the_one_call_cut_series_and_no_recents(client: Client) -> None:
    address = "/api/packages/django?list=everything&end_date=2026-11-09"
    data = client.get(address).json()["data"]

    assert data["list"] == "everything"
    assert data["recent"] == {"last_day": 18, "last_week": 54, "last_month": 54}
    assert data["ci"] == [
        {"category": "false", "date": "2026-11-09", "downloads": 15},
        {"category": "true", "date": "2026-11-09", "downloads": 3},
    ]


@pytest.mark.usefixtures("_nothing_kept")
@pytest.mark.parametrize("name", ["installer", "ci", "overall?granularity=week", ""])
@pytest.mark.parametrize("days", [1, 3])
def test_number_of_queries_does_not_depend_on_the_days(
    client: Client,
    name: str,
    days: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for age in range(days):
        count(MONDAY + timedelta(days=age))
    address = f"/api/packages/django/{name}".rstrip("/")
    client.get(address)

    with django_assert_num_queries(2):
        client.get(address)
