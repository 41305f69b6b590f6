"""What a source of downloads must offer."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ingest.spool import Spool


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days from ``first`` to ``last``, both included; None is open-ended."""

    first: date | None = None
    last: date | None = None

    def __contains__(self, day: date) -> bool:
        begun = self.first is None or self.first <= day
        return begun and (self.last is None or day <= self.last)


class DownloadSource(Protocol):
    """Anything that can count downloads by day, package and client."""

    @property
    def name(self) -> str: ...

    def chunks(self, days: Sequence[date] | None) -> Iterator[DayRange]:
        """Say in which portions the days are best read (None: whatever there is)."""
        ...

    def fill(
        self, spool: Spool, days: DayRange, packages: Collection[str] | None
    ) -> None:
        """Put the cells of ``days`` into ``spool``, or raise ``SourceError``.

        ``packages`` are the normalized names that are wanted (None: all). A source that
        reads everything anyway may put others in as well: the spool leaves them out.
        """
        ...


def whole_range(days: Sequence[date] | None) -> Iterator[DayRange]:
    """All days in one portion: for sources that are read from end to end anyway."""
    yield DayRange(min(days), max(days)) if days else DayRange()
