"""Stand-ins at the seams of the product."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from ingest.exceptions import SourceError
from ingest.sources.base import DayRange
from ingest.spool import Spool


class ListSource:
    """A source whose downloads are given: day -> package -> downloads by pip."""

    name = "list"

    def __init__(self, days: dict[date, dict[str, int]]) -> None:
        self.days = days
        self.asked: list[DayRange] = []
        self.asked_packages: list[Collection[str] | None] = []

    def chunks(self, days: Sequence[date] | None) -> Iterator[DayRange]:
        for day in days if days is not None else self.days:
            yield DayRange(day, day)

    def fill(
        self, spool: Spool, days: DayRange, packages: Collection[str] | None
    ) -> None:
        self.asked.append(days)
        self.asked_packages.append(packages)
        for day, packages in self.days.items():
            if day in days:
                spool.db.execute("INSERT INTO covered VALUES (?)", [day])
                for package, downloads in packages.items():
                    spool.db.execute(
                        "INSERT INTO cells"
                        " VALUES (?, ?, 'pip', '3.11', 'Linux', NULL, ?)",
                        [day, package, downloads],
                    )


class BrokenSource(ListSource):
    """A source that fails once it has begun."""

    def fill(
        self, spool: Spool, days: DayRange, packages: Collection[str] | None
    ) -> None:
        super().fill(spool, days, packages)
        message = "The source broke in the middle."
        raise SourceError(message)
