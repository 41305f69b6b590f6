"""Every source tells the same files apart, where that is asked for."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine
from pytest_django import Settings

from ingest import runner
from ingest.detail import Detail, wanted_detail
from ingest.runner import Order
from ingest.sources.access_log import AccessLogSource
from ingest.sources.base import DayRange, DownloadSource
from ingest.sources.files import FilesSource
from ingest.spool import Spool
from packages import releases, stats
from packages.exceptions import NotByVersionError
from packages.models import Client, CountedDay, Package
from packages.releases import FileDownloads
from tests.fakes import ListSource
from tests.ingest.events import Event, write_ndjson, write_parquet

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)
WHEEL, SDIST = "django-5.2-py3-none-any.whl", "django-5.1.tar.gz"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 20, 4, tzinfo=UTC)):
        yield


EVENTS = [
    *[Event(filename=WHEEL)] * 3,
    Event(filename=SDIST, version="5.1", installer="uv", python="3.12.1", ci=True),
    Event(filename=SDIST, version="5.1", installer="bandersnatch", python=None),
    Event(filename=WHEEL, project="Django", python="three"),
    Event(filename="x" * 300 + ".whl", version="5.0"),
    Event(filename="django-latest.zip", version=""),
    Event(filename="flask-3.0.tar.gz", project="flask", version="3.0"),
    Event(filename="flask-3.0.tar.gz", project="flask", details=False),
    Event(filename="-", project="-"),
    Event(filename=WHEEL, timestamp="2026-11-17 23:59:59 UTC"),
]
BY_FILE = [
    FileDownloads("", "5.0", 1),
    FileDownloads(SDIST, "5.1", 1),
    FileDownloads(WHEEL, "5.2", 3),
    FileDownloads("django-latest.zip", "", 1),
]
WITH_MIRRORS = [
    FileDownloads("", "5.0", 1),
    FileDownloads(SDIST, "5.1", 2),
    FileDownloads(WHEEL, "5.2", 3),
    FileDownloads("django-latest.zip", "", 1),
]


def count(source: DownloadSource) -> None:
    assert runner.ingest(source, Order(days=[DAY])).failed == {}


def files(package: str = "django") -> list[FileDownloads]:
    return releases.of_package(package).by_file()


@pytest.mark.parametrize("kind", ["parquet", "ndjson"])
def test_event_files_by_file(settings: Settings, tmp_path: Path, kind: str) -> None:
    settings.INGEST_COUNT_BY = "file"
    write = write_parquet if kind == "parquet" else write_ndjson
    path = write(tmp_path / f"events.{kind}", EVENTS)

    count(FilesSource(str(path)))

    assert files() == BY_FILE
    assert releases.of_package("django").by_file(mirrors=True) == WITH_MIRRORS
    by_version = releases.of_package("flask").by_version()
    assert sum(sum(by_day.values()) for by_day in by_version.values()) == (
        stats.history("flask").recent().last_day
    )


def test_event_files_by_release(settings: Settings, tmp_path: Path) -> None:
    settings.INGEST_COUNT_BY = "release"
    path = write_parquet(tmp_path / "events.parquet", EVENTS)

    count(FilesSource(str(path)))

    assert files() == [
        FileDownloads("", "5.0", 1),
        FileDownloads("", "5.1", 1),
        FileDownloads("", "5.2", 3),
        FileDownloads("", "", 1),
    ]


def test_csv_without_versions_has_those_of_the_names(
    settings: Settings, tmp_path: Path
) -> None:
    settings.INGEST_COUNT_BY = "file"
    path = tmp_path / "events.csv"
    path.write_text(
        "timestamp,project,file.filename\n"
        f"2026-11-18 10:00:00,django,{SDIST}\n"
        "2026-11-18 10:00:00,django\n"
        "2026-11-18 10:00:00,django,\n"
    )

    outcome = runner.ingest(FilesSource(str(path)), Order(days=[DAY]))

    found = releases.of_package("django", "everything").by_file()
    assert found == [FileDownloads(SDIST, "5.1", 1), FileDownloads("", "", 1)]
    assert outcome.skipped == {"that are no CSV rows": 1}


def test_tracked_packages_alone_are_told_apart(
    settings: Settings, tmp_path: Path
) -> None:
    settings.INGEST_PACKAGES = "tracked"
    Package.objects.create(normalized_name="django", tracked=True)
    path = write_parquet(tmp_path / "events.parquet", EVENTS)

    count(FilesSource(str(path)))

    assert files() == BY_FILE
    assert not Package.objects.filter(normalized_name="flask").exists()


def test_access_log_by_file(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    line = (
        '192.0.2.1 - - [18/Nov/2026:10:00:00 +0000] "GET /files/{name} HTTP/1.1" 200 9'
        ' "-" "pip/25.0 {{}}"\n'
    )
    names = [WHEEL, WHEEL, SDIST, "flask-3.0.tar.gz"]
    path.write_text("".join(line.format(name=name) for name in names))

    count(AccessLogSource(str(path)))

    django = releases.of_package("django").by_file(mirrors=True)
    assert django == [FileDownloads(SDIST, "5.1", 1), FileDownloads(WHEEL, "5.2", 2)]
    flask = releases.of_package("flask").by_file(mirrors=True)
    assert flask == [FileDownloads("flask-3.0.tar.gz", "3.0", 1)]


def test_all_packages_are_not_told_apart_by_default(tmp_path: Path) -> None:
    count(FilesSource(str(write_parquet(tmp_path / "events.parquet", EVENTS))))

    with pytest.raises(NotByVersionError, match="not counted by version here"):
        files()
    assert Client.objects.count() == 5


def test_other_packages_take_no_room_in_the_spool(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "events.parquet", EVENTS)
    with Spool(Detail.FILE) as spool:
        FilesSource(str(path)).fill(spool, DayRange(DAY, DAY), ["django"])

        projects = spool.db.execute("SELECT DISTINCT package FROM files ORDER BY ALL")
        assert projects.fetchall() == [("Django",), ("django",)]


class ChangingSource(ListSource):
    """A source whose files are other downloads than those that it counted."""

    def fill(
        self, spool: Spool, days: DayRange, packages: Collection[str] | None
    ) -> None:
        super().fill(spool, days, packages)
        files = "INSERT INTO files VALUES (?, 'django', 'pip', NULL, 'a.whl', '1', 4)"
        spool.db.execute(files, [DAY])


def test_files_of_other_downloads_are_refused(settings: Settings) -> None:
    settings.INGEST_COUNT_BY = "file"
    source = ChangingSource({DAY: {"django": 5}})

    outcome = runner.ingest(source, Order(days=[DAY]))

    assert outcome.failed == {
        DAY: "The files of django that were downloaded on 2026-11-18 do not add up to"
        " its downloads: the source changed while it was read."
    }
    assert not Package.objects.exists()


def test_reading_a_day_again_with_files_is_no_revision(
    settings: Settings, tmp_path: Path
) -> None:
    source = FilesSource(str(write_parquet(tmp_path / "events.parquet", EVENTS)))
    count(source)
    before = stats.history("django").overall()

    settings.INGEST_COUNT_BY = "file"
    count(source)

    assert stats.history("django").overall() == before
    assert files() == BY_FILE
    assert CountedDay.objects.get().revisions == []


@pytest.mark.parametrize(
    ("packages", "source", "count_by", "expected"),
    [
        ("all", "files", "", Detail.CLIENT),
        ("all", "bigquery", "", Detail.CLIENT),
        ("all", "access_log", "", Detail.FILE),
        ("all", "sample", "", Detail.FILE),
        ("tracked", "files", "", Detail.FILE),
        ("tracked", "bigquery", "", Detail.RELEASE),
        ("tracked", "bigquery", "file", Detail.FILE),
        ("all", "files", "release", Detail.RELEASE),
        ("tracked", "access_log", "client", Detail.CLIENT),
    ],
)
def test_what_is_told_apart(
    settings: Settings, packages: str, source: str, count_by: str, expected: Detail
) -> None:
    settings.INGEST_PACKAGES, settings.INGEST_COUNT_BY = packages, count_by

    assert wanted_detail(source) is expected
