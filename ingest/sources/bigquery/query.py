"""The query of one day: one row per package, with its cells and a control total.

Nothing here needs Google's library; values are bound by their names, never pasted.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings

from ingest.detail import Detail
from ingest.exceptions import SourceError
from packages.clients import INVALID, OTHER
from packages.models.files import MAX_FILENAME, MAX_VERSION
from packages.names import MAX_NAME_LENGTH
from packages.packed_day import DEFINITION_CHANGED

DETAILS = ("python", "system", "ci")
"""What may be left out: each is a column that BigQuery bills."""

TABLE = re.compile(r"(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]*(?:\.[A-Za-z0-9_-]+){2}")

MOST_CELLS = 10_000
"""Cells of one package; those of further clients are folded into a few.

The API sends no row above 10 MB: whoever invents clients must not stop the day.
"""

# One character above what packages.clients.bounded allows is enough to tell it.
_DETAILS = {
    "installer": "LEFT(details.installer.name, 65)",
    "python": (
        "CASE\n"
        r"            WHEN REGEXP_CONTAINS(details.python, r'^[0-9]\.[0-9]')"
        "\n"
        r"            THEN REGEXP_EXTRACT(details.python, r'^[0-9]\.[0-9]{1,3}')"
        "\n"
        f"            WHEN details.python IS NOT NULL THEN '{INVALID}' END"
    ),
    "system": "LEFT(details.system.name, 33)",
    "ci": "IFNULL(details.ci, FALSE)",
}
# What the clients beyond MOST_CELLS keep: an unnamed one stays unnamed, a malformed
# Python malformed, as where the table of clients is full.
_FOLDED = {
    "installer": f"IF(place <= @most OR installer IS NULL, installer, '{OTHER}')",
    "python": f"IF(place <= @most OR python = '{INVALID}', python, NULL)",
    "system": "IF(place <= @most, system, NULL)",
    "ci": "IF(place <= @most, ci, FALSE)",
    "filename": "IF(place <= @most, filename, NULL)",
    "version": "IF(place <= @most, version, NULL)",
    "is_file": "is_file",
}
# Where files are told apart, one reading groups each row twice: with its client, and
# with its file, where a client keeps what mirror lists judge by. This is the plainest
# SQL for it, so that DuckDB in the tests has no other idea of it than BigQuery.
_TWICE = " CROSS JOIN UNNEST([FALSE, TRUE]) AS is_file"
_OF_CLIENT = {
    "installer": "{detail}",
    "python": (
        r"IF(is_file AND REGEXP_CONTAINS(details.python, r'^[0-9]\.[0-9]'), NULL,"
        "\n            {detail})"
    ),
    "system": "IF(is_file, NULL, {detail})",
    "ci": "NOT is_file AND {detail}",
}
_OF_FILE = {
    "filename": f"IF(is_file, LEFT(file.filename, {MAX_FILENAME + 1}), NULL)",
    "version": f"IF(is_file, LEFT(file.version, {MAX_VERSION + 1}), NULL)",
    "is_file": "is_file",
}
# A mirror takes every file once: its files are folded first, and it stays a mirror if
# its installer is among those that are told apart.
_FOLDED_OF_FILE = _FOLDED | {
    "installer": (
        "IF(place <= @most OR installer IS NULL OR is_file AND"
        "\n        MIN(IF(is_file, NULL, place)) OVER (PARTITION BY package, installer)"
        f" <= @most,\n        installer, '{OTHER}')"
    )
}
_FILE_COLUMNS = {
    Detail.CLIENT: (),
    Detail.RELEASE: ("version", "is_file"),
    Detail.FILE: ("filename", "version", "is_file"),
}
_SQL = """\
SELECT package, SUM(downloads) AS total,
  ARRAY_AGG(STRUCT({names}, downloads)) AS cells
FROM (
  SELECT package, {names}, SUM(downloads) AS downloads
  FROM (
    SELECT package, downloads,
      {folded}
    FROM (
      SELECT package, {names}, downloads,
        ROW_NUMBER() OVER (PARTITION BY {numbered} ORDER BY downloads DESC) AS place
      FROM (
        SELECT LEFT(project, {longest}) AS package,
          {details},
          COUNT(*) AS downloads
        FROM `{table}`{twice}
        WHERE {conditions}
        GROUP BY package, {names}
      )
    )
  )
  GROUP BY package, {names}
)
GROUP BY package"""

Value = int | datetime | list[str]


@dataclass(frozen=True, slots=True)
class DayQuery:
    """The question about one day; ``columns`` name the fields of a cell, in order."""

    day: date
    sql: str
    columns: tuple[str, ...]
    parameters: dict[str, Value]


def day_query(
    day: date, packages: Collection[str] | None, detail: Detail = Detail.CLIENT
) -> DayQuery:
    """Return the query for one partition, as the settings want it.

    With files, a package's total is twice its downloads: each is in two cells.
    """
    expressions = _expressions(detail)
    details = tuple(expressions)
    by_file = detail is not Detail.CLIENT
    folded = _FOLDED_OF_FILE if by_file else _FOLDED
    sql = _SQL.format(
        names=", ".join(details),
        details=",\n          ".join(f"{sql} AS {d}" for d, sql in expressions.items()),
        folded=",\n      ".join(f"{folded[d]} AS {d}" for d in details),
        numbered="package, is_file" if by_file else "package",
        longest=MAX_NAME_LENGTH + 1,
        table=_table(),
        twice=_TWICE if by_file else "",
        conditions="\n          AND ".join(_conditions(day, packages)),
    )
    midnight = datetime.combine(day, time(), UTC)
    parameters: dict[str, Value] = {
        "start": midnight,
        "end": midnight + timedelta(days=1),
        "most": MOST_CELLS,
    }
    if packages is not None:
        parameters["packages"] = sorted(packages)
    return DayQuery(day, sql, (*details, "downloads"), parameters)


def _expressions(detail: Detail) -> dict[str, str]:
    """Return the SQL of each field of a cell, but its downloads."""
    chosen = {name: _DETAILS[name] for name in ("installer", *chosen_details())}
    if detail is Detail.CLIENT:
        return chosen
    judged = {d: _OF_CLIENT[d].format(detail=sql) for d, sql in chosen.items()}
    return judged | {name: _OF_FILE[name] for name in _FILE_COLUMNS[detail]}


def chosen_details() -> tuple[str, ...]:
    return tuple(detail for detail in DETAILS if detail in settings.INGEST_DETAIL)


def _conditions(day: date, packages: Collection[str] | None) -> list[str]:
    conditions = ["timestamp >= @start", "timestamp < @end"]
    if packages is not None:
        # The bare column by which the table is clustered: only so are blocks skipped.
        conditions.append("project IN UNNEST(@packages)")
    if settings.BIGQUERY_ARTIFACTS_ONLY and day < DEFINITION_CHANGED:
        artifact = r"REGEXP_CONTAINS(file.filename, r'(?i)\.(whl|tar\.gz|zip)$')"
        conditions.append(artifact)
    return conditions


def _table() -> str:
    name: str = settings.BIGQUERY_TABLE
    if not TABLE.fullmatch(name):
        message = f"BIGQUERY_TABLE is {name!r}; it must read project.dataset.table."
        raise SourceError(message)
    return name
