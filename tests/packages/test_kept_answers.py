"""Processes share what they have answered, as long as Redis is there."""

import logging
import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django_redis.cache import RedisCache
from pytest_django import Settings

from packages.kept_answers import KeptAnswer, KeptAnswers, SharedAnswers, kept_answers
from tests.factories import PIP_311, count_day
from tests.redis_server import RedisServer, redis_server

ANSWER = KeptAnswer({"Content-Type": "text/plain"}, b"line\nline\n")
LIMIT = 10_000


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as server:
        yield server


def process(server: RedisServer) -> KeptAnswers:
    options = django_settings.REDIS | {"LOCATION": server.url}
    return KeptAnswers(LIMIT, SharedAnswers(RedisCache(server.url, options)))


def test_processes_share_what_they_answered(redis: RedisServer) -> None:
    process(redis).keep("key", ANSWER)
    other = process(redis)

    assert other.find("key") == ANSWER
    redis.process.kill()
    assert other.find("key") == ANSWER
    assert process(redis).find("key") is None


def test_answer_that_nobody_gave_is_not_found(redis: RedisServer) -> None:
    assert process(redis).find("key") is None


def test_memory_is_bounded_in_bytes() -> None:
    kept = KeptAnswers(LIMIT, None)
    for number in range(10):
        kept.keep(f"{number}", KeptAnswer({}, b"x" * 2000))
    kept.keep("huge", KeptAnswer({}, b"x" * 20_000))

    held = [key for key in [*map(str, range(10)), "huge"] if kept.find(key)]

    assert held == ["7", "8", "9"]


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
def test_process_goes_on_without_redis(
    redis: RedisServer, caplog: pytest.LogCaptureFixture, fault: signal.Signals
) -> None:
    caplog.set_level(logging.ERROR, "packages.kept_answers")
    kept = process(redis)
    redis.process.send_signal(fault)

    for number in range(100):
        kept.keep(str(number), ANSWER)
        assert kept.find("unknown") is None

    assert kept.find("99") == ANSWER
    [record] = caplog.records
    assert record.getMessage().startswith("Answers are not shared by Redis: ")


@pytest.mark.django_db
def test_address_is_answered_from_what_another_process_kept(
    client: Client, settings: Settings, redis: RedisServer
) -> None:
    settings.CACHES = settings.CACHES | {
        "answers": django_settings.REDIS | {"LOCATION": redis.url}
    }
    count_day(date(2026, 11, 18), {"django": {PIP_311: 3}})
    first = client.get("/api/packages/django/recent")

    kept_answers.cache_clear()
    kept = kept_answers()
    assert kept is not None
    assert [answer.body for answer in _all(kept)] == []
    again = client.get("/api/packages/django/recent")

    assert again.content == first.content
    assert [answer.body for answer in _all(kept)] == [first.content]


def _all(kept: KeptAnswers) -> list[KeptAnswer]:
    return list(kept._local.values())
