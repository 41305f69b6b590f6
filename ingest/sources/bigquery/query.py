"""The query of one day: one row per package, with its cells and a control total.

Nothing here needs Google's library; values are bound by their names, never pasted.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings

from ingest.exceptions import SourceError
from packages.clients import INVALID, OTHER
from packages.names import MAX_NAME_LENGTH
from packages.store import DEFINITION_CHANGED

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
        ROW_NUMBER() OVER (PARTITION BY package ORDER BY downloads DESC) AS place
      FROM (
        SELECT LEFT(project, {longest}) AS package,
          {details},
          COUNT(*) AS downloads
        FROM `{table}`
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


def day_query(day: date, packages: Collection[str] | None) -> DayQuery:
    """Return the query for one partition, as the settings want it."""
    details = ("installer", *chosen_details())
    sql = _SQL.format(
        names=", ".join(details),
        details=",\n          ".join(f"{_DETAILS[d]} AS {d}" for d in details),
        folded=",\n      ".join(f"{_FOLDED[d]} AS {d}" for d in details),
        longest=MAX_NAME_LENGTH + 1,
        table=_table(),
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
