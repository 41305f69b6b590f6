"""What the queue calls: short functions that take plain values."""

from datetime import date

from ingest.exceptions import IngestError
from ingest.models import WorkerHeartbeat
from ingest.runner import Order, ingest, ingest_missing
from ingest.sources import configured_source


def ingest_daily() -> str:
    """Count what is missing, read the last days again, trim."""
    outcome = ingest_missing()
    _raise_failures(outcome.failed)
    return f"{len(outcome.counted)} days counted"


def count_again(day: str) -> str:
    """Count one ISO day again from the configured source."""
    outcome = ingest(configured_source(), Order(days=[date.fromisoformat(day)]))
    _raise_failures(outcome.failed)
    return f"{day} counted again"


def beat() -> None:
    """Show that the worker is alive."""
    WorkerHeartbeat.beat()


def _raise_failures(failed: dict[date | None, str]) -> None:
    if failed:
        raise IngestError(" ".join(failed.values()))
