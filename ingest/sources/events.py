"""From download events to cells: the one aggregation of files and access logs.

Events are a DuckDB relation with the columns of ``COLUMNS``, as the public
``file_downloads`` table has them (docs/event-files.md): ``timestamp`` is TIMESTAMPTZ or
NULL, ``ci`` BOOLEAN, the rest VARCHAR.
"""

from collections.abc import Collection
from datetime import date

from ingest.detail import Detail
from ingest.sources.base import DayRange
from ingest.spool import Spool
from packages.clients import INVALID
from packages.models.files import MAX_FILENAME, MAX_VERSION
from packages.names import SQL_NORMALIZED
from packages.packed_day import DEFINITION_CHANGED

COLUMNS = ("timestamp", "project", "filename", "installer", "python", "system", "ci")
"""``version``, of the file, is one more where files are told apart."""

ARTIFACT = r"(?i)\.(whl|tar\.gz|zip)$"
"""File names that count as downloads since 2026-08-24 (PyPI's rule)."""


def _cut(column: str, most: int) -> str:
    return (
        f"CASE WHEN strlen({column}) <= {most} THEN {column}"
        f" ELSE left({column}, {most}) END"
    )


# Details as cells have them.
_DETAILS = f"""{_cut("installer", 65)} AS installer,
    CASE WHEN python IS NOT NULL THEN coalesce(
        nullif(regexp_extract(python, '^[0-9]\\.[0-9]+'), ''), '{INVALID}')
    END AS python,
    {_cut("system", 33)} AS system,
    coalesce(ci, false) AS ci"""

# A UTC day without the calendar that DuckDB needs for time zones, and a suffix before
# the pattern: both matter where events are counted by the hundred million.
_DAY = """CASE WHEN isfinite(timestamp)
    THEN make_timestamp(epoch_us(timestamp))::DATE END"""

# NULL for what does not count: few groups, whatever project such events name.
_PROJECT = f"""CASE WHEN isfinite(timestamp) AND CASE
        WHEN filename IS NULL OR suffix(filename, '.whl')
            OR suffix(filename, '.tar.gz') THEN true
        WHEN timestamp < TIMESTAMPTZ '{DEFINITION_CHANGED} 00:00:00+00' THEN true
        ELSE regexp_matches(filename, '{ARTIFACT}')
    END THEN project END"""

_READ_ONCE = f"""
INSERT INTO cells
SELECT day, project, installer, python, system, ci, count(*)
FROM (SELECT {_DAY} AS day, {_PROJECT} AS project, {_DETAILS} FROM {{events}})
GROUP BY ALL
"""

# A number in place of four texts: the groups of a large day fit into memory then.
_SENT = f"""
CREATE OR REPLACE TEMP TABLE sent AS
SELECT *, dense_rank() OVER (ORDER BY installer, python, system, ci)::INTEGER AS number
FROM (
    SELECT installer AS sent_installer, python AS sent_python, system AS sent_system,
        ci AS sent_ci, {_DETAILS}
    FROM (SELECT DISTINCT installer, python, system, ci FROM {{events}}))
"""
_READ_AGAIN = f"""
INSERT INTO cells
SELECT day, project, installer, python, system, ci, downloads
FROM (
    SELECT day, project,
        coalesce(number, error('it changed while it was read')) AS number,
        count(*) AS downloads
    FROM (
        SELECT {_DAY} AS day, {_PROJECT} AS project, installer, python, system, ci
        FROM {{events}}
    ) AS events
    LEFT JOIN sent ON events.installer IS NOT DISTINCT FROM sent_installer
        AND events.python IS NOT DISTINCT FROM sent_python
        AND events.system IS NOT DISTINCT FROM sent_system
        AND events.ci IS NOT DISTINCT FROM sent_ci
    GROUP BY ALL)
JOIN (SELECT DISTINCT number, installer, python, system, ci FROM sent) USING (number)
"""

_WANTED = f"""
CREATE OR REPLACE TEMP TABLE wanted AS SELECT DISTINCT package FROM cells
WHERE $packages IS NULL OR {SQL_NORMALIZED.format(name="package")} IN (
    SELECT unnest($packages::VARCHAR[]))
"""

# Another reading: few packages are told apart so far, and the rest stays as quick.
_FILES = f"""
INSERT INTO files
SELECT day, project, installer, python, filename, version, count(*)
FROM (
    SELECT {_DAY} AS day, project, {_cut("installer", 65)} AS installer,
        CASE WHEN NOT regexp_matches(python, '^[0-9]\\.[0-9]+') THEN '{INVALID}'
            END AS python,
        {_cut("filename", MAX_FILENAME + 1)} AS filename,
        {_cut("version", MAX_VERSION + 1)} AS version
    FROM {{events}} WHERE project IN (SELECT package FROM wanted)
)
WHERE day BETWEEN $first AND $last
GROUP BY ALL
"""


def aggregate(
    spool: Spool, events: str, days: DayRange, *, read_twice: bool = False
) -> int:
    """Add the events of ``days`` to the spool's cells; return how many it took.

    Events that cannot be counted, and those of other days, are reported as skipped.
    Reading twice is quicker where columns are read one by one, as from Parquet.
    """
    if read_twice:
        spool.run(_SENT.format(events=events), label="Looking")
        spool.run(_READ_AGAIN.format(events=events))
        spool.db.execute("DROP TABLE sent")
    else:
        spool.run(_READ_ONCE.format(events=events))
    for day, number in _drop(spool, "day IS NULL OR package IS NULL"):
        spool.skip("without a timestamp, a project or an artifact", number, day)
    first, last = days.first or date.min, days.last or date.max
    others = _drop(spool, f"NOT day BETWEEN DATE '{first}' AND DATE '{last}'")
    for day, number in others:
        spool.skip("of days that were not asked for", number, day)
    spool.db.execute(
        "INSERT INTO covered SELECT DISTINCT day FROM cells ON CONFLICT DO NOTHING"
    )
    return int(spool.value("SELECT coalesce(sum(downloads), 0) FROM cells"))


def add_files(
    spool: Spool, events: str, days: DayRange, packages: Collection[str] | None
) -> None:
    """Add the files of the same events to the spool, if they are told apart.

    ``packages`` are the normalized names of those whose files are (None: all).
    """
    if spool.detail is Detail.CLIENT:
        return
    names = None if packages is None else list(packages)
    spool.db.execute(_WANTED, {"packages": names})
    limits = {"first": days.first or date.min, "last": days.last or date.max}
    spool.run(_FILES.format(events=events), limits, label="Files")
    spool.db.execute("DROP TABLE wanted")


def _drop(spool: Spool, condition: str) -> list[tuple[date | None, int]]:
    """Remove cells; return how many downloads they were of each day."""
    dropped = spool.db.execute(
        f"SELECT day, sum(downloads)::BIGINT FROM cells WHERE {condition} GROUP BY day"
    ).fetchall()
    if dropped:
        spool.db.execute(f"DELETE FROM cells WHERE {condition}")
    return dropped
