"""The series by version, of packages whose releases are told apart."""

from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.api.answers import refusal
from tests.factories import MIRROR, PIP_311, UNNAMED, UV_CI, count_day, count_files

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 16)
VERSION = "/api/packages/django/version"
OLD = "2004-beta-x"


@pytest.fixture
def two_days() -> None:
    for day in (16, 17):
        files = {
            ("django-1.10.tar.gz", "1.10"): {PIP_311: day},
            ("django-1.9.tar.gz", "1.9"): {PIP_311: 2, UV_CI: 1, MIRROR: 5},
            ("django-1.9-py3-none-any.whl", "1.9"): {UV_CI: 10},
            ("", OLD): {PIP_311: 1},
            ("", ""): {UNNAMED: 4},
        }
        count_files(date(2026, 11, day), {"django": files})


def rows(client: Client, query: str) -> list[tuple[str, str, int]]:
    response = client.get(VERSION + query)
    assert response.status_code == 200
    data = response.json()["data"]
    return [(row["category"], row["date"], row["downloads"]) for row in data]


@pytest.mark.usefixtures("two_days")
def test_versions_in_their_order_without_mirrors(client: Client) -> None:
    response = client.get("/api/packages/Django/version?start_date=2026-11-17")

    assert response.content == (
        b'{"data":[{"category":"1.9","date":"2026-11-17","downloads":13},'
        b'{"category":"1.10","date":"2026-11-17","downloads":17},'
        b'{"category":"2004-beta-x","date":"2026-11-17","downloads":1}],'
        b'"package":"django","type":"version_downloads"}\n'
    )


@pytest.mark.usefixtures("two_days")
def test_other_lists_count_otherwise(client: Client) -> None:
    assert rows(client, "?list=everything&end_date=2026-11-16") == [
        ("1.9", "2026-11-16", 18),
        ("1.10", "2026-11-16", 16),
        (OLD, "2026-11-16", 1),
        ("null", "2026-11-16", 4),
    ]


@pytest.mark.usefixtures("two_days")
def test_one_version(client: Client) -> None:
    assert rows(client, "?version=1.10") == [
        ("1.10", "2026-11-16", 16),
        ("1.10", "2026-11-17", 17),
    ]


@pytest.mark.usefixtures("two_days")
def test_version_that_nobody_downloaded(client: Client) -> None:
    assert refusal(client, f"{VERSION}?version=2.0") == (
        "version is '2.0'; allowed are: 1.9, 1.10, 2004-beta-x, null."
    )


def test_unknown_version_may_be_asked_for_where_all_are_known(client: Client) -> None:
    count_files(MONDAY, {"django": {("django-1.10.tar.gz", "1.10"): {PIP_311: 1}}})

    assert rows(client, "?version=null") == []
    assert refusal(client, f"{VERSION}?version=2.0") == (
        "version is '2.0'; allowed are: 1.10, null."
    )


@pytest.mark.usefixtures("two_days")
def test_weeks_of_a_version(client: Client) -> None:
    query = "?version=1.9&granularity=week"

    assert rows(client, query) == []
    assert rows(client, f"{query}&partial=true") == [("1.9", "2026-11-16", 26)]


@pytest.mark.usefixtures("two_days")
def test_csv_of_a_version(client: Client) -> None:
    response = client.get(f"{VERSION}?version=1.9&format=csv&end_date=2026-11-16")

    assert response.content == b"category,date,downloads\n1.9,2026-11-16,13\n"


@pytest.mark.usefixtures("two_days", "_nothing_kept")
@pytest.mark.parametrize("query", ["", "?start_date=2026-11-17"])
def test_series_costs_the_same_queries_for_any_number_of_days(
    client: Client, query: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(VERSION)  # what a generation is read once for

    with django_assert_num_queries(5):
        client.get(VERSION + query)


@pytest.mark.usefixtures("two_days")
def test_package_without_files_has_no_versions(client: Client) -> None:
    count_day(date(2026, 11, 18), {"flask": {PIP_311: 1}})

    response = client.get("/api/packages/flask/version")

    assert (response.status_code, response.json()["data"]) == (200, [])


@pytest.mark.parametrize("package", ["django", "__all__"])
def test_service_that_tells_no_releases_apart(client: Client, package: str) -> None:
    count_day(MONDAY, {"django": {PIP_311: 1}})

    response = client.get(f"/api/packages/{package}/version")

    assert response.status_code == 404
    assert response.json() == {
        "error": {
            "status": 404,
            "detail": f"Downloads of {package} are not counted by version here: the"
            " service's INGEST_COUNT_BY decides what is told apart.",
        }
    }


@pytest.mark.usefixtures("two_days")
def test_all_packages_together_have_no_versions(client: Client) -> None:
    assert client.get("/api/packages/__all__/version").status_code == 404


@pytest.mark.usefixtures("two_days")
@pytest.mark.parametrize("package", ["nobody", "no%20name", "x" * 300])
def test_unknown_package(client: Client, package: str) -> None:
    response = client.get(f"/api/packages/{package}/version")

    assert response.status_code == 404
    assert "is known here" in response.json()["error"]["detail"]
