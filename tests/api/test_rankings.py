"""Rankings, lists and searches of packages."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from packages.models import MirrorList, Package
from tests.api.answers import refusal
from tests.factories import MIRROR, PIP_311, count_day

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 18)
NEXT = re.compile(r'<https://stats\.example(/api/packages\?[!-;=?-~]+)>; rel="next"')


@pytest.fixture(autouse=True)
def _downloads() -> None:
    count_day(LAST - timedelta(days=29), {"django": {PIP_311: 100}})
    count_day(LAST - timedelta(days=7), {"django": {PIP_311: 6}, "flask": {PIP_311: 3}})
    count_day(LAST - timedelta(days=1), {"flask-login": {PIP_311: 50}})
    last = {
        "django": {PIP_311: 1},
        "flask": {PIP_311: 7},
        "flask-admin": {PIP_311: 7},
        "mirrored": {MIRROR: 9},
    }
    count_day(LAST, last)
    Package.objects.create(normalized_name="quiet")


def get(client: Client, address: str) -> Any:
    response = client.get(f"/api/{address}")
    assert response.status_code == 200
    return response.json()


def ranking(client: Client, query: str = "") -> list[tuple[int, str, int, int | None]]:
    return [
        (row["rank"], row["package"], row["downloads"], row["rise"])
        for row in get(client, f"top?{query}")["data"]
    ]


def names(client: Client, query: str = "") -> list[str]:
    return [row["package"] for row in get(client, f"packages?{query}")["data"]]


def test_top_of_the_last_day(client: Client) -> None:
    assert client.get("/api/top?limit=1").content == (
        b'{"by":"downloads","data":['
        b'{"downloads":7,"package":"flask","rank":1,"rise":4}],'
        b'"data_through":"2026-11-18","period":"day","recomputed_percent":null,'
        b'"type":"top"}\n'
    )
    assert ranking(client) == [
        (1, "flask", 7, 4),
        (2, "flask-admin", 7, 7),
        (3, "django", 1, -5),
    ]


def test_top_of_week_and_month(client: Client) -> None:
    # Of the week, one day alone is counted in both weeks, and rises or falls.
    assert ranking(client, "period=week") == [
        (1, "flask-login", 50, 0),
        (2, "flask", 7, 4),
        (3, "flask-admin", 7, 7),
        (4, "django", 1, -5),
    ]
    assert ranking(client, "period=month&limit=2") == [
        (1, "django", 107, None),
        (2, "flask-login", 50, None),
    ]


@pytest.mark.parametrize("period", ["day", "week"])
def test_top_by_rise(client: Client, period: str) -> None:
    assert ranking(client, f"by=rise&period={period}") == [
        (1, "flask-admin", 7, 7),
        (2, "flask", 7, 4),
    ]


def test_week_rises_by_all_its_days(client: Client) -> None:
    count_day(LAST - timedelta(days=8), {"flask-login": {PIP_311: 20}})

    assert ranking(client, "by=rise&period=week&limit=1") == [
        (1, "flask-login", 50, 30)
    ]


def test_nothing_rises_without_a_week_before(client: Client) -> None:
    count_day(LAST + timedelta(days=3), {"django": {PIP_311: 1}})

    assert ranking(client, "by=rise") == []
    assert ranking(client) == [(1, "django", 1, None)]


def test_top_as_csv(client: Client) -> None:
    assert client.get("/api/top?period=month&limit=1&format=csv").content == (
        b"rank,package,downloads,rise\n1,django,107,\n"
    )


def test_ranking_that_is_being_worked_out_says_so(client: Client) -> None:
    MirrorList.objects.get(name="everything").become_default()

    for address in ["top", "packages"]:
        assert get(client, address)["recomputed_percent"] == 0


def test_packages_by_name(client: Client) -> None:
    assert client.get("/api/packages?limit=2").content == (
        b'{"data":['
        b'{"last_day":1,"last_month":107,"last_week":1,"package":"django"},'
        b'{"last_day":7,"last_month":10,"last_week":7,"package":"flask"}],'
        b'"data_through":"2026-11-18","next":"flask","recomputed_percent":null,'
        b'"type":"packages"}\n'
    )


def test_pages_follow_each_other_to_the_end(client: Client) -> None:
    seen, query = [], "limit=2"
    while True:
        answer = get(client, f"packages?{query}")
        seen.append([row["package"] for row in answer["data"]])
        if answer["next"] is None:
            break
        query = f"limit=2&cursor={answer['next']}"

    assert seen == [
        ["django", "flask"],
        ["flask-admin", "flask-login"],
        ["mirrored", "quiet"],
    ]


def test_search_by_prefix_is_ranked_by_the_month(client: Client) -> None:
    assert names(client, "search=fl") == ["flask-login", "flask", "flask-admin"]
    assert names(client, "search=Flask_") == ["flask-login", "flask-admin"]
    assert names(client, "search=lask") == []


def test_pages_of_a_search_follow_each_other(client: Client) -> None:
    count_day(LAST, {"flask-a": {PIP_311: 7}, "flask-b": {PIP_311: 7}})
    Package.objects.create(normalized_name="flask-quiet")
    seen, query = [], "search=flask&limit=1"
    while True:
        answer = get(client, f"packages?{query}")
        seen += [row["package"] for row in answer["data"]]
        if answer["next"] is None:
            break
        query = f"search=flask&limit=1&cursor={answer['next']}"

    assert seen == [
        "flask-login",
        "flask-a",
        "flask-b",
        "flask",
        "flask-admin",
        "flask-quiet",
    ]


def test_search_as_csv(client: Client) -> None:
    assert client.get("/api/packages?search=flask-l&format=csv").content == (
        b"package,last_day,last_week,last_month\nflask-login,0,50,50\n"
    )


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("format=csv&_=%3E%0D%0A1&limit=1&search=flask", {}),
        ("search=Flask&limit=1", {"accept": "text/csv"}),
    ],
)
def test_pages_of_csv_follow_each_other_to_the_end(
    client: Client, settings: Settings, query: str, headers: dict[str, str]
) -> None:
    settings.BASE_URL = "https://stats.example"
    rows, address = [], f"/api/packages?{query}"
    for _ in range(3):
        response = client.get(address, headers=headers)
        first, *others = response.text.splitlines()
        assert first == "package,last_day,last_week,last_month"
        rows += others
        following = NEXT.fullmatch(response.headers.get("Link", ""))
        if following is None:
            break
        address = following[1]

    assert rows == ["flask-login,0,50,50", "flask,7,7,10", "flask-admin,7,7,7"]
    assert "Link" not in response.headers


def test_link_is_in_json_too_and_in_an_answer_that_was_kept(
    client: Client, settings: Settings
) -> None:
    settings.BASE_URL = "https://stats.example"
    address = "/api/packages?limit=2&cursor=django"
    answers = [client.get(address), client.get(address), client.head(address)]

    assert [answer["Link"] for answer in answers] == [
        '<https://stats.example/api/packages?limit=2&cursor=flask-admin>; rel="next"'
    ] * 3


LIMIT = "give a number from 1 to 1000."
CURSOR = "take it from 'next' of an answer."
SEARCH = "give the beginning of a package's name: letters, digits, '-', '_' and '.'."


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("packages?search=", f"search is ''; {SEARCH}"),
        ("packages?search=-a", f"search is '-a'; {SEARCH}"),
        ("packages?search=a%01", f"search is 'a\\x01'; {SEARCH}"),
        ("packages?search=a%25", f"search is 'a%'; {SEARCH}"),
        ("packages?search=na%C3%AFve", f"search is 'naïve'; {SEARCH}"),
        (
            f"packages?search={'a' * 9_000}",
            f"search is '{'a' * 40}...'; {SEARCH}",
        ),
        ("packages?search=a&search=b", "search is given 2 times; give it once."),
        ("packages?limit=0", f"limit is '0'; {LIMIT}"),
        ("packages?limit=-1", f"limit is '-1'; {LIMIT}"),
        ("packages?limit=1001", f"limit is '1001'; {LIMIT}"),
        ("top?limit=%D9%A3", f"limit is '٣'; {LIMIT}"),
        (f"top?limit={'9' * 9_000}", f"limit is '{'9' * 40}...'; {LIMIT}"),
        ("top?limit=1e2", f"limit is '1e2'; {LIMIT}"),
        ("top?limit=1&limit=2", "limit is given 2 times; give it once."),
        ("top?period=year", "period is 'year'; allowed are: day, week, month."),
        ("top?by=name", "by is 'name'; allowed are: downloads, rise."),
        (
            "top?by=rise&period=month",
            "by=rise is known of period day and week alone.",
        ),
        ("packages?cursor=", f"cursor is ''; {CURSOR}"),
        ("packages?cursor=5:django", f"cursor is '5:django'; {CURSOR}"),
        ("packages?search=d&cursor=django", f"cursor is 'django'; {CURSOR}"),
        ("packages?cursor=a%01", f"cursor is 'a\\x01'; {CURSOR}"),
        (
            f"packages?search=d&cursor={'9' * 40}:a",
            f"cursor is '{'9' * 40}...'; {CURSOR}",
        ),
        (f"packages?cursor={'a' * 256}", f"cursor is '{'a' * 40}...'; {CURSOR}"),
    ],
)
def test_hostile_query_is_refused(client: Client, query: str, detail: str) -> None:
    assert refusal(client, f"/api/{query}") == detail


@pytest.mark.usefixtures("_nothing_kept")
@pytest.mark.parametrize("limit", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"),
    [("top?", 2), ("packages?search=f&cursor=99:a&", 3), ("packages?", 3)],
)
def test_number_of_queries_does_not_depend_on_the_rows(
    client: Client,
    limit: int,
    address: str,
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client.get(f"/api/{address}limit={limit}")

    with django_assert_num_queries(queries):
        assert len(get(client, f"{address}limit={limit}")["data"]) == limit
