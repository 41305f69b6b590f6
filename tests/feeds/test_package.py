"""The feed of a package, as a feed reader sees it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import feedparser
import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from packages.models import Generation, Incident, MirrorList, Package
from tests.factories import MIRROR, PIP_39, PIP_311, POETRY, UV_CI, count_day
from tests.feeds.validity import check_atom, check_json, check_rss

pytestmark = pytest.mark.django_db
SUNDAY = date(2026, 10, 18)
"""The last day of week 42."""
ADDRESS = "/feeds/packages/django.rss"
CHECKS = {"rss": check_rss, "atom": check_atom, "json": check_json}


def read(client: Client, address: str = ADDRESS) -> Any:
    response = client.get(address)
    assert response.status_code == 200, response.content
    parsed = feedparser.parse(response.content)
    assert not parsed.bozo
    return parsed


def titles(client: Client, address: str = ADDRESS) -> list[str]:
    return [entry.title for entry in read(client, address).entries]


def count_week(sunday: date, downloads: int, package: str = "django") -> None:
    """Count each day of a week with so many downloads."""
    for age in range(6, -1, -1):
        day = sunday - timedelta(days=age)
        count_day(day, {package: {PIP_311: downloads}, "other": {POETRY: 1}})


def count_two_weeks() -> None:
    count_week(SUNDAY - timedelta(days=7), 100)
    count_week(SUNDAY, 103)


def test_newest_week_comes_first_with_its_change(client: Client) -> None:
    count_two_weeks()

    assert titles(client) == [
        "django: 721 downloads in week 42, up 3.0 %",
        "django: 700 downloads in week 41",
    ]


def test_running_week_is_not_told_of(client: Client) -> None:
    count_two_weeks()
    count_day(SUNDAY + timedelta(days=1), {"django": {PIP_311: 1}})

    assert titles(client)[0] == "django: 721 downloads in week 42, up 3.0 %"


def test_item_has_everything_a_reader_needs(client: Client) -> None:
    count_two_weeks()
    cells = {PIP_311: 100, POETRY: 3, UV_CI: 40, PIP_39: 7, MIRROR: 60}
    count_day(SUNDAY, {"django": cells, "other": {POETRY: 1}})

    entry = read(client).entries[0]

    assert entry.id == "pypistats-site:django:week:2026-W42"
    assert entry.guidislink is False
    assert entry.link == "http://127.0.0.1:8000/packages/django#2026-W42"
    assert entry.published == "Mon, 19 Oct 2026 00:00:00 +0000"
    assert entry.summary == (
        "768 downloads of django in week 42, after 700 the week before."
        " Most: 3.11 93.5 %, Linux 98.7 %, pip 94.4 %."
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
    count_two_weeks()
    day = SUNDAY + timedelta(days=7)
    for age in (6, 5, 4, 3, 1, 0):
        count_day(day - timedelta(days=age), {"django": {PIP_311: 100}})

    entry = read(client).entries[0]

    assert entry.title == "django: 600 downloads in week 43 (6 of 7 days counted)"
    html = entry.content[0].value
    assert "<p>6 of 7 days counted; not counted: 2026-10-23.</p>" in html
    assert ">up " not in html


def test_week_whose_last_day_is_missing_waits_for_a_later_day(client: Client) -> None:
    count_two_weeks()
    for age in range(6):
        count_day(SUNDAY + timedelta(days=1 + age), {"django": {PIP_311: 1}})

    assert len(titles(client)) == 2

    count_day(SUNDAY + timedelta(days=8), {"django": {PIP_311: 1}})

    assert titles(client)[0] == ("django: 6 downloads in week 43 (6 of 7 days counted)")


def test_package_that_is_not_downloaded_any_more_is_told_of_once(
    client: Client,
) -> None:
    count_two_weeks()
    for week in (1, 2):
        count_week(SUNDAY + timedelta(weeks=week), 1, package="flask")

    assert titles(client)[:2] == [
        "django: 0 downloads in week 43, down 100.0 %",
        "django: 721 downloads in week 42, up 3.0 %",
    ]


def test_change_of_definition_is_no_change_of_use(client: Client) -> None:
    count_week(date(2026, 8, 23), 100)
    count_week(date(2026, 8, 30), 70)

    entry = read(client).entries[0]

    assert entry.title == "django: 490 downloads in week 35"
    assert "The week before cannot be compared" in entry.content[0].value


def test_year_ago_is_told_where_it_is_kept(client: Client, settings: Settings) -> None:
    settings.RETENTION_DAYS = 400
    count_week(date(2025, 10, 19), 200)
    count_two_weeks()

    html = read(client).entries[0].content[0].value

    assert "<td>Week 42 of 2025, 2025-10-13 to 2025-10-19</td><td>1,400</td>" in html


def test_figures_of_days(client: Client) -> None:
    count_two_weeks()

    feed = read(client, f"{ADDRESS}?every=day")

    assert len(feed.entries) == 14
    newest, second = feed.entries[:2]
    assert newest.id == "pypistats-site:django:day:2026-10-18"
    assert newest.title == "django: 103 downloads on 2026-10-18, unchanged"
    assert second.published == "Sun, 18 Oct 2026 00:00:00 +0000"


def test_day_of_mirrors_alone_has_no_empty_table(client: Client) -> None:
    count_day(SUNDAY, {"django": {MIRROR: 60}})

    entry = read(client, f"{ADDRESS}?every=day").entries[0]

    assert entry.title == "django: 0 downloads on 2026-10-18"
    assert "60 with mirrors" in entry.content[0].value
    assert "Installer" not in entry.content[0].value


def test_figures_of_months(client: Client) -> None:
    for day in range(1, 32):
        count_day(date(2026, 10, day), {"django": {PIP_311: 10}})

    feed = read(client, f"{ADDRESS}?every=month")

    assert [(e.id, e.title) for e in feed.entries] == [
        ("pypistats-site:django:month:2026-10", "django: 310 downloads in October 2026")
    ]


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
@pytest.mark.parametrize("query", ["", "?every=day", "?every=day&list=pypistats"])
def test_feed_is_valid_in_every_format(client: Client, form: str, query: str) -> None:
    count_two_weeks()

    CHECKS[form](client, f"/feeds/packages/django.{form}{query}", items=True)


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_empty_feed_is_valid_and_stays_the_same(client: Client, form: str) -> None:
    count_day(SUNDAY, {"django": {PIP_311: 1}})
    Package.objects.create(normalized_name="quiet")
    address = f"/feeds/packages/quiet.{form}"

    CHECKS[form](client, address, items=False)
    assert b"quiet has no downloads yet" in client.get(address).content
    assert client.get(address).content == client.get(address).content


def test_empty_feed_is_as_old_as_the_data(client: Client) -> None:
    count_day(SUNDAY, {"django": {PIP_311: 1}})
    Package.objects.create(normalized_name="quiet")
    changed_at = Generation.current().changed_at

    feed = read(client, "/feeds/packages/quiet.rss")

    assert feed.feed.updated == changed_at.strftime("%a, %d %b %Y %H:%M:%S +0000")


def test_links_come_from_base_url(client: Client, settings: Settings) -> None:
    settings.BASE_URL = "https://stats.example.org"
    settings.ALLOWED_HOSTS = ["other.example.org"]
    count_two_weeks()

    response = client.get(ADDRESS, headers={"host": "other.example.org"})
    feed = feedparser.parse(response.content)

    itself = [link.href for link in feed.feed.links if link.rel == "self"]
    assert itself == ["https://stats.example.org/feeds/packages/django.rss"]
    assert feed.feed.link == "https://stats.example.org/packages/django"
    assert feed.entries[0].id == "pypistats-site:django:week:2026-W42"
    assert b"other.example.org" not in response.content


def test_corrected_figure_is_sent_and_keeps_its_identifier(client: Client) -> None:
    with time_machine.travel(datetime(2026, 10, 19, 4, tzinfo=UTC), tick=False):
        count_two_weeks()
        first = client.get("/feeds/packages/django.atom")
    with time_machine.travel(datetime(2026, 10, 21, 5, tzinfo=UTC), tick=False):
        count_day(SUNDAY, {"django": {PIP_311: 3}, "other": {POETRY: 1}})
        conditions = {
            "if-none-match": first["ETag"],
            "if-modified-since": first["Last-Modified"],
        }
        again = client.get("/feeds/packages/django.atom", headers=conditions)

    before, after = feedparser.parse(first.content), feedparser.parse(again.content)
    assert again.status_code == 200
    assert [e.id for e in before.entries] == [e.id for e in after.entries]
    assert [e.published for e in before.entries] == [e.published for e in after.entries]
    assert after.entries[0].title == "django: 621 downloads in week 42, down 11.3 %"
    assert [e.updated for e in after.entries] == [
        "2026-10-21T05:00:00+00:00",
        before.entries[1].updated,
    ]
    assert (
        "<p>2026-10-18 was counted again on 2026-10-21: all packages together had 104"
        " downloads before and have 4 since.</p>"
    ) in after.entries[0].content[0].value


def test_edited_mirror_list_is_a_new_feed(client: Client) -> None:
    count_two_weeks()
    tag = client.get(ADDRESS)["ETag"]

    MirrorList.objects.get(is_default=True).entries.create(installer="pip")

    response = client.get(ADDRESS, headers={"if-none-match": tag})
    assert response.status_code == 200
    assert b"0 downloads in week 42" in response.content


def test_list_that_is_asked_for_has_items_of_its_own(client: Client) -> None:
    count_two_weeks()
    MirrorList.objects.create(name="no-pip").entries.create(installer="pip")

    feed = read(client, f"{ADDRESS}?list=NO-pip")

    assert feed.feed.title == "Downloads of django by the mirror list no-pip"
    entry = feed.entries[0]
    assert entry.id == "pypistats-site:django:week:2026-W42:list:no-pip"
    assert entry.title == "django: 0 downloads in week 42"
    assert "721 with mirrors, by the mirror list no-pip" in entry.content[0].value
    assert "/packages/django?list=no-pip" in entry.link


def test_running_day_is_not_dated_in_the_future(client: Client) -> None:
    with time_machine.travel(datetime(2026, 10, 18, 6, tzinfo=UTC), tick=False):
        count_day(SUNDAY, {"django": {PIP_311: 1}})

        feed = read(client, f"{ADDRESS}?every=day")

    assert feed.entries[0].published == "Sun, 18 Oct 2026 06:00:00 +0000"


def test_all_packages_have_a_feed(client: Client) -> None:
    count_two_weeks()

    feed = read(client, "/feeds/packages/__all__.rss")

    assert feed.feed.title == "Downloads of all packages"
    assert feed.entries[0].title == ("all packages: 728 downloads in week 42, up 3.0 %")


def test_item_within_an_incident_says_so(client: Client) -> None:
    count_two_weeks()
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
    count_two_weeks()

    response = client.get(f"{ADDRESS}?{query}")

    assert response.status_code == 400
    assert message in response.content.decode()


@pytest.mark.parametrize("name", ["nul%00", "sp%20ace", "a" * 500, "%ff", "nobody"])
def test_name_of_no_package_is_404(client: Client, name: str) -> None:
    assert client.get(f"/feeds/packages/{name}.rss").status_code == 404


def test_other_spelling_moves_to_the_normalized_name(client: Client) -> None:
    count_two_weeks()

    response = client.get("/feeds/packages/Django.atom?every=DAY")

    assert (response.status_code, response["Location"]) == (
        301,
        "/feeds/packages/django.atom?every=day",
    )


@pytest.mark.parametrize("weeks", [1, 3])
@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_queries_do_not_grow_with_the_items(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    weeks: int,
    form: str,
) -> None:
    for age in range(weeks):
        count_week(SUNDAY - timedelta(weeks=age), 10)
    Incident.objects.create(title="Loss", first_day=SUNDAY)
    client.get(f"/feeds/packages/other.{form}")

    with django_assert_num_queries(3):  # the generation, twice, and the records
        client.get(f"/feeds/packages/django.{form}")
