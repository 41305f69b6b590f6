"""A real Redis for the tests that need one, at a Unix socket."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.waiting import wait_for

STOP_SECONDS = 30


@dataclass(frozen=True)
class RedisServer:
    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    """Run a server for as long as the block; skip the test where there is none."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("There is no redis-server here; `make redis` installs it.")
    path = folder / "redis.sock"
    command = [program, "--port", "0", "--unixsocket", str(path)]
    command += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(path.exists, "Redis")
        yield RedisServer(f"unix://{path}", process)
    finally:
        process.kill()
        process.wait(STOP_SECONDS)
