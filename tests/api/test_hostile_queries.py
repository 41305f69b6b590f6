"""Query strings that nobody means: each is a 400 that says what may be said."""

import json
from datetime import date

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from api.schema.operations import OPERATIONS
from api.schema.parameters import PARAMETERS
from tests.api.answers import refusal
from tests.factories import PIP_311, count_files

pytestmark = pytest.mark.django_db
SERIES = ["overall", "python_major", "python_minor", "system", "installer", "ci"]


@pytest.mark.parametrize("name", [*SERIES, ""])
@pytest.mark.parametrize(
    ("query", "detail"),
    [
        (
            "start_date=2026-02-30",
            "start_date is '2026-02-30'; give one day as YYYY-MM-DD.",
        ),
        ("end_date=", "end_date is ''; give one day as YYYY-MM-DD."),
        (
            "end_date=٢٠٢٦-٠٨-٢٢",
            "end_date is '٢٠٢٦-٠٨-٢٢'; give one day as YYYY-MM-DD.",
        ),
        (
            "start_date=2026-11-09&start_date=2026-11-09",
            "start_date is '2026-11-09, 2026-11-09'; give one day as YYYY-MM-DD.",
        ),
        (
            "start_date=2026-11-10&end_date=2026-11-09",
            "start_date 2026-11-10 lies after end_date 2026-11-09.",
        ),
        (
            f"start_date={'9' * 9_000}",
            f"start_date is '{'9' * 40}...'; give one day as YYYY-MM-DD.",
        ),
        ("granularity=year", "granularity is 'year'; allowed are: day, week, month."),
        (
            "granularity=week%00",
            (
                "'granularity=week%00' in the query is no text: write UTF-8 without"
                " NUL, and % itself as %25."
            ),
        ),
        (
            "granularity=day&granularity=week",
            "granularity is 'day, week'; allowed are: day, week, month.",
        ),
        ("partial=1", "partial is '1'; allowed are: true, false."),
        ("list=", "list is ''; allowed are: pypistats, everything, known-mirrors."),
    ],
)
def test_hostile_query_is_refused_in_a_sentence(
    client: Client, name: str, query: str, detail: str
) -> None:
    assert refusal(
        client, f"/api/packages/django/{name}?{query}".replace("/?", "?")
    ) == (detail)


HOSTILE = ("", "9" * 9_000, "a%00", "%D9%A2%D9%A0%D9%A2%D9%A6", "%ff%fe", "2026-02-30")
MEANT = {
    "packages": {HOSTILE[3], HOSTILE[5]},
    "search": {HOSTILE[5]},
    "cursor": {HOSTILE[5]},
    "label": {HOSTILE[3], HOSTILE[5]},
}
"""What looks hostile and can be meant: any printed text may be a name or a label."""

PARAMETERS_OF = [
    (name, PARAMETERS[key].name)
    for name, operation in OPERATIONS.items()
    for key in operation.parameters
    if PARAMETERS[key].place == "query"
]


def ask(client: Client, name: str, query: str) -> HttpResponse:
    method, path = name.split()
    address = path.format(package="django", period="day", name="recent.csv.gz")
    needed = "" if "packages=" in query or name != "GET /api/recent" else "packages=a&"
    body = b'{"packages": ["a"]}' if method == "POST" else b""
    whole = f"{address}?{needed}{query}"
    answer = client.generic(method, whole, body, "application/json")
    assert isinstance(answer, HttpResponse)
    return answer


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS_OF)
def test_every_parameter_of_every_route_refuses_what_cannot_be_meant(
    client: Client, settings: Settings, name: str, parameter: str
) -> None:
    settings.API_RATE_LIMITS = "off"
    files = {("django-5.2.tar.gz", "5.2"): {PIP_311: 1}}
    count_files(date(2026, 11, 20), {"django": files})
    values = [value for value in HOSTILE if value not in MEANT.get(parameter, ())]
    queries = [f"{parameter}={value}" for value in values]
    queries += [f"{parameter}=a&{parameter}=b", f"{parameter}[]=a", f"{parameter}[0]=a"]

    for query in queries:
        response = ask(client, name, query)

        assert response.status_code == 400, query[:60]
        error = json.loads(response.content)["error"]
        assert error["status"] == 400
        assert parameter in error["detail"]
        assert error["detail"].endswith(".")
        assert len(error["detail"]) < 600


def test_list_of_values_is_told_what_to_write(client: Client) -> None:
    assert refusal(client, "/api/packages/django/recent?list[]=everything") == (
        "'list[]' is no parameter; give a name alone, once."
    )


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        *(
            (f"/feeds/packages/django.{form}", "list")
            for form in ("rss", "atom", "json")
        ),
        ("/feeds/packages/django.rss", "every"),
        ("/feeds/packages/django.rss", "events"),
        ("/feeds/list.rss", "every"),
        ("/feeds/tracked.rss", "every"),
        ("/feeds/opml", "list"),
        ("/feeds/charts/django/2026-11.png", "list"),
        ("/packages/django", "list"),
    ],
)
def test_feeds_and_pages_refuse_the_same(
    client: Client, path: str, parameter: str
) -> None:
    for value in (*HOSTILE, f"week&{parameter}=day"):
        response = client.get(f"{path}?{parameter}={value}")

        assert response.status_code == 400
        assert f"{parameter} is" in response.text


def test_query_of_too_many_parameters(client: Client) -> None:
    query = "&".join(f"p{n}=1" for n in range(1001))

    assert refusal(client, f"/api/packages/django/recent?{query}") == (
        "The query has more than 1,000 parameters."
    )
