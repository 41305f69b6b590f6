"""Made-up events are repeatable, and of the shape that BigQuery exports."""

from datetime import date
from io import StringIO
from pathlib import Path

import duckdb
import pytest
import time_machine
from django.core.management import CommandError, call_command

from ingest import sample
from packages.names import normalize_name

WEDNESDAY = date(2026, 11, 18)
THURSDAY = date(2026, 11, 19)
SATURDAY = date(2026, 11, 21)
BEFORE_THE_SEAM = date(2026, 8, 23)
THE_SEAM = date(2026, 8, 24)

FILE = "STRUCT(filename VARCHAR, project VARCHAR, version VARCHAR, type VARCHAR)"
DETAILS = (
    "STRUCT(installer STRUCT(name VARCHAR, version VARCHAR, subcommand VARCHAR), "
    "python VARCHAR, implementation STRUCT(name VARCHAR, version VARCHAR), "
    "distro STRUCT(name VARCHAR, version VARCHAR, id VARCHAR, "
    "libc STRUCT(lib VARCHAR, version VARCHAR)), "
    "system STRUCT(name VARCHAR, release VARCHAR), cpu VARCHAR, "
    "openssl_version VARCHAR, setuptools_version VARCHAR, rustc_version VARCHAR, "
    "ci BOOLEAN)"
)


def query(sql: str, path: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        db.execute(f"CREATE VIEW events AS FROM '{path}'")
        return db.execute(sql).fetchall()


def digest(path: Path) -> str:
    rows = query(
        """SELECT md5(string_agg(row, '\n' ORDER BY row))
        FROM (SELECT events::VARCHAR AS row FROM events)""",
        path,
    )
    return str(rows[0][0])


def written(folder: Path, day: date, packages: int = 2, seed: int = 1) -> Path:
    path = folder / f"{day}-{packages}-{seed}.parquet"
    sample.write_day(path, day, packages, seed)
    return path


def test_same_seed_gives_the_same_events(tmp_path: Path) -> None:
    first = digest(written(tmp_path, WEDNESDAY))

    again = digest(written(tmp_path, WEDNESDAY))

    assert again == first


def test_other_seed_gives_other_events(tmp_path: Path) -> None:
    first = digest(written(tmp_path, WEDNESDAY, seed=1))

    other = digest(written(tmp_path, WEDNESDAY, seed=2))

    assert other != first


def test_day_does_not_depend_on_its_neighbours(tmp_path: Path) -> None:
    alone = digest(written(tmp_path, THURSDAY))
    together = tmp_path / "together"
    options = ["--days=2", "--packages=2", f"--until={THURSDAY}", f"--out={together}"]

    call_command("sample_events", *options, stdout=StringIO())

    assert sorted(path.name for path in together.iterdir()) == [
        f"{WEDNESDAY}.parquet",
        f"{THURSDAY}.parquet",
    ]
    assert digest(together / f"{THURSDAY}.parquet") == alone
    assert digest(together / f"{WEDNESDAY}.parquet") != alone


def test_events_have_the_schema_of_bigquery(tmp_path: Path) -> None:
    path = written(tmp_path, WEDNESDAY, packages=1)

    columns = query(
        "SELECT name, replace(type, '\"', '') FROM (DESCRIBE events) d(name, type)",
        path,
    )

    assert columns == [
        ("timestamp", "TIMESTAMP WITH TIME ZONE"),
        ("country_code", "VARCHAR"),
        ("url", "VARCHAR"),
        ("project", "VARCHAR"),
        ("file", FILE),
        ("details", DETAILS),
        ("tls_protocol", "VARCHAR"),
        ("tls_cipher", "VARCHAR"),
    ]


def test_events_lie_within_the_day_on_whole_seconds(tmp_path: Path) -> None:
    path = written(tmp_path, WEDNESDAY, packages=20)

    days = query(
        "SELECT DISTINCT timestamp::DATE, microsecond(timestamp) % 1000000 FROM events",
        path,
    )

    assert days == [(WEDNESDAY, 0)]


def test_number_of_events_is_returned(tmp_path: Path) -> None:
    path = tmp_path / "day.parquet"

    events = sample.write_day(path, WEDNESDAY, 1, 1)

    assert query("SELECT count(*) FROM events", path) == [(events,)]
    assert list(tmp_path.iterdir()) == [path]


def test_package_that_only_mirrors_fetch(tmp_path: Path) -> None:
    path = written(tmp_path, WEDNESDAY)

    rows = query(
        """SELECT project = 'mirror-only-demo',
            bool_or(details IS NULL),
            bool_and(coalesce(details.installer.name, '') IN ('bandersnatch',
                'z3c.pypimirror', 'Artifactory', 'devpi', 'Nexus'))
        FROM events GROUP BY 1 ORDER BY 1""",
        path,
    )

    assert rows == [(False, True, False), (True, False, True)]


def test_weekend_is_smaller(tmp_path: Path) -> None:
    weekday = sample.write_day(tmp_path / "weekday.parquet", WEDNESDAY, 200, 1)
    weekend = sample.write_day(tmp_path / "weekend.parquet", SATURDAY, 200, 1)

    ratio = weekend / weekday

    assert 20_000 < weekday < 60_000
    assert round(ratio, 1) == 0.6


@pytest.mark.parametrize(
    ("day", "has_side_files"), [(BEFORE_THE_SEAM, True), (THE_SEAM, False)]
)
def test_side_files_count_until_the_definition_changed(
    day: date, has_side_files: bool, tmp_path: Path
) -> None:
    path = written(tmp_path, day)

    rows = query(
        """SELECT DISTINCT regexp_extract(file.filename, '[.](whl|tar[.]gz).*$'),
            file.type FROM events ORDER BY 1""",
        path,
    )

    side_files = [(".whl.metadata", "bdist_wheel")] if has_side_files else []
    assert rows == [(".tar.gz", "sdist"), (".whl", "bdist_wheel"), *side_files]


def test_odd_clients_occur(tmp_path: Path) -> None:
    path = written(tmp_path, WEDNESDAY, packages=20)

    rows = query(
        r"""SELECT DISTINCT details.python FROM events
        WHERE NOT regexp_matches(details.python, '^\d+\.\d+(\.\d+)?$') ORDER BY 1""",
        path,
    )

    assert rows == [("1",), ("3.15.0a2",), ("three",)]


def test_ci_is_true_or_unknown(tmp_path: Path) -> None:
    path = written(tmp_path, WEDNESDAY)

    rows = query("SELECT DISTINCT details.ci FROM events ORDER BY 1", path)

    assert rows == [(True,), (None,)]


def test_catalogue_holds_normalized_names_once(tmp_path: Path) -> None:
    path = written(tmp_path, WEDNESDAY, packages=3)

    names = sample.catalogue(sample.MAX_PACKAGES)
    downloaded = query("SELECT DISTINCT project FROM events ORDER BY 1", path)

    assert len(set(names)) == sample.MAX_PACKAGES + 2
    assert [normalize_name(name) for name in names] == names
    assert downloaded == [(n,) for n in sorted([*names[:3], sample.MIRROR_ONLY])]
    assert sample.NEVER_DOWNLOADED in names


def test_failed_write_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "day.parquet"
    path.write_text("kept")
    broken = sample._EVENTS.replace("sha256(filename)", "error(filename)")
    monkeypatch.setattr(sample, "_EVENTS", broken)

    with pytest.raises(duckdb.Error, match="_"):
        sample.write_day(path, WEDNESDAY, 1, 1)

    assert path.read_text() == "kept"
    assert list(tmp_path.iterdir()) == [path]


@time_machine.travel("2026-11-19 00:30:00+00:00", tick=False)
def test_command_ends_with_yesterday(tmp_path: Path) -> None:
    said = StringIO()

    call_command("sample_events", out=tmp_path, days=1, packages=1, stdout=said)

    path = tmp_path / f"{WEDNESDAY}.parquet"
    ((events,),) = query("SELECT count(*) FROM events", path)
    assert list(tmp_path.iterdir()) == [path]
    assert said.getvalue() == f"Wrote {events:,} events in 1 file to {tmp_path}.\n"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--days=0"], "--days must be 1 or more."),
        (
            ["--days=999999", "--until=2026-11-18"],
            "No calendar has 999999 days before 2026-11-18.",
        ),
        (["--packages=0"], "--packages must be 1 to 2000."),
        (["--packages=2001"], "--packages must be 1 to 2000."),
        (
            ["--until=18.11.2026"],
            "Error: argument --until: 18.11.2026 is no day written YYYY-MM-DD",
        ),
    ],
)
def test_command_refuses_what_cannot_be(
    options: list[str], complaint: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"

    with pytest.raises(CommandError) as refusal:
        call_command("sample_events", "--out", str(out), *options)

    assert str(refusal.value) == complaint
    assert not out.exists()


def test_command_names_a_folder_it_cannot_write(tmp_path: Path) -> None:
    out = tmp_path / "file"
    out.touch()

    with pytest.raises(CommandError) as refusal:
        call_command("sample_events", "--out", str(out), "--packages=1", "--days=1")

    assert str(refusal.value) == f"{out} cannot be written: File exists."


@pytest.mark.parametrize("name", ["folder", "missing/day"])
def test_path_that_cannot_be_written_is_an_os_error(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(OSError, match="directory"):
        sample.write_day(tmp_path / name, WEDNESDAY, 1, 1)
