"""What the queue has counted day by day, whether or not yesterday's run took place."""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from ingest.failures import MOST_TRIES, FailingDay, unexplained_days
from ingest.holes import days_to_count, last_due, overdue_day
from ingest.lock import only_ingest
from ingest.models import IngestRun
from ingest.runner import Order, Outcome, ingest
from ingest.sources import configured_source
from ingest.sources.base import DownloadSource
from packages import recents, upkeep
from packages.models import CountedDay

logger = logging.getLogger(__name__)


def ingest_missing() -> Outcome:
    """Read the last days again, fill the newest holes, trim.

    What the daily task does: it asks the ledger what is missing, never the clock what
    is due, so a run that did not take place is made up for by the next.
    """
    source = configured_source()
    return _count(source, days_to_count(source.name))


def make_up() -> Outcome:
    """Do what is left of the daily task that was due last.

    Days that were read since then are not read again, and not paid for again; but the
    overdue day is, as long as it may be tried.
    """
    source = configured_source()
    runs = IngestRun.objects.filter(started_at__gte=last_due())
    tried = set(runs.values_list("day", flat=True))
    overdue = overdue_day() if is_overdue() else None
    return _count(source, days_to_count(source.name, tried - {overdue}))


def _count(source: DownloadSource, days: Sequence[date]) -> Outcome:
    missing = set(CountedDay.objects.missing().values_list("day", flat=True))
    outcome = ingest(source, Order(days, by_hand=False))
    upkeep.trim()
    upkeep.settle_months()
    failing = {failing.day: failing for failing in unexplained_days(source.name)}
    for failing_day in failing.values():
        logger.warning("%s", failing_day.report())
    _forgive(outcome, missing, failing)
    return outcome


def _forgive(
    outcome: Outcome, missing: Collection[date], failing: Mapping[date, FailingDay]
) -> None:
    """Leave out of the failures what changes nothing.

    That is days that keep the numbers they had, and holes known before that the source
    still does not have, or that an incident accounts for.
    """
    for day, error in list(outcome.failed.items()):
        if day and CountedDay.objects.complete().filter(day=day).exists():
            logger.info("%s was not read again: %s", day, error)
            del outcome.failed[day]
        elif day and day in missing and not (day in failing and failing[day].is_odd):
            del outcome.failed[day]


def refresh_recents() -> None:
    """Recompute recents where needed; an ingest that is running does so at its end."""
    with only_ingest():
        recents.bring_up_to_date()


def is_overdue() -> bool:
    """Say whether the daily task should have counted a day by now, and has not.

    A day that was tried often enough is left to the next daily task: what kills the
    worker each time must not go on for ever. So is a ledger without any day.
    """
    day = overdue_day()
    if day is None:
        return False
    since = datetime.now(UTC) - timedelta(days=1)
    tried = IngestRun.objects.filter(day=day, started_at__gte=since)
    return tried.count() < MOST_TRIES
