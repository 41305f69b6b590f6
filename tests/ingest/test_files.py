"""Event files of every format become the same counted days."""

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
import time_machine
from django.core.management import CommandError, call_command

from ingest.models import IngestRun
from packages import stats
from packages.mirrors import Dimension
from packages.models import Client, CountedDay, DownloadRecord
from packages.stats import Row
from tests.ingest.events import Event, write_ndjson, write_parquet

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)
CSV_HEADER = (
    "timestamp,project,details.installer.name,details.python,details.system.name,"
    "details.ci\n"
)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 20, 4, tzinfo=UTC)):
        yield


def ingest(path: Path | str, **options: object) -> None:
    call_command("ingest", source="files", path=str(path), **options)


def counted(package: str = "django") -> dict[str, int]:
    rows = stats.history(package).overall()
    return {f"{row.day} {row.category}": row.downloads for row in rows}


EVENTS = [
    Event(),
    Event(installer="bandersnatch", python=None, system=None),
    Event(installer="uv", python="3.12.1", ci=True),
    Event(details=False),
]
EXPECTED = {"2026-11-18 with_mirrors": 4, "2026-11-18 without_mirrors": 2}


def write_zst(path: Path, events: list[Event]) -> Path:
    plain = write_ndjson(path.with_suffix(""), events)
    kinds = "{timestamp: 'VARCHAR', project: 'VARCHAR', file: 'JSON', details: 'JSON'}"
    with duckdb.connect() as db:
        db.execute(
            f"COPY (FROM read_json('{plain}', columns={kinds}))"
            f" TO '{path}' (FORMAT json, COMPRESSION zstd)"
        )
    plain.unlink()
    return path


def write_gz(path: Path, events: list[Event]) -> Path:
    plain = write_ndjson(path.with_suffix(""), events)
    path.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    return path


def write_csv(path: Path, events: list[Event]) -> Path:
    def cell(value: object) -> str:
        return "" if value is None else str(value)

    lines = [
        ",".join(
            map(cell, [e.timestamp, e.project, e.installer, e.python, e.system, e.ci])
            if e.details
            else [e.timestamp, str(e.project), "", "", "", ""]
        )
        for e in events
    ]
    path.write_text(CSV_HEADER + "\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("events.parquet", write_parquet),
        ("events.ndjson", write_ndjson),
        ("events.jsonl.gz", write_gz),
        ("events.ndjson.zst", write_zst),
        ("events.csv", write_csv),
    ],
)
def test_every_format_gives_the_same_numbers(
    tmp_path: Path, name: str, write: Callable[[Path, list[Event]], Path]
) -> None:
    ingest(write(tmp_path / name, EVENTS))

    assert counted() == EXPECTED
    assert stats.history("django").by(Dimension.PYTHON_MINOR) == [
        Row("3.11", DAY, 1),
        Row("3.12", DAY, 1),
    ]


def test_formats_of_one_glob_are_added_up(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", EVENTS)
    write_csv(tmp_path / "b.csv", EVENTS)

    ingest(tmp_path / "*")

    assert counted() == {name: 2 * number for name, number in EXPECTED.items()}


def test_older_files_without_optional_columns_count(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("timestamp,file.project\n2026-11-18 00:00:01 UTC,Zope.Interface\n")

    ingest(path)

    assert counted("zope-interface") == {"2026-11-18 with_mirrors": 1}


def test_spellings_of_a_name_are_one_package(tmp_path: Path) -> None:
    names = ["My_Package", "my.package", "MY--package"]

    ingest(write_ndjson(tmp_path / "e.ndjson", [Event(project=n) for n in names]))

    assert counted("my-package")["2026-11-18 without_mirrors"] == 3


def test_broken_csv_rows_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "e.csv"
    path.write_text(
        'timestamp,project\n2026-11-18 10:00:00 UTC,django\nonly one\n\r"lone"\r\n'
    )

    ingest(path)

    assert counted() == {"2026-11-18 with_mirrors": 1}
    assert "Skipped 2 that are no CSV rows." in capsys.readouterr().out


def test_only_the_day_asked_for_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = [Event(), Event(timestamp="2026-11-17 23:59:59 UTC")]
    path = write_parquet(tmp_path / "e.parquet", events)

    ingest(path, date=DAY)

    assert list(CountedDay.objects.values_list("day", flat=True)) == [DAY]
    assert "Skipped 1 of days that were not asked for." in capsys.readouterr().out


def test_midnight_belongs_to_the_utc_day(tmp_path: Path) -> None:
    events = [
        Event(timestamp="2026-11-18T23:59:59+00:00"),
        Event(timestamp="2026-11-19 00:30:00 +02:00"),
        Event(timestamp="2026-11-18 20:00:00-05:00"),
    ]

    ingest(write_ndjson(tmp_path / "e.ndjson", events))

    assert counted()["2026-11-18 with_mirrors"] == 2
    assert counted()["2026-11-19 with_mirrors"] == 1


def test_bad_rows_are_skipped_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "e.csv"
    path.write_text(
        CSV_HEADER
        + "2026-11-18 10:00:00 UTC,django,pip,3.11,Linux,true\n"
        + "-5,django,pip,3.11,Linux,-1\n"
        + "0.5,django,pip,3.11,Linux,0.5\n"
        + "2026-11-18 10:00:00 UTC,,pip,3.11,Linux,\n"
        + "2026-11-18 10:00:00 UTC,no/such name,pip,3.11,Linux,\n"
        + f"2026-11-18 10:00:00 UTC,{'a' * 500},pip,3.11,Linux,\n"
        + "infinity,django,pip,3.11,Linux,\n"
    )

    ingest(path)

    assert counted() == {
        "2026-11-18 with_mirrors": 1,
        "2026-11-18 without_mirrors": 1,
    }
    told = capsys.readouterr().out
    assert "Skipped 4 without a timestamp, a project or an artifact." in told
    assert "Skipped 2 with a name no package can have." in told
    assert IngestRun.objects.get().skipped == 6


def test_each_day_tells_the_rows_that_it_lacks(tmp_path: Path) -> None:
    rows = [
        *["2026-11-17 10:00:00 UTC,django", "2026-11-17 10:00:00 UTC,"],
        *["2026-11-18 10:00:00 UTC,django", "2026-11-18 10:00:00 UTC,no/such name"],
        *["2026-11-18 10:00:00 UTC,", "never,django"],
    ]
    path = tmp_path / "e.csv"
    path.write_text(CSV_HEADER + "".join(f"{row},pip,3.11,Linux,\n" for row in rows))

    ingest(path)
    both = dict(IngestRun.objects.values_list("day", "skipped"))
    ingest(path, date=date(2026, 11, 17))

    assert both == {date(2026, 11, 17): 1, date(2026, 11, 18): 2}
    last = IngestRun.objects.first()
    # Of the row without a day nobody knows that it is not of this one.
    assert last is not None
    assert (last.day, last.skipped) == (date(2026, 11, 17), 2)


def test_broken_json_lines_do_not_fail_the_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_ndjson(tmp_path / "e.ndjson", EVENTS)
    path.write_bytes(path.read_bytes() + b'{"timestamp": \n\x00\xff\n"text"\n')

    ingest(path)

    assert counted() == EXPECTED
    assert "Skipped 3 without" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "write"), [("e.ndjson", write_ndjson), ("e.parquet", write_parquet)]
)
def test_hostile_strings_are_bounded(
    tmp_path: Path, name: str, write: Callable[[Path, list[Event]], Path]
) -> None:
    events = [
        Event(installer="x" * 10_000),
        Event(installer="a\x00b"),
        Event(python="3." + "9" * 500),
        Event(python="1.17"),
        Event(system="\u202eevil"),
        Event(python=""),
    ]

    ingest(write(tmp_path / name, events))

    kept = set(Client.objects.values_list("installer", "python", "system"))
    assert kept == {
        ("other", "3.11", "Linux"),
        ("pip", "other", "Linux"),
        ("pip", "1.17", "Linux"),
        ("pip", "3.11", "other"),
        ("pip", "invalid", "Linux"),
    }
    assert counted()["2026-11-18 with_mirrors"] == 5


def test_side_files_do_not_count_since_pypi_changed_its_rule(tmp_path: Path) -> None:
    side = "django-5.2-py3-none-any.whl.metadata"
    events = [
        Event(),
        Event(filename=side),
        Event(timestamp="2026-08-23 10:00:00 UTC", filename=side),
    ]

    ingest(write_parquet(tmp_path / "e.parquet", events))

    assert counted()["2026-11-18 with_mirrors"] == 1
    assert counted()["2026-08-23 with_mirrors"] == 1
    definitions = CountedDay.objects.order_by("day").values_list(
        "definition", flat=True
    )
    assert list(definitions) == ["all-files", "artifacts"]


@pytest.mark.parametrize(
    ("name", "content", "message", "code"),
    [
        ("e.csv", b"project,python\ndjango,3.11\n", "has no column timestamp", 1),
        ("e.csv", b"timestamp\n2026-11-18 10:00:00\n", "has no column project", 1),
        ("e.parquet", b"PAR1 this is no Parquet file", "cannot be read", 1),
        ("e.ndjson.gz", b"no gzip", "cannot be unpacked", 1),
        ("e.ndjson.zst", b"no zstd", "cannot be unpacked", 1),
        ("e.txt", b"x", "has no known format", 1),
        ("e.ndjson", b"", "holds no download that can be counted", 3),
    ],
)
def test_unusable_file_is_one_clear_sentence(
    tmp_path: Path, name: str, content: bytes, message: str, code: int
) -> None:
    ingest(write_ndjson(tmp_path / "good.ndjson", EVENTS))
    bad = tmp_path / name
    bad.write_bytes(content)

    with pytest.raises(CommandError, match=message) as raised:
        ingest(bad)

    assert "\n" not in str(raised.value)
    assert raised.value.returncode == code
    assert counted() == EXPECTED


@pytest.mark.parametrize(
    ("name", "write"), [("e.ndjson.gz", write_gz), ("e.ndjson.zst", write_zst)]
)
def test_truncated_file_changes_nothing(
    tmp_path: Path, name: str, write: Callable[[Path, list[Event]], Path]
) -> None:
    path = write(tmp_path / name, EVENTS * 100)
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(CommandError, match="cannot be unpacked"):
        ingest(path)

    assert not CountedDay.objects.counted().exists()


def write_sql(path: Path, sql: str) -> Path:
    with duckdb.connect() as db:
        db.execute("SET TimeZone='UTC'")
        db.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
    return path


NESTED = "{'installer': {'name': 'bandersnatch'}, 'python': '3.11.1'}"


@pytest.mark.parametrize(
    "timestamp",
    [
        "TIMESTAMP '2026-11-18 23:59:59'",
        "TIMESTAMP_NS '2026-11-18 23:59:59.999999999'",
        "TIMESTAMP_S '2026-11-18 23:59:59'",
        "'2026-11-18 23:59:59 UTC'",
    ],
)
def test_timestamps_of_any_type_are_counted_by_day(
    tmp_path: Path, timestamp: str
) -> None:
    sql = f"SELECT {timestamp} AS timestamp, 'django' AS project"
    path = write_sql(tmp_path / "e.parquet", sql)

    ingest(path, date=DAY)

    assert counted() == {"2026-11-18 with_mirrors": 1}


@pytest.mark.parametrize(
    "details",
    [
        NESTED,
        f"to_json({NESTED})",
        f"to_json({NESTED})::VARCHAR",
        "{'installer': to_json({'name': 'bandersnatch'}), 'python': '3.11.1'}",
    ],
)
def test_details_of_any_type_name_the_installer(tmp_path: Path, details: str) -> None:
    at = "TIMESTAMPTZ '2026-11-18 10:00:00+00' AS timestamp, 'django' AS project"

    ingest(write_sql(tmp_path / "e.parquet", f"SELECT {at}, {details} AS details"))

    client = Client.objects.get()
    assert (client.installer, client.python) == ("bandersnatch", "3.11")


def test_files_of_other_columns_are_added_up(tmp_path: Path) -> None:
    at = "TIMESTAMPTZ '2026-11-18 10:00:00+00' AS timestamp, 'django' AS project"
    write_sql(tmp_path / "a.parquet", f"SELECT {at}, {NESTED} AS details")
    write_sql(tmp_path / "b.parquet", f"SELECT {at}, {{'python': '3.9'}} AS details")
    flat = "'bandersnatch' AS \"details.installer.name\""
    write_sql(tmp_path / "c.parquet", f"SELECT {at}, {flat}")

    ingest(tmp_path / "*.parquet")

    kept = set(Client.objects.values_list("installer", "python"))
    assert kept == {("bandersnatch", "3.11"), ("", "3.9"), ("bandersnatch", "")}
    assert counted() == {"2026-11-18 with_mirrors": 3}


def test_file_names_are_no_globs(tmp_path: Path) -> None:
    for name in ("e1.ndjson", "e[12].ndjson", "it's *.ndjson"):
        write_ndjson(tmp_path / name, [Event()])

    ingest(tmp_path / "*.ndjson")
    assert counted()["2026-11-18 with_mirrors"] == 3

    ingest(tmp_path / "e[12].ndjson", force=True)
    assert counted()["2026-11-18 with_mirrors"] == 1


def test_empty_glob_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No file matches"):
        ingest(tmp_path / "*.parquet")


def test_day_without_events_stays_as_it_was(tmp_path: Path) -> None:
    path = write_ndjson(tmp_path / "e.ndjson", EVENTS)

    with pytest.raises(CommandError, match="holds nothing of 2026-11-17"):
        ingest(path, date=date(2026, 11, 17))

    assert IngestRun.objects.get().state == IngestRun.State.FAILED
    assert CountedDay.objects.get().status == CountedDay.Status.MISSING


def test_much_smaller_day_does_not_replace_a_good_one(tmp_path: Path) -> None:
    ingest(write_ndjson(tmp_path / "good.ndjson", EVENTS * 1000))
    small = write_ndjson(tmp_path / "small.ndjson", EVENTS)

    with pytest.raises(CommandError, match="has 4 downloads now and had 4000"):
        ingest(small)
    assert counted()["2026-11-18 with_mirrors"] == 4000

    ingest(small, force=True)
    assert counted() == EXPECTED


def test_small_day_may_shrink_when_asked_for(tmp_path: Path) -> None:
    ingest(write_ndjson(tmp_path / "good.ndjson", EVENTS * 10))

    small = write_ndjson(tmp_path / "small.ndjson", EVENTS)

    with pytest.raises(CommandError, match="has 4 downloads now and had 40"):
        ingest(small)
    ingest(small, date=DAY)

    assert counted() == EXPECTED


def test_counting_twice_changes_nothing(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "e.parquet", EVENTS)

    ingest(path)
    before = list(DownloadRecord.objects.values("package", "downloads", "days"))
    ingest(path)

    assert list(DownloadRecord.objects.values("package", "downloads", "days")) == before
    assert CountedDay.objects.get().revisions == []
