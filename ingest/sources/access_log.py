"""The access log of one's own package index."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from urllib.parse import unquote

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

from ingest.exceptions import NotYetError, SourceError
from ingest.sources import LOG_FORMATS
from ingest.sources.base import DayRange, whole_range
from ingest.sources.events import ARTIFACT, add_files, aggregate
from ingest.sources.file_names import matching_files, reading
from ingest.sources.log_lines import parsed_lines, reader
from ingest.sources.user_agents import MAX_LENGTH, details_of
from ingest.spool import Spool
from packages.names import normalize_name

BATCH = 20_000
MAX_TARGET = 1024
MAX_SHOWN = 120

NO_LOG_LINES = "lines that are no access log lines"
UNREADABLE_NAMES = "requests for files with unreadable names"
IGNORED_AGENTS = "by user agents that linehaul ignores"

# What was asked for: the last part of the path, without query and fragment.
_TARGET = r"^(?:GET|OPTIONS) [^ ?#]*?([^/ ?#]+)(?:[?#][^ ]*)?(?: HTTP/[0-9.]+)?$"
_REQUESTS = f"""
CREATE OR REPLACE TEMP TABLE requests AS
SELECT timestamp, CASE WHEN is_artifact THEN target END AS target,
    CASE WHEN is_artifact THEN coalesce(agent, '') END AS agent
FROM (
    SELECT *, regexp_matches(target, '{ARTIFACT}') OR contains(target, '%')
        AS is_artifact
    FROM (
        SELECT timestamp, left(agent, {4 * MAX_LENGTH + 1}) AS agent,
            CASE WHEN timestamp IS NOT NULL AND status IN ('200', '206')
                THEN nullif(regexp_extract(request, '{_TARGET}', 1), '') END AS target
        FROM ({{lines}})
    )
)
"""
_EVENTS = """
CREATE OR REPLACE TEMP VIEW events AS
SELECT timestamp, project, filename, NULL AS version, installer, python, system, ci
FROM requests JOIN targets USING (target) JOIN agents USING (agent)
WHERE project IS NOT NULL AND NOT ignored
"""
_ESCAPE = re.compile(r'\\(?:x([0-9A-Fa-f]{2})|(["\\abfnrtv]))')
_CONTROLS = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}


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

    def fill(
        self, spool: Spool, days: DayRange, packages: Collection[str] | None
    ) -> None:
        files = matching_files(self._pattern)
        with reading(files):
            self._read(spool, files)
            self._cover(spool, days)
            self._name_files(spool)
            self._name_agents(spool)
            _count_skipped(spool, days)
            spool.db.execute(_EVENTS)
            aggregate(spool, "events", days)
            add_files(spool, "events", days, packages)
            spool.db.execute(
                "DROP VIEW events; DROP TABLE requests; DROP TABLE agents;"
                " DROP TABLE targets; DROP TABLE named"
            )

    def _read(self, spool: Spool, files: Sequence[str]) -> None:
        """Make ``requests``, a row per line, and refuse files that are no logs."""
        lines = parsed_lines(self._format, files)
        spool.run(_REQUESTS.format(lines=lines), label="Reading")
        if spool.value("SELECT count(timestamp) FROM requests") == 0:
            raise self._nothing_to_read(spool, files)
        broken = spool.value(
            "SELECT (SELECT count(*) FROM requests WHERE timestamp IS NULL) + (SELECT"
            " count(DISTINCT (scan_id, file_id, line)) FROM reject_errors)"
        )
        if broken:
            spool.skipped[NO_LOG_LINES] += int(broken)
        spool.db.execute("DROP TABLE reject_errors; DROP TABLE reject_scans")

    def _nothing_to_read(self, spool: Spool, files: Sequence[str]) -> SourceError:
        """An empty log was rotated just now; any other is none of this format."""
        shown = files[0] if len(files) == 1 else f"{files[0]} or {len(files) - 1} more"
        first = spool.value(f"SELECT line FROM {reader(files)} LIMIT 1")
        begins = f"it begins {first[:MAX_SHOWN]!r}" if first else "it holds no text"
        message = (
            f"No line of {shown} is an access log line of the format"
            f" {self._format!r}: {begins}. The formats are: {', '.join(LOG_FORMATS)}."
        )
        return SourceError(message) if first else NotYetError(message)

    def _cover(self, spool: Spool, days: DayRange) -> None:
        """A day with any line in the log is known, even if nothing was downloaded."""
        spool.db.execute(
            "INSERT INTO covered SELECT DISTINCT timestamp::DATE FROM requests"
            f" WHERE {_within(days)} ON CONFLICT DO NOTHING"
        )

    def _name_files(self, spool: Spool) -> None:
        unescape = self._unescape()

        def row(target: str) -> tuple[str, str | None, str | None]:
            filename = file_name(unescape(target))
            return target, filename, project_of(filename) if filename else None

        _translate(spool, "targets", "target", ("filename", "project"), row)

    def _name_agents(self, spool: Spool) -> None:
        unescape = self._unescape()

        def row(agent: str) -> tuple[str | bool | None, ...]:
            details = details_of(unescape(agent))
            return agent, *(details or (None,) * 4), details is None

        columns = ("installer", "python", "system", "ci", "ignored")
        _translate(spool, "agents", "agent", columns, row)

    def _unescape(self) -> Callable[[str], str]:
        return str if self._format == "json" else unescaped


def unescaped(text: str) -> str:
    r"""Undo what servers write for quotes and other bytes: ``\x22``, ``\"``, ``\\``."""
    if "\\" not in text:
        return text
    raw = _ESCAPE.sub(_byte, text.encode().decode("latin-1"))
    return raw.encode("latin-1").decode(errors="replace")


def _byte(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    return chr(_CONTROLS.get(found[2], ord(found[2])))


def file_name(target: str) -> str | None:
    """Return the file that the last part of a path names, if it counts as one."""
    name = unquote(target).rpartition("/")[2]
    return name if re.search(ARTIFACT, name) else None


def project_of(filename: str) -> str | None:
    """Return the project of a wheel or sdist, or None for no valid file name."""
    if len(filename) > MAX_TARGET:
        return None
    bare, ending = re.split(ARTIFACT, filename)[:2]
    try:
        if ending.lower() != "whl":
            name, _ = parse_sdist_filename(f"{bare}.{ending.lower()}")
            return normalize_name(name)
        # Installers accept more spellings of the name than the specification of file
        # names does.
        spelled, _, rest = bare.partition("-")
        project = normalize_name(spelled)
        if project is not None:
            parse_wheel_filename(f"{project.replace('-', '_')}-{rest}.whl")
    except (InvalidSdistFilename, InvalidWheelFilename):
        return None
    return project


def _translate(
    spool: Spool,
    table: str,
    key: str,
    columns: Sequence[str],
    row: Callable[[str], tuple[str | bool | None, ...]],
) -> None:
    """Make ``table``: what ``row`` says of each distinct ``key`` among the requests."""
    spool.db.execute(
        f"CREATE OR REPLACE TEMP TABLE named AS SELECT row_number() OVER () AS place,"
        f" {key} FROM (SELECT DISTINCT {key} FROM requests WHERE {key} IS NOT NULL)"
    )
    typed = {name: _type(name) for name in (key, *columns)}
    declared = ", ".join(f"{name} {kind}" for name, kind in typed.items())
    spool.db.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({declared})")
    unnested = ", ".join(f"unnest(?::{kind}[])" for kind in typed.values())
    for start in range(0, int(spool.value("SELECT count(*) FROM named")), BATCH):
        keys = spool.db.execute(
            f"SELECT {key} FROM named WHERE place > ? AND place <= ?",
            [start, start + BATCH],
        ).fetchall()
        values = zip(*(row(name) for (name,) in keys), strict=True)
        spool.db.execute(
            f"INSERT INTO {table} SELECT {unnested}",
            [list(column) for column in values],
        )


def _type(column: str) -> str:
    return "BOOLEAN" if column in ("ci", "ignored") else "VARCHAR"


def _count_skipped(spool: Spool, days: DayRange) -> None:
    """Report the requests of ``days`` that would be downloads but for name or agent."""
    unreadable, ignored = spool.db.execute(
        "SELECT count(*) FILTER (project IS NULL),"
        " count(*) FILTER (project IS NOT NULL AND ignored)"
        " FROM requests JOIN targets USING (target) JOIN agents USING (agent)"
        f" WHERE filename IS NOT NULL AND {_within(days)}"
    ).fetchall()[0]
    for reason, number in ((UNREADABLE_NAMES, unreadable), (IGNORED_AGENTS, ignored)):
        if number:
            spool.skipped[reason] += int(number)


def _within(days: DayRange) -> str:
    first, last = days.first or date.min, days.last or date.max
    return f"timestamp::DATE BETWEEN DATE '{first}' AND DATE '{last}'"
