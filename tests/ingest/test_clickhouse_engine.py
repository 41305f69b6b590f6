"""A real ClickHouse with the public user's limits answers whole, or not at all."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import requests
import time_machine
from pytest_django import Settings

from ingest import clickhouse_checks
from ingest.detail import Detail
from ingest.exceptions import SourceError
from ingest.runner import Order, ingest
from ingest.sources.base import DayRange, DownloadSource
from ingest.sources.clickhouse import CANARIES, ClickHouseSource
from ingest.sources.clickhouse_http import Server, TooMuchError
from ingest.sources.files import FilesSource
from ingest.spool import Spool
from packages import releases, stats
from packages.models import CountedDay, Package
from tests.ingest.clickhouse_engine import PUBLIC_PROFILE, Engine, running_engine
from tests.ingest.events import Event, write_parquet

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.end_to_end,
    pytest.mark.once,
]
DAY, NEXT = date(2026, 11, 18), date(2026, 11, 19)
CANARY_EVENTS = [
    Event(project=CANARIES[0]),
    Event(project=CANARIES[1], timestamp="2026-11-19 10:00:00 UTC"),
]


@pytest.fixture(scope="module")
def running() -> Iterator[Engine]:
    with running_engine() as engine:
        yield engine


@pytest.fixture
def engine(running: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The public service, as far as the product can tell."""
    monkeypatch.setattr(clickhouse_checks, "PUBLIC_HOST", "127.0.0.1")
    running.use_profile(PUBLIC_PROFILE)
    return running


def source_of(engine: Engine) -> ClickHouseSource:
    return ClickHouseSource(engine.url, "demo", "", "pypi.pypi")


Cells = Counter[tuple[object, ...]]


def cells_of(
    source: DownloadSource, packages: list[str] | None, days: DayRange
) -> tuple[list[date], Cells]:
    """Return the days and the cells, of which ClickHouse never has CI."""
    with Spool() as spool:
        source.fill(spool, days, packages)
        rows = spool.db.execute(
            "SELECT day, package, installer, python, system, sum(downloads)::BIGINT"
            " FROM cells GROUP BY ALL"
        ).fetchall()
        cells = Counter({row[:5]: row[5] for row in rows})
        if packages is not None:
            cells = Counter({k: n for k, n in cells.items() if k[1] in packages})
        return spool.days(), cells


EVENTS = [
    *CANARY_EVENTS,
    *[Event()] * 3,
    Event(ci=True),
    Event(installer="bandersnatch", python=None, system=None),
    Event(installer="uv", python="3.12.1", timestamp="2026-11-19 23:59:59 UTC"),
    Event(installer="ü" * 100, python="three", system="Ω" * 50),
    Event(details=False),
    Event(project="flask", python="3.9"),
    Event(project="nobody-tracks-this"),
]


def test_totals_equal_those_of_event_files(engine: Engine, tmp_path: Path) -> None:
    files = FilesSource(str(write_parquet(tmp_path / "events.parquet", EVENTS)))
    engine.load(EVENTS)
    days, packages = DayRange(DAY, NEXT), ["django", "flask"]

    answer = cells_of(source_of(engine), packages, days)

    assert answer == cells_of(files, packages, days)
    assert answer[1].total() == 9


def test_own_server_answers_all_packages(running: Engine, tmp_path: Path) -> None:
    files = FilesSource(str(write_parquet(tmp_path / "events.parquet", EVENTS)))
    running.use_profile({})
    running.load(EVENTS)
    days = DayRange(DAY, NEXT)

    assert cells_of(source_of(running), None, days) == cells_of(files, None, days)


@pytest.mark.django_db
def test_releases_equal_those_of_event_files(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    settings.INGEST_PACKAGES, settings.INGEST_COUNT_BY = "tracked", "release"
    Package.objects.create(normalized_name="django", tracked=True)
    events = [
        *EVENTS,
        *[Event(version="5.1")] * 2,
        Event(version="4.2", python="three"),
    ]
    engine.load(events)
    with time_machine.travel(datetime(2026, 11, 20, 4, tzinfo=UTC)):
        files = str(write_parquet(tmp_path / "events.parquet", events))
        assert ingest(FilesSource(files), Order(days=[DAY, NEXT])).failed == {}
        expected = [releases.of_package("django", name).by_file() for name in LISTS]

        assert ingest(source_of(engine), Order(days=[DAY, NEXT])).failed == {}

    assert [releases.of_package("django", name).by_file() for name in LISTS] == expected
    assert [(row.version, row.downloads) for row in expected[1]] == [
        ("4.2", 1),
        ("5.1", 2),
        ("5.2", 8),
    ]


def test_too_many_releases_are_asked_for_in_halves(engine: Engine) -> None:
    """A package and day with many versions is more than the public user may take."""
    engine.load_select(MANY_VERSIONS)
    names = [f"package-{number}" for number in range(4)]
    with Spool(Detail.RELEASE) as spool:
        source_of(engine).fill(spool, DayRange(DAY, NEXT), names)
        counted = spool.value("SELECT sum(downloads)::BIGINT FROM cells")
        of_files = spool.value("SELECT sum(downloads)::BIGINT FROM files")

    asked = [query for query in engine.asked() if "toString(version)" in query["sql"]]
    assert (counted, of_files) == (200_000, 200_000)
    assert len(asked) > 1


MANY_VERSIONS = """
SELECT toDate('2026-11-18') + number % 2, 'DE',
    number >= 200000 ? 'tox' : 'package-' || toString(intDiv(number, 2) % 4),
    'bdist_wheel', 'pip', '3.11', 'Linux',
    '1.' || toString(number) || repeat('0', 40)
FROM numbers(200002)
"""
LISTS = ["pypistats", "everything"]


@pytest.mark.parametrize(
    "setting",
    [
        {"output_format_json_quote_64bit_integers": "1"},
        {"output_format_json_quote_64bit_integers": "0"},
        {"prefer_column_name_to_alias": "1"},
        {"max_threads": "1"},
    ],
)
def test_other_servers_answer_the_same(engine: Engine, setting: dict[str, str]) -> None:
    engine.load(EVENTS)
    days, packages = DayRange(DAY, NEXT), ["django", "flask"]
    usual = cells_of(source_of(engine), packages, days)

    engine.use_profile(PUBLIC_PROFILE | setting)

    assert cells_of(source_of(engine), packages, days) == usual


# 600 packages with 50 downloads a day each, by 10 clients, and the canaries.
MANY = """
SELECT toDate('2026-11-18') + number % 2, 'DE',
    number < 10 ? 'tox' : 'package-' || toString(intDiv(number, 2) % 600),
    'bdist_wheel', 'pip', '3.' || toString(intDiv(number, 1200) % 10), 'Linux', '1'
FROM numbers(60000)
"""
NAMES = [f"package-{number}" for number in range(600)]


def test_profile_cuts_a_naive_answer_short(engine: Engine) -> None:
    """What the tests below would meet without the care that the source takes."""
    engine.load_select(MANY)
    engine.use_profile(PUBLIC_PROFILE | {"max_block_size": "500"})

    rows = engine.query(
        "SELECT date, project, installer, python_minor, system, count()"
        " FROM pypi.pypi GROUP BY ALL"
    )

    assert 1000 <= len(rows) < 12_000


def test_profile_sums_wrongly_beyond_its_limits(engine: Engine) -> None:
    engine.load_select(MANY)
    engine.use_profile(
        PUBLIC_PROFILE | {"max_rows_to_read": "5000", "max_block_size": "500"}
    )

    # Other than a bare count, which the table's own figures answer.
    [[found]] = engine.query("SELECT sum(length(system)) FROM pypi.pypi")

    assert int(found) < 5 * 60_000


def test_six_hundred_packages_take_two_queries(engine: Engine) -> None:
    engine.load_select(MANY)

    days, cells = cells_of(source_of(engine), NAMES, DayRange(DAY, NEXT))

    assert days == [DAY, NEXT]
    assert cells.total() == 60_000 - 10
    assert len({cell[1] for cell in cells}) == 600
    queries = [query["parameters"].get("projects", "") for query in engine.asked()]
    assert [names.count("package-") for names in queries] == [0, 500, 100]


def test_result_beyond_the_limit_is_asked_in_halves(engine: Engine) -> None:
    engine.load_select(MANY)
    engine.use_profile(PUBLIC_PROFILE | {"max_result_bytes": "60000"})

    _, cells = cells_of(source_of(engine), NAMES, DayRange(DAY, NEXT))

    assert cells.total() == 60_000 - 10
    assert len(engine.asked()) > 3


def test_limit_on_reading_is_an_error_and_no_sum(engine: Engine) -> None:
    engine.load_select(MANY)
    engine.use_profile(PUBLIC_PROFILE | {"max_rows_to_read": "20"})

    with pytest.raises(TooMuchError, match="cannot answer so much at once: Limit"):
        cells_of(source_of(engine), NAMES[:1], DayRange(DAY, DAY))


def test_reads_no_more_than_the_packages_asked_for(engine: Engine) -> None:
    engine.load_select(MANY.replace("60000", "400000"))

    cells_of(source_of(engine), NAMES[:1], DayRange(DAY, DAY))

    assert engine.asked()[1]["rows_read"] < 40_000


HOSTILE = [
    "it's",
    "back\\slash\\",
    "') OR 1=1 --",
    "{first:Date}",
    "tab\tnew\nline",
    "ünï",
    "\\'",
    "]",
]


def test_hostile_names_are_bound(engine: Engine) -> None:
    engine.load([*CANARY_EVENTS, *(Event(project=name) for name in HOSTILE), Event()])

    _, cells = cells_of(source_of(engine), HOSTILE, DayRange(DAY, DAY))

    assert {cell[1]: number for cell, number in cells.items()} == dict.fromkeys(
        HOSTILE, 1
    )


def test_only_settings_that_the_public_user_may_change_are_sent(
    engine: Engine, tmp_path: Path
) -> None:
    engine.load(EVENTS)
    answer = requests.post(
        f"{engine.url}?max_result_rows=2000", b"SELECT 1", auth=("demo", ""), timeout=60
    )
    assert "Cannot modify 'max_result_rows'" in answer.text

    Server(engine.url, "demo", "", 60).ask("SELECT 1 AS one", {}, tmp_path / "answer")

    assert (tmp_path / "answer").read_text() == '{"one":1}\n'


def test_query_that_takes_too_long_is_an_error(engine: Engine, tmp_path: Path) -> None:
    engine.use_profile(PUBLIC_PROFILE | {"max_execution_time": "0.01"})
    server = Server(engine.url, "demo", "", 60)

    with pytest.raises(TooMuchError, match="Timeout exceeded"):
        server.ask(
            "SELECT sum(cityHash64(number)) FROM numbers(10000000000)",
            {},
            tmp_path / "answer",
        )


def test_wrong_table_and_wrong_password_are_told_apart(engine: Engine) -> None:
    engine.load(EVENTS)
    table = ClickHouseSource(engine.url, "demo", "", "pypi.nowhere")
    password = ClickHouseSource(engine.url, "demo", "wrong", "pypi.pypi")

    with pytest.raises(SourceError, match=r"code 60.*Is CLICKHOUSE_TABLE right"):
        cells_of(table, ["django"], DayRange(DAY, DAY))
    with pytest.raises(SourceError, match=r"code 516.*CLICKHOUSE_PASSWORD right"):
        cells_of(password, ["django"], DayRange(DAY, DAY))


def test_password_beyond_latin_letters_is_understood(engine: Engine) -> None:
    engine.load(EVENTS)
    source = ClickHouseSource(engine.url, "möller", "пароль", "pypi.pypi")

    _, cells = cells_of(source, ["flask"], DayRange(DAY, DAY))

    assert cells.total() == 1


@pytest.mark.django_db
def test_missing_days_stay_uncounted_and_quiet_ones_are_zero(
    engine: Engine, settings: Settings
) -> None:
    settings.INGEST_PACKAGES = "tracked"
    Package.objects.create(normalized_name="django", tracked=True)
    engine.load([*CANARY_EVENTS, Event(), Event(installer="bandersnatch")])
    days = [date(2026, 11, 17), DAY, NEXT, date(2026, 11, 20)]

    with time_machine.travel(datetime(2026, 11, 21, 4, tzinfo=UTC)):
        outcome = ingest(source_of(engine), Order(days=days, force=True))

    assert [(day.day, day.downloads) for day in outcome.counted] == [
        (DAY, 2),
        (NEXT, 0),
    ]
    assert outcome.failed == {
        day: f"The source holds nothing of {day}; the day stays as it was."
        for day in (days[0], days[3])
    }
    assert set(CountedDay.objects.complete().values_list("source", flat=True)) == {
        "clickhouse"
    }
    overall = stats.history("django").overall()
    assert [(row.day, row.category, row.downloads) for row in overall][:2] == [
        (DAY, "with_mirrors", 2),
        (DAY, "without_mirrors", 1),
    ]
