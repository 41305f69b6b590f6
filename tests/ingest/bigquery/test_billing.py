"""Nothing is spent that was not estimated, allowed and put on record."""

import pytest
from django.test import Client
from pytest_django import Settings

from ingest.models import IngestRun
from ingest.sources.bigquery.billing import in_words
from ingest.sources.bigquery.download import Download
from ingest.sources.bigquery.source import BigQuerySource
from tests.bigquery_server import BigQuery
from tests.ingest.bigquery.conftest import DAY, HASTY, count, write
from tests.ingest.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.allow_hosts(["127.0.0.1"])]

READ = 8 + (2 + 6) + (2 + 3) + (2 + 6) + (2 + 5)
"""Bytes of ``Event()`` that are read: time, django, pip, 3.11.9, Linux."""


@pytest.fixture
def table(bigquery: BigQuery) -> BigQuery:
    write(bigquery, [Event()] * 100)
    return bigquery


def runs() -> list[tuple[str, int, int]]:
    rows = IngestRun.objects.values_list("state", "bytes_estimated", "bytes_billed")
    return list(rows)


def test_run_records_what_was_estimated_and_billed(table: BigQuery) -> None:
    count()

    assert runs() == [("succeeded", 100 * READ, 100 * READ)]


def test_failed_run_records_what_was_billed(table: BigQuery) -> None:
    table.tamper = lambda page: page | {"totalRows": "7"}

    count()

    assert runs() == [("failed", 100 * READ, 100 * READ)]


def test_bill_is_on_record_before_the_answer_is_downloaded(
    table: BigQuery, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int, int]] = []
    monkeypatch.setattr(Download, "run", lambda *args: seen.extend(runs()))

    count()

    assert seen == [("running", 100 * READ, 100 * READ)]


def test_estimate_is_asked_for_first_and_costs_nothing(table: BigQuery) -> None:
    count()

    dry, real = (body["configuration"] for body in table.inserted)
    assert (dry["dryRun"], real.get("dryRun")) == (True, None)
    assert dry["query"]["query"] == real["query"]["query"]
    assert real["query"]["maximumBytesBilled"] == "400000000000"
    assert dry["labels"] == {
        "app": "pypistats",
        "day": "2026-11-18",
        "purpose": "estimate",
    }
    assert real["labels"] == dry["labels"] | {"purpose": "count"}


def test_too_dear_a_day_stops_before_anything_is_spent(
    table: BigQuery, settings: Settings
) -> None:
    settings.BIGQUERY_MAX_BYTES = 100 * READ - 1
    settings.BIGQUERY_PRICE_PER_TIB = 1e9

    outcome = count()

    assert outcome.failed[DAY] == (
        "Counting 2026-11-18 would read 0.0 GB ($3.27), and BIGQUERY_MAX_BYTES allows"
        " 0.0 GB ($3.27): nothing was spent. Set BIGQUERY_MAX_BYTES to 3600 or more,"
        " or fewer columns (INGEST_DETAIL, INGEST_COUNT_BY)."
    )
    assert (table.jobs, runs()) == ({}, [("failed", 3600, 0)])


def test_limit_holds_where_the_estimate_was_too_low(
    table: BigQuery, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BIGQUERY_MAX_BYTES = 1000
    monkeypatch.setattr(
        "ingest.sources.bigquery.source.check_budget", lambda *args: None
    )

    outcome = count()

    assert "(bytesBilledLimitExceeded): Query exceeded limit" in outcome.failed[DAY]
    assert "nothing was spent. Raise it." in outcome.failed[DAY]
    assert runs() == [("failed", 3600, 0)]


def test_estimate_of_a_range_is_a_sentence_and_counts_nothing(
    table: BigQuery, settings: Settings
) -> None:
    settings.BIGQUERY_PRICE_PER_TIB = 1e9

    sentence = BigQuerySource(HASTY).estimate([DAY, DAY.replace(day=19)], None)

    assert sentence == (
        "BigQuery would read 0.0 GB ($3.27) for 2 days at $1,000,000,000.00 per TiB,"
        " for the dearest day 0.0 GB ($3.27); BIGQUERY_MAX_BYTES allows 400.0 GB"
        " ($363,797,880.71) a day."
    )
    assert (table.jobs, runs()) == ({}, [])


@pytest.mark.parametrize(
    ("count_by", "columns"),
    [
        ("", {"file.version"}),
        ("client", set()),
        ("file", {"file.version", "file.filename"}),
    ],
)
def test_estimate_reads_the_columns_of_files_that_an_ingest_reads(
    table: BigQuery, settings: Settings, count_by: str, columns: set[str]
) -> None:
    settings.INGEST_PACKAGES, settings.INGEST_COUNT_BY = "tracked", count_by

    BigQuerySource(HASTY).estimate([DAY], ["flask"])

    (read,) = table.read
    assert {name for name in read if name.startswith("file.")} == columns


def test_estimate_of_tracked_packages_is_an_upper_bound(table: BigQuery) -> None:
    sentence = BigQuerySource(HASTY).estimate([DAY], ["flask"])

    assert sentence.startswith("BigQuery would read at most 0.0 GB ($0.00) for 1 day ")


def test_bytes_in_words() -> None:
    assert in_words(234_000_000_000) == "234.0 GB ($1.33)"
    assert in_words(1_234_500_000_000) == "1,234.5 GB ($7.02)"


def test_admin_shows_what_a_run_cost(admin_client: Client) -> None:
    run = IngestRun.begin(DAY, "bigquery")
    run.scanned(estimated=234_000_000_000, billed=2_000_000_000)
    IngestRun.begin(DAY, "files")

    page = admin_client.get("/admin/ingest/ingestrun/").content.decode()

    assert '<td class="field-estimated">234.0 GB ($1.33)</td>' in page
    assert '<td class="field-billed">2.0 GB ($0.01)</td>' in page
    assert '<td class="field-billed">-</td>' in page
