"""What the queue calls: short functions that take plain values."""

from datetime import date, timedelta

from django.utils import timezone
from django_q.models import Schedule

from ingest import daily
from ingest.daily import ingest_missing, is_overdue
from ingest.exceptions import AnotherIngestError, IngestError
from ingest.models import WorkerHeartbeat
from ingest.runner import Order, ingest
from ingest.sources import configured_source

PUT_OFF = timedelta(minutes=5)


def ingest_daily() -> str:
    """Count what is missing, read the last days again, trim."""
    outcome = ingest_missing()
    _raise_failures(outcome.failed)
    return f"{len(outcome.counted)} days counted"


def catch_up() -> str:
    """Make up for a daily task that was killed, or due while nobody was there."""
    return ingest_daily() if is_overdue() else "nothing is overdue"


def count_again(*days: str) -> str:
    """Count ISO days again from the configured source.

    While another ingest runs the task puts itself off, rather than keep a worker
    waiting.
    """
    order = Order(days=[date.fromisoformat(day) for day in days])
    try:
        outcome = ingest(configured_source(), order)
    except AnotherIngestError:
        _put_off("ingest.tasks.count_again", *days)
        return f"put off by {PUT_OFF}: another ingest runs"
    _raise_failures(outcome.failed)
    return f"{len(outcome.counted)} days counted again"


def refresh_recents() -> str:
    """Recompute recents and rankings after a change of the default mirror list."""
    try:
        daily.refresh_recents()
    except AnotherIngestError:
        _put_off("ingest.tasks.refresh_recents")
        return f"put off by {PUT_OFF}: another ingest runs"
    return "recents hold for the default list"


def beat() -> None:
    """Show that the worker is alive."""
    WorkerHeartbeat.beat()


def _put_off(task: str, *days: str) -> None:
    """Let the queue run ``task`` once more, later."""
    Schedule.objects.create(
        func=task,
        args=", ".join(map(repr, days)),
        schedule_type=Schedule.ONCE,
        next_run=timezone.now() + PUT_OFF,
        repeats=-1,  # a schedule of type ONCE is deleted after its run then
    )


def _raise_failures(failed: dict[date | None, str]) -> None:
    if failed:
        raise IngestError(" ".join(failed.values()))
