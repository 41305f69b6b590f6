"""What an ingest would do, found out without changing anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest import interrupts
from ingest.exceptions import SourceError
from ingest.packing import Figures, measure
from ingest.plausibility import examine
from ingest.runner import EXPECTED, Order, Outcome
from ingest.sources.base import DayRange, DownloadSource, Estimating
from ingest.spool import Spool
from ingest.wanted import days_of, wanted_on, wanted_packages
from packages import store
from packages.models import CountedDay
from packages.packed_day import PackedDay


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a day would become, beside what is stored of it."""

    day: date
    figures: Figures
    before: CountedDay | None

    def __str__(self) -> str:
        now = self.figures
        text = (
            f"{self.day}: {now.downloads:,} downloads of {now.packages:,} packages in"
            f" {now.cells:,} cells"
        )
        if self.before is None or self.before.counted_at is None:
            return f"{text}; nothing is stored of it."
        change = now.downloads - self.before.downloads
        return f"{text}; {self.before.downloads:,} downloads are stored ({change:+,})."


def estimate(source: Estimating, days: Sequence[date] | None) -> str:
    """Return what ``source`` says of the cost."""
    if days is None:
        message = "Say which days would be counted, with --date or --since."
        raise SourceError(message)
    return source.estimate(days, wanted_packages(DayRange(min(days), max(days))))


def forecast(source: DownloadSource, order: Order) -> tuple[Outcome, list[Forecast]]:
    """Read and aggregate like an ingest, and say what each day would become.

    What an ingest would refuse is in the outcome, like what it would skip.
    """
    outcome = Outcome()
    return outcome, list(_forecasts(source, order, outcome))


def _forecasts(
    source: DownloadSource, order: Order, outcome: Outcome
) -> Iterator[Forecast]:
    for chunk in source.chunks(order.days):
        with Spool() as spool:
            order.on_phase("reading")
            try:
                source.fill(spool, chunk, wanted_packages(chunk))
            except EXPECTED as error:
                outcome.fail(chunk.first, error)
                continue
            finally:
                interrupts.check()
            for day in days_of(spool, source, chunk, order.days):
                try:
                    yield _forecast(day, source.name, spool, order)
                except EXPECTED as error:
                    outcome.fail(day, error)
            outcome.skip(spool.skipped)


def _forecast(day: date, source: str, spool: Spool, order: Order) -> Forecast:
    before = store.check_day(day, source)
    wanted = wanted_on(day, force=order.force)
    figures = measure(spool, day, wanted)
    packed = PackedDay(
        day, Path(), figures.downloads, figures.packages, {}, [], people_rule=""
    )
    examine(packed, source, before, order.trust, wanted)
    return Forecast(day, figures, before)
