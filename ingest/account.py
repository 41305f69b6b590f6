"""The runs of a portion's days, on record from before the work to its end."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date

from django.db import Error, connection
from django.utils import timezone

from ingest import interrupts
from ingest.engine import first_line
from ingest.interrupts import Interrupted
from ingest.models import IngestRun
from ingest.spool import Scan, Spool
from packages import store
from packages.exceptions import DownloadsError

logger = logging.getLogger(__name__)

NOT_REACHED = "The ingest ended before it was this day's turn."


class Account:
    """Keeps the runs of one portion, whose process may be killed at any point.

    The runs of ``days`` are written before anything is read, so that they are left
    behind then. A day that nobody named gets its run when its turn comes.
    """

    def __init__(self, source: str, days: Sequence[date]) -> None:
        self._source = source
        self._began = timezone.now()
        self._waiting = {day: self._begin(day) for day in days}

    def scanned(self, day: date, scan: Scan) -> None:
        """Put on record what reading costs, as soon as that is known."""
        run = self._waiting.get(day)
        if run:
            with interrupts.shielded():
                run.scanned(estimated=scan.estimated, billed=scan.billed)

    def open(self, day: date) -> IngestRun:
        """Return the run of a day whose turn has come."""
        return self._waiting.pop(day, None) or self._begin(day)

    def abandon_waiting(self, error: BaseException) -> None:
        """End the runs of days that are not reached any more."""
        reason = str(error) if isinstance(error, Interrupted) else NOT_REACHED
        # Where the database is lost, the next ingest marks what is left running.
        with suppress(Error):
            for run in self._waiting.values():
                run.abandon(reason)

    def _begin(self, day: date) -> IngestRun:
        return IngestRun.begin(day, self._source, started_at=self._began)


@contextmanager
def on_account(source: str, days: Sequence[date], spool: Spool) -> Iterator[Account]:
    """Begin the runs of ``days``, and leave none of them running."""
    with interrupts.shielded():
        account = Account(source, days)
    spool.on_scan = account.scanned
    try:
        interrupts.check()
        yield account
    except BaseException as error:
        with interrupts.shielded():
            account.abandon_waiting(interrupts.cause_of(error))
        raise


def fail(run: IngestRun, error: BaseException) -> None:
    """Put the failure on record; raise the database's error where that is not possible.

    The session is lost then, and the lock with it: no other day may be counted.
    """
    logger.error("%s was not counted: %s", run.day, first_line(error))
    try:
        if isinstance(error, Interrupted):
            run.abandon(str(error))
            return
        run.fail(error)
        if not isinstance(error, DownloadsError):
            store.mark_missing(run.day)
    except Error:
        connection.close()
        raise
