"""Two ingests at once, two writers at once, and a reader beside a writer."""

import json
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.db import connection, connections
from pytest_django import Settings

from ingest.exceptions import AnotherIngestError, SpoolError
from ingest.lock import only_ingest
from packages import stats, store
from packages.exceptions import UnknownPackageError
from packages.models import CountedDay
from packages.names import ALL_PACKAGES
from tests.catching import stopped_while_writing
from tests.factories import PIP_39, PIP_311, POETRY, UV_CI, pack
from tests.processes import (
    HANGS_AFTER,
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

DAY = date(2026, 11, 2)
EVENTS = 100_000
REFUSED = (
    "CommandError: Another ingest is running; nothing was changed."
    " Try again when it is over.\n"
)
ROUNDS = 10


def files(path: str) -> tuple[str, ...]:
    return "ingest", "--source", "files", "--path", path


@pytest.mark.end_to_end
@pytest.mark.parametrize("elsewhere", [False, True])
def test_of_two_ingests_at_once_one_works_or_each_in_turn(
    tmp_path: Path, elsewhere: bool
) -> None:
    path = write_days(tmp_path / "events", [DAY], EVENTS)
    with new_site(tmp_path / "calm") as calm, new_site(tmp_path / "site") as site:
        second = machine_beside(site, tmp_path) if elsewhere else site
        calm.run(*files(path))

        both = [site.start(*files(path)), second.start(*files(path))]
        results = [finished(process) for process in both]

        assert 0 in {code for code, _ in results}
        for code, output in results:
            assert code == 0 or (code == 4 and output.endswith(REFUSED)), output
        assert_whole(site)
        assert contents(site) == contents(calm)


@pytest.mark.end_to_end
@pytest.mark.parametrize("elsewhere", [False, True])
def test_ingest_is_refused_while_another_holds_the_lock(
    tmp_path: Path, elsewhere: bool
) -> None:
    path = write_days(tmp_path / "events", [DAY], EVENTS)
    with new_site(tmp_path / "site") as site:
        second = machine_beside(site, tmp_path) if elsewhere else site
        first = site.start(*files(path))
        wait_until(lambda: first.poll() or spooling(site, first), "the first works")
        psutil.Process(first.pid).suspend()
        try:
            code, output = second.run(*files(path))
        finally:
            psutil.Process(first.pid).resume()

        assert (code, output) == (4, REFUSED)
        assert finished(first)[0] == 0
        assert site.rows("SELECT downloads FROM packages_countedday") == [(EVENTS,)]
        assert site.rows("SELECT count(*) FROM ingest_ingestrun") == [(1,)]
        assert_whole(site)


def machine_beside(site: Site, folder: Path) -> Site:
    if not site.url:
        pytest.skip("an SQLite file is on one machine")
    return Site(folder / "other machine", site.url)


@pytest.mark.django_db
@pytest.mark.parametrize("other_folder", [False, True])
def test_lock_is_held_against_other_threads(
    settings: Settings, tmp_path: Path, other_folder: bool
) -> None:
    if other_folder and connection.vendor != "postgresql":
        pytest.skip("on SQLite the lock is a file in SPOOL_DIR")
    with only_ingest():
        if other_folder:
            settings.SPOOL_DIR = tmp_path / "other"
        with ThreadPoolExecutor() as pool:
            refused = pool.submit(in_own_connection, take_lock).exception()
    with ThreadPoolExecutor() as pool:
        allowed = pool.submit(in_own_connection, take_lock).exception()

    assert isinstance(refused, AnotherIngestError)
    assert allowed is None


def test_lock_names_the_folder_that_cannot_be_written(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings.SPOOL_DIR = tmp_path / "file" / "spool"

    with pytest.raises(SpoolError, match=r"SPOOL_DIR .* cannot be written"):
        take_lock()


def take_lock() -> None:
    with only_ingest():
        pass


def in_own_connection(work: Callable[..., None], *arguments: Any) -> None:
    try:
        work(*arguments)
    finally:
        connections.close_all()


VERSIONS = [
    {f"package-{n}": {PIP_311: n + 1, PIP_39: 3} for n in range(300)},
    {f"package-{n}": {PIP_311: n + 7, UV_CI: 1, POETRY: n} for n in range(100, 400)},
]
"""Two truths about a day; both bring packages and clients that the other lacks."""


@pytest.mark.end_to_end
def test_of_two_writers_of_a_day_the_last_one_wins(tmp_path: Path) -> None:
    answer = tmp_path / "answer.json"
    totals = [sum(sum(c.values()) for c in v.values()) for v in VERSIONS]
    with new_site(tmp_path / "site") as site:
        code, output = call(site, "race", answer)
        assert code == 0, output
        assert_whole(site)

    rounds = json.loads(answer.read_bytes())
    assert len(rounds) == ROUNDS
    for in_ledger, packages, in_records in rounds:
        assert in_ledger == in_records
        assert [in_ledger, packages] in [[totals[0], 300], [totals[1], 300]]


def race(answer: Path) -> None:
    """Store both versions of a day at once, again and again; run in its own process."""
    rounds = []
    barrier = threading.Barrier(len(VERSIONS), timeout=HANGS_AFTER)
    for _ in range(ROUNDS):
        with ThreadPoolExecutor() as pool:
            writers = [
                pool.submit(in_own_connection, write_version, version, barrier)
                for version in range(len(VERSIONS))
            ]
        for writer in writers:
            writer.result()
        counted = CountedDay.objects.get(day=DAY)
        rows = [total_of(f"package-{n}") for n in range(400)]
        rounds.append((counted.downloads, counted.packages, sum(rows)))
    answer.write_text(json.dumps(rounds))


def write_version(version: int, barrier: threading.Barrier) -> None:
    with tempfile.TemporaryDirectory() as folder:
        barrier.wait()
        packed = pack(DAY, VERSIONS[version], Path(folder) / "day.csv")
        barrier.wait()
        store.replace_day(packed, "files")


def total_of(package: str) -> int:
    """The downloads of the only day; of a package that is not there, none."""
    try:
        rows = stats.history(package).overall(mirrors=True)
    except UnknownPackageError:
        return 0
    return sum(row.downloads for row in rows)


@pytest.mark.end_to_end
def test_reader_sees_the_old_numbers_or_the_new_ones(tmp_path: Path) -> None:
    old = write_days(tmp_path / "old", [DAY], EVENTS, 0)
    new = write_days(tmp_path / "new", [DAY], EVENTS // 2, 1)
    answer = tmp_path / "answer.json"
    with new_site(tmp_path / "site") as site:
        site.run(*files(old))
        expected = [totals_of(site)]
        reader = start(site, "watch", answer)
        try:
            wait_until(lambda: reader.poll() is not None or reading(answer), "it reads")
            code, output = site.run(*files(new))
            assert code == 0, output
            expected.append(totals_of(site))
            answer.with_suffix(".stop").touch()
            assert finished(reader)[0] == 0
        finally:
            kill(reader)

    seen = json.loads(answer.read_bytes())
    assert seen == {
        name: [before, after]
        for (name, before), after in zip(
            expected[0].items(), expected[1].values(), strict=True
        )
    }


@pytest.mark.end_to_end
def test_reader_is_answered_while_a_day_is_written(tmp_path: Path) -> None:
    old = write_days(tmp_path / "old", [DAY], EVENTS, 0)
    new = write_days(tmp_path / "new", [DAY], EVENTS // 2, 1)
    with new_site(tmp_path / "site") as site:
        site.run(*files(old))
        before = totals_of(site)
        writer = site.start(*files(new))
        stop = stopped_while_writing(site, writer, 3)
        wait_until(lambda: bool(site.packed_days()) and stop(), "it writes")

        code, output = call(site, "read_once", tmp_path / "answer.json")

        assert code == 0, output
        assert json.loads((tmp_path / "answer.json").read_bytes()) == before
        psutil.Process(writer.pid).resume()
        assert finished(writer)[0] == 0
        assert totals_of(site) != before


def read_once(answer: Path) -> None:
    answer.write_text(json.dumps({name: total_of(name) for name in WATCHED}))


WATCHED = ("package-1", "package-4000", ALL_PACKAGES)


def totals_of(site: Site) -> dict[str, int]:
    found = {
        name: downloads
        for (name, _), (downloads, _) in contents(site)["records"].items()
    }
    everything = {ALL_PACKAGES: sum(found.values())}
    return {name: (found | everything)[name] for name in WATCHED}


def reading(answer: Path) -> bool:
    return answer.with_suffix(".started").exists()


def watch(answer: Path) -> None:
    """Write every total that readers get, in order; run in its own process."""
    seen: dict[str, list[int]] = {name: [] for name in WATCHED}
    stopped = False
    while not stopped:
        stopped = answer.with_suffix(".stop").exists()
        for name, totals in seen.items():
            total = total_of(name)
            if not totals or totals[-1] != total:
                totals.append(total)
        answer.with_suffix(".started").touch()
    answer.write_text(json.dumps(seen))


def start(site: Site, function: str, answer: Path) -> Any:
    code = (
        "from pathlib import Path; from tests.ingest import test_concurrency as t;"
        f" t.{function}(Path({str(answer)!r}))"
    )
    return site.start("shell", "-c", code)


def call(site: Site, function: str, answer: Path) -> tuple[int, str]:
    return finished(start(site, function, answer))
