"""Answers go on without their counter, and the log says so now and then."""

import fcntl
import logging
import signal
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.test import Client
from pytest_django import Settings

from tests.api.limiting import RECENT, remaining, statuses
from tests.factories import PIP_311, count_day
from tests.redis_server import redis_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_nothing_kept")]
POLICY = '"default-86400s";q=2;w=86400'


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.ERROR, "api.limits")
    return caplog


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> None:
    settings.API_RATE_LIMITS = "default=2/d"
    count_day(date(2026, 11, 18), {"django": {PIP_311: 10}})


def use_counter(settings: Settings, kind: str, **changes: Any) -> None:
    counter = django_settings.COUNTERS[kind] | changes
    settings.CACHES = django_settings.CACHES | {"counters": counter}
    if kind == "redis":
        settings.REDIS_URL = counter["LOCATION"]


def assert_answers_go_on(client: Client, log: pytest.LogCaptureFixture) -> None:
    answers = [client.get(RECENT) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert {answer["RateLimit-Policy"] for answer in answers} == {POLICY}
    assert not any(answer.has_header("RateLimit") for answer in answers)
    [record] = log.records
    assert record.getMessage().startswith(
        "Rate limits are not counted, answers go on: "
    )


def test_file_that_cannot_be_opened(
    client: Client, settings: Settings, log: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    use_counter(settings, "file", LOCATION=str(tmp_path / "nowhere" / "c.table"))

    assert_answers_go_on(client, log)


def test_file_that_is_a_folder(
    client: Client, settings: Settings, log: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    use_counter(settings, "file", LOCATION=str(tmp_path))

    assert_answers_go_on(client, log)


def test_file_that_stays_locked(
    client: Client, settings: Settings, log: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    path = tmp_path / "c.table"
    use_counter(settings, "file", LOCATION=str(path))
    caches["counters"].add("first", 1)
    with path.open() as another:
        fcntl.flock(another, fcntl.LOCK_EX)

        assert_answers_go_on(client, log)


def test_redis_that_is_not_there(
    client: Client, settings: Settings, log: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    use_counter(settings, "redis", LOCATION=f"unix://{tmp_path}/nowhere.sock")

    assert_answers_go_on(client, log)


@pytest.fixture
def redis(settings: Settings, tmp_path: Path) -> Iterator[Any]:
    with redis_server(tmp_path) as server:
        use_counter(settings, "redis", LOCATION=server.url)
        yield server.process
        caches["counters"].close()


def test_redis_that_dies_between_requests(
    client: Client, log: pytest.LogCaptureFixture, redis: Any
) -> None:
    assert remaining(client.get(RECENT)) == 1
    redis.kill()
    redis.wait()

    assert_answers_go_on(client, log)


def test_redis_that_hangs(
    client: Client, log: pytest.LogCaptureFixture, redis: Any
) -> None:
    assert remaining(client.get(RECENT)) == 1
    redis.send_signal(signal.SIGSTOP)

    assert_answers_go_on(client, log)


def test_failing_counter_is_left_alone_and_tried_again(
    client: Client,
    settings: Settings,
    log: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "later"
    use_counter(settings, "file", LOCATION=str(folder / "c.table"))
    now = time.monotonic()

    def at(second: float) -> bool:
        monkeypatch.setattr(time, "monotonic", lambda: now + second)
        return client.get(RECENT).has_header("RateLimit")

    seen = [at(0), at(6), at(59)]
    after_a_minute = len(log.records)
    seen += [at(61), at(67)]
    folder.mkdir()
    seen += [at(71), at(73)]

    assert seen == [False, False, False, False, False, False, True]
    assert (after_a_minute, len(log.records)) == (1, 2)


def test_limits_hold_again_once_the_counter_is_back(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    use_counter(settings, "file", LOCATION=str(tmp_path / "c.table"))

    assert statuses(3, lambda: client.get(RECENT)) == [200, 200, 429]
