"""Event files: Parquet, NDJSON and CSV in the schema of the public table."""

import glob
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb

from ingest.exceptions import SourceError
from ingest.sources.base import DayRange, whole_range
from ingest.sources.compressed import ENDINGS, check_compressed
from ingest.sources.events import aggregate
from ingest.spool import Spool, first_line

FORMATS = {
    "parquet": (".parquet",),
    "ndjson": (".ndjson", ".jsonl", ".json"),
    "csv": (".csv",),
}
_READERS = {
    "parquet": "read_parquet({files}, union_by_name=true)",
    "ndjson": (
        "read_json({files}, format='newline_delimited', ignore_errors=true, columns={{"
        "timestamp: 'VARCHAR', project: 'VARCHAR',"
        " file: 'STRUCT(project VARCHAR, filename VARCHAR)', details: 'STRUCT("
        "installer STRUCT(name VARCHAR), python VARCHAR,"
        " system STRUCT(name VARCHAR), ci VARCHAR)'}})"
    ),
    "csv": (
        "read_csv({files}, header=true, all_varchar=true, ignore_errors=true,"
        " strict_mode=false,"
        " max_line_size=10000000, delim=',', quote='\"', escape='\"', nullstr='',"
        " store_rejects=true)"
    ),
}

# Where each column may be found: nested, flattened with dots (CSV), or as exports that
# lift the fields to the top have them.
_PLACES = {
    "timestamp": ("timestamp",),
    "project": ("project", "file.project", '"file.project"'),
    # Not a bare ``filename``: that is DuckDB's own column, the path of the file read.
    "filename": ("file.filename", '"file.filename"'),
    "installer": (
        "details.installer.name",
        '"details.installer.name"',
        "installer.name",
        '"installer.name"',
        "installer",
    ),
    "python": ("details.python", '"details.python"', "python"),
    "system": (
        "details.system.name",
        '"details.system.name"',
        "system.name",
        '"system.name"',
        "system",
    ),
    "ci": ("details.ci", '"details.ci"', "ci"),
}
_NEEDED = ("timestamp", "project")


class FilesSource:
    """Downloads from local event files, named by a path or a glob."""

    name = "files"

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def chunks(self, days: Sequence[date] | None) -> Iterator[DayRange]:
        return whole_range(days)

    def fill(self, spool: Spool, days: DayRange) -> None:
        matching = matching_files(self._pattern)
        for name in matching:
            check_compressed(name)
        for kind, files in files_by_format(matching):
            try:
                _fill(spool, kind, files, days)
            except duckdb.Error as error:
                shown = ", ".join(files[:3])
                message = f"{shown} cannot be read: {first_line(error)}"
                raise SourceError(message) from error


def matching_files(pattern: str) -> list[str]:
    """Return the files that a path or glob names; raise when there is none."""
    if not pattern:
        message = "No path is given: name the files with --path or INGEST_PATH."
        raise SourceError(message)
    # Path.glob knows neither absolute patterns nor plain paths.
    found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207
    files = [name for name in found if Path(name).is_file()]
    if not files:
        message = f"No file matches {pattern!r}."
        raise SourceError(message)
    return files


def files_by_format(files: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Group files that are read together, by the format that their ending names.

    CSV files are read one by one: only so does DuckDB tell which lines it rejected.
    """
    groups: dict[str, list[str]] = {}
    for name in files:
        groups.setdefault(_format_of(name), []).append(name)
    single = [("csv", [name]) for name in groups.pop("csv", [])]
    return [*groups.items(), *single]


def _format_of(name: str) -> str:
    bare = name.lower()
    for ending in ENDINGS:
        bare = bare.removesuffix(ending)
    for kind, endings in FORMATS.items():
        if bare.endswith(endings) and (kind != "parquet" or bare == name.lower()):
            return kind
    known = ", ".join(ending for endings in FORMATS.values() for ending in endings)
    message = (
        f"{name} has no known format: files end in {known}, all but Parquet"
        f" optionally followed by {' or '.join(ENDINGS)}."
    )
    raise SourceError(message)


def _fill(spool: Spool, kind: str, files: list[str], days: DayRange) -> None:
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in files)
    reader = _READERS[kind].format(files=f"[{names}]")
    spool.db.execute(f"DESCRIBE SELECT * FROM {reader}")
    columns = {column: _place(spool, reader, column) for column in _PLACES}
    missing = [column for column in _NEEDED if columns[column] is None]
    if missing:
        message = f"{files[0]} has no column {' and no column '.join(missing)}."
        raise SourceError(message)
    selected = ", ".join(f"{_typed(kind, c, columns[c])} AS {c}" for c in columns)
    limits = _limits(spool, kind, reader, days)
    spool.db.execute(
        "CREATE OR REPLACE TEMP VIEW events AS"
        f" SELECT {selected} FROM {reader} {limits}"
    )
    aggregate(spool, "events", days)
    _count_rejects(spool)


def _limits(spool: Spool, kind: str, reader: str, days: DayRange) -> str:
    """Let Parquet's statistics leave out other days; text has to be read anyway."""
    if kind != "parquet" or days.first is None or days.last is None:
        return ""
    end = days.last + timedelta(days=1)
    limits = (
        f"WHERE timestamp >= TIMESTAMPTZ '{days.first} 00:00:00+00'"
        f" AND timestamp < TIMESTAMPTZ '{end} 00:00:00+00'"
    )
    others = spool.value(
        f"SELECT (SELECT count(*) FROM {reader})"
        f" - (SELECT count(*) FROM {reader} {limits})"
    )
    if others:
        spool.skipped["of days that were not asked for"] += int(others)
    return limits


def _count_rejects(spool: Spool) -> None:
    found = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'reject_errors'"
    if spool.value(found):
        rejected = spool.value("SELECT count(DISTINCT line) FROM reject_errors")
        if rejected:
            spool.skipped["that are no CSV rows"] += int(rejected)
        spool.db.execute("DROP TABLE reject_errors; DROP TABLE reject_scans")


def _place(spool: Spool, reader: str, column: str) -> str | None:
    """Return the first expression for ``column`` that the files have."""
    for place in _PLACES[column]:
        try:
            spool.db.execute(f"SELECT {place}::VARCHAR FROM {reader} LIMIT 0")
        except duckdb.BinderException:
            continue
        return place
    return None


def _typed(kind: str, column: str, place: str | None) -> str:
    if place is None:
        return "NULL"
    if column == "timestamp":
        return _timestamp(kind, place)
    if column == "ci":
        return f"try_cast({place} AS BOOLEAN)"
    return f"{place}::VARCHAR"


def _timestamp(kind: str, place: str) -> str:
    typed = f"try_cast({place} AS TIMESTAMPTZ)"
    if kind == "parquet":
        return typed
    # linehaul's own form has a space before the offset.
    joined = f"regexp_replace({place}, ' ([+-])', '\\1')"
    return f"coalesce({typed}, try_cast({joined} AS TIMESTAMPTZ))"
