"""Feeds of days, weeks and months that each test counts itself."""

from datetime import UTC, date, datetime, timedelta

import feedparser
import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from packages.models import Incident, Package
from tests.factories import PIP_311, POETRY, count_day
from tests.feeds.validity import CHECKS
from tests.feeds.weeks import (
    ADDRESS,
    SUNDAY,
    count_two_weeks,
    count_week,
    read,
    updated,
)

pytestmark = pytest.mark.django_db


def test_change_of_definition_is_no_change_of_use(client: Client) -> None:
    count_week(date(2026, 8, 23), 100)
    count_week(date(2026, 8, 30), 70)

    entry = read(client).entries[0]

    assert entry.title == "django: 490 downloads in week 35"
    assert "The week before cannot be compared" in entry.content[0].value


def test_year_ago_is_told_where_it_is_kept(client: Client, settings: Settings) -> None:
    settings.RETENTION_DAYS = 400
    for day, downloads in (
        (date(2025, 10, 18), 200),
        (date(2025, 10, 19), 300),
        (date(2026, 10, 17), 400),
        (date(2026, 10, 18), 500),
    ):
        count_day(day, {"django": {PIP_311: downloads}})

    newest, second = read(client, f"{ADDRESS}?every=day").entries[:2]

    assert "<td>Sunday, 2025-10-19</td><td>300</td>" in newest.content[0].value
    assert "<td>Saturday, 2025-10-18</td><td>200</td>" in second.content[0].value


def test_figures_of_months(client: Client) -> None:
    for day in range(1, 32):
        count_day(date(2026, 10, day), {"django": {PIP_311: 10}})

    feed = read(client, f"{ADDRESS}?every=month")

    assert [(e.id, e.title) for e in feed.entries] == [
        ("pypistats-site:django:month:2026-10", "django: 310 downloads in October 2026")
    ]


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_empty_feed_is_valid_and_stays_the_same(client: Client, form: str) -> None:
    count_day(SUNDAY, {"django": {PIP_311: 1}})
    Package.objects.create(normalized_name="quiet")
    address = f"/feeds/packages/quiet.{form}"

    CHECKS[form](client, address, items=False)
    assert b"There are no downloads of quiet yet" in client.get(address).content
    assert client.get(address).content == client.get(address).content


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
@pytest.mark.parametrize(
    "address",
    [
        "packages/quiet.{}",
        "packages/django.{}?events=only",
        "tracked.{}",
        "list.{}?packages=quiet",
        "movers.{}",
    ],
)
def test_feed_that_stays_empty_stays_as_it_is(
    client: Client, address: str, form: str
) -> None:
    Package.objects.create(normalized_name="quiet")
    with time_machine.travel(datetime(2026, 10, 19, 4, tzinfo=UTC), tick=False):
        count_day(SUNDAY, {"django": {PIP_311: 1}})
        before = client.get(f"/feeds/{address.format(form)}").content
    for day in (SUNDAY + timedelta(days=1), SUNDAY - timedelta(days=1), SUNDAY):
        count_day(day, {"django": {PIP_311: 2}})

    assert client.get(f"/feeds/{address.format(form)}").content == before
    assert (b"2026-10-19T04:00:00+00:00" in before) is (form == "atom")


def test_corrected_figure_is_sent_and_keeps_its_identifier(client: Client) -> None:
    with time_machine.travel(datetime(2026, 10, 19, 4, tzinfo=UTC), tick=False):
        count_two_weeks()
    with time_machine.travel(datetime(2026, 10, 19, 5, tzinfo=UTC), tick=False):
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
    assert [updated(e) for e in after.entries] == [
        "2026-10-21T05:00:00+00:00",
        updated(before.entries[1]),
    ]
    assert (
        "<p>2026-10-18 was counted again on 2026-10-21. Its downloads, mirrors"
        " included: 103 before, 3 since.</p>"
    ) in after.entries[0].content[0].value


def test_running_day_is_not_dated_in_the_future(client: Client) -> None:
    with time_machine.travel(datetime(2026, 10, 18, 6, tzinfo=UTC), tick=False):
        count_day(SUNDAY, {"django": {PIP_311: 1}})

        feed = read(client, f"{ADDRESS}?every=day")

    assert feed.entries[0].published == "Sun, 18 Oct 2026 06:00:00 +0000"


@pytest.mark.usefixtures("_nothing_kept")
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

    with django_assert_num_queries(4):  # generation; records; recounts; events
        client.get(f"/feeds/packages/django.{form}")
