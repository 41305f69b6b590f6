"""Keep the web server and the queue's worker running side by side."""

import logging
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from select import select

from pypistats_site.children import Child

BASE_DIR = Path(__file__).resolve().parent.parent

GRACE = 30.0  # for running requests and tasks to end
TICK = 1.0
RESTART_DELAY = 1.0  # doubled each time the worker ends soon again
RESTART_DELAY_MAX = 60.0
HEARTBEAT_LOOK = 30.0
HEARTBEAT_STALE = 600.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """How long things may take, in seconds."""

    grace: float = GRACE
    tick: float = TICK
    restart_delay: float = RESTART_DELAY
    restart_delay_max: float = RESTART_DELAY_MAX
    heartbeat_look: float = HEARTBEAT_LOOK
    heartbeat_stale: float = HEARTBEAT_STALE


class HeartbeatWatch:
    """Tells when the worker runs, but no longer works.

    django-q2 can dead-lock when one of its processes is killed. What counts is how long
    the heartbeat has been seen not to move, so that neither a clock put right nor a
    database that was away looks like that.
    """

    def __init__(
        self,
        last_seen: Callable[[], datetime | None],
        intervals: Intervals,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._last_seen, self._clock = last_seen, clock
        self._intervals = intervals
        self.reset()

    def reset(self) -> None:
        """Begin anew, as the worker does."""
        self._seen: datetime | None = None
        self._moved_at = self._looked_at = self._clock()

    def is_stale(self) -> bool:
        now = self._clock()
        if now - self._looked_at < self._intervals.heartbeat_look:
            return False
        self._looked_at = now
        seen = self._last_seen()
        if seen is None or seen != self._seen:
            self._seen, self._moved_at = seen, now
        return now - self._moved_at > self._intervals.heartbeat_stale


def last_heartbeat() -> datetime | None:
    """Return None while there is none, or the database does not answer."""
    from django.db import DatabaseError, InterfaceError, connection

    from ingest.models import WorkerHeartbeat

    try:
        return WorkerHeartbeat.last_seen()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("Cannot look at the worker's heartbeat: %s", error)
        return None
    finally:
        with suppress(DatabaseError, InterfaceError):
            connection.close()


def enqueue_catch_up() -> None:
    """Let a worker that starts look at once whether a day is overdue."""
    from django.db import DatabaseError, InterfaceError, connection
    from django_q.tasks import async_task

    try:
        async_task("ingest.tasks.catch_up")
    except (DatabaseError, InterfaceError) as error:
        logger.warning("Cannot look for overdue days: %s", error)
    finally:
        with suppress(DatabaseError, InterfaceError):
            connection.close()


class Supervisor:
    """Keeps the web server and the worker running until told to stop."""

    def __init__(
        self,
        web: Sequence[str],
        worker: Sequence[str] | None,
        intervals: Intervals,
        last_seen: Callable[[], datetime | None] = last_heartbeat,
        before_worker: Callable[[], None] = enqueue_catch_up,
    ) -> None:
        self._worker_command, self._intervals = worker, intervals
        self._before_worker = before_worker
        self._heartbeat = HeartbeatWatch(last_seen, intervals)
        self._delay = intervals.restart_delay
        self._start_worker_at = time.monotonic()
        self._worker: Child | None = None
        self._web = self._start(web)

    def tick(self, seconds: float | None = None) -> int | None:
        """Look after both; return the web server's exit code once it has ended."""
        if self._web.exit_code() is None:
            self._mind_worker()
            children = [child for child in (self._web, self._worker) if child]
            select(children, [], [], seconds or self._intervals.tick)
        return self._web.exit_code()

    def stop(self) -> None:
        """End both at the same time, the running task if it takes too long."""
        children = [child for child in (self._web, self._worker) if child]
        for child in children:
            child.ask_to_stop()
        # A guard needs a moment more than the grace period it gives.
        deadline = time.monotonic() + self._intervals.grace + 5
        for child in children:
            child.wait(deadline - time.monotonic())

    def _mind_worker(self) -> None:
        if self._worker is None:
            self._start_worker()
        elif (code := self._worker.exit_code()) is not None:
            self._plan_restart(self._worker, code)
        elif self._heartbeat.is_stale():
            logger.error("The worker's heartbeat has stopped; restarting the worker")
            self._heartbeat.reset()
            self._worker.ask_to_stop()

    def _start_worker(self) -> None:
        if self._worker_command and time.monotonic() >= self._start_worker_at:
            self._before_worker()
            self._worker = self._start(self._worker_command)
            self._heartbeat.reset()

    def _plan_restart(self, worker: Child, code: int) -> None:
        now, longest = time.monotonic(), self._intervals.restart_delay_max
        if now - worker.started_at > longest:
            self._delay = self._intervals.restart_delay
        logger.error(
            "The worker ended (exit code %d); starting it again in %g s",
            code,
            self._delay,
        )
        self._worker, self._start_worker_at = None, now + self._delay
        self._delay = min(self._delay * 2, longest)

    def _start(self, command: Sequence[str]) -> Child:
        paths = [str(BASE_DIR), os.environ.get("PYTHONPATH", "")]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        }
        return Child(command, environment=environment, grace=self._intervals.grace)
