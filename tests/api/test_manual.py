"""The manual at /api/: complete, with examples that run and the limits in force."""

import html
import re
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from api.schema.operations import OPERATIONS
from packages import dump, snapshot
from tests.factories import MIRROR, PIP_311, count_day

pytestmark = pytest.mark.django_db
LINK = re.compile(r'href="([^"]+)"')
TAG = re.compile(r"<[^>]+>")


@pytest.fixture
def _counted(settings: Settings, tmp_path: Path) -> None:
    settings.DUMP_DIR = tmp_path
    count_day(date(2026, 11, 20), {"django": {PIP_311: 5, MIRROR: 2}})
    dump.write()


def text_of(client: Client) -> str:
    text = html.unescape(TAG.sub("", client.get("/api/").text))
    return re.sub(r"\s+", " ", text)


def links_of(client: Client) -> list[str]:
    return [html.unescape(link) for link in LINK.findall(client.get("/api/").text)]


def test_every_operation_is_in_the_manual_and_its_contents(client: Client) -> None:
    page = client.get("/api/").text
    text = text_of(client)

    for name, operation in OPERATIONS.items():
        assert name.replace("{", "").replace("}", "") in text
        assert operation.summary in text
        assert page.count(f'id="{operation.key}"') == 1
        assert f'href="#{operation.key}"' in page


@pytest.mark.usefixtures("_counted")
def test_every_example_runs(client: Client) -> None:
    links = [link for link in links_of(client) if "/static/" not in link]
    own = [link for link in links if link.startswith("/")]

    assert len([link for link in own if link.startswith(("/api/", "/badge/"))]) >= 17
    for link in own:
        assert client.get(link).status_code == 200, link


def test_every_place_that_is_linked_is_there(client: Client) -> None:
    page = client.get("/api/").text

    places = {link[1:] for link in links_of(client) if link.startswith("#")}
    assert all(f'id="{place}"' in page for place in places)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (
            "default=5/s 30/m, expensive=10/h",
            "together: 10 in an hour Everything else: 5 in a second and 30 in a minute",
        ),
        (
            "default=100/90s, expensive=off",
            "POST /api/recent, /api/dump/… together: no limit Everything else:",
        ),
        ("off", "No limits are in force here."),
    ],
)
def test_limits_are_those_in_force(
    client: Client, settings: Settings, setting: str, said: str
) -> None:
    settings.API_RATE_LIMITS = setting

    assert said in text_of(client)


def test_manual_is_another_page_under_other_limits(
    client: Client, settings: Settings
) -> None:
    settings.API_RATE_LIMITS = "default=1000/s"
    before = client.get("/api/")["ETag"]

    settings.API_RATE_LIMITS = "default=2000/s"
    snapshot.refreshed()

    assert client.get("/api/")["ETag"] != before


@pytest.mark.usefixtures("_counted")
def test_many_words_are_counted_and_few_are_named(client: Client) -> None:
    text = text_of(client)

    assert "One major version of Python. One of: 2 3 null other" in text
    assert "One minor version of Python. Such as 3.12; 27 are known here." in text


def test_limits_of_a_query_are_told(client: Client) -> None:
    assert (
        "a query of more than 10,000 characters (GET /api/recent takes 32,000) or 1,000"
        " parameters,"
    ) in text_of(client)


def test_examples_are_written_as_they_are_sent(client: Client) -> None:
    [recent] = re.findall(r'"last_day": 1042,\s+"last_\w+"', text_of(client))[:1]

    assert recent.endswith('"last_month"')


@pytest.mark.parametrize("query", ["x" * 10_001, "a[]=1", "a%00", f"a={'x' * 1_001}"])
def test_query_that_cannot_be_meant_is_refused_here_too(
    client: Client, query: str
) -> None:
    refused = client.get(f"/api/?{query}")

    assert refused.status_code == 400
    assert refused["Content-Type"] == "application/json"
