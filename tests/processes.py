"""Commands in processes of their own, each test with a database of its own."""

import glob
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import psutil
import psycopg2
from django.conf import settings

from packages.cells import read_days, unpack_cells
from pypistats_site.serve import accepts, web_command
from tests.waiting import wait_for

HANGS_AFTER = 120
"""Seconds after which a test that waits gives up; never part of a result."""

WRITERS_KEY, INGEST_KEY = 7_203_113, 7_203_114
"""Advisory locks of ``packages.store`` and ``ingest.lock`` on PostgreSQL."""

_OURS = ("DATABASE_URL", "INGEST_", "RETENTION_", "VAR_DIR", "SPOOL_DIR", "LOG_LEVEL")


@dataclass(frozen=True)
class Site:
    """An installation with a folder and a database; ``url`` is "" for SQLite."""

    folder: Path
    url: str = ""
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    def packed_days(self) -> set[str]:
        """The days that are packed in spools just now, which may vanish meanwhile."""
        return set(glob.glob(str(self.spool / "day-*" / "*.csv")))  # noqa: PTH207

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start ``manage.py`` at the head of a process group."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
        own = {"VAR_DIR": str(self.folder), "DATABASE_URL": self.url}
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=kept | own | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Return the exit code and all that was written."""
        return finished(self.start(*arguments, **environment))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.connected() as cursor:
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """A cursor in a transaction that is rolled back."""
        opened: Any = psycopg2.connect(self.url) if self.url else self._sqlite()
        with closing(opened) as connection, closing(connection.cursor()) as cursor:
            yield cursor

    def is_writing(self) -> bool:
        """Whether some process is in a transaction that writes."""
        if self.url:
            return self._is_held(WRITERS_KEY)
        with closing(self._sqlite(timeout=0)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
        return False

    def is_ingesting(self) -> bool:
        """Whether a session holds the ingest's lock; SQLite has no sessions."""
        return bool(self.url) and self._is_held(INGEST_KEY)

    def _is_held(self, key: int) -> bool:
        held = "SELECT 1 FROM pg_locks JOIN pg_database ON oid = database"
        own = f"datname = current_database() AND objid = {key} AND granted"
        return bool(self.rows(f"{held} WHERE locktype = 'advisory' AND {own}"))

    def _sqlite(self, timeout: float = HANGS_AFTER) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / "pypistats.sqlite3", timeout=timeout)


@contextmanager
def new_site(folder: Path, server: str | None = None) -> Iterator[Site]:
    """Migrate a new database: a file, or one on the ``server`` that tests run on.

    At the end nothing that was started for it is left.
    """
    folder.mkdir()
    with _new_database(server_of_tests() if server is None else server) as url:
        site = Site(folder, url)
        try:
            code, output = site.run("migrate", "--verbosity", "0")
            assert code == 0, output
            yield site
        finally:
            for process in site.started:
                kill(process)


@contextmanager
def web_server(site: Site, workers: int, **environment: str) -> Iterator[int]:
    """Serve ``site`` as ``serve`` does, by so many processes; give the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    own = {"VAR_DIR": str(site.folder), "DATABASE_URL": site.url} | environment
    command = [*web_command("127.0.0.1", port, workers), "--no-log"]
    with subprocess.Popen(
        command, env=os.environ | own, start_new_session=True
    ) as server:
        try:
            wait_for(lambda: accepts("127.0.0.1", port), "the web server")
            yield port
        finally:
            os.killpg(server.pid, signal.SIGKILL)


@contextmanager
def _new_database(server: str) -> Iterator[str]:
    if not server:
        yield ""
        return
    name = f"site_{uuid.uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name}")
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def server_of_tests() -> str:
    """The address of the PostgreSQL server that tests run on, or ""."""
    database = settings.DATABASES["default"]
    if "postgresql" not in database["ENGINE"]:
        return ""
    secret = f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    user = f"{quote(database['USER'], safe='')}{secret}"
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"postgresql://{user}@{quote(database['HOST'], safe='')}{port}/postgres"


def _administer(server: str, sql: str) -> None:
    with closing(psycopg2.connect(server)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)


def finished(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate(timeout=HANGS_AFTER)
    return process.returncode, output


def kill(process: subprocess.Popen[str]) -> None:
    """End a process and all that it started, at once."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdout and not process.stdout.closed:
        process.communicate(timeout=HANGS_AFTER)


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait with short pauses: a process is to be met in the middle of its work."""
    wait_for(condition, what, pause=0.005)


def spooling(site: Site, process: subprocess.Popen[str]) -> psutil.Process | None:
    """The process of the group that has a spool open."""
    with_children = [psutil.Process(process.pid)]
    with_children += with_children[0].children(recursive=True)
    for found in with_children:
        try:
            names = [file.path for file in found.open_files()]
        except psutil.NoSuchProcess:
            continue
        if any(Path(name).parent.parent == site.spool for name in names):
            return found
    return None


def write_days(
    folder: Path, days: Sequence[date], events: int, version: int = 0
) -> str:
    """Write a Parquet file of made-up events for each day; return the glob of all.

    8,000 packages and 50 clients; ``version`` 0 and 1 differ in nearly every cell.
    """
    folder.mkdir()
    with duckdb.connect() as db:
        db.execute("SET TimeZone='UTC'")
        for day in days:
            path = folder / f"{day}.parquet"
            db.execute(
                _EVENTS.format(path=path, day=day, events=events, version=version)
            )
    return str(folder / "*.parquet")


_EVENTS = """
COPY (
    SELECT
        TIMESTAMPTZ '{day} 00:00:00+00' + to_seconds((h % 86400)::BIGINT) AS timestamp,
        'package-' || ({version} % 2 + floor(8000 * pow((h % 99991) / 99991, 2)))::INT
            AS project,
        {{'installer': {{'name': ['pip', 'uv', 'poetry', 'pdm', 'bandersnatch'][
                (h // 7 % 5)::INT + 1]}},
          'python': '3.' || (9 + h // 35 % 5)::INT,
          'system': {{'name': ['Linux', 'Darwin'][(h // 175 % 2)::INT + 1]}},
          'ci': false}} AS details
    FROM (SELECT hash(range, {version}, '{day}') AS h FROM range({events}))
) TO '{path}' (FORMAT parquet)
"""


def contents(site: Site) -> dict[str, dict[Any, Any]]:
    """All that a site has counted, with clients by what they are, not by their ids."""
    clients = {
        row[0]: row[1:]
        for row in site.rows(
            "SELECT id, installer, python, system, CAST(ci AS int) FROM packages_client"
        )
    }

    def named(cells: list[int]) -> dict[Any, int]:
        pairs = zip(cells[::2], cells[1::2], strict=True)
        return {clients[client]: downloads for client, downloads in pairs}

    return {
        "records": {
            (name, str(month)): (
                downloads,
                {day[0]: named(day[2:]) for day in read_days(days)},
            )
            for name, month, downloads, days in site.rows(_RECORDS)
        },
        "days": {
            str(day): (
                *figures,
                {clients[key]: number for key, number in unpack_cells(cells).items()},
            )
            for day, cells, *figures in site.rows(_DAYS)
        },
    }


_RECORDS = """
SELECT normalized_name, month, downloads, days FROM packages_downloadrecord
JOIN packages_package ON packages_package.id = package_id
"""
_DAYS = "SELECT day, cells, downloads, packages, status FROM packages_countedday"


def assert_whole(site: Site) -> None:
    """Every day of the ledger is the sum of its records, and no other day is there."""
    sums: dict[str, list[int]] = {}
    for name, month, downloads, days in site.rows(_RECORDS):
        packed = read_days(days)
        assert len({cells[0] for cells in packed}) == len(packed), name
        assert sum(cells[1] for cells in packed) == downloads, name
        for day, total, *cells in packed:
            assert sum(cells[1::2]) == total, name
            held = sums.setdefault(f"{str(month)[:8]}{day:02}", [0, 0])
            held[0] += total
            held[1] += 1
    ledger = {
        str(day): [downloads, packages]
        for day, _, downloads, packages, status in site.rows(_DAYS)
        if status == "complete"
    }
    assert sums == ledger
