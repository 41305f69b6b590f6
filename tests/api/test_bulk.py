"""Recent downloads of many packages in one answer."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from packages.models import CountedDay, MirrorList, Package
from tests.api.answers import refusal
from tests.factories import MIRROR, PIP_311, UNNAMED, count_day

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 18)
NAMES = ["django", "flask", "zope-interface"]


@pytest.fixture(autouse=True)
def _downloads() -> None:
    count_day(LAST - timedelta(days=29), {"django": {PIP_311: 100, MIRROR: 1000}})
    count_day(LAST - timedelta(days=6), {"django": {PIP_311: 10}})
    last = {
        "django": {PIP_311: 1, MIRROR: 2, UNNAMED: 4},
        "flask": {PIP_311: 7},
        "mirrored": {MIRROR: 9},
    }
    count_day(LAST, last)
    Package.objects.create(normalized_name="zope-interface")


def get(client: Client, query: str) -> Any:
    response = client.get(f"/api/recent?{query}")
    assert response.status_code == 200
    return response.json()


def row(name: str, day: int, week: int, month: int) -> dict[str, object]:
    return {"package": name, "last_day": day, "last_week": week, "last_month": month}


def test_packages_are_answered_in_the_order_asked(client: Client) -> None:
    response = client.get(
        "/api/recent?packages=flask,no-such,Django,Zope.Interface,-,mirrored,DJANGO"
    )

    assert response.content == (
        b'{"data":['
        b'{"last_day":7,"last_month":7,"last_week":7,"package":"flask"},'
        b'{"last_day":1,"last_month":111,"last_week":11,"package":"django"},'
        b'{"last_day":0,"last_month":0,"last_week":0,"package":"zope-interface"},'
        b'{"last_day":0,"last_month":0,"last_week":0,"package":"mirrored"}],'
        b'"data_through":"2026-11-18","type":"recent_downloads",'
        b'"unknown":["no-such","-"]}\n'
    )


def test_nothing_known_is_no_error(client: Client) -> None:
    answer = get(client, "packages=nope")

    assert (answer["data"], answer["unknown"]) == ([], ["nope"])


def test_packages_with_mirrors(client: Client) -> None:
    answer = get(client, "packages=django,mirrored,zope-interface&mirrors=true")

    assert answer["data"] == [
        row("django", 7, 17, 1117),
        row("mirrored", 9, 9, 9),
        row("zope-interface", 0, 0, 0),
    ]


def test_packages_under_another_list(client: Client) -> None:
    answer = get(client, "packages=django,flask&list=known-mirrors")

    assert answer["data"] == [row("django", 5, 15, 115), row("flask", 7, 7, 7)]


def test_default_list_by_its_name_is_the_default(client: Client) -> None:
    named = get(client, "packages=django&list=PyPIstats")

    assert named == get(client, "packages=django")


def test_changed_default_list_holds_before_standings_are_worked_out(
    client: Client,
) -> None:
    MirrorList.objects.get(name="everything").become_default()

    assert get(client, "packages=django")["data"] == [row("django", 7, 17, 1117)]


def test_one_period(client: Client) -> None:
    answer = get(client, "packages=django,flask&period=week")

    assert answer["data"] == [
        {"package": "django", "last_week": 11},
        {"package": "flask", "last_week": 7},
    ]


@pytest.mark.parametrize("query", ["", "&mirrors=true", "&list=everything"])
def test_each_package_is_answered_as_alone(client: Client, query: str) -> None:
    for name in ["django", "flask", "mirrored", "__all__"]:
        alone = client.get(f"/api/packages/{name}/recent?{query}").json()["data"]

        assert get(client, f"packages={name}{query}")["data"] == [
            {"package": name, **alone}
        ]


@pytest.mark.parametrize("query", ["mirrors=true", "list=everything"])
def test_day_beyond_the_window_is_in_no_sum(client: Client, query: str) -> None:
    CountedDay.objects.filter(day=LAST).update(status="partial")

    answer = get(client, f"packages=django&{query}")

    assert answer["data_through"] == "2026-11-12"
    assert answer["data"] == [row("django", 10, 10, 1110)]


def test_names_in_a_body(client: Client) -> None:
    response = client.post(
        "/api/recent?period=day",
        {"packages": ["Flask", "nope", "django"]},
        content_type="application/json",
    )

    assert response.json() == {
        "data": [
            {"package": "flask", "last_day": 7},
            {"package": "django", "last_day": 1},
        ],
        "data_through": "2026-11-18",
        "type": "recent_downloads",
        "unknown": ["nope"],
    }


def test_body_needs_no_token_of_a_form() -> None:
    client = Client(enforce_csrf_checks=True)
    body = '{"packages":["flask"]}'
    kinds = ["", "application/json"]

    answers = [client.post("/api/recent", body, content_type=kind) for kind in kinds]

    assert [answer.status_code for answer in answers] == [200] * 2


def test_packages_as_csv(client: Client) -> None:
    response = client.get("/api/recent?packages=django,nope,flask&format=csv")
    nothing = client.get("/api/recent?packages=nope&format=csv")

    assert response.content == (
        b"package,last_day,last_week,last_month\ndjango,1,11,111\nflask,7,7,7\n"
    )
    assert nothing.content == b"package,last_day,last_week,last_month\n"


def test_five_hundred_packages_and_no_more(client: Client) -> None:
    names = [f"p{n}" for n in range(500)]
    assert get(client, f"packages={','.join(names)}")["unknown"] == names

    assert refusal(client, f"/api/recent?packages={','.join([*names, 'q'])}") == (
        "packages has 501 names; at most 500 are answered."
    )


MISSING = "packages is missing; name up to 500, as packages=a,b,c."


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("", MISSING),
        ("packages=", MISSING),
        ("packages=,%20,", MISSING),
        (
            "packages[]=django",
            "'packages[]' is no parameter; give a name alone, once.",
        ),
        ("packages=a&packages=b", "packages is given 2 times; give it once."),
        (
            "packages=django,fl%01ask",
            "packages has 'fl\\x01ask', which can be no package's name.",
        ),
        (
            f"packages={'a' * 10_000}",
            f"packages has '{'a' * 40}...', which can be no package's name.",
        ),
        ("packages=a&mirrors=maybe", "mirrors is 'maybe'; allowed are: true, false."),
        ("packages=a&period=year", "period is 'year'; allowed are: day, week, month."),
        (
            "packages=a&list=nope",
            "list is 'nope'; allowed are: pypistats, everything, known-mirrors.",
        ),
        ("packages=a&format=xml", "format is 'xml'; allowed are: json, csv."),
    ],
)
def test_hostile_query_is_refused(client: Client, query: str, detail: str) -> None:
    assert refusal(client, f"/api/recent?{query}") == detail


NO_LIST = "packages in the body is no list of names."
NO_JSON = 'The body is no JSON; send {"packages": ["a", "b"]}.'
NO_OBJECT = "The body is an object of packages alone; the rest is in the address."


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"packages=a", NO_JSON),
        (b"\xff", NO_JSON),
        (b'{"packages":["\\ud800"]}', NO_JSON),
        (b"[" * 100_000, NO_JSON),
        (b"[]", NO_OBJECT),
        (b'"packages"', NO_OBJECT),
        (b'{"packages":["a"],"mirrors":true}', NO_OBJECT),
        (b"{}", NO_LIST),
        (b'{"packages":"a,b"}', NO_LIST),
        (b'{"packages":["a",1]}', NO_LIST),
        (b'{"packages":[]}', MISSING),
        (
            b'{"packages":["a\\u0000"]}',
            "packages has 'a\\x00', which can be no package's name.",
        ),
        (
            json.dumps({"packages": ["a"] * 501}).encode(),
            "packages has 501 names; at most 500 are answered.",
        ),
        (b" " * 256 * 1024, NO_JSON),
    ],
)
def test_hostile_body_is_refused(client: Client, body: bytes, detail: str) -> None:
    response = client.post("/api/recent", body, content_type="application/json")

    assert response.status_code == 400
    assert response.json() == {"error": {"status": 400, "detail": detail}}


@pytest.mark.usefixtures("_nothing_kept")
@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    ("query", "queries"), [("", 3), ("&mirrors=true", 3), ("&list=everything", 3)]
)
def test_number_of_queries_does_not_depend_on_the_packages(
    client: Client,
    number: int,
    query: str,
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    address = f"/api/recent?packages={','.join(NAMES[:number])}{query}"
    client.get(address)

    with django_assert_num_queries(queries):
        assert len(client.get(address).json()["data"]) == number
