"""The nightly dump: every package's recent downloads, in files for whoever wants all.

Files carry the day and the generation in their names, and an index says which are the
current ones. Replacing the index, in one step, moves all readers from one dump to the
next; the files of the one before stay until the next dump, for those that still read.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from gzip import GzipFile
from itertools import islice
from pathlib import Path
from typing import IO

import orjson
from django.conf import settings
from django.utils import timezone

from packages import snapshot, standings
from packages.exceptions import DownloadsError
from packages.models import Standing
from packages.snapshot import Snapshot

COLUMNS = ("date", "package", "last_day", "last_week", "last_month", "total")
INDEX = "index.json"
PREFIX, TEMPORARY = "recent-", ".writing-"
CHUNK = 2000
MOST_TRIES = 3
LEVEL = 6
JSON = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
ABANDONED_AFTER = 24 * 3600
"""Seconds after which an unfinished file is taken for a dead process's."""

PackageRow = tuple[str, str, int, int, int, int]


class DumpError(DownloadsError):
    """The dump cannot be written now; the one before stays."""


@dataclass(frozen=True, slots=True)
class DumpFile:
    name: str
    """What it is called by readers."""
    stored: str
    """What it is called on disk."""
    size: int
    sha256: str

    @property
    def path(self) -> Path:
        return Path(settings.DUMP_DIR) / self.stored


@dataclass(frozen=True, slots=True)
class Dump:
    """What there is of one generation, with its last day."""

    data_through: date
    generation: int
    written_at: datetime
    packages: int
    files: list[DumpFile]


def _json_line(row: PackageRow) -> bytes:
    pairs = zip(COLUMNS, row, strict=True)
    return orjson.dumps(dict(pairs), option=JSON)


def _csv_line(row: Iterable[object]) -> bytes:
    """Return the row as it is: no name and no number needs quotes."""
    return f"{','.join(map(str, row))}\n".encode()


HEADS = {"jsonl.gz": b"", "csv.gz": _csv_line(COLUMNS)}
FORMATS: dict[str, Callable[[PackageRow], bytes]] = {
    "jsonl.gz": _json_line,
    "csv.gz": _csv_line,
}


def current() -> Dump | None:
    """Return the dump that readers get; None before the first."""
    try:
        found = orjson.loads((Path(settings.DUMP_DIR) / INDEX).read_bytes())
    except FileNotFoundError:
        return None
    return Dump(
        data_through=date.fromisoformat(found["data_through"]),
        generation=found["generation"],
        written_at=datetime.fromisoformat(found["written_at"]),
        packages=found["packages"],
        files=[DumpFile(**file) for file in found["files"]],
    )


def write() -> Dump:
    """Write the dump of this generation, unless it is there; return it.

    Raise ``DumpError`` where there is nothing that holds, or no room for it.
    """
    try:
        Path(settings.DUMP_DIR).mkdir(parents=True, exist_ok=True)
        for _ in range(MOST_TRIES):
            state = snapshot.current()
            before = current()
            if before and is_of(before, state):
                return before
            dump = _written(state)
            if snapshot.current() is state:  # no day was counted meanwhile
                _publish(dump, before)
                return dump
    except OSError as error:
        message = f"DUMP_DIR {settings.DUMP_DIR} cannot be written: {error}."
        raise DumpError(message) from error
    message = "Days keep being counted; the dump waits until they are."
    raise DumpError(message)


def is_of(dump: Dump, state: Snapshot) -> bool:
    through = state.window.last if state.window else None
    return (dump.generation, dump.data_through) == (state.generation, through)


def _written(state: Snapshot) -> Dump:
    if state.window is None:
        message = "Nothing is counted yet, so there is nothing to dump."
        raise DumpError(message)
    if standings.recomputed_percent() is not None:
        message = "Recent downloads are being worked out anew; the dump waits for them."
        raise DumpError(message)
    through = state.window.last
    stem = f"{PREFIX}{through}-{state.generation}"
    with ExitStack() as stack:
        files = {
            suffix: stack.enter_context(_file(f"{stem}.{suffix}")) for suffix in FORMATS
        }
        packages = _copy_rows(through, files)
    described = [_described(stem, suffix) for suffix in FORMATS]
    return Dump(through, state.generation, timezone.now(), packages, described)


def _copy_rows(through: date, files: dict[str, GzipFile]) -> int:
    """Write each standing to every file; a chunk of them is in memory at a time."""
    standings = Standing.objects.order_by("package__normalized_name").values_list(
        "package__normalized_name", "last_day", "last_week", "last_month", "total"
    )
    rows, number = standings.iterator(chunk_size=CHUNK), 0
    while chunk := [(str(through), *row) for row in islice(rows, CHUNK)]:
        for suffix, file in files.items():
            file.write(b"".join(map(FORMATS[suffix], chunk)))
        number += len(chunk)
    return number


@contextmanager
def _file(name: str) -> Iterator[GzipFile]:
    """Open a compressed file that gets its name once it is whole and on disk."""
    folder = Path(settings.DUMP_DIR)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=TEMPORARY, delete=False) as raw:
        try:
            inner, suffix = name.removesuffix(".gz"), name.partition(".")[2]
            with GzipFile(inner, "wb", LEVEL, fileobj=raw, mtime=0) as file:
                file.write(HEADS[suffix])
                yield file
            _save(raw, folder / name)
        except BaseException:
            Path(raw.name).unlink(missing_ok=True)
            raise


def _save(raw: IO[bytes], path: Path) -> None:
    raw.flush()
    os.fsync(raw.fileno())
    os.fchmod(raw.fileno(), 0o644)  # a proxy may serve the folder
    Path(raw.name).replace(path)


def _described(stem: str, suffix: str) -> DumpFile:
    path = Path(settings.DUMP_DIR) / f"{stem}.{suffix}"
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return DumpFile(f"recent.{suffix}", path.name, path.stat().st_size, digest)


def _publish(dump: Dump, before: Dump | None) -> None:
    folder = Path(settings.DUMP_DIR)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=TEMPORARY, delete=False) as raw:
        raw.write(orjson.dumps(asdict(dump)))
        _save(raw, folder / INDEX)
    kept = {file.stored for one in (dump, before) if one for file in one.files}
    for path in folder.glob(f"{PREFIX}*.gz"):
        if path.name not in kept:
            path.unlink(missing_ok=True)
    for path in folder.glob(f"{TEMPORARY}*"):
        if path.stat().st_mtime < time.time() - ABANDONED_AFTER:
            path.unlink(missing_ok=True)
