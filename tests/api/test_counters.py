"""Real processes count together, exactly, and never wait for the database."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from django_ratelimit.core import _get_window

from packages.models.tokens import digest_of
from tests.processes import Site, finished, new_site
from tests.redis_server import redis_server

pytestmark = pytest.mark.once
PROCESSES, HITS, LIMIT = 4, 400, 500
DAY = 86_400

COUNTING = """
import os, pathlib, time
from django.test import RequestFactory
from api import limits
from api.limits import ApiClient

request, client = RequestFactory().get("/"), ApiClient(os.environ["CLIENT"])
folder = pathlib.Path(os.environ["MEETING"])
limits.peek(request, client, "default")
(folder / f"ready-{os.getpid()}").touch()
while not (folder / "go").exists():
    time.sleep(0.002)
usages = [limits.count(request, client, "default") for _ in range(%d)]
print("allowed", sum(not usage.is_exceeded for [usage] in usages))
print("last", max(usage.count for [usage] in usages))
"""

ASKING = """
from django.test import Client


client = Client(
    headers={"authorization": "Bearer the-secret"}, SERVER_NAME="localhost"
)
for _ in range(3):
    response = client.get("/api/coverage")
    print(response.status_code, response["RateLimit"].partition(";t")[0])
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site on SQLite, which locks the whole database; none reads another's."""
    with new_site(tmp_path_factory.mktemp("counters") / "site") as site:
        yield site


def client_far_from_an_edge() -> str:
    """A client whose window of a day does not end while the test runs."""
    now = int(time.time())
    keys = (f"address:10.0.0.{number}" for number in count())
    return next(key for key in keys if _get_window(key, DAY) - now > DAY / 4)


def count_together(site: Site, meeting: Path, url: str = "") -> tuple[int, int]:
    """Return how many were allowed of all, and the highest count."""
    environment = {
        "API_RATE_LIMITS": f"default={LIMIT}/d",
        "CLIENT": client_far_from_an_edge(),
        "MEETING": str(meeting),
        "REDIS_URL": url,
    }
    started = [
        site.start("shell", "-v", "0", "-c", COUNTING % HITS, **environment)
        for _ in range(PROCESSES)
    ]
    while len(list(meeting.glob("ready-*"))) < PROCESSES:
        assert all(process.poll() is None for process in started)
        time.sleep(0.01)
    (meeting / "go").touch()
    lines = "".join(output for _, output in map(finished, started)).splitlines()
    found = [line.split() for line in lines]
    allowed = [int(number) for word, number in found if word == "allowed"]
    counted = [int(number) for word, number in found if word == "last"]
    assert len(allowed) == PROCESSES
    return sum(allowed), max(counted)


def test_processes_count_exactly(site: Site, tmp_path: Path) -> None:
    assert count_together(site, tmp_path) == (LIMIT, PROCESSES * HITS)


def test_processes_count_exactly_with_redis(site: Site, tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        counted = count_together(site, tmp_path, server.url)

    assert counted == (LIMIT, PROCESSES * HITS)


def test_no_request_waits_for_a_day_that_is_written(site: Site) -> None:
    with closing(sqlite3.connect(site.folder / "pypistats.sqlite3")) as database:
        database.execute(_TOKEN, {"digest": digest_of("the-secret")})
        database.commit()
        database.execute("BEGIN IMMEDIATE")
        code, output = site.run(
            *("shell", "-v", "0", "-c", ASKING),
            API_RATE_LIMITS="default=100/d",
            ANSWER_CACHE_MB="0",
        )

    assert code == 0, output
    assert output.splitlines()[-3:] == [
        '200 "default-86400s";r=999',
        '200 "default-86400s";r=998',
        '200 "default-86400s";r=997',
    ]


_TOKEN = """
INSERT INTO packages_apitoken (name, digest, beginning, factor, created_at)
VALUES ('badges', :digest, '', 10, '2026-11-19')
"""
