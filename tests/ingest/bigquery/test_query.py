"""The query's text is asserted whole: only the real service can judge it."""

from datetime import date

import pytest
from pytest_django import Settings

from ingest.detail import Detail
from ingest.exceptions import SourceError
from ingest.sources.bigquery.query import DETAILS, day_query
from tests.bigquery_server import BigQuery
from tests.ingest.bigquery.conftest import DAY, count, write
from tests.ingest.events import Event

SQL = r"""SELECT package, SUM(downloads) AS total,
  ARRAY_AGG(STRUCT(installer, python, system, ci, downloads)) AS cells
FROM (
  SELECT package, installer, python, system, ci, SUM(downloads) AS downloads
  FROM (
    SELECT package, downloads,
      IF(place <= @most OR installer IS NULL, installer, 'other') AS installer,
      IF(place <= @most OR python = 'invalid', python, NULL) AS python,
      IF(place <= @most, system, NULL) AS system,
      IF(place <= @most, ci, FALSE) AS ci
    FROM (
      SELECT package, installer, python, system, ci, downloads,
        ROW_NUMBER() OVER (PARTITION BY package ORDER BY downloads DESC) AS place
      FROM (
        SELECT LEFT(project, 256) AS package,
          LEFT(details.installer.name, 65) AS installer,
          CASE
            WHEN REGEXP_CONTAINS(details.python, r'^[0-9]\.[0-9]')
            THEN REGEXP_EXTRACT(details.python, r'^[0-9]\.[0-9]{1,3}')
            WHEN details.python IS NOT NULL THEN 'invalid' END AS python,
          LEFT(details.system.name, 33) AS system,
          IFNULL(details.ci, FALSE) AS ci,
          COUNT(*) AS downloads
        FROM `bigquery-public-data.pypi.file_downloads`
        WHERE timestamp >= @start
          AND timestamp < @end
        GROUP BY package, installer, python, system, ci
      )
    )
  )
  GROUP BY package, installer, python, system, ci
)
GROUP BY package"""
SHORT = """SELECT package, SUM(downloads) AS total,
  ARRAY_AGG(STRUCT(installer, downloads)) AS cells
FROM (
  SELECT package, installer, SUM(downloads) AS downloads
  FROM (
    SELECT package, downloads,
      IF(place <= @most OR installer IS NULL, installer, 'other') AS installer
    FROM (
      SELECT package, installer, downloads,
        ROW_NUMBER() OVER (PARTITION BY package ORDER BY downloads DESC) AS place
      FROM (
        SELECT LEFT(project, 256) AS package,
          LEFT(details.installer.name, 65) AS installer,
          COUNT(*) AS downloads
        FROM `own-project.own_data.downloads`
        WHERE timestamp >= @start
          AND timestamp < @end
          AND project IN UNNEST(@packages)
        GROUP BY package, installer
      )
    )
  )
  GROUP BY package, installer
)
GROUP BY package"""
BY_FILE = r"""SELECT package, SUM(downloads) AS total,
  ARRAY_AGG(STRUCT(installer, python, ci, filename, version, is_file, downloads)) AS cells
FROM (
  SELECT package, installer, python, ci, filename, version, is_file, SUM(downloads) AS downloads
  FROM (
    SELECT package, downloads,
      IF(place <= @most OR installer IS NULL OR is_file AND
        MIN(IF(is_file, NULL, place)) OVER (PARTITION BY package, installer) <= @most,
        installer, 'other') AS installer,
      IF(place <= @most OR python = 'invalid', python, NULL) AS python,
      IF(place <= @most, ci, FALSE) AS ci,
      IF(place <= @most, filename, NULL) AS filename,
      IF(place <= @most, version, NULL) AS version,
      is_file AS is_file
    FROM (
      SELECT package, installer, python, ci, filename, version, is_file, downloads,
        ROW_NUMBER() OVER (PARTITION BY package, is_file ORDER BY downloads DESC) AS place
      FROM (
        SELECT LEFT(project, 256) AS package,
          LEFT(details.installer.name, 65) AS installer,
          IF(is_file AND REGEXP_CONTAINS(details.python, r'^[0-9]\.[0-9]'), NULL,
            CASE
            WHEN REGEXP_CONTAINS(details.python, r'^[0-9]\.[0-9]')
            THEN REGEXP_EXTRACT(details.python, r'^[0-9]\.[0-9]{1,3}')
            WHEN details.python IS NOT NULL THEN 'invalid' END) AS python,
          NOT is_file AND IFNULL(details.ci, FALSE) AS ci,
          IF(is_file, LEFT(file.filename, 256), NULL) AS filename,
          IF(is_file, LEFT(file.version, 65), NULL) AS version,
          is_file AS is_file,
          COUNT(*) AS downloads
        FROM `bigquery-public-data.pypi.file_downloads` CROSS JOIN UNNEST([FALSE, TRUE]) AS is_file
        WHERE timestamp >= @start
          AND timestamp < @end
        GROUP BY package, installer, python, ci, filename, version, is_file
      )
    )
  )
  GROUP BY package, installer, python, ci, filename, version, is_file
)
GROUP BY package"""  # noqa: E501
ALWAYS = {"timestamp", "project", "details.installer.name"}


def test_query_of_all_packages_with_all_details() -> None:
    query = day_query(DAY, None)

    assert query.sql == SQL
    assert {name: str(value) for name, value in query.parameters.items()} == {
        "start": "2026-11-18 00:00:00+00:00",
        "end": "2026-11-19 00:00:00+00:00",
        "most": "10000",
    }


def test_query_of_tracked_packages_without_details(settings: Settings) -> None:
    settings.INGEST_DETAIL = []
    settings.BIGQUERY_TABLE = "own-project.own_data.downloads"

    query = day_query(DAY, {"flask", "django"})

    assert query.sql == SHORT
    assert query.parameters["packages"] == ["django", "flask"]


def test_query_by_file_reads_the_table_once(settings: Settings) -> None:
    settings.INGEST_DETAIL = ["ci", "python"]

    assert day_query(DAY, None, Detail.FILE).sql == BY_FILE


@pytest.mark.parametrize(
    ("day", "only", "expected"),
    [
        (date(2026, 8, 23), True, True),
        (date(2026, 8, 23), False, False),
        (date(2026, 8, 24), True, False),
    ],
)
def test_file_names_are_read_for_old_days_on_demand(
    settings: Settings, day: date, only: bool, expected: bool
) -> None:
    settings.BIGQUERY_ARTIFACTS_ONLY = only

    sql = day_query(day, None).sql

    condition = r"AND REGEXP_CONTAINS(file.filename, r'(?i)\.(whl|tar\.gz|zip)$')"
    assert (condition in sql, "filename" in sql) == (expected, expected)


@pytest.mark.django_db
@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize(
    ("detail", "columns"),
    [
        (DETAILS, {"details.python", "details.system.name", "details.ci"}),
        (["ci"], {"details.ci"}),
        (["system", "python"], {"details.python", "details.system.name"}),
        ([], set()),
    ],
)
def test_only_the_chosen_columns_are_read(
    bigquery: BigQuery, settings: Settings, detail: list[str], columns: set[str]
) -> None:
    settings.INGEST_DETAIL = detail
    write(bigquery, [Event()])

    count()

    assert bigquery.read == [ALWAYS | columns] * 2


@pytest.mark.django_db
@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize(
    ("count_by", "columns"),
    [
        ("client", set()),
        ("release", {"file.version"}),
        ("file", {"file.filename", "file.version"}),
    ],
)
def test_columns_of_files_are_read_only_where_asked_for(
    bigquery: BigQuery, settings: Settings, count_by: str, columns: set[str]
) -> None:
    settings.INGEST_DETAIL, settings.INGEST_COUNT_BY = [], count_by
    write(bigquery, [Event()])

    assert count().failed == {}

    assert bigquery.read == [ALWAYS | columns] * 2


@pytest.mark.parametrize("name", ["downloads", "a.b.c` WHERE TRUE --", "a.b", ""])
def test_table_is_no_place_for_sql(settings: Settings, name: str) -> None:
    settings.BIGQUERY_TABLE = name

    with pytest.raises(SourceError, match=r"must read project\.dataset\.table"):
        day_query(DAY, None)
