"""What the queue calls: short functions that take plain values."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

from ingest import daily
from ingest.exceptions import AnotherIngestError, IngestError
from ingest.models import WorkerHeartbeat
from ingest.runner import Order, Outcome, ingest
from ingest.sources import configured_source
from packages import dump

PUT_OFF = timedelta(minutes=5)
MOST_PUT_OFFS = timedelta(days=1) // PUT_OFF
"""Until the next daily task is due."""


def ingest_daily() -> str:
    """Count what is missing, read the last days again, trim; the dump comes after."""
    return _daily(daily.ingest_missing, put_off=0)


def catch_up() -> str:
    """Make up for a daily task that was killed, or due while nobody was there."""
    return make_up() if daily.is_overdue() else "nothing is overdue"


def make_up(put_off: int = 0) -> str:
    """Do what another ingest, or a death, has left of the daily task."""
    return _daily(daily.make_up, put_off)


def _daily(count: Callable[[], Outcome], put_off: int) -> str:
    """Count, or leave it to ``make_up`` while another ingest runs."""
    try:
        outcome = count()
    except AnotherIngestError:
        if put_off >= MOST_PUT_OFFS:
            raise
        return _put_off("ingest.tasks.make_up", put_off + 1)
    async_task("ingest.tasks.write_dump")
    _raise_failures(outcome.failed)
    return f"{len(outcome.counted)} days counted"


def count_again(*days: str) -> str:
    """Count ISO days again from the configured source.

    While another ingest runs the task puts itself off, rather than keep a worker
    waiting.
    """
    order = Order(days=[date.fromisoformat(day) for day in days])
    try:
        outcome = ingest(configured_source(), order)
    except AnotherIngestError:
        return _put_off("ingest.tasks.count_again", *days)
    _raise_failures(outcome.failed)
    return f"{len(outcome.counted)} days counted again"


def refresh_recents() -> str:
    """Recompute recents and rankings after a change of the default mirror list."""
    try:
        daily.refresh_recents()
    except AnotherIngestError:
        return _put_off("ingest.tasks.refresh_recents")
    return "recents hold for the default list"


def write_dump() -> str:
    """Write the dump, unless the numbers are those of the one there is."""
    written = dump.write()
    return f"the dump has {written.packages} packages through {written.data_through}"


def beat() -> None:
    """Show that the worker is alive."""
    WorkerHeartbeat.beat()


def _put_off(task: str, *arguments: str | int) -> str:
    """Let the queue run ``task`` once more, later, unless that is planned already."""
    if Schedule.objects.filter(func=task, args=_written(arguments)).exists():
        return "is put off already: another ingest runs"
    Schedule.objects.create(
        func=task,
        args=_written(arguments),
        schedule_type=Schedule.ONCE,
        next_run=timezone.now() + PUT_OFF,
        repeats=-1,  # a schedule of type ONCE is deleted after its run then
    )
    return f"put off by {PUT_OFF}: another ingest runs"


def _written(arguments: Sequence[str | int]) -> str:
    return ", ".join(map(repr, arguments))


def _raise_failures(failed: dict[date | None, str]) -> None:
    if failed:
        raise IngestError(" ".join(failed.values()))
