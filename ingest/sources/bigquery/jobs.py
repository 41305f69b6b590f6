"""Query jobs: what one would read, and running it to its end once."""

import logging
import time
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from google.api_core.exceptions import Conflict, GoogleAPIError
from google.api_core.retry import Retry, exponential_sleep_generator
from google.auth.exceptions import GoogleAuthError
from google.cloud import bigquery
from google.cloud.bigquery import (
    ArrayQueryParameter,
    QueryJob,
    QueryJobConfig,
    ScalarQueryParameter,
)

from ingest import interrupts
from ingest.exceptions import SourceError
from ingest.sources.bigquery.errors import JobFailedError, is_transient, reason_of
from ingest.sources.bigquery.query import DayQuery, Value

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how often and how much at once; Google's defaults wait for ever."""

    delay: float = 1.0
    """Seconds before the first retry; later ones wait longer."""
    longest_delay: float = 30.0
    request_seconds: float = 60.0
    retry_seconds: float = 300.0
    cancel_seconds: float = 5.0
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

    def run(self, query: DayQuery, location: str | None) -> QueryJob:
        """Run the query to its end; an interrupted ingest leaves no job running.

        Under an id of its own: a repeated insert starts it once, and it can be
        cancelled before the answer to its insert is there.
        """
        job_id = f"pypistats-{query.day:%Y%m%d}-{uuid.uuid4().hex}"
        try:
            job = self._begin(query, job_id, location)
            self._wait(job)
        except BaseException as error:
            if isinstance(interrupts.cause_of(error), KeyboardInterrupt):
                self._cancel(job_id, location)
            raise
        return job

    def _begin(self, query: DayQuery, job_id: str, location: str | None) -> QueryJob:
        config = _config(query, "count")
        config.maximum_bytes_billed = settings.BIGQUERY_MAX_BYTES
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

    def _cancel(self, job_id: str, location: str | None) -> None:
        """Ask for the end of a job; whoever interrupted does not wait for an answer."""
        try:
            with interrupts.shielded():
                self._client.cancel_job(
                    job_id,
                    location=location,
                    retry=None,  # type: ignore[arg-type]
                    timeout=self._limits.cancel_seconds,
                )
        except (GoogleAPIError, GoogleAuthError, OSError) as error:
            logger.warning(
                "Job %s could not be cancelled and may be billed: %s", job_id, error
            )
        else:
            logger.info("Cancelled job %s", job_id)

    def _wait(self, job: QueryJob) -> None:
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
