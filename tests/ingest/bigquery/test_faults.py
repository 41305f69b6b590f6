"""What fails recovers with the same numbers, or leaves the day and says what to do."""

from dataclasses import replace

import pytest

from ingest.detail import Detail
from ingest.models import IngestRun
from ingest.sources.base import DayRange
from ingest.sources.bigquery.jobs import Limits
from ingest.sources.bigquery.source import BigQuerySource
from ingest.spool import Spool
from packages import stats
from tests.bigquery_server import BigQuery, Fault, error
from tests.ingest.bigquery.conftest import DAY, HASTY, count, write
from tests.ingest.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.allow_hosts(["127.0.0.1"])]

EVENTS = [Event(project=name) for name in "abcde" for _ in range(2)]
RATE = error(403, "rateLimitExceeded", "Exceeded rate limits")
BACKEND = error(503, "backendError", "Please try again in 30 seconds.")
TOO_MANY = error(429, "rateLimitExceeded", "Too many requests")
QUOTA = error(
    403,
    "quotaExceeded",
    "Quota exceeded: Your project exceeded quota for free query bytes scanned",
)
DENIED = error(403, "accessDenied", "Access Denied: Project payer")
EXPIRED = error(400, "invalid", "Invalid value at 'page_token'")
SYNTAX = error(400, "invalidQuery", "Syntax error: Unexpected end of script")


FOR_EVER = 1_000_000
PAGES = ["results", "next", "next"]


def counted() -> dict[str, int]:
    return {name: stats.history(name).recent().last_day for name in "abcde"}


def read(
    limits: Limits = HASTY, detail: Detail = Detail.CLIENT, table: str = "cells"
) -> dict[str, int]:
    """Return what the source gives, without storing it."""
    with Spool(detail) as spool:
        BigQuerySource(limits).fill(spool, DayRange(DAY, DAY), None)
        assert spool.days() == [DAY]
        cells = f"SELECT package, sum(downloads)::BIGINT FROM {table} GROUP BY ALL"
        return dict(spool.db.execute(cells).fetchall())


@pytest.fixture
def table(bigquery: BigQuery) -> BigQuery:
    write(bigquery, EVENTS)
    return bigquery


PASSING = [
    Fault("insert", times=3),
    Fault("insert", status=429, body="<html>slow down</html>"),
    Fault("insert", status=403, body=RATE),
    Fault("insert", "drop", times=2),
    Fault("insert", "cut"),
    Fault("get", times=2),
    Fault("get", "drop"),
    Fault("results", status=503, body=BACKEND),
    Fault("results", "drop"),
    Fault("next", status=502, body="<html>Bad Gateway</html>", times=2),
    Fault("next", status=504, body="<html>Gateway Timeout</html>"),
    Fault("next", status=429, body=TOO_MANY, times=2),
    Fault("next", status=403, body=RATE),
    Fault("next", "drop", times=2),
    Fault("next", "cut"),
]


@pytest.mark.parametrize(
    "fault", PASSING, ids=lambda f: f"{f.call}-{f.kind}-{f.status}"
)
def test_passing_fault_changes_no_number(table: BigQuery, fault: Fault) -> None:
    table.polls = 2
    table.faults = [replace(fault)]

    assert read() == dict.fromkeys("abcde", 2)
    assert table.faults[0].times == 0


def test_second_page_is_asked_for_again(table: BigQuery) -> None:
    table.faults = [Fault("next", times=2), Fault("next", "cut", skip=1)]

    assert read() == dict.fromkeys("abcde", 2)


def test_hanging_service_is_given_up(table: BigQuery) -> None:
    table.faults = [Fault("results", "hang")]

    assert read(replace(HASTY, request_seconds=0.2)) == dict.fromkeys("abcde", 2)


def test_insert_whose_answer_is_lost_runs_once(table: BigQuery) -> None:
    table.faults = [Fault("insert", "lose", skip=1)]

    assert read() == dict.fromkeys("abcde", 2)
    assert len(table.jobs) == 1
    assert table.calls == ["insert"] * 3 + ["get", "results"] + ["next"] * 2


def test_expired_page_token_begins_the_download_again(table: BigQuery) -> None:
    table.faults = [Fault("next", status=400, body=EXPIRED)]

    assert read() == dict.fromkeys("abcde", 2)
    assert (len(table.jobs), table.calls[2:]) == (1, ["results", "next", *PAGES])


def test_expired_page_token_doubles_no_file(table: BigQuery) -> None:
    table.faults = [Fault("next", status=400, body=EXPIRED)]

    assert read(detail=Detail.FILE, table="files") == dict.fromkeys("abcde", 2)


@pytest.mark.parametrize(
    "reason", ["backendError", "internalError", "jobBackendError", "jobInternalError"]
)
def test_job_that_fails_half_way_is_run_anew(table: BigQuery, reason: str) -> None:
    table.polls = 2
    table.failures = [(reason, "An internal error occurred")] * 2

    assert read() == dict.fromkeys("abcde", 2)
    assert len(table.jobs) == 3
    assert all(name.startswith("pypistats-20261118-") for name in table.jobs)


def test_running_job_is_waited_for(table: BigQuery) -> None:
    table.polls = 5

    assert read() == dict.fromkeys("abcde", 2)
    assert table.calls.count("get") == 5


FAILED = "BigQuery failed while counting 2026-11-18"
LATER = "Google says that this passes: the next run tries the day again."
LASTING: list[tuple[list[Fault], list[tuple[str, str]], str]] = [
    (
        [Fault("insert", times=FOR_EVER)],
        [],
        f"{FAILED}: HTTP status 503. {LATER}",
    ),
    (
        [Fault("results", "drop", times=FOR_EVER)],
        [],
        f"Remote end closed connection without response')). {LATER}",
    ),
    (
        [Fault("results", status=403, body=QUOTA)],
        [],
        (
            f"{FAILED} (quotaExceeded): Quota exceeded: Your project exceeded quota for"
            " free query bytes scanned. A quota of the project is used up, or its free"
            " terabyte: wait until it is renewed, raise QueryUsagePerDay or turn on"
            " billing, or count fewer packages (INGEST_PACKAGES=tracked)."
        ),
    ),
    (
        [Fault("insert", status=403, body=DENIED)],
        [],
        (
            f"{FAILED} (accessDenied): Access Denied: Project payer. Grant the account"
            " roles/bigquery.jobUser on the project that pays (BIGQUERY_PROJECT), and"
            " see that BIGQUERY_TABLE is spelled right."
        ),
    ),
    (
        [Fault("insert", status=400, body=SYNTAX)],
        [],
        (
            f"{FAILED} (invalidQuery): Syntax error: Unexpected end of script. Does"
            " BIGQUERY_TABLE have the columns of the public table"
            " (docs/event-files.md)? If so, this is a mistake of this service: report"
            " it."
        ),
    ),
    (
        [Fault("next", status=400, body=EXPIRED, times=FOR_EVER)],
        [],
        (
            "BigQuery let its page tokens expire 3 times while 2026-11-18 was"
            " downloaded: try again on a faster connection."
        ),
    ),
    (
        [],
        [("backendError", "Error encountered during execution")] * 3,
        f"{FAILED} (backendError): Error encountered during execution. {LATER}",
    ),
    (
        [],
        [("resourcesExceeded", "Not enough resources for query planning")],
        (
            f"{FAILED} (resourcesExceeded): Not enough resources for query planning."
            " Count fewer details (INGEST_DETAIL, INGEST_COUNT_BY), or try again later."
        ),
    ),
    (
        [],
        [("stopped", "Job execution was cancelled: User requested")],
        (
            f"{FAILED} (stopped): Job execution was cancelled: User requested. Somebody"
            " cancelled the job; the next run tries the day again."
        ),
    ),
    (
        [],
        [("unheardOf", "Something new")],
        f"{FAILED} (unheardOf): Something new. See docs/bigquery.md.",
    ),
    (
        [Fault("results", status=200, body="<html>Log in to the network</html>")],
        [],
        "Does BIGQUERY_EMULATOR_HOST, or a proxy, answer instead of BigQuery?",
    ),
    (
        [Fault("insert", status=200, body="<html>Log in to the network</html>")],
        [],
        f"{FAILED}: ",
    ),
]


@pytest.mark.parametrize(("faults", "failures", "expected"), LASTING)
def test_lasting_fault_leaves_the_day_and_says_what_to_do(
    table: BigQuery,
    faults: list[Fault],
    failures: list[tuple[str, str]],
    expected: str,
) -> None:
    count()
    write(table, [Event(project=name) for name in "abcde"])
    table.faults = [replace(fault) for fault in faults]
    table.failures = list(failures)

    outcome = count(limits=replace(HASTY, retry_seconds=0.05))

    assert expected in outcome.failed[DAY]
    assert counted() == dict.fromkeys("abcde", 2)
    run = IngestRun.objects.first()
    assert run is not None
    assert (run.state, run.error) == ("failed", outcome.failed[DAY])


def test_bad_query_is_not_sent_twice(table: BigQuery) -> None:
    table.faults = [Fault("insert", status=400, body=SYNTAX, times=FOR_EVER)]

    count()

    assert table.calls == ["insert"]


def test_job_without_end_is_cancelled(table: BigQuery) -> None:
    table.polls = FOR_EVER

    outcome = count(limits=replace(HASTY, job_seconds=0.05))

    assert "within 0 seconds; it was cancelled." in outcome.failed[DAY]
    assert table.calls[-1] == "cancel"
