"""BigQuery gives the numbers that the same events in files give."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from ingest import runner
from ingest.exceptions import SourceError
from ingest.runner import Order
from ingest.sources.base import DayRange
from ingest.sources.bigquery import query
from ingest.sources.bigquery.source import BigQuerySource
from ingest.sources.files import FilesSource
from ingest.spool import Spool
from packages import releases
from packages.models import Client, CountedDay, DownloadRecord, Package
from packages.releases import FileDownloads
from tests.bigquery_server import BigQuery, Json
from tests.ingest.bigquery.conftest import DAY, HASTY, count, write
from tests.ingest.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.allow_hosts(["127.0.0.1"])]

ODD = "\u0000\"quoted\" 'and' \\ \U0001f40d\n"
HOSTILE = ["'); DROP TABLE x; --", "` OR 1=1", "@packages", "\\", ODD, "", "a" * 300]
EVENTS = [
    *(Event(installer=name) for name in ("pip", "uv", "bandersnatch", None, *HOSTILE)),
    *(
        Event(python=text)
        for text in (
            *("3.9", "3.10.1", "3.11.9+", "2.7.18", "3.100", "3.1234", "3." + "1" * 99),
            *("", "3", "3.", "x3.11", "33.1", "\uff13.11", " 3.11", "3.1a", None),
            *HOSTILE,
        )
    ),
    *(Event(system=name) for name in ("Linux", "Darwin", "linux", None, *HOSTILE)),
    *(Event(ci=ci) for ci in (True, False, None, True)),
    *(Event(project=f"package-{n % 7}") for n in range(20)),
    *(Event(project=name) for name in ("Zope.Interface", "-", *HOSTILE)),
    Event(details=False),
    Event(timestamp="2026-11-18 00:00:00 UTC"),
    Event(timestamp="2026-11-18 23:59:59 UTC"),
]
OF_FILES = [
    Event(filename="django-5.1.tar.gz", version="5.1", installer="bandersnatch"),
    Event(filename="x" * 300 + ".whl", version="y" * 80),
    Event(filename=f"{ODD}.whl", version=ODD, python="three"),
    Event(filename="y.whl", version="odd\U0001f40d", details=False),
]
OTHER_DAYS = [
    Event(timestamp="2026-11-17 23:59:59 UTC"),
    Event(timestamp="2026-11-19 00:00:00 UTC"),
]


def records() -> list[tuple[Any, ...]]:
    return list(
        DownloadRecord.objects.order_by("package__normalized_name").values_list(
            "package__normalized_name", "month", "downloads", "days"
        )
    )


def files() -> list[FileDownloads]:
    return releases.of_package("django").by_file(mirrors=True)


def totals(day: date = DAY) -> tuple[str, int, int]:
    counted = CountedDay.objects.get(day=day)
    return counted.status, counted.downloads, counted.packages


def clients(service: BigQuery, events: list[Event]) -> set[tuple[Any, ...]]:
    """Count the events, and return the clients that there are then."""
    write(service, events)
    outcome = count()
    assert outcome.failed == {}
    return set(Client.objects.values_list("installer", "python", "system", "ci"))


def test_same_events_give_the_same_records_as_files(bigquery: BigQuery) -> None:
    write(bigquery, [*EVENTS, *OTHER_DAYS])
    runner.ingest(FilesSource(str(bigquery.events)), Order(days=[DAY]))
    expected = records(), totals()
    DownloadRecord.objects.all().delete()
    CountedDay.objects.all().delete()

    outcome = count()

    assert outcome.failed == {}
    assert (records(), totals()) == expected
    assert totals()[1] == 73


@pytest.mark.parametrize("count_by", ["release", "file"])
def test_same_events_give_the_same_files_as_files(
    bigquery: BigQuery, settings: Settings, count_by: str
) -> None:
    settings.INGEST_COUNT_BY = count_by
    write(bigquery, [*EVENTS, *OTHER_DAYS, *OF_FILES])
    runner.ingest(FilesSource(str(bigquery.events)), Order(days=[DAY]))
    expected = records(), totals(), files()
    DownloadRecord.objects.all().delete()
    CountedDay.objects.all().delete()

    outcome = count()

    assert outcome.failed == {}
    assert (records(), totals(), files()) == expected
    assert {row.version for row in files()} == {"5.1", "5.2", ""}


def test_invented_files_are_folded_apart_from_clients(
    bigquery: BigQuery, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INGEST_COUNT_BY = "file"
    monkeypatch.setattr(query, "MOST_CELLS", 2)
    events = [Event(filename="a.whl")] * 3 + [Event(filename="b.whl")] * 2
    events += [Event(filename=f"{n}.whl", installer="bandersnatch") for n in range(4)]
    write(bigquery, events)

    assert count().failed == {}

    assert files() == [
        FileDownloads("a.whl", "5.2", 3),
        FileDownloads("b.whl", "5.2", 2),
        FileDownloads("", "", 4),
    ]
    assert set(Client.objects.values_list("installer", "python")) == {
        *(("pip", python) for python in ("3.11", "")),
        *(("bandersnatch", python) for python in ("3.11", "")),
    }


def test_command_counts_a_day(
    bigquery: BigQuery, capsys: pytest.CaptureFixture[str]
) -> None:
    write(bigquery, EVENTS)

    call_command("ingest", source="bigquery", date=DAY)

    assert "Counted 1 days with 73 downloads." in capsys.readouterr().out


def test_counting_twice_gives_the_same_records(bigquery: BigQuery) -> None:
    write(bigquery, EVENTS)
    count()
    before = records()

    count()

    assert records() == before
    assert CountedDay.objects.get().revisions == []


def test_every_part_of_a_client_arrives(bigquery: BigQuery) -> None:
    assert clients(
        bigquery,
        [
            Event(installer="uv", python="3.12.1", system="Darwin", ci=True),
            Event(details=False),
            Event(installer="x" * 65, python="3.1234", system="y" * 99, ci=False),
            Event(python="nonsense"),
        ],
    ) == {
        ("uv", "3.12", "Darwin", True),
        ("", "", "", False),
        ("other", "other", "other", False),
        ("pip", "invalid", "Linux", False),
    }


@pytest.mark.parametrize("rows", [1, 3, 7, 100])
def test_pages_of_any_size_give_all_packages(bigquery: BigQuery, rows: int) -> None:
    write(bigquery, [Event(project=f"package-{n}") for n in range(7)])

    with Spool() as spool:
        limits = type(HASTY)(delay=0.001, page_rows=rows)
        BigQuerySource(limits).fill(spool, DayRange(DAY, DAY), None)
        found = spool.db.execute("SELECT package FROM cells ORDER BY 1").fetchall()

    assert found == [(f"package-{n}",) for n in range(7)]
    assert len(bigquery.calls) == 2 + -(-7 // rows)


def test_several_days_are_several_scans(bigquery: BigQuery) -> None:
    write(bigquery, [Event(), *OTHER_DAYS])
    before = DAY - timedelta(days=1)

    outcome = count(before, DAY)

    assert [day.day for day in outcome.counted] == [before, DAY]
    assert (totals(before)[1], totals()[1]) == (1, 1)
    assert bigquery.calls.count("insert") == 4


def test_empty_partition_is_unknown_not_zero(bigquery: BigQuery) -> None:
    write(bigquery, OTHER_DAYS)

    outcome = count()

    assert "holds nothing of 2026-11-18" in outcome.failed[DAY]
    assert CountedDay.objects.get().status == CountedDay.Status.MISSING


def test_rows_without_a_project_are_reported(bigquery: BigQuery) -> None:
    write(bigquery, [Event(), Event(project=None), Event(project=None)])

    outcome = count()

    assert outcome.skipped == {"without a project": 2}
    assert totals() == ("complete", 1, 1)


def test_tracked_packages_only_are_asked_for(
    bigquery: BigQuery, settings: Settings
) -> None:
    settings.INGEST_PACKAGES = "tracked"
    for name in ("django", "zope-interface"):
        Package.objects.create(normalized_name=name, tracked=True)
    write(bigquery, [Event(project=n) for n in ("django", "flask", "zope-interface")])

    count()

    assert [row[0] for row in records()] == ["django", "zope-interface"]
    assert len(next(iter(bigquery.jobs.values())).rows) == 2
    sent = bigquery.inserted[-1]["configuration"]["query"]
    assert "AND project IN UNNEST(@packages)" in sent["query"]


@pytest.mark.parametrize("name", HOSTILE[:-1])
def test_hostile_package_name_is_bound(bigquery: BigQuery, name: str) -> None:
    write(bigquery, [Event(project=name), Event(project="django")])

    with Spool() as spool:
        BigQuerySource(HASTY).fill(spool, DayRange(DAY, DAY), [name])
        cells = spool.db.execute("SELECT package, downloads FROM cells").fetchall()

    assert cells == [(name, 1)]
    sent = bigquery.inserted[-1]["configuration"]["query"]
    assert sent["query"] == query.day_query(DAY, ["other"]).sql
    assert sent["queryParameters"][-1] == {
        "name": "packages",
        "parameterType": {"type": "ARRAY", "arrayType": {"type": "STRING"}},
        "parameterValue": {"arrayValues": [{"value": name}]},
    }


def test_left_out_details_are_not_told_apart(
    bigquery: BigQuery, settings: Settings
) -> None:
    settings.INGEST_DETAIL = ["system"]

    assert clients(bigquery, [Event(ci=True), Event(python=None), Event()]) == {
        ("pip", "", "Linux", False)
    }
    assert totals() == ("complete", 3, 1)


def test_old_side_files_count_unless_left_out(
    bigquery: BigQuery, settings: Settings
) -> None:
    day = date(2026, 8, 23)
    names = ["a-1.whl", "a-1.WHL", "a-1.tar.gz", "a-1.zip", "a-1.whl.metadata", "a.egg"]
    write(
        bigquery,
        [Event(f"{day} 10:00:00 UTC", filename=name) for name in names],
    )

    count(day)
    all_files = totals(day)[1]
    settings.BIGQUERY_ARTIFACTS_ONLY = True
    count(day)

    assert (all_files, totals(day)[1]) == (6, 4)


def test_invented_clients_are_folded(
    bigquery: BigQuery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "MOST_CELLS", 2)
    common = [Event()] * 3 + [Event(installer="uv")] * 2

    assert clients(
        bigquery,
        [
            *common,
            Event(installer="invented", python="bad", system="Darwin", ci=True),
            Event(installer=None),
            Event(installer="bandersnatch", python=None),
        ],
    ) == {
        ("pip", "3.11", "Linux", False),
        ("uv", "3.11", "Linux", False),
        ("other", "invalid", "", False),
        ("", "", "", False),
        ("other", "", "", False),
    }
    assert totals() == ("complete", 8, 1)


def test_days_must_be_named(bigquery: BigQuery) -> None:
    with pytest.raises(SourceError, match="say which days"):
        list(BigQuerySource().chunks(None))
    with Spool() as spool, pytest.raises(SourceError, match="first and the last day"):
        BigQuerySource().fill(spool, DayRange(DAY), None)


def _lose_a_cell(page: Json) -> Json:
    page["rows"][0]["f"][2]["v"].pop()
    return page


def _lose_a_row(page: Json) -> Json:
    page["rows"] = page["rows"][1:]
    return page


def _repeat_a_row(page: Json) -> Json:
    page["rows"] = page["rows"][:1] * 2
    return page


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (_lose_a_cell, "do not add up to the total that BigQuery names"),
        (_lose_a_row, "names 4 packages on 2026-11-18 and sent 2"),
        (_repeat_a_row, "names 4 packages on 2026-11-18 and sent 2"),
        (lambda _: {"jobComplete": False}, "names None packages on 2026-11-18"),
        (lambda _: {"totalRows": "many"}, "cannot be read"),
    ],
)
def test_incomplete_answer_is_never_believed(
    bigquery: BigQuery, tamper: Any, expected: str
) -> None:
    write(bigquery, [Event(project=f"package-{n}") for n in range(4)])
    bigquery.tamper = tamper

    with Spool() as spool:
        with pytest.raises(SourceError, match=expected):
            BigQuerySource(HASTY).fill(spool, DayRange(DAY, DAY), None)
        assert spool.days() == []
