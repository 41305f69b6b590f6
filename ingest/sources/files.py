"""Event files: Parquet, NDJSON and CSV in the schema of the public table."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import duckdb

from ingest.detail import Detail
from ingest.exceptions import SourceError
from ingest.sources.base import DayRange, whole_range
from ingest.sources.compressed import ENDINGS
from ingest.sources.events import add_files, aggregate
from ingest.sources.file_names import file_list, matching_files, reading
from ingest.spool import Spool

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
        " file: 'STRUCT(project VARCHAR, filename VARCHAR{version})', details: 'STRUCT("
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
    "version": ("file.version", '"file.version"'),
    "installer": (
        *("details.installer.name", '"details.installer.name"'),
        *("installer.name", '"installer.name"', "installer"),
        "try_cast(details AS JSON)->>'$.installer.name'",
    ),
    "python": (
        *("details.python", '"details.python"', "python"),
        "try_cast(details AS JSON)->>'$.python'",
    ),
    "system": (
        *("details.system.name", '"details.system.name"'),
        *("system.name", '"system.name"', "system"),
        "try_cast(details AS JSON)->>'$.system.name'",
    ),
    "ci": ("details.ci", '"details.ci"', "ci", "try_cast(details AS JSON)->>'$.ci'"),
}
_NEEDED = ("timestamp", "project")


class Place(NamedTuple):
    """Where a column is found, and of what type it is there."""

    expression: str
    kind: str


_INSTANTS = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP")


class FilesSource:
    """Downloads from local event files, named by a path or a glob."""

    name = "files"

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def chunks(self, days: Sequence[date] | None) -> Iterator[DayRange]:
        return whole_range(days)

    def fill(
        self, spool: Spool, days: DayRange, packages: Collection[str] | None
    ) -> None:
        for kind, files in files_by_format(matching_files(self._pattern)):
            with reading(files):
                for group in _same_columns(spool, kind, files):
                    _fill(spool, kind, group, days, packages)


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


def _same_columns(spool: Spool, kind: str, files: list[str]) -> list[list[str]]:
    """Group Parquet files of the same columns: those of others do not mix well.

    DuckDB 2.0 fails on structs that lack a field in some files, and a file may be
    nested where another is flat.
    """
    if kind != "parquet":
        return [files]
    groups: dict[str, list[str]] = {}
    for name in files:
        described = f"DESCRIBE SELECT * FROM {_reader(kind, [name], spool.detail)}"
        columns = spool.db.execute(described).fetchall()
        groups.setdefault(repr(columns), []).append(name)
    return list(groups.values())


def _reader(kind: str, files: list[str], detail: Detail) -> str:
    version = "" if detail is Detail.CLIENT else ", version VARCHAR"
    return _READERS[kind].format(files=file_list(files), version=version)


def _fill(
    spool: Spool,
    kind: str,
    files: list[str],
    days: DayRange,
    packages: Collection[str] | None,
) -> None:
    reader = _reader(kind, files, spool.detail)
    # What is no such file fails here; from _place the same error means no such column.
    spool.db.execute(f"DESCRIBE SELECT * FROM {reader}")
    columns = {column: _place(spool, reader, column) for column in _PLACES}
    missing = [column for column in _NEEDED if columns[column] is None]
    if missing:
        message = f"{files[0]} has no column {' and no column '.join(missing)}."
        raise SourceError(message)
    selected = ", ".join(f"{_typed(c, columns[c])} AS {c}" for c in columns)
    limits = _limits(spool, reader, columns["timestamp"], days)
    spool.db.execute(
        "CREATE OR REPLACE TEMP VIEW events AS"
        f" SELECT {selected} FROM {reader} {limits}"
    )
    aggregate(spool, "events", days, read_twice=kind == "parquet")
    add_files(spool, "events", days, packages)
    _count_rejects(spool)


def _limits(spool: Spool, reader: str, timestamp: Place | None, days: DayRange) -> str:
    """Let Parquet's statistics leave out other days; text has to be read anyway."""
    known = timestamp is not None and timestamp.kind in _INSTANTS
    if not known or days.first is None or days.last is None:
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


def _place(spool: Spool, reader: str, column: str) -> Place | None:
    """Return the first place of ``column`` that the files have."""
    for expression in _PLACES[column]:
        try:
            described = spool.db.execute(
                f"DESCRIBE SELECT {expression} AS place FROM {reader}"
            ).fetchall()
        except duckdb.BinderException:
            continue
        kind = str(described[0][1])
        if not kind.startswith("STRUCT"):
            return Place(expression, kind)
    return None


def _typed(column: str, place: Place | None) -> str:
    if place is None:
        return "NULL"
    value = f"({place.expression})"
    if place.kind == "JSON":
        value = f"{value}->>'$'"
    if column == "timestamp":
        return _timestamp(value, place.kind)
    if column == "ci":
        return f"try_cast({value} AS BOOLEAN)"
    return f"({value})::VARCHAR"


def _timestamp(value: str, kind: str) -> str:
    if kind in _INSTANTS:
        return f"{value}::TIMESTAMPTZ"
    if kind == "TIMESTAMP_NS":
        # A cast would round the day's last nanoseconds up into the next day.
        return f"to_timestamp(epoch_ns({value}) // 1000000000)"
    text = f"({value})::VARCHAR"
    # linehaul's own form has a space before the offset.
    joined = f"regexp_replace({text}, ' ([+-])', '\\1')"
    return (
        f"coalesce(try_cast({text} AS TIMESTAMPTZ), try_cast({joined} AS TIMESTAMPTZ))"
    )
