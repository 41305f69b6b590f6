"""What would be left out of account although it was meant is refused."""

from datetime import date

import pytest
from django.test import Client
from django.urls import resolve
from pytest_django import Settings

from api.query import IGNORED_BY_ORIGINALS, ORIGINALS, VOCABULARY, parameters_of
from api.schema.operations import OPERATIONS
from api.schema.parameters import PARAMETERS
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
    for other in VOCABULARY - taken - ignored - {"format"}:  # judged before
        response = client.generic(method, f"{address(path)}?{other}=1")

        assert response.status_code == 400
        detail = response.json()["error"]["detail"]
        assert detail.startswith(f"{other} is no parameter of this address;")


def test_head_is_refused_as_get_and_other_methods_as_methods(client: Client) -> None:
    assert client.head("/api/top?list=everything").status_code == 400
    assert client.post("/api/top?list=everything").status_code == 405
    assert client.options("/api/top?list=everything").status_code == 200


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
            "%ff=1",
            "'\N{REPLACEMENT CHARACTER}' is no parameter; give a name alone, once.",
        ),
        (
            f"{'y' * 1001}=",
            f"'{'y' * 40}...' is no parameter; give a name alone, once.",
        ),
        (f"x={'y' * 1001}", "'x' has more than 1,000 characters."),
        (f"x=1&x={'y' * 10_000}", "'x' has more than 1,000 characters."),
    ],
)
@pytest.mark.parametrize("path", ["packages/django/overall", "dump", "top"])
def test_stranger_that_nobody_means_is_refused(
    client: Client, path: str, query: str, detail: str
) -> None:
    assert refusal(client, f"/api/{path}?{query}") == detail
