"""The dump is whole, or the one before stays."""

import gzip
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django_q.models import OrmQ
from pytest_django import DjangoAssertNumQueries, Settings

from ingest import tasks
from packages import dump, store
from packages.dump import DumpError
from packages.models import CountedDay, MirrorList
from tests.factories import MIRROR, PIP_311, count_day
from tests.fakes import ListSource

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.DUMP_DIR = tmp_path / "dump"
    with time_machine.travel(datetime(2026, 11, 19, 6, tzinfo=UTC), tick=False):
        yield


def count(day: date = LAST) -> None:
    cells = {"django": {PIP_311: 5, MIRROR: 2}, "mirrored": {MIRROR: 1}}
    count_day(day, cells | {"flask": {PIP_311: 3}})


def read(name: str) -> bytes:
    found = dump.current()
    assert found is not None
    (file,) = (file for file in found.files if file.name == name)
    return gzip.decompress(file.path.read_bytes())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_each_package_is_a_line() -> None:
    count(LAST - timedelta(days=40))
    count()

    written = dump.write()

    assert written == dump.current()
    assert (written.data_through, written.packages) == (LAST, 2)
    assert read("recent.csv.gz") == (
        b"date,package,last_day,last_week,last_month,total\n"
        b"2026-11-18,django,5,5,5,10\n"
        b"2026-11-18,flask,3,3,3,6\n"
    )
    assert read("recent.jsonl.gz") == (
        b'{"date":"2026-11-18","last_day":5,"last_month":5,"last_week":5,'
        b'"package":"django","total":10}\n'
        b'{"date":"2026-11-18","last_day":3,"last_month":3,"last_week":3,'
        b'"package":"flask","total":6}\n'
    )


def test_dump_of_the_same_numbers_is_not_written_again() -> None:
    count()
    first = dump.write()

    with time_machine.travel(datetime(2026, 11, 20, tzinfo=UTC), tick=False):
        assert dump.write() == first


def test_dump_before_stays_for_its_readers_and_goes_with_the_next(
    settings: Settings,
) -> None:
    stems = []
    for age in (2, 1, 0):
        count(LAST - timedelta(days=age))
        first = dump.write().files[0].stored
        stems.append(first.removesuffix(".jsonl.gz"))

    kept = [
        f"{stem}.{suffix}" for stem in stems[1:] for suffix in ("csv.gz", "jsonl.gz")
    ]
    assert names(settings.DUMP_DIR) == sorted(["index.json", *kept])


def test_what_a_killed_dump_left_is_cleared_once_it_is_old(settings: Settings) -> None:
    count()
    settings.DUMP_DIR.mkdir()
    now = datetime.now(UTC).timestamp()
    for name, age in ((".writing-old", 90_000), (".writing-new", 60)):
        path = settings.DUMP_DIR / name
        path.write_bytes(b"half")
        os.utime(path, (now - age, now - age))

    dump.write()

    assert ".writing-old" not in names(settings.DUMP_DIR)
    assert ".writing-new" in names(settings.DUMP_DIR)


def test_failed_dump_leaves_the_one_before(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    count(LAST - timedelta(days=1))
    before, files = dump.write(), names(settings.DUMP_DIR)
    count()

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(DumpError, match=r"^DUMP_DIR .* cannot be written: .*No space"):
        dump.write()

    assert dump.current() == before
    assert names(settings.DUMP_DIR) == files


def test_day_counted_meanwhile_is_in_the_dump(monkeypatch: pytest.MonkeyPatch) -> None:
    count(LAST - timedelta(days=1))
    copy_rows = dump._copy_rows

    def interrupted(*arguments: object) -> int:
        number = copy_rows(*arguments)  # type: ignore[arg-type]
        if not CountedDay.objects.filter(day=LAST):
            count()
        return number

    monkeypatch.setattr(dump, "_copy_rows", interrupted)

    assert dump.write().data_through == LAST


def test_days_that_keep_coming_put_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    count()
    copy_rows = dump._copy_rows

    def interrupted(*arguments: object) -> int:
        MirrorList.objects.get(name="everything").save()
        return copy_rows(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(dump, "_copy_rows", interrupted)

    with pytest.raises(DumpError, match=r"^Days keep being counted"):
        dump.write()
    assert dump.current() is None


def test_nothing_to_dump() -> None:
    with pytest.raises(DumpError, match=r"^Nothing is counted yet"):
        dump.write()


def test_standings_out_of_date_are_not_dumped() -> None:
    count()
    MirrorList.objects.get(name="everything").become_default()

    with pytest.raises(DumpError, match="worked out anew"):
        dump.write()


@pytest.mark.parametrize("packages", [1, 3])
def test_queries_do_not_grow_with_the_packages(
    packages: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    count_day(LAST, {f"p{number}": {PIP_311: 1} for number in range(packages)})

    with django_assert_num_queries(8):
        assert dump.write().packages == packages


def test_command(capsys: pytest.CaptureFixture[str], settings: Settings) -> None:
    count()

    call_command("dump")

    assert capsys.readouterr().out == "The dump has 2 packages through 2026-11-18.\n"


def test_command_says_why_not(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.DUMP_DIR = tmp_path / "file" / "dump"

    with pytest.raises(CommandError, match=r"^DUMP_DIR .* cannot be written"):
        call_command("dump")


def test_daily_task_has_the_dump_written_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = ListSource({store.today() - timedelta(days=1): {"django": 3}})
    monkeypatch.setattr("ingest.daily.configured_source", lambda: source)

    tasks.ingest_daily()

    queued = [row.task["func"] for row in OrmQ.objects.all()]
    assert queued == ["ingest.tasks.write_dump"]
    assert tasks.write_dump() == "the dump has 1 packages through 2026-11-18"
