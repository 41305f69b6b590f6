"""From a day's cells to what the store takes: one packed row per package.

Everything that grows with the number of downloads or packages happens in DuckDB, on
numbers: names and details are looked up once, when ``kept`` is made. Python sees the
distinct clients only, a few thousand.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

from ingest import interrupts
from ingest.engine import first_line, quoted, raise_if_short
from ingest.exceptions import DayNotCoveredError, SpoolError
from ingest.file_packing import pack_files
from ingest.spool import Spool
from packages import clients, recents
from packages.cells import SQL_PACK_DAY
from packages.clients import ClientKey
from packages.names import SQL_IS_VALID, SQL_NORMALIZED
from packages.packed_day import PackedDay

LARGEST = 100

# Every spelling among the day's names, and its normalized form; NULL for no name.
_NAMES = f"""
CREATE OR REPLACE TEMP TABLE names AS
SELECT package, CASE WHEN {SQL_IS_VALID.format(name="package")}
    THEN {SQL_NORMALIZED.format(name="package")} END AS normalized
FROM (SELECT DISTINCT package FROM cells WHERE day = ?)
"""
_INVALID = """
SELECT sum(downloads) FROM cells
WHERE day = ? AND package IN (SELECT package FROM names WHERE normalized IS NULL)
"""
_PACKAGES = """
CREATE OR REPLACE TEMP TABLE packages AS
SELECT row_number() OVER (ORDER BY normalized)::INTEGER AS number, normalized
FROM (SELECT DISTINCT normalized FROM names WHERE normalized IS NOT NULL)
"""
_DETAILS = """
CREATE OR REPLACE TEMP TABLE details AS
SELECT row_number() OVER ()::INTEGER AS detail, * FROM (
    SELECT DISTINCT installer, python, system, coalesce(ci, false) AS ci
    FROM cells WHERE day = ?)
"""
_KEPT = """
CREATE OR REPLACE TEMP TABLE kept AS
SELECT number AS package, detail, downloads
FROM cells
JOIN (SELECT package, number FROM names JOIN packages USING (normalized)) AS spelled
    ON spelled.package = cells.package
JOIN details ON cells.installer IS NOT DISTINCT FROM details.installer
    AND cells.python IS NOT DISTINCT FROM details.python
    AND cells.system IS NOT DISTINCT FROM details.system
    AND coalesce(cells.ci, false) = details.ci
WHERE day = ?
"""
_MOST_ACTIVE_FIRST = """
SELECT detail, installer, python, system, ci
FROM (SELECT detail, sum(downloads) AS downloads FROM kept GROUP BY detail)
JOIN details USING (detail)
ORDER BY downloads DESC, installer, python, system, ci
"""
_NUMBERED = """
CREATE OR REPLACE TEMP TABLE numbered AS
SELECT unnest(?::INTEGER[]) AS detail, unnest(?::INTEGER[]) AS client,
    unnest(?::BOOLEAN[]) AS is_person
"""
_COUNTED = """
CREATE OR REPLACE TEMP TABLE counted AS
SELECT package, client, is_person, sum(downloads)::BIGINT AS downloads
FROM kept JOIN numbered USING (detail) GROUP BY ALL
"""
_PACKED = """
CREATE OR REPLACE TEMP TABLE packed AS
SELECT package AS number, sum(downloads)::BIGINT AS downloads,
    coalesce(sum(downloads) FILTER (is_person), 0)::BIGINT AS people, {line} AS packed
FROM counted GROUP BY package
"""
_COPY = """
COPY (SELECT normalized, downloads, people, packed
    FROM packed JOIN packages USING (number) ORDER BY number)
TO '{path}' (FORMAT csv, HEADER false)
"""
_LARGEST = """
SELECT normalized, downloads FROM packed JOIN packages USING (number)
ORDER BY downloads DESC, number LIMIT ?
"""


class Figures(NamedTuple):
    """What a day amounts to."""

    downloads: int
    packages: int
    cells: int


def pack(spool: Spool, day: date, tracked: Collection[str] | None = None) -> PackedDay:
    """Pack one day; ``tracked`` limits it to those packages (None: all).

    Raise ``DayNotCoveredError`` when the source knew nothing of the day.
    """
    with _working_on(spool, day):
        _keep(spool, day, tracked)
        people_rule = _number_clients(spool, day)
        return _write(spool, day, people_rule)


def measure(spool: Spool, day: date, tracked: Collection[str] | None = None) -> Figures:
    """Say what ``pack`` would pack, without registering any client."""
    with _working_on(spool, day):
        _keep(spool, day, tracked)
        row = spool.db.execute(
            "SELECT coalesce(sum(downloads), 0)::BIGINT, count(DISTINCT package),"
            " count(DISTINCT (package, detail)) FROM kept"
        ).fetchall()[0]
    return Figures(*row)


@contextmanager
def _working_on(spool: Spool, day: date) -> Iterator[None]:
    if day not in spool.days():
        raise DayNotCoveredError(day)
    try:
        yield
    except duckdb.Error as error:
        raise_if_short(error)
        message = f"{day} cannot be spooled: {first_line(error)}"
        raise SpoolError(message) from error


def _keep(spool: Spool, day: date, tracked: Collection[str] | None) -> None:
    """Make ``kept``: the day's cells of valid packages, in numbers."""
    spool.db.execute(_NAMES, [day])
    invalid = spool.value(_INVALID, [day])
    spool.skip("with a name no package can have", int(invalid or 0), day)
    if tracked is not None:
        spool.db.execute(
            "DELETE FROM names WHERE normalized NOT IN (SELECT unnest(?::VARCHAR[]))",
            [list(tracked)],
        )
    spool.db.execute(_PACKAGES)
    spool.db.execute(_DETAILS, [day])
    spool.db.execute(_KEPT, [day])


def _number_clients(spool: Spool, day: date) -> str:
    """Give every client of the day its id, the most active first.

    Also tell people from mirrors, and return the key of the rule that does.
    """
    rows = spool.db.execute(_MOST_ACTIVE_FIRST).fetchall()
    keys = [ClientKey(*key) for _, *key in rows]
    with interrupts.shielded():
        ids = clients.register(keys)
        people_rule, people = recents.people_on(day)
    numbers = [ids[key] for key in keys]
    spool.db.execute(
        _NUMBERED,
        [[row[0] for row in rows], numbers, [number in people for number in numbers]],
    )
    return people_rule


def _write(spool: Spool, day: date, people_rule: str) -> PackedDay:
    path: Path = spool.folder / f"{day}.csv"
    spool.db.execute(_COUNTED)
    spool.db.execute(_PACKED.format(line=SQL_PACK_DAY.format(day=day.day)))
    spool.db.execute(_COPY.format(path=quoted(path)))
    cells = spool.db.execute(
        "SELECT client, sum(downloads)::BIGINT FROM counted GROUP BY ALL"
    ).fetchall()
    return PackedDay(
        day=day,
        path=path,
        downloads=sum(downloads for _, downloads in cells),
        packages=int(spool.value("SELECT count(*) FROM packed")),
        cells=dict(cells),
        largest=spool.db.execute(_LARGEST, [LARGEST]).fetchall(),
        people_rule=people_rule,
        files=pack_files(spool, day),
    )
