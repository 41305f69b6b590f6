"""The layout that stands in for the original: four narrow tables with text keys."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from django.db import connection
from psycopg2.extras import execute_values

ROWS_PER_INSERT = 1000
_MIRRORS = "('bandersnatch', 'z3c.pypimirror', 'Artifactory', 'devpi')"
_CATEGORIES = {
    "overall": "",
    "python_major": "coalesce(split_part(python, '.', 1), 'null')",
    "python_minor": "coalesce(python, 'null')",
    "system": "CASE WHEN system IN ('Linux', 'Darwin', 'Windows') THEN system"
    " WHEN system IS NULL THEN 'null' ELSE 'other' END",
}


def create() -> None:
    with connection.cursor() as cursor:
        for name in _CATEGORIES:
            cursor.execute(f"DROP TABLE IF EXISTS reference_{name}")
            cursor.execute(
                f"CREATE TABLE reference_{name} (date DATE, package VARCHAR(128),"
                " category VARCHAR(16), downloads BIGINT,"
                " PRIMARY KEY (date, package, category))"
            )
            cursor.execute(f"CREATE INDEX ON reference_{name} (package)")


def insert(day: date, cells: Path) -> int:
    """Insert one day as the original does, by INSERTs of many rows; return the rows."""
    written = 0
    with duckdb.connect() as db, connection.cursor() as cursor:
        for name in _CATEGORIES:
            sql = f"INSERT INTO reference_{name} VALUES %s"
            for batch in _batches(db, _query(name, day, cells)):
                execute_values(cursor.cursor, sql, batch, page_size=ROWS_PER_INSERT)
                written += len(batch)
    return written


def copy(day: date, cells: Path, folder: Path) -> None:
    """Load one day the quick way, to have a table of some size."""
    with duckdb.connect() as db, connection.cursor() as cursor:
        for name in _CATEGORIES:
            path = folder / f"reference-{name}.csv"
            db.execute(f"COPY ({_query(name, day, cells)}) TO '{path}' (HEADER false)")
            with path.open() as file:
                cursor.copy_expert(
                    f"COPY reference_{name} FROM STDIN (FORMAT csv)", file
                )
            path.unlink()


def sum_recents() -> None:
    """Fill the table that the original keeps for recent downloads."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS reference_recent")
        cursor.execute(_RECENTS)
        cursor.execute("CREATE INDEX ON reference_recent (package, category)")
        cursor.execute("ANALYZE reference_recent")


_RECENTS = """
CREATE TABLE reference_recent AS
SELECT package, period AS category, sum(downloads)::BIGINT AS downloads
FROM reference_overall
JOIN (VALUES ('day', 1), ('week', 7), ('month', 30)) AS periods (period, days)
    ON date > (SELECT max(date) FROM reference_overall) - days
WHERE category = 'without_mirrors'
GROUP BY package, period
"""


def size() -> int:
    """Bytes of the four tables, indexes included."""
    with connection.cursor() as cursor:
        names = ", ".join(f"('reference_{name}')" for name in _CATEGORIES)
        cursor.execute(
            f"SELECT sum(pg_total_relation_size(name::regclass)) FROM (VALUES {names})"
            " AS tables (name)"
        )
        return int(cursor.fetchone()[0])


def _query(name: str, day: date, cells: Path) -> str:
    category = _CATEGORIES[name]
    people = f"installer IS NOT NULL AND installer NOT IN {_MIRRORS}"
    if name == "overall":
        return (
            f"SELECT DATE '{day}', name, category, sum(downloads)::BIGINT FROM ("
            f"SELECT name, 'with_mirrors' AS category, downloads FROM '{cells}' UNION"
            f" ALL SELECT name, 'without_mirrors', downloads FROM '{cells}'"
            f" WHERE {people}) GROUP BY ALL ORDER BY name"
        )
    return (
        f"SELECT DATE '{day}', name, {category} AS category, sum(downloads)::BIGINT"
        f" FROM '{cells}' WHERE {people} GROUP BY ALL ORDER BY name"
    )


def _batches(db: duckdb.DuckDBPyConnection, query: str) -> Iterator[list[Any]]:
    found = db.execute(query)
    while rows := found.fetchmany(100 * ROWS_PER_INSERT):
        yield rows
