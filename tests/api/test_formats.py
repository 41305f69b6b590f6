"""JSON, or CSV where it is asked for."""

from datetime import date, timedelta

import pytest
from django.test import Client

from packages.models import CountedDay
from tests.api.answers import refusal
from tests.factories import MIRROR, PIP_311, UV_CI, count_day

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 9)
SERIES = ["overall", "python_major", "python_minor", "system", "installer", "ci"]


def count(day: date) -> CountedDay:
    return count_day(day, {"django": {PIP_311: 10, UV_CI: 3, MIRROR: 5}})


@pytest.fixture(autouse=True)
def _three_days() -> None:
    for age in range(3):
        count(MONDAY + timedelta(days=age))


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ("&format=csv", "*/*"),
        ("&format=CSV", "application/json"),
        ("", "text/csv"),
        ("", "TEXT/CSV; charset=utf-8"),
        ("", "application/json;q=0.5, text/csv"),
        ("", "text/html, text/csv;q=0.3"),
    ],
)
def test_csv_is_asked_for(client: Client, query: str, accept: str) -> None:
    response = client.get(
        f"/api/packages/django/overall?end_date=2026-11-09{query}",
        headers={"accept": accept},
    )

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "Accept" in response["Vary"]
    assert response.content == (
        b"category,date,downloads\n"
        b"with_mirrors,2026-11-09,18\n"
        b"without_mirrors,2026-11-09,13\n"
    )


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ("", ""),
        ("", "text/*"),
        ("", "text/csv;q=0"),
        ("", "text/csv;q=none"),
        ("", "text/csv;q=nan"),
        ("", "application/json, text/csv"),
        ("", "text/csv+x"),
        ("", ",;,;q=1,\xff"),
        ("?format=json", "text/csv"),
        ("?format=JSON", "text/csv"),
    ],
)
def test_all_else_is_json(client: Client, query: str, accept: str) -> None:
    response = client.get(
        f"/api/packages/django/recent{query}", headers={"accept": accept}
    )

    assert response["Content-Type"] == "application/json"
    assert response.content == (
        b'{"data":{"last_day":13,"last_month":39,"last_week":39},'
        b'"package":"django","type":"recent_downloads"}\n'
    )


@pytest.mark.parametrize("name", SERIES)
def test_series_without_rows_is_a_head(client: Client, name: str) -> None:
    response = client.get(
        f"/api/packages/django/{name}?format=csv&start_date=2030-01-01"
    )

    assert response.content == b"category,date,downloads\n"


def test_recent_is_one_line(client: Client) -> None:
    whole = client.get("/api/packages/django/recent?format=csv")
    week = client.get("/api/packages/django/recent?format=csv&period=week")

    assert whole.content == (
        b"package,last_day,last_week,last_month\ndjango,13,39,39\n"
    )
    assert week.content == b"package,last_week\ndjango,39\n"


def test_error_is_json_all_the_same(client: Client) -> None:
    response = client.get("/api/packages/nope/overall?format=csv")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/json"
    assert response.json() == {
        "error": {
            "status": 404,
            "detail": "No package named 'nope' is known here.",
        }
    }


@pytest.mark.parametrize("address", ["packages/django", "coverage"])
def test_what_is_no_table_is_no_csv(client: Client, address: str) -> None:
    for name in ("csv", "json"):
        detail = refusal(client, f"/api/{address}?format={name}")
        assert detail.startswith("format is no parameter of this address; allowed are:")


@pytest.mark.parametrize("query", ["format=xml", "format=", "format=json&format=csv"])
def test_format_that_is_not_spoken(client: Client, query: str) -> None:
    detail = refusal(client, f"/api/packages/django/recent?{query}")

    assert detail.endswith("; allowed are: json, csv.")
