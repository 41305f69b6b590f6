"""The public ClickHouse with PyPI's downloads, or one of one's own."""

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
from django.conf import settings

from ingest.clickhouse_checks import LACKS, NOT_ALL, is_public, is_table
from ingest.detail import Detail, wanted_detail
from ingest.engine import first_line, quoted, raise_if_short
from ingest.exceptions import SourceError, SpoolError
from ingest.sources.base import DayRange
from ingest.sources.clickhouse_http import Server, TooMuchError, UnavailableError, array
from ingest.sources.clickhouse_sql import (
    CELL_COLUMNS,
    CELLS,
    DAY_COLUMNS,
    DAYS,
    INSERT_CELLS,
    INSERT_FILES,
    IS_WHOLE,
    VERSIONS,
    WANTED,
)
from ingest.spool import Spool

MOST_PACKAGES = 500
"""Packages in one query."""
MOST_DAYS = 14
"""Days in one portion, so that one that fails takes few others with it."""
QUERIES_AN_HOUR = 60
"""What the public user may ask."""

PUBLIC_TIMEOUT = 90  # it ends queries after 60 seconds itself
OWN_TIMEOUT = 3600

# Downloaded on every day for years, and small enough to be counted in passing: a day
# without any of them is a day that the table does not have. The table is sorted by
# project, so the days of all of it would take a scan beyond the public user's limits.
CANARIES = ("tox", "twine", "virtualenv")

PARTS, PARTS_OF_ALL = 4, 256
"""Rows a day, so that none is larger than DuckDB reads at once."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Portion:
    """What one query asks for; ``packages`` None is all of them."""

    first: date
    last: date
    packages: tuple[str, ...] | None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def halves(self) -> tuple["Portion", ...]:
        """Return two smaller portions of the same, or none if it is the smallest."""
        if self.days > 1:
            middle = self.first + timedelta(days=self.days // 2)
            before = replace(self, last=middle - timedelta(days=1))
            return before, replace(self, first=middle)
        if self.packages is None or len(self.packages) < 2:
            return ()
        half = len(self.packages) // 2
        return (
            replace(self, packages=self.packages[:half]),
            replace(self, packages=self.packages[half:]),
        )


class ClickHouseSource:
    """Downloads from the table that ``CLICKHOUSE_URL`` and ``CLICKHOUSE_TABLE`` name.

    A day that the table does not have yet, or not at all, is not covered; a package
    without downloads on a day that it has is one that nobody downloaded.
    """

    name = "clickhouse"

    def __init__(self, url: str, user: str, password: str, table: str) -> None:
        if not is_table(table):
            message = f"CLICKHOUSE_TABLE is {table!r}, which is no table's name."
            raise SourceError(message)
        self._table = table
        self._public = is_public(url)
        timeout = PUBLIC_TIMEOUT if self._public else OWN_TIMEOUT
        self._server = Server(url, user, password, timeout)
        self._unavailable = ""

    def chunks(self, days: Sequence[date] | None) -> Iterator[DayRange]:
        if not days:
            message = "ClickHouse has every day: say which with --date or --since."
            raise SourceError(message)
        everything = settings.INGEST_PACKAGES == "all"
        self._refuse_all(everything=everything)
        logger.info(LACKS)
        return iter(_ranges(days, 1 if everything else MOST_DAYS))

    def fill(
        self, spool: Spool, days: DayRange, packages: Collection[str] | None
    ) -> None:
        if days.first is None or days.last is None:
            message = "ClickHouse has every day: say which."
            raise SourceError(message)
        self._refuse_all(everything=packages is None)
        if self._unavailable:
            raise SourceError(self._unavailable)
        try:
            self._fill(spool, Portion(days.first, days.last, None), packages)
        except UnavailableError as error:
            self._unavailable = str(error)
            raise

    def _fill(
        self, spool: Spool, asked: Portion, packages: Collection[str] | None
    ) -> None:
        held = self._held(spool, replace(asked, packages=self._canaries()))
        if not held:
            return
        for part in _batches(packages):
            portion = Portion(min(held), max(held), part)
            self._take(spool, portion, CELLS, INSERT_CELLS)
            if spool.detail is not Detail.CLIENT:
                self._take(spool, portion, VERSIONS, INSERT_FILES)
        if packages is None:
            _check_all(spool, held)
        spool.db.execute(
            "INSERT INTO covered SELECT unnest(?::DATE[]) ON CONFLICT DO NOTHING",
            [list(held)],
        )

    def estimate(self, days: Sequence[date], packages: Collection[str] | None) -> str:
        """Say how many queries it takes to count ``days``."""
        self._refuse_all(everything=packages is None)
        portions = len(_ranges(days, 1 if packages is None else MOST_DAYS))
        times = 1 if wanted_detail(self.name) is Detail.CLIENT else 2
        queries = portions * (1 + times * len(_batches(packages)))
        what = "all packages" if packages is None else f"{len(packages)} packages"
        sentence = (
            f"About {queries} queries to {self._server.host} for {len(days)} days of"
            f" {what}; none costs anything."
        )
        if self._public:
            sentence += f" The public user may ask {QUERIES_AN_HOUR} an hour."
        if self._public and queries > QUERIES_AN_HOUR:
            sentence += " Ask for fewer days at a time (--since, --until)."
        return f"{sentence} {LACKS}"

    def _refuse_all(self, *, everything: bool) -> None:
        if everything and self._public:
            raise SourceError(NOT_ALL)

    def _canaries(self) -> tuple[str, ...] | None:
        return CANARIES if self._public else None

    def _held(self, spool: Spool, portion: Portion) -> dict[date, int]:
        """Return the days that the table has, with the downloads that say so."""
        self._ask(spool, DAYS, portion, DAY_COLUMNS)
        rows = spool.db.execute(
            "SELECT date, downloads FROM answer WHERE date BETWEEN ? AND ?"
            " AND downloads > 0",
            [portion.first, portion.last],
        ).fetchall()
        held = dict(rows)
        asked = (portion.first + timedelta(days=n) for n in range(portion.days))
        if lacking := [str(day) for day in asked if day not in held]:
            logger.info(
                "%s has nothing of %s: not there yet, or a hole upstream.",
                self._server.host,
                ", ".join(lacking),
            )
        return held

    def _take(self, spool: Spool, portion: Portion, sql: str, insert: str) -> None:
        """Insert what answers ``sql``, in halves if it is too much at once."""
        try:
            self._add(spool, portion, sql, insert)
        except TooMuchError:
            halves = portion.halves()
            if not halves:
                raise
            for half in halves:
                self._take(spool, half, sql, insert)

    def _add(self, spool: Spool, portion: Portion, sql: str, insert: str) -> None:
        parts = PARTS_OF_ALL if portion.packages is None else PARTS
        self._ask(spool, sql, portion, CELL_COLUMNS, parts=str(parts))
        is_whole = spool.value(
            IS_WHOLE,
            {
                "rows": portion.days * parts,
                "parts": parts,
                "first": portion.first,
                "last": portion.last,
            },
        )
        if not is_whole:
            message = (
                f"The answer of {self._server.host} for {portion.first} to"
                f" {portion.last} does not add up: nothing of it was counted."
            )
            raise SourceError(message)
        with _reading(self._server.host):
            spool.db.execute(insert)

    def _ask(
        self,
        spool: Spool,
        sql: str,
        portion: Portion,
        columns: dict[str, str],
        **parameters: str,
    ) -> None:
        """Make ``answer``, the table of what the server answers."""
        parameters |= {"first": str(portion.first), "last": str(portion.last)}
        wanted = ""
        if portion.packages is not None:
            wanted = WANTED
            parameters["projects"] = array(portion.packages)
        path = spool.folder / "answer.ndjson"
        query = sql.format(table=self._table, wanted=wanted)
        self._server.ask(query, parameters, path)
        try:
            with _reading(self._server.host):
                _read(spool.db, path, columns)
        finally:
            path.unlink(missing_ok=True)


@contextmanager
def _reading(host: str) -> Iterator[None]:
    """Tell an answer that is none from a disk or memory that lacks room for it."""
    try:
        yield
    except (duckdb.DataError, duckdb.InvalidInputException) as error:
        message = (
            f"{host} answered with something other than the rows it was asked for:"
            f" {first_line(error)}"
        )
        raise SourceError(message) from error
    except duckdb.Error as error:
        raise_if_short(error)
        message = f"The answer of {host} cannot be spooled: {first_line(error)}"
        raise SpoolError(message) from error


def _read(db: duckdb.DuckDBPyConnection, path: Path, columns: dict[str, str]) -> None:
    kinds = ", ".join(f"{name}: '{kind}'" for name, kind in columns.items())
    db.execute(
        "CREATE OR REPLACE TEMP TABLE answer AS FROM read_json("
        f"'{quoted(path)}', format='newline_delimited', columns={{{kinds}}})"
    )


def _ranges(days: Sequence[date], most: int) -> list[DayRange]:
    """Return ranges of at most ``most`` days that hold all ``days``."""
    ranges: list[DayRange] = []
    for day in sorted(days):
        first = ranges[-1].first if ranges else None
        if first and (day - first).days < most:
            ranges[-1] = DayRange(first, day)
        else:
            ranges.append(DayRange(day, day))
    return ranges


def _batches(packages: Collection[str] | None) -> list[tuple[str, ...] | None]:
    if packages is None:
        return [None]
    names = sorted(packages)
    starts = range(0, len(names), MOST_PACKAGES)
    return [tuple(names[start : start + MOST_PACKAGES]) for start in starts]


def _check_all(spool: Spool, held: dict[date, int]) -> None:
    """Raise ``SourceError`` unless the cells are all that the table's days count."""
    rows = spool.db.execute(
        "SELECT day, sum(downloads)::BIGINT FROM cells GROUP BY day"
    ).fetchall()
    if dict(rows) != held:
        message = (
            "ClickHouse's table changed while it was read: nothing of it was counted."
        )
        raise SourceError(message)
