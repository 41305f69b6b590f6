"""A badge service that asks 200 times a second, from one address, without a token.

For a minute on CI, else for a few seconds unless BADGE_SECONDS says how many. Meanwhile
a day is counted. The clock paces both; it decides nothing.
"""

import http.client
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from random import Random

import orjson
import pytest

from tests.processes import Site, new_site, web_server

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.end_to_end,
    pytest.mark.once,
]
SECONDS = int(
    os.environ.get("BADGE_SECONDS") or ("60" if os.environ.get("CI") else "5")
)
PER_SECOND, CONNECTIONS = 200, 8
COUNTED = "SELECT min(day) FROM packages_countedday"
ADDRESSES = (
    "/badge/{}/month.svg",
    "/badge/{}/month.json",
    "/badge/{}/day.svg?style=flat-square&color=green",
    "/api/packages/{}/recent",
    "/api/packages/{}/recent?period=week",
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with new_site(tmp_path / "site", server="") as site:
        code, output = site.run("first_ingest", "--sample-days", "3")
        assert code == 0, output
        yield site


@pytest.fixture
def port(site: Site) -> Iterator[int]:
    """Two web workers as ``serve`` starts them, with the limits nobody has set."""
    with web_server(site, 2, API_RATE_LIMITS="") as port:
        yield port


def test_badge_service_is_always_answered(site: Site, port: int) -> None:
    names = [
        name for (name,) in site.rows("SELECT normalized_name FROM packages_package")
    ]
    [(first,)] = site.rows(COUNTED)
    earlier = str(date.fromisoformat(first) - timedelta(days=1))
    random = Random(SECONDS)  # noqa: S311 - the same paths each time
    paths = [
        random.choice(ADDRESSES).format(random.choice(names))
        for _ in range(SECONDS * PER_SECOND)
    ]

    with ThreadPoolExecutor(CONNECTIONS) as clients:
        parts = [paths[part::CONNECTIONS] for part in range(CONNECTIONS)]
        asked = clients.map(lambda part: ask(port, part), parts)
        time.sleep(SECONDS / 4)
        code, output = site.run("ingest", "--source", "sample", "--date", earlier)
        answers = list(asked)

    assert code == 0, output
    assert site.rows(COUNTED) == [(earlier,)]
    assert sum(answers, Counter()) == {"200 and whole": len(paths)}


def ask(port: int, paths: list[str]) -> Counter[str]:
    """Ask evenly for ``paths``; return how often what was answered."""
    found: Counter[str] = Counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    began = time.monotonic()
    for number, path in enumerate(paths):
        due = began + number * CONNECTIONS / PER_SECOND
        time.sleep(max(0, due - time.monotonic()))
        connection.request("GET", path, headers={"User-Agent": "badges/1.0"})
        found[told(path, connection.getresponse())] += 1
    connection.close()
    return found


def told(path: str, answer: http.client.HTTPResponse) -> str:
    body = answer.read()
    if ".svg" in path:
        is_whole = body.startswith(b"<svg") and body.rstrip().endswith(b"</svg>")
    else:
        is_whole = isinstance(orjson.loads(body), dict)
    return f"{answer.status} and {'whole' if is_whole else 'torn'}"
