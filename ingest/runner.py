"""One run of ingest, start to end: from a source to counted days."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date

from ingest import interrupts
from ingest.account import Account, fail, on_account
from ingest.detail import wanted_detail
from ingest.exceptions import IngestError, NotYetError
from ingest.lock import only_ingest
from ingest.models import IngestRun
from ingest.packing import pack
from ingest.plausibility import Trust, examine
from ingest.sources.base import DayRange, DownloadSource
from ingest.spool import Spool, remove_leftovers
from ingest.wanted import asked_for, days_of, wanted_on, wanted_packages
from packages import recents, store
from packages.events.detect import detect_pending
from packages.exceptions import DownloadsError
from packages.models import CountedDay

logger = logging.getLogger(__name__)

EXPECTED = (IngestError, DownloadsError)
"""Errors that concern one day or portion; any other ends the whole ingest."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be counted, and how."""

    days: Sequence[date] | None = None
    """None: every day that the source holds."""
    force: bool = False
    """Whether implausibly small days count."""
    by_hand: bool = True
    """Whether somebody ordered it, rather than the daily task."""
    on_day: Callable[[CountedDay], object] = lambda _: None
    """Called for each day once it is counted."""
    on_phase: Callable[[str], object] = lambda _: None
    """Called with what is done next: reading, packing or storing."""

    @property
    def trust(self) -> Trust:
        """How far its days are believed: those that somebody named are a bit more."""
        asked_for = self.by_hand and self.days is not None
        return Trust(force=self.force, asked_for=asked_for)


@dataclass
class Outcome:
    """What an ingest did, for whoever started it."""

    counted: list[CountedDay] = field(default_factory=list)
    failed: dict[date | None, str] = field(default_factory=dict)
    not_yet: set[date | None] = field(default_factory=set)
    """Those of ``failed`` that the source does not have, or not yet."""
    skipped: dict[str, int] = field(default_factory=dict)
    """Reason -> rows or lines that were not counted."""

    def fail(self, day: date | None, error: BaseException) -> None:
        self.failed[day] = str(error)
        if isinstance(error, NotYetError):
            self.not_yet.add(day)

    def skip(self, reasons: dict[str, int]) -> None:
        for reason, number in reasons.items():
            self.skipped[reason] = self.skipped.get(reason, 0) + number


def ingest(source: DownloadSource, order: Order) -> Outcome:
    """Count the days of ``order``; keep an account of each.

    A day that fails stays as it was, is named in the outcome, and does not keep the
    others from being counted. Raise ``AnotherIngestError`` while another ingest runs.
    """
    outcome = Outcome()
    with only_ingest():
        IngestRun.abandon_running()
        remove_leftovers()
        for chunk in source.chunks(order.days):
            _ingest_chunk(source, chunk, order, outcome)
        recents.bring_up_to_date()
        _look_for_events()
    return outcome


def _ingest_chunk(
    source: DownloadSource, chunk: DayRange, order: Order, outcome: Outcome
) -> None:
    named = asked_for(chunk, order.days)
    detail = wanted_detail(source.name)
    with Spool(detail) as spool, on_account(source.name, named, spool) as account:
        order.on_phase("reading")
        try:
            source.fill(spool, chunk, wanted_packages(chunk))
            interrupts.check()
        except BaseException as error:
            _fail_all(account, named, interrupts.cause_of(error), outcome)
            interrupts.check()
            if isinstance(error, EXPECTED):
                return
            raise
        for day in days_of(spool, source, chunk, order.days):
            with interrupts.shielded():
                run = account.open(day)
            try:
                counted = ingest_day(run, spool, order)
            except EXPECTED as error:
                outcome.fail(day, error)
            else:
                outcome.counted.append(counted)
                _look_for_events()
                order.on_day(counted)
            interrupts.check()
        outcome.skip(spool.skipped)


def _look_for_events() -> None:
    """Find events of what is counted; the counts hold, whatever becomes of that."""
    try:
        detect_pending(interrupts.check)
    except Exception:
        logger.exception("Looking for events failed; the next ingest does it again")
        interrupts.check()


def ingest_day(run: IngestRun, spool: Spool, order: Order) -> CountedDay:
    """Replace the day of ``run`` by what ``spool`` holds of it.

    A failed run leaves the day's earlier numbers untouched and re-raises the error.
    """
    day, source = run.day, run.source
    try:
        interrupts.check()
        before = store.check_day(day, source)
        order.on_phase("packing")
        wanted = wanted_on(day, force=order.force)
        packed = pack(spool, day, wanted)
        found = replace(
            examine(packed, source, before, order.trust, wanted),
            read_on=run.started_at.astimezone(UTC).date(),
        )
        order.on_phase("storing")
        # What is committed is put on record, be it that a signal came too late.
        with interrupts.shielded():
            with interrupts.cutting():
                counted = store.replace_day(packed, source, found)
            run.succeed(
                packages=packed.packages,
                downloads=packed.downloads,
                skipped=spool.skipped_on(day),
            )
    except BaseException as error:
        fail(run, interrupts.cause_of(error))
        interrupts.check()
        raise
    logger.info("Counted %s: %s downloads from %s", day, packed.downloads, source)
    return counted


def _fail_all(
    account: Account, days: Sequence[date], error: BaseException, outcome: Outcome
) -> None:
    for day in days:
        fail(account.open(day), error)
        outcome.fail(day, error)
    if not days:
        outcome.fail(None, error)
