"""The ledger as a page, for people."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from ingest import runner
from ingest.exceptions import SourceError
from ingest.models import IngestRun
from ingest.runner import Order
from packages.models import CountedDay, Incident
from tests.factories import MIRROR, PIP_311, count_day
from tests.fakes import BrokenSource, ListSource
from tests.packages.test_views import page_of, text_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def _now(settings: Settings) -> Iterator[None]:
    settings.INGEST_SOURCE = "files"
    with time_machine.travel(datetime(2026, 11, 20, 4, tzinfo=UTC), tick=False):
        yield


def ago(days: int) -> date:
    return YESTERDAY - timedelta(days=days)


def ingest(day: date, downloads: int = 5) -> None:
    source = ListSource({day: {"django": downloads}})
    source.name = "files"
    runner.ingest(source, Order(days=[day]))


def test_new_service_says_that_no_day_is_counted(client: Client) -> None:
    text = text_of(client.get("/status"))

    assert "No day has been counted yet." in text
    assert "2024-06-15 to 2024-06-21" in text
    assert "CC BY 4.0" in text


def test_calendar_tells_days_by_their_state(client: Client) -> None:
    ingest(ago(2))
    ingest(ago(0))
    ingest(TODAY)

    page = page_of(client.get("/status"))

    assert 'look-complete"\n          title="2026-11-17: complete, 5 downloads"' in page
    assert 'title="2026-11-18: missing"' in page
    assert 'title="2026-11-20: counted before it was over, 5 downloads"' in page
    assert 'title="2026-11-16: before the first counted day"' in page
    text = text_of(client.get("/status"))
    assert "complete (2) counted before it was over (1) missing (1)" in text
    assert "before the first counted day (177)" in text


def test_failing_day_shows_its_reason_and_next_try_and_no_secret(
    client: Client,
) -> None:
    ingest(ago(0))
    error = SourceError("/srv/secret/log.gz cannot be read.")
    IngestRun.begin(ago(9), "files").fail(error)

    text = text_of(client.get("/status"))

    row = "2026-11-10 The source could not be read. 2026-11-20 2026-11-21"
    assert row in text
    assert "2026-11-10 was not counted. The source could not be read." in text
    assert "secret" not in text


def test_late_day_is_told(client: Client) -> None:
    ingest(ago(1))

    text = text_of(client.get("/status"))

    assert "19 November 2026 should have been counted by now" in text


def test_revisions_and_flags_are_told(client: Client) -> None:
    for week in range(4, 0, -1):
        ingest(YESTERDAY - timedelta(weeks=week), 10_000)
    ingest(YESTERDAY, 20_000)
    ingest(ago(7), 9000)
    ingest(ago(6), 6)

    text = text_of(client.get("/status"))

    assert "2026-11-12 complete 9,000 Revised on 2026-11-20: 10,000 before" in text
    assert "2026-11-19 complete 20,000 Checked: at least a tenth" in text
    assert "rows may be doubled upstream" in text
    assert "2026-11-13 complete" not in text


def test_incident_is_marked_and_listed(client: Client) -> None:
    Incident.objects.create(
        title="Rows <b>lost</b>", first_day=YESTERDAY, evidence="https://a.example/"
    )
    ingest(YESTERDAY)

    page = page_of(client.get("/status"))

    assert 'title="2026-11-19: counted, within an incident, 5 downloads"' in page
    assert "Rows &lt;b&gt;lost&lt;/b&gt;" in page
    assert '<a href="https://a.example/" rel="nofollow noopener">' in page
    assert "2026-11-19 to now" in text_of(client.get("/status"))


def test_last_run_that_failed_is_told_even_without_a_counted_day(
    client: Client,
) -> None:
    runner.ingest(BrokenSource({YESTERDAY: {}}), Order(days=[YESTERDAY]))

    text = text_of(client.get("/status"))

    assert "2026-11-19 was not counted. The source could not be read." in text
    assert "missing (1)" in text


@pytest.mark.parametrize("counted", [1, 3])
def test_queries_do_not_grow_with_the_days(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, counted: int
) -> None:
    for age in range(counted):
        ingest(ago(age))
        ingest(ago(age), 6)
        IngestRun.begin(ago(9 + age), "files").fail(SourceError("Broken."))

    with django_assert_num_queries(16):
        client.get("/status")


def test_downloads_are_those_of_the_list_that_is_asked_for(client: Client) -> None:
    for age in (1, 0):
        count_day(ago(age), {"django": {PIP_311: 2000, MIRROR: 30}})
    CountedDay.objects.filter(day=ago(1)).update(checks=["forced"])

    def shown(query: str) -> tuple[bool, bool]:
        page = page_of(client.get(f"/status{query}"))
        notable = "2026-11-18 complete 2,0{} Checked"
        text = text_of(client.get(f"/status{query}"))
        return (
            "2026-11-19: complete, 2,030 downloads" in page
            and notable.format("30") in text,
            "2026-11-19: complete, 2,000 downloads" in page
            and notable.format("00") in text,
        )

    assert shown("") == (True, False)
    assert shown("?list=pypistats") == (False, True)
    assert shown("?list=everything") == (True, False)
    assert client.get("/status?list=nobodys").status_code == 400


def test_page_is_only_read(client: Client) -> None:
    assert client.post("/status").status_code == 405
