"""The feeds of the week's movers and of the day ledger."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from packages import recents, store
from packages.models import CountedDay, Incident, MirrorList
from tests.factories import PIP_311, POETRY, count_day
from tests.feeds.validity import CHECKS
from tests.feeds.weeks import SUNDAY, count_week, read, titles

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_weeks")]
MOVERS, DAYS = "/feeds/movers.rss", "/feeds/days.rss"


def test_week_is_told_with_those_that_moved_most(client: Client) -> None:
    next_sunday = SUNDAY + timedelta(days=7)
    for age in range(7):
        day = next_sunday - timedelta(days=age)
        count_day(day, {"django": {PIP_311: 50}, "new": {POETRY: 9}})

    newest, first = read(client, MOVERS).entries

    assert (newest.id, newest.title) == (
        "pypistats-site:movers:week:2026-W43",
        "Top movers in week 43: new, none before",
    )
    assert (
        newest.summary == "new, none before; django, down 51.5 %; other, down 100.0 %."
    )
    html = newest.content[0].value
    assert (
        '<td><a href="http://127.0.0.1:8000/packages/django">django</a></td>'
        "<td>350</td><td>721</td><td>down 51.5 %</td>"
    ) in html
    assert first.title == "Top movers in week 42: django, up 3.0 %"


def test_week_after_a_missing_day_has_no_movers(client: Client) -> None:
    CountedDay.objects.filter(day=SUNDAY - timedelta(days=9)).delete()

    assert titles(client, MOVERS) == []


def test_missing_day_takes_two_weeks_from_the_movers_and_no_other(
    client: Client,
) -> None:
    for week in (1, 2):
        count_week(SUNDAY + timedelta(weeks=week), 110 + week)
    CountedDay.objects.filter(day=SUNDAY + timedelta(days=2)).delete()

    assert titles(client, MOVERS) == ["Top movers in week 42: django, up 3.0 %"]


def test_movers_wait_while_rankings_are_worked_out_anew(client: Client) -> None:
    MirrorList.objects.get(is_default=True).entries.create(installer="poetry")

    response = client.get(MOVERS)

    assert (response.status_code, response["Retry-After"]) == (503, "600")
    assert "ETag" not in response

    recents.bring_up_to_date()

    assert titles(client, MOVERS) == ["Top movers in week 42: django, up 3.0 %"]


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
@pytest.mark.parametrize("name", ["movers", "days"])
def test_feed_is_valid_in_every_format(client: Client, form: str, name: str) -> None:
    Incident.objects.create(
        title="<b>Loss</b> & more",
        first_day=SUNDAY,
        effect="Too <low>.",
        evidence="https://status.example/?a=1&b=2",
    )

    CHECKS[form](client, f"/feeds/{name}.{form}", items=True)


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
@pytest.mark.parametrize("name", ["movers", "days"])
def test_empty_feed_is_valid(client: Client, form: str, name: str) -> None:
    CountedDay.objects.all().delete()

    CHECKS[form](client, f"/feeds/{name}.{form}", items=False)


def test_every_day_is_told_with_what_became_of_it(client: Client) -> None:
    store.mark_missing(SUNDAY + timedelta(days=1))
    count_day(SUNDAY + timedelta(days=2), {"django": {PIP_311: 1}})
    count_day(SUNDAY, {"django": {PIP_311: 90}, "other": {POETRY: 1}})
    Incident.objects.create(title="Loss", first_day=SUNDAY, last_day=SUNDAY)

    entries = read(client, DAYS).entries

    assert [entry.title for entry in entries[:5]] == [
        "2026-10-20: 1 download of 1 package",
        "2026-10-19: not counted",
        "2026-10-18: 91 downloads of 2 packages, within an incident, counted again",
        "Incident: Loss, 2026-10-18",
        "2026-10-17: 104 downloads of 2 packages",
    ]
    assert entries[2].id == "pypistats-site:ledger:day:2026-10-18"
    html = entries[2].content[0].value
    assert "Its downloads, mirrors included: 104 before, 91 since." in html
    assert "Within an incident: Loss." in html


def test_day_on_which_counting_began_is_the_first_told(client: Client) -> None:
    assert titles(client, DAYS)[-1] == "2026-10-05: 101 downloads of 2 packages"


@pytest.mark.usefixtures("_nothing_kept")
@pytest.mark.parametrize("weeks", [0, 1])
@pytest.mark.parametrize(("address", "queries"), [(MOVERS, 2), (DAYS, 2)])
def test_queries_do_not_grow_with_the_items(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    address: str,
    queries: int,
    weeks: int,
) -> None:
    for week in range(weeks):
        count_week(SUNDAY + timedelta(days=7 * (week + 1)), 104)
    client.get(address)

    # The generation, for movers again at the end; the ledger.
    with django_assert_num_queries(queries):
        client.get(address)
