"""The tests' hold on a ClickHouse that runs in a process of its own."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import orjson
import pytest
import requests
from django.conf import settings

from tests.ingest.events import Event

NEEDED = "chdb is not installed: pip install --group clickhouse"

PUBLIC_PROFILE = {
    "readonly": "1",
    "max_execution_time": "60",
    "max_rows_to_read": "10000000000",
    "max_bytes_to_read": "1000000000000",
    "max_result_rows": "1000",
    "max_result_bytes": "10000000",
    "result_overflow_mode": "break",
    "read_overflow_mode": "break",
    "max_block_size": "65409",
}
"""Limits of the public user, as its service publishes them."""


class Engine:
    """What a test may do to the server besides what the product does."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def load(self, events: Iterable[Event]) -> None:
        """Make ``events`` the whole table, as the public one would hold them."""
        lines = b"\n".join(orjson.dumps(row_of(event)) for event in events)
        insert = b"INSERT INTO pypi.pypi FORMAT JSONEachRow\n"
        self._post("_load", insert + lines)

    def load_select(self, select: str) -> None:
        self._post("_load", f"INSERT INTO pypi.pypi {select}".encode())

    def use_profile(self, profile: dict[str, str]) -> None:
        self._post("_profile", orjson.dumps(profile))

    def asked(self) -> list[dict[str, Any]]:
        """Return the queries since the table was loaded."""
        answer: list[dict[str, Any]] = requests.get(self.url, timeout=60).json()
        return answer

    def query(self, sql: str) -> list[list[Any]]:
        """Ask as anybody would who sends no settings of his own."""
        answer = requests.post(
            f"{self.url}?default_format=JSONCompactEachRow",
            data=sql.encode(),
            auth=("demo", ""),
            timeout=60,
        )
        answer.raise_for_status()
        return [orjson.loads(line) for line in answer.text.splitlines()]

    def _post(self, path: str, body: bytes) -> None:
        answer = requests.post(f"{self.url}/{path}", data=body, timeout=60)
        answer.raise_for_status()


def row_of(event: Event) -> dict[str, str]:
    python = ".".join((event.python or "").split(".")[:2])
    return {
        "date": event.timestamp[:10],
        "country_code": "DE",
        "project": event.project or "",
        "type": "bdist_wheel",
        "installer": event.installer or "" if event.details else "",
        "python_minor": python if event.details else "",
        "system": event.system or "" if event.details else "",
        "version": event.version,
    }


@contextmanager
def running_engine() -> Iterator[Engine]:
    if find_spec("chdb") is None:
        pytest.skip(NEEDED)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.clickhouse_server"],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline()
            assert port, "The ClickHouse of the tests did not start."
            yield Engine(int(port))
        finally:
            process.kill()
