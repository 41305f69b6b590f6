"""The feed of a package, as a feed reader sees it: two weeks are counted."""

from datetime import timedelta

import feedparser
import pytest
from django.test import Client
from pytest_django import Settings

from packages.models import CountedDay, Generation, Incident, MirrorList
from tests.factories import MIRROR, PIP_39, PIP_311, POETRY, UV_CI, count_day
from tests.feeds.validity import CHECKS
from tests.feeds.weeks import ADDRESS, SUNDAY, count_week, read, titles

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_weeks")]


def test_newest_week_comes_first_with_its_change(client: Client) -> None:
    assert titles(client) == [
        "django: 721 downloads in week 42, up 3.0 %",
        "django: 700 downloads in week 41",
    ]


def test_running_week_is_not_told_of(client: Client) -> None:
    count_day(SUNDAY + timedelta(days=1), {"django": {PIP_311: 1}})

    assert titles(client)[0] == "django: 721 downloads in week 42, up 3.0 %"


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_running_week_changes_no_text(client: Client, form: str) -> None:
    address = f"/feeds/packages/django.{form}"
    before = client.get(address).content

    count_day(SUNDAY + timedelta(days=1), {"django": {PIP_311: 103}})

    assert client.get(address).content == before


def test_item_has_everything_a_reader_needs(client: Client) -> None:
    cells = {PIP_311: 100, POETRY: 3, UV_CI: 40, PIP_39: 7, MIRROR: 60}
    count_day(SUNDAY, {"django": cells, "other": {POETRY: 1}})

    entry = read(client).entries[0]

    assert entry.id == "pypistats-site:django:week:2026-W42"
    assert entry.guidislink is False
    assert entry.link == "http://127.0.0.1:8000/feeds/packages/django#2026-W42"
    assert entry.published == "Mon, 19 Oct 2026 00:00:00 +0000"
    assert entry.summary == (
        "768 downloads of django in week 42, after 700 the week before."
        " Most: Python 3.11 93.5 %, Linux 98.7 %, pip 94.4 %."
    )
    html = entry.content[0].value
    assert "<strong>768</strong> downloads of django in week 42; 828 with" in html
    assert "<td>Week 42 of 2026, 2026-10-12 to 2026-10-18</td><td>768</td>" in html
    before = "Week 41 of 2026, 2026-10-05 to 2026-10-11"
    assert f"<td>{before}</td><td>700</td><td>up 9.7 %</td>" in html
    for row in (
        "<td>3.11</td><td>718</td><td>93.5 %</td>",
        "<td>not sent</td><td>3</td><td>0.4 %</td>",
        "<td>Darwin</td><td>7</td><td>0.9 %</td>",
        "<td>uv</td><td>40</td><td>5.2 %</td>",
    ):
        assert row in html
    assert 'href="http://127.0.0.1:8000/packages/django"' in html
    assert 'href="http://127.0.0.1:8000/api/packages/django/recent"' in html


def test_week_with_a_missing_day_says_so(client: Client) -> None:
    day = SUNDAY + timedelta(days=7)
    for age in (6, 5, 4, 3, 1, 0):
        count_day(day - timedelta(days=age), {"django": {PIP_311: 100}})

    entry = read(client).entries[0]

    assert entry.title == "django: 600 downloads in week 43 (6 of 7 days counted)"
    html = entry.content[0].value
    assert "<p>6 of 7 days counted; not counted: 2026-10-23.</p>" in html
    assert ">up " not in html


@pytest.mark.usefixtures("_nothing_kept")
def test_week_in_which_others_were_tracked_is_not_told_as_zero(client: Client) -> None:
    monday = SUNDAY - timedelta(days=6)
    days = CountedDay.objects.filter(day__lte=monday)

    days.update(counted_for=",other,")
    Generation.rise()

    [entry] = read(client).entries
    assert entry.title == "django: 721 downloads in week 42 (6 of 7 days counted)"
    chart = "/feeds/charts/django/2026-W42.png"
    assert client.get(chart).status_code == 200
    assert client.get("/feeds/charts/django/2026-W41.png").status_code == 404
    assert len(titles(client, "/feeds/packages/other.rss")) == 2


def test_week_whose_last_day_is_missing_waits_for_a_later_day(client: Client) -> None:
    for age in range(6):
        count_day(SUNDAY + timedelta(days=1 + age), {"django": {PIP_311: 1}})

    assert len(titles(client)) == 2

    count_day(SUNDAY + timedelta(days=8), {"django": {PIP_311: 1}})

    assert titles(client)[0] == ("django: 6 downloads in week 43 (6 of 7 days counted)")


def test_package_that_is_not_downloaded_any_more_is_told_of_once(
    client: Client,
) -> None:
    for week in (1, 2):
        count_week(SUNDAY + timedelta(weeks=week), 1, package="flask")

    assert titles(client)[:2] == [
        "django: 0 downloads in week 43, down 100.0 %",
        "django: 721 downloads in week 42, up 3.0 %",
    ]


def test_package_that_mirrors_alone_download_is_told_of_once_as_well(
    client: Client,
) -> None:
    for day in range(1, 15):
        cells = {"django": {MIRROR: 60}, "mirrored": {MIRROR: 1}}
        count_day(SUNDAY + timedelta(days=day), cells)

    assert titles(client)[:2] == [
        "django: 0 downloads in week 43, down 100.0 %",
        "django: 721 downloads in week 42, up 3.0 %",
    ]
    html = read(client).entries[0].content[0].value
    assert ("420 with mirrors" in html, "Installer" in html) == (True, False)
    assert len(titles(client, f"{ADDRESS}?every=day")) == 14
    assert titles(client, "/feeds/packages/mirrored.rss") == []


def test_week_that_is_partly_known_is_not_told_as_zero(client: Client) -> None:
    for age in (6, 5, 4, 3, 1, 0):
        count_day(SUNDAY + timedelta(days=7 - age), {"other": {POETRY: 1}})

    assert titles(client)[0] == "django: 721 downloads in week 42, up 3.0 %"


def test_figures_of_days(client: Client) -> None:
    feed = read(client, f"{ADDRESS}?every=day")

    assert len(feed.entries) == 14
    newest, second = feed.entries[:2]
    assert newest.id == "pypistats-site:django:day:2026-10-18"
    assert newest.title == "django: 103 downloads on 2026-10-18, unchanged"
    assert second.published == "Sun, 18 Oct 2026 00:00:00 +0000"


def test_days_long_ago_are_told_where_few_had_downloads(client: Client) -> None:
    first = SUNDAY + timedelta(days=1)
    for number in range(31):
        flask = {PIP_311: 5 + 5 * number} if number < 2 else {}
        count_day(
            first + timedelta(days=number), {"flask": flask, "other": {POETRY: 1}}
        )

    assert titles(client, "/feeds/packages/flask.rss?every=day") == [
        "flask: 10 downloads on 2026-10-20, up 100.0 %",
        "flask: 5 downloads on 2026-10-19, none before",
    ]


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
@pytest.mark.parametrize("query", ["", "?every=day", "?every=day&list=pypistats"])
def test_feed_is_valid_in_every_format(client: Client, form: str, query: str) -> None:
    CHECKS[form](client, f"/feeds/packages/django.{form}{query}", items=True)


def test_links_come_from_base_url(client: Client, settings: Settings) -> None:
    settings.BASE_URL = "https://stats.example.org"
    settings.ALLOWED_HOSTS = ["other.example.org"]
    response = client.get(ADDRESS, headers={"host": "other.example.org"})
    feed = feedparser.parse(response.content)

    itself = [link.href for link in feed.feed.links if link.rel == "self"]
    assert itself == ["https://stats.example.org/feeds/packages/django.rss"]
    assert feed.feed.link == "https://stats.example.org/packages/django"
    assert feed.entries[0].id == "pypistats-site:django:week:2026-W42"
    assert b"other.example.org" not in response.content


def test_edited_mirror_list_is_a_new_feed(client: Client) -> None:
    tag = client.get(ADDRESS)["ETag"]

    MirrorList.objects.get(is_default=True).entries.create(installer="pip")

    response = client.get(ADDRESS, headers={"if-none-match": tag})
    assert response.status_code == 200
    assert b"week 42" not in response.content


def test_list_that_is_asked_for_has_items_of_its_own(client: Client) -> None:
    MirrorList.objects.create(name="no-pip").entries.create(installer="pip")
    count_day(SUNDAY, {"django": {PIP_311: 103, POETRY: 3}})

    feed = read(client, f"{ADDRESS}?list=NO-pip")

    assert feed.feed.title == "Downloads of django by the mirror list no-pip"
    entry = feed.entries[0]
    assert entry.id == "pypistats-site:django:week:2026-W42:list:no-pip"
    assert entry.title == "django: 3 downloads in week 42, none before"
    assert "724 with mirrors, by the mirror list no-pip" in entry.content[0].value
    assert "/feeds/packages/django?list=no-pip#" in entry.link


def test_all_packages_have_a_feed(client: Client) -> None:
    feed = read(client, "/feeds/packages/__all__.rss")

    assert feed.feed.title == "Downloads of all packages"
    assert feed.entries[0].title == "All packages: 728 downloads in week 42, up 3.0 %"


def test_item_within_an_incident_says_so(client: Client) -> None:
    Incident.objects.create(
        title="Rows <lost>",
        first_day=SUNDAY,
        last_day=SUNDAY,
        effect="Too low.",
        evidence="https://status.example/1",
    )

    hit, other = read(client).entries

    assert "Within an incident: Rows &lt;lost&gt;. Too low." in hit.content[0].value
    assert 'href="https://status.example/1"' in hit.content[0].value
    assert "incident" not in other.content[0].value


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_text_that_xml_cannot_hold_breaks_no_feed(client: Client, form: str) -> None:
    Incident.objects.create(
        title="Rows \x01\x1b lost ]]> & <found>", first_day=SUNDAY, last_day=SUNDAY
    )

    CHECKS[form](client, f"/feeds/packages/django.{form}", items=True)
    html = read(client).entries[0].content[0].value
    assert "Within an incident: Rows  lost ]]&gt; &amp; &lt;found&gt;." in html


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("every=year", "every is &#x27;year&#x27;; allowed are: day, week, month."),
        ("every=day&every=week", "allowed are: day, week, month."),
        ("events=all", "events is &#x27;all&#x27;; allowed are: only."),
        ("events=only&every=day", "ask for one."),
        ("list=nobody", "list is &#x27;nobody&#x27;"),
    ],
)
def test_wrong_question_is_400(client: Client, query: str, message: str) -> None:
    response = client.get(f"{ADDRESS}?{query}")

    assert response.status_code == 400
    assert message in response.content.decode()


@pytest.mark.parametrize("ending", ["xml", "rdf", "rss.xml", "jsn"])
def test_ending_of_no_format_is_404(client: Client, ending: str) -> None:
    assert client.get(f"/feeds/packages/django.{ending}").status_code == 404


@pytest.mark.parametrize("name", ["nul%00", "sp%20ace", "a" * 500, "%ff", "nobody"])
def test_name_of_no_package_is_404(client: Client, name: str) -> None:
    assert client.get(f"/feeds/packages/{name}.rss").status_code == 404


def test_other_spelling_moves_to_the_normalized_name(client: Client) -> None:
    response = client.get("/feeds/packages/Django.atom?every=DAY")

    assert (response.status_code, response["Location"]) == (
        301,
        "/feeds/packages/django.atom?every=day",
    )
