"""The access log of one's own package index."""

from collections.abc import Iterator, Sequence
from datetime import date

from ingest.exceptions import SourceError
from ingest.sources.base import DayRange, whole_range
from ingest.spool import Spool

LOG_FORMATS = ("combined", "nginx", "apache", "json")


class AccessLogSource:
    """Downloads from the access log of one's own index, by a path or a glob."""

    name = "access_log"

    def __init__(self, pattern: str, log_format: str = "combined") -> None:
        if log_format not in LOG_FORMATS:
            known = ", ".join(LOG_FORMATS)
            message = f"There is no log format {log_format!r}; there are: {known}."
            raise SourceError(message)
        self._pattern = pattern
        self._format = log_format

    def chunks(self, days: Sequence[date] | None) -> Iterator[DayRange]:
        return whole_range(days)

    def fill(self, spool: Spool, days: DayRange) -> None:
        raise NotImplementedError
