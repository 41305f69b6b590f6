"""Ctrl-C and SIGTERM in any phase leave the day as it was, and say so."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psutil
import pytest

from tests.catching import waiting_for
from tests.processes import (
    Site,
    assert_whole,
    contents,
    finished,
    new_site,
    server_of_tests,
    wait_until,
    write_days,
)

pytestmark = pytest.mark.end_to_end

DAY = date(2026, 11, 2)
EVENTS = 300_000
EXIT_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


@dataclass(frozen=True)
class Counted:
    """A site with a counted day, and events that would change it."""

    site: Site
    paths: list[str]
    contents: dict[str, dict[Any, Any]]


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    folder = tmp_path_factory.mktemp("interrupts")
    paths = [
        write_days(folder / f"events{version}", [DAY], EVENTS, version)
        for version in range(2)
    ]
    with new_site(folder / "site") as site:
        code, output = site.run(*ingest(paths[0]))
        assert code == 0, output
        yield Counted(site, paths, contents(site))


def ingest(path: str, *options: str) -> tuple[str, ...]:
    day = ("--date", str(DAY))
    return "ingest", "--source", "files", "--path", path, *day, *options


def is_reading(site: Site) -> bool:
    return bool(list(site.spool.glob("day-*"))) and not is_storing(site)


def is_packing(site: Site) -> bool:
    """A day that nobody named has no run while it is read."""
    return running(site) and not site.packed_days()


def is_storing(site: Site) -> bool:
    return bool(site.packed_days()) and site.is_writing()


def running(site: Site) -> bool:
    return bool(site.rows("SELECT 1 FROM ingest_ingestrun WHERE state = 'running'"))


@pytest.mark.parametrize("phase", [is_reading, is_packing, is_storing])
@pytest.mark.parametrize("number", EXIT_CODES)
def test_interrupted_ingest_leaves_the_day_as_it_was(
    counted: Counted, phase: Callable[[Site], bool], number: signal.Signals
) -> None:
    site = counted.site
    command = ingest(counted.paths[1])
    if phase is is_packing:
        command = command[: command.index("--date")]
    while True:
        process = site.start(*command)
        interrupt(site, process, phase, number)
        code, output = finished(process)
        state, error = last_run(site)
        if state == "abandoned":
            break
        # The signal came after the commit, or the phase was over too soon to be seen.
        assert state == "succeeded"
        site.run(*ingest(counted.paths[0]))

    assert code == EXIT_CODES[number]
    assert "Traceback" not in output
    assert output.splitlines()[-1] == (
        f"CommandError: Interrupted by {number.name}. The day in work stays as it was."
    )
    assert error == f"Interrupted by {number.name}."
    assert contents(site) == counted.contents
    assert_whole(site)
    assert not running(site)
    assert list(site.spool.glob("day-*")) == []


def interrupt(
    site: Site,
    process: subprocess.Popen[str],
    phase: Callable[[Site], bool],
    number: signal.Signals,
) -> None:
    """Send a signal while ``process`` stands still in the midst of a phase."""
    watched = psutil.Process(process.pid)

    def reached() -> bool:
        if process.poll() is not None:
            return True
        watched.suspend()
        found = phase(site)
        if found:
            process.send_signal(number)
        watched.resume()
        return found

    wait_until(reached, "the process is in the phase")


def last_run(site: Site) -> tuple[str, str]:
    sql = "SELECT state, error FROM ingest_ingestrun ORDER BY id DESC LIMIT 1"
    state, error = site.rows(sql)[0]
    return state, error


@pytest.mark.skipif(not server_of_tests(), reason="SQLite has no sessions")
def test_interrupted_ingest_does_not_wait_for_the_database(counted: Counted) -> None:
    command = ingest(counted.paths[1])

    with waiting_for(counted.site, "packages_generation", *command) as (process, _):
        process.send_signal(signal.SIGINT)
        code, output = finished(process)

    assert code == 130, output
    assert last_run(counted.site) == ("abandoned", "Interrupted by SIGINT.")
    assert contents(counted.site) == counted.contents


@pytest.mark.once
def test_interrupted_dry_run_leaves_no_trace(counted: Counted) -> None:
    site = counted.site
    before = site.rows("SELECT count(*) FROM ingest_ingestrun")
    process = site.start(*ingest(counted.paths[1], "--dry-run"))

    interrupt(site, process, is_reading, signal.SIGINT)

    assert finished(process)[0] == 130
    assert contents(site) == counted.contents
    assert site.rows("SELECT count(*) FROM ingest_ingestrun") == before
    assert list(site.spool.glob("day-*")) == []
