"""Killing ingest, queue or database loses nothing and counts nothing twice.

``KILLS=50 python -m pytest tests/ingest/test_kills.py`` kills more often, and
``KILLS_SEED`` chooses other points to kill at.
"""

import itertools
import os
import random
import subprocess
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.catching import stopped_while_writing
from tests.processes import (
    Site,
    assert_whole,
    contents,
    finished,
    kill,
    new_site,
    spooling,
    wait_until,
    write_days,
)

pytestmark = pytest.mark.end_to_end

KILLS = int(os.environ.get("KILLS", "4"))
SEED = os.environ.get("KILLS_SEED", "1")
DAYS = [date(2026, 10, 29) + timedelta(days=n) for n in range(4)]
EVENTS = 160_000


def files(path: str) -> tuple[str, ...]:
    return "ingest", "--source", "files", "--path", path


def ingest(site: Site, path: str) -> None:
    code, output = site.run(*files(path))
    assert code == 0, output


def runs(site: Site, state: str) -> set[int]:
    sql = f"SELECT id FROM ingest_ingestrun WHERE state = '{state}'"
    return {number for (number,) in site.rows(sql)}


def test_ingest_killed_at_random_points_ends_with_the_right_numbers(
    tmp_path: Path,
) -> None:
    paths = [
        write_days(
            tmp_path / f"events{version}", DAYS, EVENTS - 40_000 * version, version
        )
        for version in range(2)
    ]
    chance = random.Random(SEED)  # noqa: S311
    died: set[int] = set()
    with new_site(tmp_path / "calm") as calm, new_site(tmp_path / "killed") as site:
        for number in range(KILLS):
            kill_ingest(site, paths[number % 2], chance)
            died |= runs(site, "running")
            assert_whole(site)
        ingest(site, paths[0])
        ingest(calm, paths[0])

        assert contents(site) == contents(calm)
        assert (runs(site, "abandoned"), runs(site, "running")) == (died, set())
        assert list(site.spool.glob("day-*")) == []


def test_rivals_of_which_one_is_killed_end_with_the_right_numbers(
    tmp_path: Path,
) -> None:
    """On PostgreSQL the rival is on another machine, with a spool of its own."""
    path = write_days(tmp_path / "events", DAYS, EVENTS)
    chance = random.Random(f"rivals {SEED}")  # noqa: S311
    with new_site(tmp_path / "calm") as calm, new_site(tmp_path / "killed") as site:
        ingest(calm, path)
        machines = [site, Site(tmp_path / "rival", site.url) if site.url else site]
        for _ in range(max(1, KILLS // 3)):
            chance.shuffle(machines)
            rival = machines[1].start(*files(path))
            kill_ingest(machines[0], path, chance)

            code, output = finished(rival)

            assert code in {0, 4}, output
            assert_whole(site)
        for machine in machines:
            ingest(machine, path)
            assert list(machine.spool.glob("day-*")) == []

        assert contents(site) == contents(calm)
        assert runs(site, "running") == set()


def kill_ingest(site: Site, path: str, chance: random.Random) -> None:
    """Start an ingest and kill it shortly after it reached a point of some day."""
    day, delay = chance.choice(DAYS), chance.uniform(0, 0.2)
    stage = chance.choice(["starting", "filling", "begun", "packed", "writing"])
    old = set(site.spool.glob("day-*"))
    newest = site.rows("SELECT coalesce(max(id), 0) FROM ingest_ingestrun")[0][0]
    run = f"SELECT 1 FROM ingest_ingestrun WHERE id > {newest} AND day = '{day}'"
    process = site.start(*files(path))
    writing = stopped_while_writing(site, process, chance.randrange(1, 10))

    def reached() -> bool:
        if process.poll() is not None or stage == "starting":
            return True
        if stage == "begun":
            return bool(site.rows(run))
        folders = set(site.spool.glob("day-*")) - old
        if stage == "filling":
            return bool(folders)
        packed = any((folder / f"{day}.csv").exists() for folder in folders)
        return packed and (stage == "packed" or writing())

    wait_until(reached, f"{day} is {stage}")
    time.sleep(0 if stage == "writing" else delay)
    kill(process)
    wait_until(lambda: not site.is_ingesting(), "the dead session is gone")


def test_day_whose_writer_is_killed_stays_as_it_was(tmp_path: Path) -> None:
    paths = [
        write_days(tmp_path / f"events{version}", DAYS[:1], EVENTS, version)
        for version in range(2)
    ]
    with new_site(tmp_path / "site") as site:
        truths = []
        for path in paths:
            ingest(site, path)
            truths.append(contents(site))

        now = 1
        for catches in itertools.chain((12, 8, 5, 3), itertools.repeat(1)):
            caught = kill_while_writing(site, files(paths[1 - now]), catches)
            now = now if caught else 1 - now
            assert contents(site) == truths[now]
            if caught and catches == 1:
                break


def kill_while_writing(site: Site, command: tuple[str, ...], catches: int) -> bool:
    """Kill a command at its n-th catch; return whether it was not too late for that."""
    old = site.packed_days()
    process = site.start(*command)
    caught = stopped_while_writing(site, process, catches)
    was_caught = False

    def reached() -> bool:
        nonlocal was_caught
        if process.poll() is not None:
            return True
        was_caught = bool(site.packed_days() - old) and caught()
        return was_caught

    wait_until(reached, "the day is written")
    kill(process)
    wait_until(lambda: not site.is_ingesting(), "the dead session is gone")
    return was_caught


def test_queue_catches_up_after_its_worker_and_its_cluster_were_killed(
    tmp_path: Path,
) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    days = [yesterday - timedelta(days=n) for n in range(5, -1, -1)]
    path = write_days(tmp_path / "events", days, EVENTS)
    queue = {"INGEST_SOURCE": "files", "INGEST_PATH": path}
    with new_site(tmp_path / "calm") as calm, new_site(tmp_path / "killed") as site:
        ingest(calm, path)
        code, output = site.run(*files(path), "--date", str(days[0]))
        assert code == 0, output

        kill_worker_and_cluster(site, queue)
        finish_queue(site, queue)

        assert counted(site, days) == counted(calm, days)
        # Each death leaves the day in work and those that had yet to come.
        assert len(runs(site, "abandoned")) >= 2
        assert runs(site, "running") == set()


def kill_worker_and_cluster(site: Site, queue: dict[str, str]) -> None:
    cluster = site.start("qcluster", **queue)
    try:
        enqueue(site)
        worker = stopped_in_a_run(site, cluster)
        worker.kill()
        wait_until(lambda: is_dead(worker), "the worker is dead")
        wait_until(lambda: not site.is_ingesting(), "the dead session is gone")
        assert_whole(site)
        enqueue(site)
        assert stopped_in_a_run(site, cluster).pid != worker.pid
    finally:
        kill(cluster)
    wait_until(lambda: not site.is_ingesting(), "the dead session is gone")
    assert_whole(site)


def stopped_in_a_run(site: Site, cluster: subprocess.Popen[str]) -> psutil.Process:
    """The worker that counts, stopped: an idle one must not be killed (web.md 1.1)."""
    known = runs(site, "running")
    found: list[psutil.Process] = []

    def reached() -> bool:
        worker = spooling(site, cluster)
        if worker is None:
            return False
        worker.suspend()
        if runs(site, "running") - known and spooling(site, cluster) == worker:
            found.append(worker)
            return True
        worker.resume()
        return False

    wait_until(reached, "a worker counts")
    return found[0]


def is_dead(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def enqueue(site: Site) -> None:
    """Enqueue what the daily schedule does."""
    task = "from django_q.tasks import async_task as a; a('ingest.tasks.ingest_daily')"
    code, output = site.run("shell", "-c", task)
    assert code == 0, output


def finish_queue(site: Site, queue: dict[str, str]) -> None:
    done = "SELECT success FROM django_q_task WHERE func = 'ingest.tasks.ingest_daily'"
    cluster = site.start("qcluster", **queue)
    try:
        enqueue(site)
        wait_until(lambda: site.rows(done), "the task is done")
    finally:
        kill(cluster)
    assert [bool(success) for (success,) in site.rows(done)] == [True]
    assert_whole(site)


def counted(site: Site, days: list[date]) -> dict[str, Any]:
    """The contents of ``days``: none that came when the clock passed midnight."""
    found = contents(site)
    known = {str(day) for day in days}
    found["days"] = {day: row for day, row in found["days"].items() if day in known}
    return found
