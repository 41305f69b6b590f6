"""Event files for tests, written by DuckDB in the schema of the public table."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import orjson

SCHEMA = (
    "timestamp TIMESTAMPTZ, project VARCHAR,"
    " file STRUCT(filename VARCHAR, project VARCHAR, version VARCHAR, type VARCHAR),"
    " details STRUCT(installer STRUCT(name VARCHAR, version VARCHAR), python VARCHAR,"
    " system STRUCT(name VARCHAR, release VARCHAR), ci BOOLEAN)"
)


@dataclass(frozen=True)
class Event:
    timestamp: str = "2026-11-18 10:00:00 UTC"
    project: str | None = "django"
    installer: str | None = "pip"
    python: str | None = "3.11.9"
    system: str | None = "Linux"
    ci: bool | None = None
    details: bool = True
    filename: str = "django-5.2-py3-none-any.whl"
    version: str = "5.2"

    def nested(self) -> dict[str, Any]:
        details = {
            "installer": {"name": self.installer, "version": "1"},
            "python": self.python,
            "system": {"name": self.system, "release": "6"},
            "ci": self.ci,
        }
        file = {
            "filename": self.filename,
            "project": self.project,
            "version": self.version,
            "type": "bdist_wheel",
        }
        return {
            "timestamp": self.timestamp,
            "project": self.project,
            "file": file,
            "details": details if self.details else None,
        }


def write_ndjson(path: Path, events: Iterable[Event]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(e.nested()) + b"\n" for e in events))
    return path


def write_parquet(path: Path, events: Iterable[Event]) -> Path:
    lines = write_ndjson(path.with_suffix(".source.ndjson"), events)
    columns = ", ".join(
        f"{name}: '{kind}'"
        for name, kind in (column.split(" ", 1) for column in _split(SCHEMA))
    )
    with duckdb.connect() as db:
        db.execute("SET TimeZone='UTC'")
        db.execute(
            f"COPY (FROM read_json('{lines}', format='newline_delimited',"
            f" columns={{{columns}}})) TO '{path}' (FORMAT parquet)"
        )
    lines.unlink()
    return path


def _split(schema: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(schema):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            parts.append(schema[start:index].strip())
            start = index + 1
    return [*parts, schema[start:].strip()]
