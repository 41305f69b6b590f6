"""A real package index on loopback, with a real access log, and a package in it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "e2e-demo"
VERSION = "1.2.3"

_PYPROJECT = f"""
[build-system]
requires = ["flit_core"]
build-backend = "flit_core.buildapi"

[project]
name = "{PACKAGE}"
version = "{VERSION}"
description = "Downloaded by the tests of a download counter"
"""

_APPLICATION = """
import pypiserver
application = pypiserver.app(roots=[{folder!r}], disable_fallback=True)
"""


@dataclass(frozen=True)
class Index:
    url: str
    log: Path


def build_package(folder: Path) -> Path:
    """Build a wheel and an sdist with the real tools; return the folder of both."""
    source, files = folder / "source", folder / "files"
    (source / "e2e_demo").mkdir(parents=True)
    (source / "e2e_demo" / "__init__.py").write_text('"""Nothing."""\n')
    (source / "pyproject.toml").write_text(_PYPROJECT)
    command = ["-m", "build", "--no-isolation", "--outdir", str(files), str(source)]
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    # Python 2's pip is a client like any other: let it take the wheel too.
    for wheel in files.glob("*-py3-none-any.whl"):
        shutil.copy(wheel, wheel.with_name(wheel.name.replace("py3", "py2.py3")))
        wheel.unlink()
    return files


@contextmanager
def served(files: Path, folder: Path) -> Iterator[Index]:
    """Serve ``files`` by pypiserver under gunicorn, which writes a combined log."""
    (folder / "index_app.py").write_text(_APPLICATION.format(folder=str(files)))
    log, port = folder / "access.log", free_port()
    command = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    command += ["--chdir", str(folder), "--access-logfile", str(log), "index_app"]
    with (folder / "server.log").open("w") as errors:
        server = subprocess.Popen(
            [sys.executable, *command, "--worker-tmp-dir", str(folder)],
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/simple/", server)
        yield Index(url, log)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            message = f"the server ended with {server.returncode}"
            raise RuntimeError(message)
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    message = f"{url} does not answer"
    raise RuntimeError(message)
