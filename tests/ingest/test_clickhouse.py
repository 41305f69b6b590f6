"""ClickHouse's answers, whatever they are, become whole days or one sentence."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from ingest import clickhouse_checks
from ingest.clickhouse_checks import NOT_ALL
from ingest.exceptions import SourceError
from ingest.sources import clickhouse_http, make_source
from ingest.sources.base import DayRange
from ingest.sources.clickhouse import Portion
from ingest.spool import Spool
from tests.canned_server import Answer, CannedServer, canned
from tests.ingest.clickhouse_answers import (
    DAY,
    NEXT,
    ONE_DAY,
    cells,
    exception,
    failure,
    filled,
    held,
    lines,
    row,
    source_at,
)

pytestmark = pytest.mark.enable_socket
PUBLIC_URL = "https://sql-clickhouse.clickhouse.com"


def test_answer_becomes_cells() -> None:
    with canned(held(DAY), lines(*cells())) as server:
        days, rows = filled(server)

    assert days == [DAY]
    assert rows == [
        (DAY, "django", "pip", "3.11", "Linux", None, 3),
        (DAY, "flask", "pip", "3.11", "Linux", None, 2),
    ]


def test_what_was_not_sent_is_not_made_up() -> None:
    answer = [
        row(
            installers=["", "pip"],
            pythons=["three", ""],
            systems=["", ""],
            projects=[["django"], ["flask"]],
            downloads=[["3"], ["2"]],
        ),
        *cells()[1:],
    ]

    with canned(held(DAY), lines(*answer)) as server:
        _, rows = filled(server)

    assert rows == [
        (DAY, "django", None, "invalid", None, None, 3),
        (DAY, "flask", "pip", None, None, None, 2),
    ]


def test_values_are_bound_and_settings_sent() -> None:
    with canned(held(DAY), lines(*cells())) as server:
        filled(server)

    path = (
        "/?wait_end_of_query=1&default_format=JSONEachRow&read_overflow_mode=throw"
        "&result_overflow_mode=throw&timeout_overflow_mode=throw"
    )
    assert {request.path for request in server.requests} == {path}
    assert {r.authorization for r in server.requests} == {"Basic ZGVtbzo="}
    form = dict(server.requests[1].form)
    assert "FROM pypi.pypi WHERE" in form.pop("query")
    assert form == {
        "param_first": "2026-11-18",
        "param_last": "2026-11-18",
        "param_parts": "4",
        "param_projects": "['django','flask']",
    }


def test_day_after_the_last_is_not_there_yet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with canned(held(DAY), lines(*cells())) as server:
        days, _ = filled(server, DayRange(DAY, NEXT))

    assert days == [DAY]
    assert server.requests[1].form["param_last"] == "2026-11-18"
    assert "has nothing of 2026-11-19: not there yet" in caplog.text


def test_hole_is_not_covered() -> None:
    days = [DAY + timedelta(days=offset) for offset in range(4)]
    there = [days[0], days[1], days[3]]
    with canned(held(*there), lines(*cells(*days))) as server:
        covered, _ = filled(server, DayRange(days[0], days[3]))

    assert covered == there


def test_nothing_more_is_asked_of_days_that_are_not_there() -> None:
    with canned(held()) as server:
        assert filled(server) == ([], [])

    assert len(server.requests) == 1


BROKEN = {
    "row missing": cells()[:3],
    "row too many": [*cells(), row()],
    "row twice": [*cells()[:3], row(part=0)],
    "row of another day": [*cells()[:3], row(NEXT, part=3)],
    "wrong total": [row(total="6"), *cells()[1:]],
    "download missing": [row(downloads=[[3], [0]]), *cells()[1:]],
    "client missing": [row(installers=["pip"]), *cells()[1:]],
    "names and numbers apart": [
        row(projects=[["django"], ["flask", ""]]),
        *cells()[1:],
    ],
    "negative": [row(downloads=[[7, -2], [0]]), *cells()[1:]],
    "null": [row(downloads=None), *cells()[1:]],
    "limits that cut": [row(beyond_limits="break"), *cells()[1:]],
    "nothing": [],
}


@pytest.mark.parametrize("rows", BROKEN.values(), ids=BROKEN)
def test_answer_that_does_not_add_up_is_refused(rows: list[dict[str, Any]]) -> None:
    assert failure(held(DAY), lines(*rows)) == (
        "The answer of SERVER for 2026-11-18 to 2026-11-18 does not add up: nothing of"
        " it was counted."
    )


@pytest.mark.parametrize(
    "body", ["<html>Hello</html>\n", '{"date": "2026-1', '{"date": "yesterday"}\n']
)
def test_malformed_answer_is_one_sentence(body: str) -> None:
    assert "other than the rows it was asked for" in failure(held(DAY), Answer(body))
    assert "other than the rows it was asked for" in failure(Answer(body))


def too_much(code: int = 396) -> Answer:
    return exception(code, "Limit for result exceeded.")


def asked(server: CannedServer) -> list[tuple[str, str, str]]:
    forms = [request.form for request in server.requests[1:]]
    names = ("param_first", "param_last", "param_projects")
    return [(form[names[0]], form[names[1]], form[names[2]]) for form in forms]


@pytest.mark.parametrize("code", [158, 159, 241, 307, 396])
def test_too_much_is_asked_in_halves(code: int, pauses: list[float]) -> None:
    one, two = lines(*cells(DAY)), lines(*cells(NEXT))
    with canned(held(DAY, NEXT), too_much(code), one, two) as server:
        days, rows = filled(server, DayRange(DAY, NEXT))

    both = "['django','flask']"
    assert asked(server) == [
        ("2026-11-18", "2026-11-19", both),
        ("2026-11-18", "2026-11-18", both),
        ("2026-11-19", "2026-11-19", both),
    ]
    assert (days, len(rows), pauses) == ([DAY, NEXT], 4, [])


def test_day_that_is_too_much_is_asked_by_halves_of_the_packages() -> None:
    answer = lines(*cells())
    with canned(held(DAY), too_much(), answer) as server:
        filled(server)

    assert [names for _, _, names in asked(server)] == [
        "['django','flask']",
        "['django']",
        "['flask']",
    ]


def test_one_package_of_one_day_that_is_too_much_is_an_error() -> None:
    assert failure(held(DAY), too_much()) == (
        "SERVER cannot answer so much at once: Limit for result exceeded."
    )


def test_halves_are_the_whole() -> None:
    portion = Portion(DAY, DAY + timedelta(days=2), ("a", "b", "c"))

    assert portion.halves() == (
        Portion(DAY, DAY, ("a", "b", "c")),
        Portion(NEXT, DAY + timedelta(days=2), ("a", "b", "c")),
    )
    assert Portion(DAY, DAY, ("a", "b", "c")).halves() == (
        Portion(DAY, DAY, ("a",)),
        Portion(DAY, DAY, ("b", "c")),
    )
    assert Portion(DAY, DAY, ("a",)).halves() == ()
    assert Portion(DAY, DAY, None).halves() == ()


@pytest.fixture
def _public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clickhouse_checks, "PUBLIC_HOST", "127.0.0.1")


@pytest.mark.usefixtures("_public")
def test_public_table_is_asked_for_canaries_first() -> None:
    with canned(held(DAY), lines(*cells())) as server:
        filled(server)

    canaries = server.requests[0].form["param_projects"]
    assert canaries == "['tox','twine','virtualenv']"


def test_own_table_is_asked_as_a_whole() -> None:
    with canned(held(DAY), lines(*cells())) as server:
        filled(server)

    assert "param_projects" not in server.requests[0].form


def all_cells(total: int) -> Answer:
    rows = [row(part=part) for part in range(256)]
    return lines(row(total=str(total), downloads=[[total, 0], [0]]), *rows[1:])


def test_all_packages_of_an_own_table() -> None:
    with canned(held(DAY), all_cells(7)) as server, Spool() as spool:
        source_at(server.url).fill(spool, ONE_DAY, None)
        assert spool.value("SELECT sum(downloads) FROM cells") == 7

    assert "param_projects" not in server.requests[1].form


def test_own_table_that_changes_meanwhile_is_refused() -> None:
    with canned(held(DAY), all_cells(6)) as server, Spool() as spool:
        with pytest.raises(SourceError, match="changed while it was read"):
            source_at(server.url).fill(spool, ONE_DAY, None)
        assert spool.days() == []


def test_public_table_is_never_asked_for_all_packages(settings: Settings) -> None:
    source = source_at(PUBLIC_URL)
    settings.INGEST_PACKAGES = "all"
    attempts: list[Callable[[], object]] = [
        lambda: source.chunks([DAY]),
        lambda: source.estimate([DAY], None),
        lambda: source.fill(spool, ONE_DAY, None),
    ]

    with Spool() as spool:
        for attempt in attempts:
            with pytest.raises(SourceError) as error:
                attempt()
            assert str(error.value) == NOT_ALL


@pytest.fixture
def _tracked(settings: Settings) -> None:
    settings.INGEST_PACKAGES = "tracked"


@pytest.mark.usefixtures("_tracked")
def test_days_are_asked_a_fortnight_at_a_time() -> None:
    days = [DAY + timedelta(days=offset) for offset in (30, *range(16), 14)]

    assert list(source_at(PUBLIC_URL).chunks(days)) == [
        DayRange(DAY, DAY + timedelta(days=13)),
        DayRange(DAY + timedelta(days=14), DAY + timedelta(days=15)),
        DayRange(DAY + timedelta(days=30), DAY + timedelta(days=30)),
    ]


def test_all_of_a_day_is_asked_at_a_time(settings: Settings) -> None:
    settings.INGEST_PACKAGES = "all"

    assert list(source_at("http://127.0.0.1:8123").chunks([DAY, NEXT])) == [
        DayRange(DAY, DAY),
        DayRange(NEXT, NEXT),
    ]


@pytest.mark.usefixtures("_tracked")
def test_days_must_be_named() -> None:
    with pytest.raises(SourceError, match="say which"):
        source_at(PUBLIC_URL).chunks(None)
    with Spool() as spool, pytest.raises(SourceError, match="say which"):
        source_at(PUBLIC_URL).fill(spool, DayRange(DAY), [])


@pytest.mark.usefixtures("_tracked")
def test_log_says_once_what_is_lacking(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with canned(held()) as server, Spool() as spool:
        source = source_at(server.url)
        for chunk in source.chunks([DAY, DAY + timedelta(days=40)]):
            source.fill(spool, chunk, ["django"])

    assert caplog.text.count("neither CI nor file names") == 1


def test_estimate_counts_queries() -> None:
    names = [f"p{number}" for number in range(600)]
    days = [DAY - timedelta(days=offset) for offset in range(30)]
    lacks = clickhouse_checks.LACKS

    assert source_at(PUBLIC_URL).estimate(days, names) == (
        "About 9 queries to sql-clickhouse.clickhouse.com for 30 days of 600 packages;"
        f" none costs anything. The public user may ask 60 an hour. {lacks}"
    )
    assert source_at("http://127.0.0.1:8123").estimate(days, None) == (
        f"About 60 queries to 127.0.0.1:8123 for 30 days of all packages; none costs"
        f" anything. {lacks}"
    )
    long = [DAY - timedelta(days=offset) for offset in range(400)]
    assert "fewer days at a time" in source_at(PUBLIC_URL).estimate(long, names)


def test_estimate_counts_the_queries_for_releases(settings: Settings) -> None:
    settings.INGEST_PACKAGES = "tracked"

    sentence = source_at(PUBLIC_URL).estimate([DAY], ["django", "flask"])

    assert sentence.startswith("About 3 queries to sql-clickhouse.clickhouse.com for 1")


def test_table_that_is_no_name_is_refused(settings: Settings) -> None:
    settings.CLICKHOUSE_TABLE = "pypi.pypi WHERE 1=1 --"

    with pytest.raises(SourceError, match="no table's name"):
        make_source("clickhouse")


def test_array_quotes() -> None:
    hostile = ("it's", "a\\", "b','c", "tab\there")

    assert clickhouse_http.array(hostile) == (
        r"['it\'s','a\\','b\',\'c','tab" + "\t" + "here']"
    )
    assert clickhouse_http.array(()) == "[]"
