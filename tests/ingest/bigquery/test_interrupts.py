"""Whoever interrupts an ingest does not pay for a job that nobody waits for."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from ingest import interrupts
from ingest.interrupts import Interrupted
from ingest.models import IngestRun
from packages import stats
from tests.bigquery_server import BigQuery, Fault
from tests.ingest.bigquery.conftest import HASTY, count, write
from tests.ingest.events import Event
from tests.waiting import wait_for

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.allow_hosts(["127.0.0.1"]),
    # A signal may come while the client's library holds a socket in no variable yet.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

FOR_EVER = 1_000_000


@pytest.fixture
def counted(bigquery: BigQuery) -> BigQuery:
    """A table with more in it by now than was counted."""
    write(bigquery, [Event()])
    count()
    write(bigquery, [Event()] * 5)
    bigquery.calls.clear()
    return bigquery


def assert_untouched() -> None:
    assert stats.history("django").recent().last_day == 1
    assert [run.state for run in IngestRun.objects.all()] == ["abandoned", "succeeded"]


@contextmanager
def signalled(service: BigQuery, calls: str, number: signal.Signals) -> Iterator[None]:
    """Send this process a signal once the service was asked for ``calls``."""
    asked = calls.split()

    def send() -> None:
        wait_for(lambda: service.calls[: len(asked)] == asked, f"the calls {calls}")
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=send, daemon=True)
    with interrupts.handled():
        thread.start()
        try:
            yield
        finally:
            thread.join()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_job_that_runs_is_cancelled(counted: BigQuery, number: signal.Signals) -> None:
    counted.polls = FOR_EVER

    with signalled(counted, "insert insert get", number), pytest.raises(Interrupted):
        count()

    assert (counted.calls[-1], counted.calls.count("cancel")) == ("cancel", 1)
    assert_untouched()


def test_service_that_does_not_answer_keeps_nobody(counted: BigQuery) -> None:
    counted.faults = [Fault("insert", "hang", skip=1), Fault("cancel", "hang")]
    limits = replace(HASTY, cancel_seconds=0.05)

    with signalled(counted, "insert insert", signal.SIGINT), pytest.raises(Interrupted):
        count(limits=limits)

    assert counted.calls == ["insert", "insert", "cancel"]
    assert_untouched()
