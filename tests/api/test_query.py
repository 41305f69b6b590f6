"""What would be left out of account although it was meant is refused."""

from datetime import date

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve
from pytest_django import Settings

from api.query import IGNORED_BY_ORIGINALS, ORIGINALS, VOCABULARY, parameters_of
from api.schema.operations import OPERATIONS
from api.schema.parameters import PARAMETERS
from packages.models import Package
from tests.api.answers import refusal
from tests.factories import MIRROR, PIP_311, count_day

pytestmark = pytest.mark.django_db
SERIES = "start_date, end_date, granularity, partial, list, format"


def address(path: str) -> str:
    return path.format(package="django", period="day", name="recent.csv.gz")


@pytest.mark.parametrize(
    ("path", "query", "allowed"),
    [
        ("/api/top", "list=nope", "period, by, limit, format"),
        ("/api/packages", "list=everything", "search, limit, cursor, format"),
        (
            "/api/packages/django/recent",
            "granularity=week",
            "period, mirrors, list, format",
        ),
        ("/api/packages/django/overall", "ci=true", f"mirrors, {SERIES}"),
        ("/api/packages/no-such/python_major", "by=x", f"version, {SERIES}"),
        ("/api/coverage", "format=json", "start_date, end_date, status"),
        ("/badge/django/day.json", "style=flat", "label, label_color, color, list"),
        (
            "/badge/django/day.svg",
            "period=month",
            "label, label_color, color, style, list",
        ),
    ],
)
def test_parameter_of_another_address_names_those_of_this_one(
    client: Client, path: str, query: str, allowed: str
) -> None:
    name = query.partition("=")[0]

    assert refusal(client, f"{path}?{query}") == (
        f"{name} is no parameter of this address; allowed are: {allowed}."
    )


@pytest.mark.parametrize(
    "ignored",
    [
        "recent?os=Linux&version=3",
        "overall?period=day&os=zz",
        "python_major?mirrors=maybe",
        "python_minor?period=year",
        "system?version=x",
    ],
)
def test_originals_ignore_each_others_parameters_as_pypistats_org_does(
    client: Client, ignored: str
) -> None:
    count_day(date(2026, 11, 18), {"django": {PIP_311: 1}})
    path = f"/api/packages/django/{ignored}"

    assert client.get(path).content == client.get(path.partition("?")[0]).content


def test_what_originals_ignore_contradicts_nothing(client: Client) -> None:
    detail = refusal(client, "/api/packages/django/system?mirrors=true&mirrors=false")

    assert detail == "mirrors is given 2 times; give it once."


def test_address_without_parameters_says_so(client: Client) -> None:
    assert refusal(client, "/api/dump?list=everything") == (
        "list is no parameter of this address; it takes none."
    )


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_route_takes_what_its_entry_names_and_no_more_of_the_vocabulary(
    client: Client, settings: Settings, name: str
) -> None:
    settings.API_RATE_LIMITS = "off"
    method, path = name.split()
    named = [PARAMETERS[key] for key in OPERATIONS[name].parameters]
    taken = {parameter.name for parameter in named if parameter.place == "query"}

    assert set(parameters_of(method, resolve(address(path)).route) or ()) == taken
    ignored = IGNORED_BY_ORIGINALS if ORIGINALS.fullmatch(address(path)) else set()
    for other in VOCABULARY - taken - ignored:
        response = client.generic(method, f"{address(path)}?{other}=1")

        assert response.status_code == 400
        detail = response.json()["error"]["detail"]
        assert detail.startswith(f"{other} is no parameter of this address;")


def test_head_is_refused_as_get_and_other_methods_as_methods(client: Client) -> None:
    assert client.head("/api/top?list=everything").status_code == 400
    assert client.post("/api/top?list=everything").status_code == 405
    assert client.options("/api/top?list=everything").status_code == 204


@pytest.mark.parametrize(
    "path", ["/api/packages/django/overall", "/badge/django/day.svg"]
)
def test_strangers_are_ignored(client: Client, path: str) -> None:
    count_day(date(2026, 11, 20), {"django": {PIP_311: 1, MIRROR: 1}})

    plain = client.get(path)
    others = client.get(f"{path}?foo={'x' * 1000}&_=1&foo=&logo=python&List=all")

    assert plain.status_code == others.status_code == 200
    assert others.content == plain.content


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        (
            "%0a=1",
            "'\\n' is no parameter; give a name alone, once.",
        ),
        (
            f"{'y' * 1001}=",
            f"'{'y' * 40}...' is no parameter; give a name alone, once.",
        ),
        (f"x={'y' * 1001}", "'x' has more than 1,000 characters."),
        (f"x=1&x={'y' * 9_000}", "'x' has more than 1,000 characters."),
    ],
)
@pytest.mark.parametrize("path", ["packages/django/overall", "dump", "top"])
def test_stranger_that_nobody_means_is_refused(
    client: Client, path: str, query: str, detail: str
) -> None:
    assert refusal(client, f"/api/{path}?{query}") == detail


@pytest.mark.parametrize(
    "query",
    [
        "%ff=1",
        "x=%00",
        "x%00=1",
        "x=%ff",
        "x=%C0%AE",
        "x=%ed%a0%80",
        "%",
        "%zz=1",
        "x=100%",
        "period=day%00",
        "list=pypistats&x=%f",
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/dump",
        "/api/dump/recent.csv.gz",
        "/api/packages/django/recent",
        "/api/recent",
        "/api/schema",
        "/badge/django/day.svg",
    ],
)
def test_query_that_is_no_text_is_refused(
    client: Client, path: str, query: str
) -> None:
    wrong = query.rpartition("&")[2]

    assert refusal(client, f"{path}?packages=django&{query}") == (
        f"'{wrong}' in the query is no text: write UTF-8 without NUL, and % itself as"
        " %25."
    )


def test_bytes_outside_ascii_are_a_text_only_as_utf_8(client: Client) -> None:
    def ask(query: str) -> int:
        answer = client.get("/badge/__all__/day.json", QUERY_STRING=query)
        assert isinstance(answer, HttpResponse)
        return answer.status_code

    count_day(date(2026, 11, 20), {"django": {PIP_311: 1}})
    as_a_server_hands_it_over = "label=\N{LATIN SMALL LETTER E WITH ACUTE}"

    assert ask(as_a_server_hands_it_over.encode().decode("latin-1")) == 200
    assert ask(as_a_server_hands_it_over) == 400
    assert ask("label=\N{CJK UNIFIED IDEOGRAPH-65E5}") == 400


@pytest.mark.parametrize(
    "query", ["&period=day", "period=day&", "&&period=day&&", "period=day&x"]
)
def test_empty_parts_of_a_query_are_nothing(client: Client, query: str) -> None:
    count_day(date(2026, 11, 20), {"django": {PIP_311: 1}})
    path = "/api/packages/django/recent"

    answer = client.get(f"{path}?{query}")

    assert answer.json()["data"] == {"last_day": 1}


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/dump",
        "/api/schema",
        "/api/packages",
        "/api/packages/django/recent",
        "/badge/django/day.svg",
    ],
)
def test_query_has_a_greatest_length_and_number_of_parameters(
    client: Client, path: str
) -> None:
    Package.objects.create(normalized_name="django")
    parts = "&".join(f"x{number}={'y' * 900}" for number in range(12))

    assert client.get(f"{path}?{parts[:10_000]}").status_code in {200, 404}
    assert refusal(client, f"{path}?{parts[:10_001]}") == (
        "The query has more than 10,000 characters."
    )
    assert client.get(f"{path}?{'a=1&' * 999}a=1").status_code in {200, 404}
    assert refusal(client, f"{path}?{'a=1&' * 1000}a=1") == (
        "The query has more than 1,000 parameters."
    )


def test_names_may_be_longer_and_longer_ones_are_posted(client: Client) -> None:
    Package.objects.create(normalized_name="django")
    names = ",".join(f"{'y' * 250}{number:03}" for number in range(500))
    query = f"packages=django,{names}"

    longest = client.get(f"/api/recent?{query[:32_000]}")
    longer = client.get(f"/api/recent?{query[:32_001]}")
    posted = client.post(
        "/api/recent", {"packages": names.split(",")}, "application/json"
    )

    assert (longest.status_code, longer.status_code) == (200, 414)
    assert longer.json() == {
        "error": {
            "status": 414,
            "detail": "The query has more than 32,000 characters; send the names in the"
            " body of a POST.",
        }
    }
    assert len(posted.json()["unknown"]) == 500


def test_query_beside_names_in_a_body_is_as_short_as_any(client: Client) -> None:
    body = {"packages": ["django"]}

    response = client.post(f"/api/recent?{'x' * 10_001}", body, "application/json")

    assert response.status_code == 400
    assert response.json()["error"]["detail"] == (
        "The query has more than 10,000 characters."
    )
