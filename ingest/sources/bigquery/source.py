"""Downloads from BigQuery: estimated first, then one scan a day."""

import logging
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta

from django.conf import settings
from google.cloud import bigquery
from google.cloud.bigquery import QueryJob

from ingest.detail import wanted_detail
from ingest.exceptions import SourceError
from ingest.sources.base import DayRange
from ingest.sources.bigquery.billing import check_budget, in_words
from ingest.sources.bigquery.connection import connect
from ingest.sources.bigquery.download import Download
from ingest.sources.bigquery.errors import JobFailedError, is_transient, told
from ingest.sources.bigquery.jobs import Jobs, Limits
from ingest.sources.bigquery.query import DayQuery, day_query
from ingest.spool import Scan, Spool

logger = logging.getLogger(__name__)


class BigQuerySource:
    """The public table of PyPI's downloads; each day is one query and is paid for."""

    name = "bigquery"

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008
        self._limits = limits

    def chunks(self, days: Sequence[date] | None) -> Iterator[DayRange]:
        for day in _named(days):
            yield DayRange(day, day)

    def fill(
        self, spool: Spool, days: DayRange, packages: Collection[str] | None
    ) -> None:
        for day in _days_in(days):
            with told(f"counting {day}"), closing(connect()) as client:
                query = day_query(day, packages, spool.detail)
                self._fill_day(client, spool, query)

    def estimate(
        self, days: Sequence[date] | None, packages: Collection[str] | None
    ) -> str:
        """Say what counting the days would read and cost, from free dry runs."""
        named = _named(days)
        with told("estimating"), closing(connect()) as client:
            jobs = Jobs(client, self._limits)
            detail = wanted_detail(self.name)
            queries = [day_query(day, packages, detail) for day in named]
            sizes = [_bytes_read(jobs.estimate(query)) for query in queries]
        # Blocks without a wanted package are skipped, which a dry run does not know.
        most = "at most " if packages is not None else ""
        number = "1 day" if len(named) == 1 else f"{len(named)} days"
        return (
            f"BigQuery would read {most}{in_words(sum(sizes))} for {number} at"
            f" ${settings.BIGQUERY_PRICE_PER_TIB:,.2f} per TiB, for the dearest day"
            f" {in_words(max(sizes, default=0))}; BIGQUERY_MAX_BYTES allows"
            f" {in_words(settings.BIGQUERY_MAX_BYTES)} a day."
        )

    def _fill_day(self, client: bigquery.Client, spool: Spool, query: DayQuery) -> None:
        jobs = Jobs(client, self._limits)
        dry = jobs.estimate(query)
        estimated = _bytes_read(dry)
        spool.on_scan(query.day, Scan(estimated))
        logger.info("Counting %s reads up to %s", query.day, in_words(estimated))
        check_budget(query.day, estimated)
        job = self._finished(jobs, query, dry.location)
        billed = int(job.total_bytes_billed or 0)
        spool.on_scan(query.day, Scan(estimated, billed))
        logger.info("BigQuery bills %s for %s", in_words(billed), query.day)
        # An empty partition is a day not loaded yet, not one without downloads.
        if Download(client, job, spool, self._limits).run(query):
            spool.db.execute(
                "INSERT INTO covered VALUES (?) ON CONFLICT DO NOTHING", [query.day]
            )

    def _finished(self, jobs: Jobs, query: DayQuery, location: str | None) -> QueryJob:
        """Return a job that has a result; what fails by Google's fault begins anew."""
        for attempt in range(1, self._limits.jobs + 1):
            job = jobs.begin(query, location)
            try:
                jobs.wait(job)
            except JobFailedError as error:
                if attempt == self._limits.jobs or not is_transient(error):
                    raise
                logger.warning("Job %s failed, trying again: %s", job.job_id, error)
                time.sleep(self._limits.delay * 2**attempt)
            else:
                break
        return job


def _bytes_read(job: QueryJob) -> int:
    return int(job.total_bytes_processed or 0)


def _named(days: Sequence[date] | None) -> Sequence[date]:
    if days is None:
        message = "BigQuery holds years: say which days, with --date or --since."
        raise SourceError(message)
    return days


def _days_in(days: DayRange) -> list[date]:
    if days.first is None or days.last is None:
        message = "BigQuery holds years: say the first and the last day."
        raise SourceError(message)
    span = (days.last - days.first).days + 1
    return [days.first + timedelta(days=offset) for offset in range(span)]
