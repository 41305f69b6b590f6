"""Made-up downloads, for a service that has no source yet."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

from django.conf import settings

from ingest import sample
from ingest.exceptions import SourceError
from ingest.sources.base import DayRange
from ingest.sources.files import FilesSource
from ingest.spool import Spool
from packages.models.ledger import SAMPLE_SOURCE

PACKAGES = 200
SEED = 1


class SampleSource:
    """Writes a day's event file under ``VAR_DIR`` and counts it like any other."""

    name = SAMPLE_SOURCE

    def chunks(self, days: Sequence[date] | None) -> Iterator[DayRange]:
        if days is None:
            message = "The sample has every day: say which with --date or --since."
            raise SourceError(message)
        for day in days:
            yield DayRange(day, day)

    def estimate(self, days: Sequence[date], packages: Collection[str] | None) -> str:
        return f"{len(days)} days of {PACKAGES} packages would be made up, for nothing."

    def fill(
        self, spool: Spool, days: DayRange, packages: Collection[str] | None
    ) -> None:
        if days.first is None or days.last is None:
            message = "The sample has every day: say which."
            raise SourceError(message)
        span = (days.last - days.first).days + 1
        for day in (days.first + timedelta(days=offset) for offset in range(span)):
            path = settings.VAR_DIR / "sample" / f"{day}.parquet"
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                sample.write_day(path, day, PACKAGES, SEED)
            FilesSource(str(path)).fill(spool, DayRange(day, day), packages)
