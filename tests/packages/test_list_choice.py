"""Every number can be asked for by another mirror list: pages, API and feeds."""

import re
from datetime import date

import feedparser
import pytest
from django.http import HttpResponseBase
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from packages.models import MirrorList
from tests.factories import MALFORMED, MIRROR, PIP_311, UNNAMED, count_day
from tests.packages.test_views import page_of, text_of

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)
FEED = "/feeds/packages/django.rss"
PLACES = ["/packages/django", "/api/packages/django/recent", FEED]
FAULTS = [
    ("nothing", "nothing"),
    ("", ""),
    ("a" * 50, f"{'a' * 40}..."),
    ("%00", "\\x00"),
    ("pypistats&list=everything", "pypistats, everything"),
]
ALLOWED = "allowed are: pypistats, everything, known-mirrors."


@pytest.fixture(autouse=True)
def _downloads() -> None:
    cells = {PIP_311: 10, MIRROR: 5, UNNAMED: 3, MALFORMED: 2}
    count_day(DAY, {"django": cells})


def data_of(response: HttpResponseBase) -> object:
    return response.json()["data"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("mirror_list", "without", "with_mirrors"),
    [
        ("", 10, 18),
        ("pypistats", 10, 18),
        ("known-mirrors", 15, 20),
        ("Known-Mirrors", 15, 20),
        ("everything", 20, 20),
    ],
)
def test_api_counts_by_the_list_that_is_asked_for(
    client: Client, mirror_list: str, without: int, with_mirrors: int
) -> None:
    query = f"?list={mirror_list}" if mirror_list else ""

    recent = client.get(f"/api/packages/django/recent{query}")
    overall = client.get(f"/api/packages/django/overall{query}")

    assert recent.content == (
        b'{"data":{"last_day":%d,"last_month":%d,"last_week":%d},'
        b'"package":"django","type":"recent_downloads"}\n' % ((without,) * 3)
    )
    assert data_of(overall) == [
        {"category": "with_mirrors", "date": "2026-11-18", "downloads": with_mirrors},
        {"category": "without_mirrors", "date": "2026-11-18", "downloads": without},
    ]


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("python_major", {"3": 10, "null": 8, "other": 2}),
        ("python_minor", {"3.11": 10, "null": 8, "other": 2}),
        ("system", {"Linux": 12, "null": 8}),
    ],
)
def test_breakdowns_take_the_list_too(
    client: Client, endpoint: str, expected: dict[str, int]
) -> None:
    answer = client.get(f"/api/packages/django/{endpoint}?list=everything").json()

    found = {row["category"]: row["downloads"] for row in answer["data"]}
    assert found == expected


# A NUL is refused wherever it stands: tests/api/test_query.py.
@pytest.mark.parametrize(("sent", "shown"), [f for f in FAULTS if f[0] != "%00"])
@pytest.mark.parametrize(
    "endpoint", ["recent", "overall", "python_major", "python_minor", "system"]
)
def test_api_refuses_an_unknown_list(
    client: Client, endpoint: str, sent: str, shown: str
) -> None:
    response = client.get(f"/api/packages/django/{endpoint}?list={sent}")

    detail = f"list is '{shown}'; {ALLOWED}"
    assert response.status_code == 400
    assert response.json() == {"error": {"status": 400, "detail": detail}}


@pytest.mark.parametrize(("sent", "shown"), FAULTS)
@pytest.mark.parametrize("place", [PLACES[0], PLACES[2]])
def test_page_and_feed_refuse_an_unknown_list(
    client: Client, place: str, sent: str, shown: str
) -> None:
    response = client.get(f"{place}?list={sent}")

    assert response.status_code == 400
    escaped = text_of(response).replace("&#x27;", "'")
    assert f"list is '{shown}'; {ALLOWED}" in escaped


def test_page_shows_the_numbers_of_the_list_and_its_name(client: Client) -> None:
    text = text_of(client.get("/packages/django?list=known-mirrors"))

    tiles = re.findall(r"Last (day|week|month) ([0-9,]+)", text)
    assert tiles[:3] == [("day", "15"), ("week", "15"), ("month", "15")]
    assert "without mirrors, by the list known-mirrors , through" in text
    assert "2026-11-18 20 15" in text


def test_page_lets_choose_among_the_lists(client: Client) -> None:
    page = page_of(client.get("/packages/django?list=everything"))

    options = re.findall(r'<option value="([^"]*)"( selected)?>', page)
    assert options == [
        ("pypistats", ""),
        ("everything", " selected"),
        ("known-mirrors", ""),
    ]
    assert "pypistats (default)" in text_of(client.get("/packages/django"))


@pytest.mark.parametrize("query", ["", "?list=everything"])
def test_page_is_canonical_without_the_list(
    client: Client, settings: Settings, query: str
) -> None:
    settings.BASE_URL = "https://stats.example.org"

    page = page_of(client.get(f"/packages/django{query}"))

    canonical = "https://stats.example.org/packages/django"
    assert f'<link rel="canonical" href="{canonical}">' in page
    assert page.count(f'"/feeds/packages/django.rss{query}"') == 1
    assert page.count(f'"/feeds/packages/django{query}"') == 1
    assert f'"/api/packages/django/recent{query}"' in page


@pytest.mark.parametrize("place", ["/packages/{}", "/feeds/packages/{}.rss"])
def test_other_spelling_keeps_the_list(client: Client, place: str) -> None:
    response = client.get(f"{place.format('Django')}?list=Everything")

    assert response.status_code == 301
    assert response["Location"] == f"{place.format('django')}?list=everything"


def test_feed_of_a_list_has_its_own_numbers_links_and_identifiers(
    client: Client,
) -> None:
    usual = feedparser.parse(client.get(f"{FEED}?every=day").content)
    query = "?every=day&list=known-mirrors"
    feed = feedparser.parse(client.get(f"{FEED}{query}").content)

    entry = feed.entries[0]
    page = "http://127.0.0.1:8000/packages/django?list=known-mirrors"
    assert (
        feed.feed.title == "Daily downloads of django by the mirror list known-mirrors"
    )
    assert feed.feed.link == page
    assert entry.title == "django: 15 downloads on 2026-11-18"
    assert entry.id == "pypistats-site:django:day:2026-11-18:list:known-mirrors"
    assert (
        entry.link == f"http://127.0.0.1:8000/feeds/packages/django{query}#2026-11-18"
    )
    html = entry.content[0].value
    assert "20 with mirrors, by the mirror list known-mirrors." in html
    assert "/api/packages/django/recent?list=known-mirrors" in html
    itself = [link.href for link in feed.feed.links if link.rel == "self"]
    assert itself == [f"http://127.0.0.1:8000{FEED}{query}"]
    assert usual.entries[0].id == "pypistats-site:django:day:2026-11-18"
    assert usual.entries[0].title == "django: 10 downloads on 2026-11-18"


def test_validator_of_a_feed_holds_for_its_list_alone(client: Client) -> None:
    tags = {
        query: client.get(f"{FEED}{query}")["ETag"]
        for query in ("", "?list=pypistats", "?list=everything")
    }
    headers = {"if-none-match": tags["?list=everything"]}

    assert len(set(tags.values())) == 3
    assert client.get(FEED, headers=headers).status_code == 200
    again = client.get(f"{FEED}?list=everything", headers=headers)
    assert again.status_code == 304


def test_added_list_can_be_asked_for_at_once(client: Client) -> None:
    address = "/api/packages/django/recent?list=mine"
    before = client.get(address).status_code

    made = MirrorList.objects.create(name="mine", counts_unnamed=False)
    made.entries.create(installer="pip")

    assert before == 400
    assert data_of(client.get(address)) == {
        "last_day": 5,
        "last_month": 5,
        "last_week": 5,
    }


@pytest.mark.usefixtures("_nothing_kept")
@pytest.mark.parametrize("query", ["", "?list=everything"])
def test_answer_by_another_list_costs_no_query_more(
    client: Client,
    query: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    address = f"/api/packages/django/overall{query}"
    client.get(address)

    # The generation, the records.
    with django_assert_num_queries(2):
        client.get(address)


def test_documentation_names_the_lists(client: Client) -> None:
    text = text_of(client.get("/api/"))

    assert "One of: pypistats (the default) everything known-mirrors" in text
    assert "recent?list=known-mirrors" in text
