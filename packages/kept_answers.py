"""Answers that were given before, kept as bytes under keys that carry the generation.

A new generation needs no flush: it asks by other keys, and the old answers are pushed
out. Every process has its own memory; with Redis they share what each has answered.
"""

import logging
from functools import cache
from threading import Lock
from typing import NamedTuple

import orjson
from cachetools import LRUCache
from django.conf import settings
from django.core.cache import BaseCache, caches

from packages.circuit_breaker import CircuitBreaker

logger = logging.getLogger(__name__)

OVERHEAD = 1000
"""Bytes of an answer besides its body, roughly: objects, headers, key."""

SHARED_SECONDS = 86_400


class KeptAnswer(NamedTuple):
    """The body as sent, and the headers that do not depend on when it is sent."""

    headers: dict[str, str]
    body: bytes

    def pack(self) -> bytes:
        return orjson.dumps(self.headers) + b"\n" + self.body

    @classmethod
    def unpack(cls, packed: bytes) -> "KeptAnswer":
        headers, _, body = packed.partition(b"\n")
        return cls(orjson.loads(headers), body)


class SharedAnswers:
    """What all processes have answered, in Redis; while it is down, nothing."""

    def __init__(self, cache: BaseCache) -> None:
        from redis.exceptions import RedisError  # a third of a second that few need

        self._cache = cache
        self._errors = (OSError, RedisError)
        self._breaker = CircuitBreaker(logger, "Answers are not shared by Redis")

    def get(self, key: str) -> KeptAnswer | None:
        if self._breaker.is_open():
            return None
        try:
            packed = self._cache.get(key)
        except self._errors as error:
            self._breaker.failed(error)
            return None
        return packed and KeptAnswer.unpack(packed)

    def set(self, key: str, answer: KeptAnswer) -> None:
        if self._breaker.is_open():
            return
        try:
            self._cache.set(key, answer.pack(), SHARED_SECONDS)
        except self._errors as error:
            self._breaker.failed(error)


class KeptAnswers:
    """The process's memory, bounded in bytes, and Redis behind it if there is one."""

    def __init__(self, most_bytes: int, shared: SharedAnswers | None) -> None:
        self._lock = Lock()
        self._shared = shared
        self._local: LRUCache[str, KeptAnswer] = LRUCache(
            most_bytes, getsizeof=lambda answer: len(answer.body) + OVERHEAD
        )

    def find(self, key: str) -> KeptAnswer | None:
        with self._lock:
            found = self._local.get(key)
        if found is None and self._shared is not None:
            found = self._shared.get(key)
            if found is not None:
                self._remember(key, found)
        return found

    def keep(self, key: str, answer: KeptAnswer, *, shared: bool = True) -> None:
        """Keep it, and share it if it is one of few: Redis has limits of its own."""
        self._remember(key, answer)
        if shared and self._shared is not None:
            self._shared.set(key, answer)

    def _remember(self, key: str, answer: KeptAnswer) -> None:
        with self._lock:
            if len(answer.body) + OVERHEAD <= self._local.maxsize:
                self._local[key] = answer


@cache
def kept_answers() -> KeptAnswers | None:
    """The process's kept answers; None where ANSWER_CACHE_MB turns them off."""
    if not settings.ANSWER_CACHE_MB:
        return None
    shared = SharedAnswers(caches["answers"]) if "answers" in settings.CACHES else None
    return KeptAnswers(settings.ANSWER_CACHE_MB * 2**20, shared)
