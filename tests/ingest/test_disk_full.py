"""A disk that is full is one sentence, and the next ingest goes on by itself."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from ingest.exceptions import SpoolError
from ingest.sources.file_names import reading
from ingest.spool import Spool
from tests.disks import files_of_at_most
from tests.processes import Site, assert_whole, contents, new_site, write_days

DAY = date(2026, 11, 2)
EVENTS = 400_000


def ingest(path: str) -> tuple[str, ...]:
    return "ingest", "--source", "files", "--path", path, "--date", str(DAY)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of 1 MiB: less than the day packed."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    if (
        os.geteuid()
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("only root may mount a small file system")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def resize(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


@pytest.mark.end_to_end
@pytest.mark.once
@pytest.mark.parametrize("size", ["8k", "1m"])
def test_full_spool_leaves_the_day_as_it_was(tmp_path: Path, size: str) -> None:
    paths = [
        write_days(tmp_path / f"events{version}", [DAY], EVENTS, version)
        for version in range(2)
    ]
    disk = tmp_path / "disk"
    with new_site(tmp_path / "site") as site, small_disk(disk):
        assert site.run(*ingest(paths[0]))[0] == 0
        before = contents(site)
        resize(disk, size)

        code, output = site.run(*ingest(paths[1]), SPOOL_DIR=str(disk))

        assert code == 1
        assert output.splitlines()[-1] == (
            f"CommandError: SPOOL_DIR {disk} is full. Free some space or name another"
            " folder; the next ingest counts what is missing."
        )
        assert "Traceback" not in output
        assert contents(site) == before
        assert list(disk.glob("day-*")) == []
        assert running(site) == 0
        resize(disk, "64m")
        assert site.run(*ingest(paths[1]), SPOOL_DIR=str(disk))[0] == 0
        assert contents(site) != before
        assert_whole(site)


@pytest.mark.end_to_end
def test_full_database_leaves_the_day_as_it_was(tmp_path: Path) -> None:
    paths = [
        write_days(tmp_path / f"events{version}", [DAY], EVENTS, version)
        for version in range(2)
    ]
    with small_disk(tmp_path / "disk"):
        resize(tmp_path / "disk", "64m")
        with new_site(tmp_path / "disk" / "site", server="") as site:
            assert site.run(*ingest(paths[0]))[0] == 0
            before = contents(site)
            resize(tmp_path / "disk", used(tmp_path / "disk"))

            code, output = site.run(
                *ingest(paths[1]), SPOOL_DIR=str(tmp_path / "spool")
            )

            assert (code, "Traceback" in output) == (1, False), output
            assert "disk is full" in output.splitlines()[-1]
            resize(tmp_path / "disk", "64m")
            assert contents(site) == before
            assert site.run(*ingest(paths[1]))[0] == 0
            assert contents(site) != before
            assert_whole(site)
            assert running(site) == 0


def used(disk: Path) -> str:
    """The size at which a file system has hardly any room left."""
    state = os.statvfs(disk)
    taken = state.f_blocks - state.f_bfree
    return str(taken * state.f_frsize + 300_000)


def running(site: Site) -> int:
    sql = "SELECT count(*) FROM ingest_ingestrun WHERE state = 'running'"
    return int(site.rows(sql)[0][0])


@pytest.mark.parametrize(
    ("largest_file", "message"),
    [(50_000, r"^SPOOL_DIR .* is full\."), (-1, r"^INGEST_MEMORY_MB=9 is too little")],
)
def test_short_resource_is_named(
    settings: Settings, largest_file: int, message: str
) -> None:
    settings.INGEST_MEMORY_MB = 9

    with Spool() as spool, files_of_at_most(largest_file):
        spool.db.execute("SET threads=1")
        with pytest.raises(SpoolError, match=message), reading([]):
            spool.run(MANY_CELLS)

    assert list(settings.SPOOL_DIR.iterdir()) == []


MANY_CELLS = """
INSERT INTO cells
SELECT DATE '2026-11-02', range, range, '3', 'Linux', NULL, sum(1)
FROM range(1000000) GROUP BY range
"""
