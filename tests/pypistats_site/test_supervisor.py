"""What is started is watched, restarted and never left behind."""

import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest

from pypistats_site import children
from pypistats_site.children import Child
from pypistats_site.supervisor import HeartbeatWatch, Intervals, Supervisor
from tests.waiting import HANG_SECONDS, is_gone, wait_for

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
time.sleep(600)
"""
ALONE: Any = {"last_seen": lambda: None, "before_worker": lambda: None}
"""No database to look at."""

pytestmark = pytest.mark.once
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
FAIL = [sys.executable, "-c", "raise SystemExit(3)"]

real_processes = pytest.mark.end_to_end


@real_processes
def test_command_that_will_not_stop_is_killed_with_its_children() -> None:
    child = Child(
        [sys.executable, "-c", STUBBORN], environment=dict(os.environ), grace=0.2
    )
    guard = psutil.Process(child._guard.pid)
    tree = wait_for(
        lambda: found if len(found := guard.children(recursive=True)) == 2 else None,
        "the command and its child",
    )

    child.ask_to_stop()
    child.wait(HANG_SECONDS)

    assert child.exit_code() == -signal.SIGKILL
    assert is_gone(guard)
    wait_for(lambda: all(map(is_gone, tree)), "the end of both")


@real_processes
def test_killed_guard_takes_its_command_along() -> None:
    child = Child(SLEEP, environment=dict(os.environ), grace=30)
    guard = psutil.Process(child._guard.pid)
    tree = wait_for(guard.children, "the command")

    guard.kill()
    child.wait(HANG_SECONDS)

    assert child.exit_code() == children.GUARD_KILLED
    wait_for(lambda: all(map(is_gone, tree)), "the end of the command")


@real_processes
def test_worker_that_ends_at_once_is_started_ever_more_slowly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    intervals = Intervals(grace=1, tick=0.05, restart_delay=0.01)
    supervisor = Supervisor(
        SLEEP, FAIL, intervals, last_seen=lambda: None, before_worker=lambda: None
    )
    caplog.clear()

    while len(caplog.messages) < 3:
        assert supervisor.tick() is None
    supervisor.stop()

    assert caplog.messages == [
        f"The worker ended (exit code 3); starting it again in {delay} s"
        for delay in ("0.01", "0.02", "0.04")
    ]


@real_processes
def test_web_server_that_cannot_start_ends_it_all() -> None:
    supervisor = Supervisor(
        FAIL,
        SLEEP,
        Intervals(grace=1),
        last_seen=lambda: None,
        before_worker=lambda: None,
    )

    code = wait_for(supervisor.tick, "the end of the web server")
    supervisor.stop()

    assert code == supervisor.tick() == 3


class Beats:
    """A heartbeat and a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.last: datetime | None = datetime(2026, 11, 20, tzinfo=UTC)
        intervals = Intervals(heartbeat_look=30, heartbeat_stale=600)
        self.watch = HeartbeatWatch(lambda: self.last, intervals, lambda: self.now)

    def is_stale_within(self, seconds: int) -> bool:
        end = self.now + seconds
        while self.now < end:
            self.now += 1
            if self.watch.is_stale():
                return True
        return False


def test_heartbeat_that_stands_still_is_stale() -> None:
    beats = Beats()

    assert not beats.is_stale_within(600)
    assert beats.is_stale_within(61)


def test_heartbeat_that_moves_is_not_stale() -> None:
    beats = Beats()

    for _ in range(3):
        assert not beats.is_stale_within(590)
        assert beats.last is not None
        beats.last += timedelta(minutes=1)


def test_heartbeat_is_not_stale_after_a_time_without_database() -> None:
    beats = Beats()
    last = beats.last
    assert not beats.is_stale_within(300)

    beats.last = None
    assert not beats.is_stale_within(1200)
    beats.last = last

    assert not beats.is_stale_within(600)
    assert beats.is_stale_within(61)


def test_restarted_worker_is_given_the_whole_time_again() -> None:
    beats = Beats()
    assert beats.is_stale_within(661)

    beats.watch.reset()

    assert not beats.is_stale_within(600)
