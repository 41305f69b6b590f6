"""A BigQuery on this machine, and what is counted from it."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine
from pytest_django import Settings

from ingest import runner
from ingest.runner import Order, Outcome
from ingest.sources.bigquery.jobs import Limits
from ingest.sources.bigquery.source import BigQuerySource
from tests.bigquery_server import BigQuery, serving
from tests.ingest.events import Event, write_parquet

DAY = date(2026, 11, 18)
HASTY = Limits(delay=0.001, longest_delay=0.01, retry_seconds=5, page_rows=2)

Count = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 20, 4, tzinfo=UTC)):
        yield


@pytest.fixture
def bigquery(settings: Settings, tmp_path: Path) -> Iterator[BigQuery]:
    with serving(tmp_path / "table.parquet") as service:
        settings.BIGQUERY_EMULATOR_HOST = service.url
        settings.BIGQUERY_PROJECT = "payer"
        write(service, [])
        yield service


def write(service: BigQuery, events: Iterable[Event]) -> None:
    """Put ``events`` into the table."""
    write_parquet(service.events, events)


def count(*days: date, limits: Limits = HASTY) -> Outcome:
    return runner.ingest(BigQuerySource(limits), Order(days=days or [DAY]))
