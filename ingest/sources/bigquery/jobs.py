"""Query jobs: what one would read, and running it to its end once."""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from google.api_core.exceptions import Conflict
from google.api_core.retry import Retry, exponential_sleep_generator
from google.cloud import bigquery
from google.cloud.bigquery import (
    ArrayQueryParameter,
    QueryJob,
    QueryJobConfig,
    ScalarQueryParameter,
)

from ingest.exceptions import SourceError
from ingest.sources.bigquery.errors import JobFailedError, is_transient, reason_of
from ingest.sources.bigquery.query import DayQuery, Value


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how often and how much at once; Google's defaults wait for ever."""

    delay: float = 1.0
    """Seconds before the first retry; later ones wait longer."""
    longest_delay: float = 30.0
    request_seconds: float = 60.0
    retry_seconds: float = 300.0
    job_seconds: float = 1800.0
    jobs: int = 3
    """Jobs of one day, when one fails on BigQuery's side."""
    downloads: int = 3
    """Times that a result is read from its beginning, when its page tokens expire."""
    page_rows: int = 2500
    """Packages on a page: about 3 MB, which DuckDB unpacks in 100 MB of memory."""

    def retry(self) -> Retry:
        return Retry(
            predicate=is_transient,
            initial=self.delay,
            maximum=self.longest_delay,
            multiplier=2.0,
            timeout=self.retry_seconds,
        )


class Jobs:
    """Runs queries under one client."""

    def __init__(self, client: bigquery.Client, limits: Limits) -> None:
        self._client = client
        self._limits = limits

    def estimate(self, query: DayQuery) -> QueryJob:
        """Ask, for nothing, how many bytes the query would read and where it runs."""
        config = _config(query, "estimate")
        config.dry_run = True
        config.use_query_cache = False
        return self._client.query(
            query.sql,
            job_config=config,
            retry=self._limits.retry(),
            timeout=self._limits.request_seconds,
            job_retry=None,
        )

    def begin(self, query: DayQuery, location: str | None) -> QueryJob:
        """Start the query under an id of its own: a repeated insert starts it once."""
        config = _config(query, "count")
        config.maximum_bytes_billed = settings.BIGQUERY_MAX_BYTES
        job_id = f"pypistats-{query.day:%Y%m%d}-{uuid.uuid4().hex}"
        try:
            return self._client.query(
                query.sql,
                job_config=config,
                job_id=job_id,
                location=location,
                retry=self._limits.retry(),
                timeout=self._limits.request_seconds,
                job_retry=None,
            )
        except Conflict as error:
            if reason_of(error) != "duplicate":
                raise
            job = self._client.get_job(
                job_id,
                location=location,
                retry=self._limits.retry(),
                timeout=self._limits.request_seconds,
            )
            return _query_job(job)

    def wait(self, job: QueryJob) -> None:
        """Wait for the end of the job; raise ``JobFailedError`` where it has no result.

        The job itself is asked, not its result: asked for the result, the API reports
        a failure of the job like one of its own.
        """
        delays = exponential_sleep_generator(self._limits.delay, maximum=10.0)
        deadline = time.monotonic() + self._limits.job_seconds
        while job.state != "DONE":
            if time.monotonic() > deadline:
                job.cancel(retry=None, timeout=self._limits.request_seconds)
                message = (
                    f"BigQuery did not end job {job.job_id} within"
                    f" {self._limits.job_seconds:.0f} seconds; it was cancelled."
                )
                raise SourceError(message)
            time.sleep(next(delays))
            job.reload(retry=self._limits.retry(), timeout=self._limits.request_seconds)
        if job.error_result:
            error = job.error_result
            raise JobFailedError(
                str(error.get("reason", "")), str(error.get("message", ""))
            )


def _query_job(job: object) -> QueryJob:
    if not isinstance(job, QueryJob):
        message = f"BigQuery has another kind of job under our id: {job}."
        raise SourceError(message)
    return job


def _config(query: DayQuery, purpose: str) -> QueryJobConfig:
    return QueryJobConfig(
        query_parameters=[
            _parameter(name, value) for name, value in query.parameters.items()
        ],
        use_legacy_sql=False,
        labels={"app": "pypistats", "day": str(query.day), "purpose": purpose},
    )


def _parameter(name: str, value: Value) -> ArrayQueryParameter | ScalarQueryParameter:
    match value:
        case list():
            return ArrayQueryParameter(name, "STRING", value)
        case datetime():
            return ScalarQueryParameter(name, "TIMESTAMP", value)
        case _:
            return ScalarQueryParameter(name, "INT64", value)
