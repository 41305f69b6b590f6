"""Local files, named by a path or a glob, and handed on to DuckDB."""

import glob
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingest.engine import first_line, quoted, raise_if_short
from ingest.exceptions import SourceError
from ingest.sources.compressed import check_compressed


def matching_files(pattern: str) -> list[str]:
    """Return the files that a path or glob names; raise when there is none.

    What names a file is no glob, whatever letters it has.
    """
    if not pattern:
        message = "No path is given: name the files with --path or INGEST_PATH."
        raise SourceError(message)
    if Path(pattern).is_file():
        return [pattern]
    # Path.glob knows no absolute patterns.
    found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207
    files = [name for name in found if Path(name).is_file()]
    if not files:
        message = f"No file matches {pattern!r}."
        raise SourceError(message)
    return files


@contextmanager
def reading(files: Sequence[str]) -> Iterator[None]:
    """Let DuckDB read ``files``; what is wrong with them becomes a ``SourceError``."""
    for name in files:
        check_compressed(name)
    try:
        yield
    except duckdb.Error as error:
        raise_if_short(error)
        shown = ", ".join(files[:3])
        message = f"{shown} cannot be read: {first_line(error)}"
        raise SourceError(message) from error


def file_list(files: Sequence[str]) -> str:
    """Return a list of these very files in SQL: DuckDB would glob their names again."""
    names = ", ".join(f"'{quoted(glob.escape(name))}'" for name in files)
    return f"[{names}]"
