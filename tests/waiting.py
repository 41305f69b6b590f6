"""Waiting for processes to come and go."""

import time
from collections.abc import Callable
from typing import TypeVar

import psutil
import pytest

T = TypeVar("T")
HANG_SECONDS = 120.0  # for a machine that is busy; nothing is decided by it


def wait_for(condition: Callable[[], T | None], what: str, *, pause: float = 0.05) -> T:
    """Return the first true result of ``condition``, asked every ``pause`` seconds."""
    deadline = time.monotonic() + HANG_SECONDS
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(pause)
    pytest.fail(f"Never seen: {what}")


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
