"""The five endpoints answer as pypistats.org does, to the byte."""

from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from packages.models import Package
from tests.factories import MIRROR, PIP_39, PIP_311, POETRY, UNNAMED, count_day

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 17)
LAST = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def _downloads() -> None:
    count_day(DAY, {"django": {PIP_39: 7, PIP_311: 1, MIRROR: 2}})
    cells = {PIP_311: 10, PIP_39: 3, POETRY: 4, MIRROR: 5, UNNAMED: 1}
    count_day(LAST, {"django": cells, "flask": {PIP_311: 2}})


def get(client: Client, path: str, status: int = 200) -> bytes:
    response = client.get(f"/api/packages/{path}")
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    return response.content


def test_recent(client: Client) -> None:
    assert get(client, "django/recent") == (
        b'{"data":{"last_day":17,"last_month":25,"last_week":25},'
        b'"package":"django","type":"recent_downloads"}\n'
    )


@pytest.mark.parametrize("period", ["day", "DAY", "Day"])
def test_recent_of_one_period(client: Client, period: str) -> None:
    # The pypistats CLI writes the query with a leading ampersand.
    assert get(client, f"django/recent?&period={period}") == (
        b'{"data":{"last_day":17},"package":"django","type":"recent_downloads"}\n'
    )


def test_overall(client: Client) -> None:
    assert get(client, "django/overall") == (
        b'{"data":['
        b'{"category":"with_mirrors","date":"2026-11-17","downloads":10},'
        b'{"category":"with_mirrors","date":"2026-11-18","downloads":23},'
        b'{"category":"without_mirrors","date":"2026-11-17","downloads":8},'
        b'{"category":"without_mirrors","date":"2026-11-18","downloads":17}],'
        b'"package":"django","type":"overall_downloads"}\n'
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [("mirrors=True", [10, 23]), ("mirrors=false", [8, 17])],
)
def test_overall_with_or_without_mirrors(
    client: Client, query: str, expected: list[int]
) -> None:
    response = client.get(f"/api/packages/django/overall?{query}")

    assert [row["downloads"] for row in response.json()["data"]] == expected


def test_python_minor_sorts_by_number_then_date(client: Client) -> None:
    assert get(client, "django/python_minor") == (
        b'{"data":['
        b'{"category":"3.9","date":"2026-11-17","downloads":7},'
        b'{"category":"3.9","date":"2026-11-18","downloads":3},'
        b'{"category":"3.11","date":"2026-11-17","downloads":1},'
        b'{"category":"3.11","date":"2026-11-18","downloads":10},'
        b'{"category":"null","date":"2026-11-18","downloads":4}],'
        b'"package":"django","type":"python_minor_downloads"}\n'
    )


def test_python_major(client: Client) -> None:
    assert get(client, "django/python_major?version=3") == (
        b'{"data":[{"category":"3","date":"2026-11-17","downloads":8},'
        b'{"category":"3","date":"2026-11-18","downloads":13}],'
        b'"package":"django","type":"python_major_downloads"}\n'
    )


@pytest.mark.parametrize("name", ["linux", "LINUX", "Linux"])
def test_system(client: Client, name: str) -> None:
    assert get(client, f"flask/system?os={name}") == (
        b'{"data":[{"category":"Linux","date":"2026-11-18","downloads":2}],'
        b'"package":"flask","type":"system_downloads"}\n'
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("django/python_minor?version=null", [4]),
        ("django/python_major?version=NULL", [4]),
        ("django/python_minor?version=other", []),
        ("django/system?os=other", []),
        ("django/system?os=null", []),
        ("django/python_minor?version=3.1", []),
    ],
)
def test_null_and_other_can_be_asked_for(
    client: Client, path: str, expected: list[int]
) -> None:
    response = client.get(f"/api/packages/{path}")

    assert [row["downloads"] for row in response.json()["data"]] == expected


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("django/recent?period=year", "day, week, month"),
        ("django/recent?period=", "day, week, month"),
        ("django/recent?period=day&period=week", "day, week, month"),
        ("django/overall?mirrors=maybe", "true, false"),
        ("django/python_major?version=x", "2, 3, null, other"),
        ("django/python_minor?version=3.99", "3.11, 3.12"),
        ("django/system?os=beos", "Darwin, Linux, Windows, other, null"),
        ("django/system?os=%01", "Darwin, Linux, Windows, other, null"),
        (f"django/system?os={'x' * 9_000}", "Darwin, Linux, Windows, other, null"),
    ],
)
def test_value_outside_the_allowed_ones_is_named(
    client: Client, path: str, allowed: str
) -> None:
    response = client.get(f"/api/packages/{path}")

    error = response.json()["error"]
    assert (response.status_code, error["status"]) == (400, 400)
    assert allowed in error["detail"]
    assert len(error["detail"]) < 500


ENDPOINTS = ["recent", "overall", "python_major", "python_minor", "system"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_unknown_package_is_404_on_all_endpoints(client: Client, endpoint: str) -> None:
    assert get(client, f"no-such-package/{endpoint}", 404) == (
        b'{"error":{"detail":"No package named \'no-such-package\' is known here.",'
        b'"status":404}}\n'
    )


@pytest.mark.parametrize(
    "name",
    [
        "a" * 500,
        "nul%00",
        "sp%20ace",
        "sla%2Fsh",
        "%25",
        "na%C3%AFve",
        "%ff",
        "..",
        "-",
    ],
)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_hostile_name_is_404(client: Client, name: str, endpoint: str) -> None:
    body = get(client, f"{name}/{endpoint}", 404)

    assert body.startswith(b'{"error":{"detail":')


@pytest.mark.parametrize("name", ["Django", "DJANGO", "dJaNgO"])
def test_any_spelling_is_answered_with_the_normalized_name(
    client: Client, name: str
) -> None:
    assert client.get(f"/api/packages/{name}/recent").json()["package"] == "django"


@pytest.mark.parametrize("endpoint", ENDPOINTS[1:])
def test_known_package_without_downloads_is_empty(
    client: Client, endpoint: str
) -> None:
    Package.objects.create(normalized_name="quiet")

    assert client.get(f"/api/packages/quiet/{endpoint}").json()["data"] == []
    recent = client.get("/api/packages/quiet/recent").json()["data"]
    assert recent == {"last_day": 0, "last_month": 0, "last_week": 0}


def test_all_packages_are_a_name_in_the_address_only(client: Client) -> None:
    response = client.get("/api/packages/__all__/overall?mirrors=false")

    assert response.json() == {
        "data": [
            {"category": "without_mirrors", "date": "2026-11-17", "downloads": 8},
            {"category": "without_mirrors", "date": "2026-11-18", "downloads": 19},
        ],
        "package": "__all__",
        "type": "overall_downloads",
    }


def test_unknown_address_below_api_is_json(client: Client) -> None:
    response = client.get("/api/no/such/thing")

    assert response.status_code == 404
    assert response.json()["error"]["status"] == 404


def test_other_methods_are_refused_in_json(client: Client) -> None:
    response = client.post("/api/packages/django/recent")

    assert response.status_code == 405
    assert response.json()["error"]["status"] == 405


def test_head_and_options(client: Client) -> None:
    head = client.head("/api/packages/django/recent")
    options = client.options("/api/packages/django/recent")

    assert (head.status_code, head.content) == (200, b"")
    assert (options.status_code, options.content) == (204, b"")


def test_no_trailing_slash(client: Client) -> None:
    assert client.get("/api/packages/django/recent/").status_code == 404


@pytest.mark.usefixtures("_nothing_kept")
@pytest.mark.parametrize("packages", [1, 3])
def test_number_of_queries_does_not_depend_on_the_data(
    client: Client,
    packages: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for day in range(1, packages + 1):
        count_day(date(2026, 10, day), {"django": {PIP_311: 1}, f"p{day}": {MIRROR: 1}})
    client.get("/api/packages/django/overall")

    with django_assert_num_queries(2):
        client.get("/api/packages/django/overall")
