"""The pages, read as a browser without scripts would."""

import re
from datetime import date, timedelta

import pytest
from django.http import HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from packages.models import Incident, MirrorEntry, MirrorList, Package
from tests.factories import MIRROR, PIP_39, PIP_311, UNNAMED, UV_CI, count_day

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)
NEXT = date(2026, 11, 20)
HOSTILE = "<script>alert(1)</script>"

PAGES = [
    "/",
    "/search",
    "/search?q=d",
    "/packages/django",
    "/packages/__all__",
    "/packages/tracked-only",
    "/packages/no-such-package",
    "/about",
    "/status",
    "/api/",
    "/nothing/here",
]


@pytest.fixture
def _counted() -> None:
    cells = {PIP_311: 1200, PIP_39: 30, UV_CI: 4, MIRROR: 100, UNNAMED: 7}
    count_day(DAY, {"django": cells, "django-filter": {PIP_311: 5}})
    count_day(NEXT, {"django": {PIP_311: 2000}, "mirrored": {MIRROR: 9}})
    Package.objects.create(normalized_name="tracked-only", tracked=True)


def text_of(response: HttpResponseBase) -> str:
    """The page's visible words, tags left out and blanks collapsed."""
    bare = re.sub(
        r"<(script|style).*?</\1>|<[^>]*>", " ", page_of(response), flags=re.S
    )
    return " ".join(bare.split())


def page_of(response: HttpResponseBase) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


@pytest.mark.parametrize("path", ["/", "/packages/__all__"])
def test_ledger_without_a_day_is_told(client: Client, path: str) -> None:
    assert "No day has been counted yet." in text_of(client.get(path))


@pytest.mark.usefixtures("_counted")
def test_home_lists_the_largest_packages_and_the_last_day(client: Client) -> None:
    text = text_of(client.get("/"))

    assert "Counted through 20 November 2026 · 2 days on record" in text
    assert "1 django 2,000 3,234 3,234" in text
    assert "mirrored" not in text


@pytest.mark.usefixtures("_counted")
def test_home_ranks_by_the_list_that_is_asked_for(client: Client) -> None:
    page = page_of(client.get("/?list=Everything"))
    text = text_of(client.get("/?list=everything"))

    assert "Downloads without mirrors, by the list everything ." in text
    assert "Compared are the packages that were downloaded most on that day" in text
    assert '<option value="everything" selected>' in page
    assert 'href="/packages/django?list=everything"' in page
    assert "mirrored" in text
    assert client.get("/?list=nobodys").status_code == 400
    assert "Compared are" not in text_of(client.get("/?list=pypistats"))


def test_home_says_which_days_its_sums_lack(client: Client) -> None:
    for age in (*range(2), *range(3, 30)):
        count_day(DAY - timedelta(days=age), {"django": {PIP_311: 1}})

    text = text_of(client.get("/"))

    missing = DAY - timedelta(days=2)
    assert f"Last week: 6 of 7 days counted: {missing} is missing." in text
    assert f"Last month: 29 of 30 days counted: {missing} is missing." in text


@pytest.mark.usefixtures("_nothing_kept")
@pytest.mark.parametrize("packages", [1, 3])
def test_home_ranks_packages_once_for_a_generation(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, packages: int
) -> None:
    count_day(DAY, {f"package-{n}": {PIP_311: 10} for n in range(packages)})
    client.get("/")

    with django_assert_num_queries(2):
        client.get("/")


@pytest.mark.parametrize("packages", [1, 3])
def test_search_needs_as_many_queries_for_many_names(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, packages: int
) -> None:
    names = ["django", *(f"django-{n}" for n in range(packages))]
    count_day(DAY, {name: {PIP_311: 10} for name in names})
    client.get("/search?q=d")

    with django_assert_num_queries(2):
        client.get("/search?q=d")


@pytest.mark.usefixtures("_counted")
def test_search_lists_names_that_start_so_the_shortest_first(client: Client) -> None:
    page = page_of(client.get("/search", {"q": "Dja"}))

    assert re.findall(r'href="/packages/(dj[^"]*)"', page) == [
        "django",
        "django-filter",
    ]


@pytest.mark.usefixtures("_counted")
@pytest.mark.parametrize(
    "query", ["django-f", "Django_Filter", "django.f-", " dJaNgO-f "]
)
def test_search_goes_straight_to_the_only_match(client: Client, query: str) -> None:
    response = client.get("/search", {"q": query})

    assert response.status_code == 302
    assert response["Location"] == "/packages/django-filter"


def test_search_for_the_total_goes_to_it(client: Client) -> None:
    assert client.get("/search?q=__all__")["Location"] == "/packages/__all__"


@pytest.mark.usefixtures("_counted")
@pytest.mark.parametrize("query", ["%", "_", "dj%", "d_ango", "\\", "*", "\0", "é"])
def test_wildcards_match_no_package(client: Client, query: str) -> None:
    response = client.get("/search", {"q": query})

    assert response.status_code == 200
    assert 'href="/packages/d' not in page_of(response)


def test_search_answers_a_hostile_query_as_text(client: Client) -> None:
    page = page_of(client.get("/search", {"q": HOSTILE}))

    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.usefixtures("_counted")
def test_package_page_has_the_recent_numbers_and_the_tables(client: Client) -> None:
    text = text_of(client.get("/packages/django"))

    began = "days counted: counting began on 2026-11-19"
    assert f"Last day 2,000 Last week 3,234 2 of 7 {began} Last month 3,234" in text
    assert "through 20 November 2026" in text
    assert "Day with mirrors without mirrors 2026-11-20 2,000 2,000" in text
    assert "2026-11-19 1,341 1,234" in text
    assert "Day 3.9 3.11 3.12 2026-11-20 0 2,000 0 2026-11-19 30 1,200 4" in text


@pytest.mark.usefixtures("_counted")
def test_package_page_links_its_feed_its_api_and_the_index(
    client: Client, settings: Settings
) -> None:
    settings.PACKAGE_INDEX_URL = "https://index.example"

    page = page_of(client.get("/packages/django"))

    feed = re.search(r'<link rel="alternate"[^>]*>', page)
    assert feed is not None
    assert 'type="application/rss+xml"' in feed[0]
    assert 'href="/feeds/packages/django.rss"' in feed[0]
    assert 'href="/api/packages/django/recent"' in page
    assert 'href="https://index.example/project/django/"' in page


@pytest.mark.usefixtures("_counted")
@pytest.mark.parametrize("name", ["Django", "DJANGO", "dJango"])
def test_other_spellings_move_to_the_normalized_name(client: Client, name: str) -> None:
    response = client.get(f"/packages/{name}")

    assert response.status_code == 301
    assert response["Location"] == "/packages/django"


@pytest.mark.parametrize(
    "name", ["no-such-package", HOSTILE.replace("/", ""), "%00", "-"]
)
def test_unknown_package_is_answered_with_a_page_of_404(
    client: Client, name: str
) -> None:
    response = client.get(reverse("packages:detail", args=[name]))

    assert response.status_code == 404
    assert "Unknown package" in text_of(response)
    assert "<script>alert" not in page_of(response)


@pytest.mark.usefixtures("_counted")
def test_known_package_without_downloads_says_so(client: Client) -> None:
    response = client.get("/packages/tracked-only")

    assert response.status_code == 200
    assert "tracked-only is known here, and was not downloaded" in text_of(response)
    assert "<canvas" not in page_of(response)
    assert "chart.umd.js" not in page_of(response)


@pytest.mark.usefixtures("_counted")
def test_package_that_only_mirrors_copied_has_one_chart(client: Client) -> None:
    response = client.get("/packages/mirrored")
    assert page_of(response).count("<canvas") == 1
    assert "Only mirrors, or nobody, downloaded it" in text_of(response)


@pytest.mark.usefixtures("_counted")
def test_total_of_all_packages_has_a_page_of_its_own(client: Client) -> None:
    text = text_of(client.get("/packages/__all__"))

    assert "All packages Feed JSON" in text
    assert "Last day 2,000 Last week 3,239" in text
    assert "Package index" not in text


@pytest.mark.parametrize(("source", "shown"), [("sample", True), ("files", False)])
@pytest.mark.parametrize("path", [*PAGES[:4], *PAGES[6:]])
def test_sample_data_is_announced_on_every_page(
    client: Client, path: str, source: str, shown: bool
) -> None:
    names = ["django", "django-filter"]
    count_day(DAY, {name: {PIP_311: 10} for name in names}, source=source)

    text = text_of(client.get(path))

    assert ("Sample data: these numbers are made up." in text) == shown


def test_about_lists_the_mirrors_and_what_they_are_valid_for(
    client: Client, settings: Settings
) -> None:
    settings.RETENTION_DAYS = 90
    MirrorEntry.objects.create(
        mirror_list=MirrorList.objects.get(name="everything"),
        installer="copy<b>cat",
        reason="Copies all",
        valid_from=date(2026, 1, 1),
        valid_until=date(2026, 2, 1),
    )

    response = client.get("/about")

    text = text_of(response)
    assert "pypistats default" in text
    assert (
        "bandersnatch Full mirror: copies every file, wanted or not Evidence always"
        in text
    )
    assert "Copies all from 2026-01-01 until 2026-02-01" in text
    assert "copy&lt;b&gt;cat" in page_of(response)
    assert "The last 90 days" in text


def test_change_of_definition_is_told_where_it_is_shown(client: Client) -> None:
    count_day(date(2026, 8, 23), {"django": {PIP_311: 10}})
    count_day(date(2026, 8, 24), {"django": {PIP_311: 10}})

    text = text_of(client.get("/packages/django"))
    assert (
        "What counts as a download changes at each dashed line. From 24 August 2026 on:"
        " wheels and sdists only."
    ) in text


def test_missing_days_and_incidents_are_told_beside_the_numbers(
    client: Client,
) -> None:
    for day in (17, 18, 20):
        count_day(date(2026, 11, day), {"django": {PIP_311: 10}})
    Incident.objects.create(
        title="Rows <b>lost</b>", first_day=date(2026, 11, 18), last_day=NEXT
    )

    response = client.get("/packages/django")

    text = text_of(response)
    assert "Last day 10 1 day lies within an incident" in text
    assert "Last week 30 3 of 7 days counted; 2 days lie within an incident" in text
    assert "Not counted: 2026-11-19" in text
    assert "2026-11-19 not counted" in text
    assert "2026-11-20 incident 10 10" in text
    page = page_of(response)
    assert "Rows &lt;b&gt;lost&lt;/b&gt;, <time>2026-11-18</time>" in " ".join(
        page.split()
    )
    assert "Hatched, because never counted: 1 day." in page


@pytest.mark.usefixtures("_counted")
@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_an_inline_script_or_style(client: Client, path: str) -> None:
    response = client.get(path)

    page = page_of(response)
    assert re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page) is None
    for script in re.findall(r"<script[^>]*>", page):
        assert 'src="/static/' in script or 'type="application/json"' in script
    assert re.search(r'(?:src|href)="(?:https?:)?//[^"]*\.(?:js|css)"', page) is None


@pytest.mark.usefixtures("_counted")
@pytest.mark.parametrize("path", PAGES)
def test_every_page_forbids_what_it_does_not_need(client: Client, path: str) -> None:
    policy = client.get(path)["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/", "/search", "/packages/django", "/about"])
def test_pages_are_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.usefixtures("_counted")
def test_documentation_shows_the_largest_package_as_example(client: Client) -> None:
    text = text_of(client.get("/api/"))

    assert "http://127.0.0.1:8000 /api/packages/django/recent" in text
    for endpoint in ("recent", "overall", "python_major", "python_minor", "system"):
        assert f"/api/packages/ package /{endpoint}" in text


def test_page_of_a_failure_needs_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    client.raise_request_exception = False
    monkeypatch.setattr("packages.snapshot.current", fail)

    response = client.get("/")

    assert response.status_code == 500
    assert "500 Something broke here" in text_of(response)
