"""From download events to cells: the one aggregation of files and access logs.

Events are a DuckDB relation with the columns of ``COLUMNS``, as the public
``file_downloads`` table has them (docs/event-files.md): ``timestamp`` is TIMESTAMPTZ or
NULL, ``ci`` BOOLEAN, the rest VARCHAR.
"""

from datetime import date

from ingest.sources.base import DayRange
from ingest.spool import Spool
from packages.clients import INVALID
from packages.store import DEFINITION_CHANGED

COLUMNS = ("timestamp", "project", "filename", "installer", "python", "system", "ci")

ARTIFACT = r"(?i)\.(whl|tar\.gz|zip)$"
"""File names that count as downloads since 2026-08-24 (PyPI's rule)."""


def _cut(column: str, most: int) -> str:
    return (
        f"CASE WHEN strlen({column}) <= {most} THEN {column}"
        f" ELSE left({column}, {most}) END"
    )


# The cheap way first, for hundreds of millions of rows: a suffix before the pattern, a
# cut only where something is too long, and UTC days without the calendar that DuckDB
# needs for time zones. Events that count as no day are one group, whatever they name.
_AGGREGATE = f"""
INSERT INTO cells
SELECT day, CASE WHEN day IS NOT NULL THEN project END, installer,
    CASE WHEN python IS NOT NULL THEN coalesce(
        nullif(regexp_extract(python, '^[0-9]\\.[0-9]+'), ''), '{INVALID}') END,
    system, coalesce(ci, false), count(*)
FROM (
    SELECT
        CASE WHEN isfinite(timestamp) AND project IS NOT NULL AND CASE
            WHEN filename IS NULL OR suffix(filename, '.whl')
                OR suffix(filename, '.tar.gz') THEN true
            WHEN timestamp < TIMESTAMPTZ '{DEFINITION_CHANGED} 00:00:00+00' THEN true
            ELSE regexp_matches(filename, '{ARTIFACT}')
        END THEN make_timestamp(epoch_us(timestamp))::DATE END AS day,
        project,
        {_cut("installer", 65)} AS installer,
        python,
        {_cut("system", 33)} AS system,
        ci
    FROM {{events}}
)
GROUP BY ALL
"""


def aggregate(spool: Spool, events: str, days: DayRange) -> int:
    """Add the events of ``days`` to the spool's cells; return how many it took.

    Events that cannot be counted, and those of other days, are reported as skipped.
    """
    spool.run(_AGGREGATE.format(events=events))
    _drop(spool, "day IS NULL", "without a timestamp, a project or an artifact")
    first, last = days.first or date.min, days.last or date.max
    _drop(
        spool,
        f"NOT day BETWEEN DATE '{first}' AND DATE '{last}'",
        "of days that were not asked for",
    )
    spool.db.execute(
        "INSERT INTO covered SELECT DISTINCT day FROM cells ON CONFLICT DO NOTHING"
    )
    return int(spool.value("SELECT coalesce(sum(downloads), 0) FROM cells"))


def _drop(spool: Spool, condition: str, reason: str) -> None:
    dropped = spool.value(f"SELECT sum(downloads) FROM cells WHERE {condition}")
    if dropped:
        spool.skipped[reason] += int(dropped)
        spool.db.execute(f"DELETE FROM cells WHERE {condition}")
