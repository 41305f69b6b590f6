"""The result of a query, page by page from the API's JSON into the spool.

DuckDB reads the raw pages: in Python each cell would be a dozen objects.
"""

from datetime import date
from functools import partial

import duckdb
from django.conf import settings
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery
from google.cloud.bigquery import QueryJob

from ingest.engine import first_line, quoted
from ingest.exceptions import SourceError, SpoolError
from ingest.sources.bigquery.jobs import Limits
from ingest.sources.bigquery.query import DayQuery
from ingest.spool import Spool

WITHOUT_PROJECT = "without a project"

_FIELDS = "jobComplete,totalRows,pageToken,rows"
# DuckDB sets twice the maximum size aside, whatever the page needs.
_PAGE = """
CREATE OR REPLACE TEMP TABLE page AS FROM read_json('{path}',
    format='unstructured', maximum_object_size={size}, columns={{
        totalRows: 'BIGINT', pageToken: 'VARCHAR', rows: 'STRUCT(f STRUCT(v JSON)[])[]'
    }})
"""
# A row is {"f": [{"v": "django"}, {"v": "7"}, {"v": [cell, ...]}]}, and a cell
# {"v": {"f": [{"v": "pip"}, {"v": "3.11"}, ..., {"v": "7"}]}}.
_ROWS = """
CREATE OR REPLACE TEMP TABLE page_rows AS
SELECT item.f[1].v->>'$' AS package, (item.f[2].v->>'$')::BIGINT AS total,
    item.f[3].v::STRUCT(v STRUCT(f STRUCT(v VARCHAR)[]))[] AS cells
FROM (SELECT unnest(rows) AS item FROM page)
"""
_UNTRUE = """
SELECT package FROM page_rows WHERE total IS DISTINCT FROM
    list_sum([cell.v.f[{last}].v::BIGINT FOR cell IN cells]) LIMIT 1
"""
_CELLS = """
INSERT INTO {table} SELECT DATE '{day}', package, {values}
FROM (SELECT package, unnest(cells).v.f AS cell FROM page_rows)
WHERE {condition}
"""
_TYPES = {
    "cells": {
        "installer": "VARCHAR",
        "python": "VARCHAR",
        "system": "VARCHAR",
        "ci": "BOOLEAN",
        "downloads": "BIGINT",
    },
    "files": {
        "installer": "VARCHAR",
        "python": "VARCHAR",
        "filename": "VARCHAR",
        "version": "VARCHAR",
        "downloads": "BIGINT",
    },
}


class ExpiredTokenError(Exception):
    """The API no longer knows a page that it named itself."""


class Download:
    """Reads the result of one finished job into a spool."""

    def __init__(
        self, client: bigquery.Client, job: QueryJob, spool: Spool, limits: Limits
    ) -> None:
        self._client = client
        self._job = job
        self._spool = spool
        self._limits = limits

    def run(self, query: DayQuery) -> int:
        """Put the day's cells into the spool; return how many packages they are of.

        When a page token expires, all is read again: the result itself stays for a day.
        """
        for _ in range(self._limits.downloads):
            try:
                return self._read(query)
            except ExpiredTokenError:
                continue
            except (duckdb.DataError, duckdb.InvalidInputException) as error:
                message = (
                    f"BigQuery's answer about {query.day} cannot be read:"
                    f" {first_line(error)} Does BIGQUERY_EMULATOR_HOST, or a proxy,"
                    " answer instead of BigQuery?"
                )
                raise SourceError(message) from error
            except duckdb.Error as error:
                message = (
                    f"{query.day} cannot be spooled: {first_line(error)}"
                    f" (INGEST_MEMORY_MB is {settings.INGEST_MEMORY_MB})"
                )
                raise SpoolError(message) from error
        message = (
            f"BigQuery let its page tokens expire {self._limits.downloads} times while"
            f" {query.day} was downloaded: try again on a faster connection."
        )
        raise SourceError(message)

    def _read(self, query: DayQuery) -> int:
        for table in _TYPES:
            self._spool.db.execute(f"DELETE FROM {table} WHERE day = ?", [query.day])
        token: str | None = None
        while True:
            self._load(self._fetch(token))
            self._take(query)
            expected, token = self._spool.db.execute(
                "SELECT totalRows, pageToken FROM page"
            ).fetchall()[0]
            if not token:
                break
        self._check_complete(query, expected)
        self._leave_out_nameless(query)
        return int(expected)

    def _fetch(self, token: str | None) -> bytes:
        """Return a page as it was sent: the client's own methods make objects of it."""
        parameters = {"maxResults": self._limits.page_rows, "fields": _FIELDS}
        if self._job.location:
            parameters["location"] = self._job.location
        if token:
            parameters["pageToken"] = token
        call = partial(
            self._client._connection.api_request,
            method="GET",
            path=f"/projects/{self._job.project}/queries/{self._job.job_id}",
            query_params=parameters,
            expect_json=False,
            timeout=self._limits.request_seconds,
        )
        try:
            return bytes(self._limits.retry()(call)())
        except BadRequest as error:
            if token is None:
                raise
            raise ExpiredTokenError from error

    def _load(self, page: bytes) -> None:
        path = self._spool.folder / "page.json"
        path.write_bytes(page)
        sql = _PAGE.format(path=quoted(path), size=len(page) + 1)
        self._spool.db.execute(sql)
        self._spool.run(_ROWS, label="Downloading")

    def _take(self, query: DayQuery) -> None:
        """Add the page's cells, and refuse what does not add up."""
        last = len(query.columns)
        untrue = self._spool.db.execute(_UNTRUE.format(last=last)).fetchall()
        if untrue:
            message = (
                f"The cells of {untrue[0][0]} on {query.day} do not add up to the"
                " total that BigQuery names: the answer is incomplete."
            )
            raise SourceError(message)
        fields = {
            name: f"cell[{place}].v" for place, name in enumerate(query.columns, 1)
        }
        of_file = f"{fields['is_file']}::BOOLEAN" if "is_file" in fields else "false"
        self._add("cells", f"NOT {of_file}", query.day, fields)
        if "is_file" in fields:
            self._add("files", of_file, query.day, fields)

    def _add(
        self, table: str, condition: str, day: date, fields: dict[str, str]
    ) -> None:
        values = ", ".join(
            f"{fields[name]}::{kind}" if name in fields else "NULL"
            for name, kind in _TYPES[table].items()
        )
        sql = _CELLS.format(table=table, day=day, values=values, condition=condition)
        self._spool.run(sql)

    def _check_complete(self, query: DayQuery, expected: int | None) -> None:
        """Each package is one row: as many as the API promised must be there."""
        got = self._spool.value(
            "SELECT count(DISTINCT coalesce(package, '')) FROM cells WHERE day = ?",
            [query.day],
        )
        if got != expected:
            message = (
                f"BigQuery names {expected} packages on {query.day} and sent {got}:"
                " the answer is incomplete."
            )
            raise SourceError(message)

    def _leave_out_nameless(self, query: DayQuery) -> None:
        nameless = "FROM cells WHERE day = ? AND package IS NULL"
        dropped = self._spool.value(f"SELECT sum(downloads) {nameless}", [query.day])
        if dropped:
            self._spool.skipped[WITHOUT_PROJECT] += int(dropped)
            self._spool.db.execute(f"DELETE {nameless}", [query.day])
