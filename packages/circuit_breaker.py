"""A helper that fails is left alone for a while, and the log says so once a minute.

A dead cache may be slow to say that it is dead: asking it for every request would make
all of them wait.
"""

import logging
import time

REST_SECONDS = 5
LOG_SECONDS = 60


class CircuitBreaker:
    """Whether to ask; ``consequence`` tells the log what follows when it fails."""

    def __init__(self, logger: logging.Logger, consequence: str) -> None:
        self._logger = logger
        self._consequence = consequence
        self.reset()

    def reset(self) -> None:
        self._rests_until = self._silent_until = 0.0

    def is_open(self) -> bool:
        """Say that it failed just now, and is not to be asked."""
        return time.monotonic() < self._rests_until

    def failed(self, error: Exception) -> None:
        now = time.monotonic()
        self._rests_until = now + REST_SECONDS
        if now >= self._silent_until:
            self._silent_until = now + LOG_SECONDS
            self._logger.error("%s: %s", self._consequence, error)
