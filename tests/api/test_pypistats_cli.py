"""The published ``pypistats`` client reads our API from a running server."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.factories import MIRROR, PIP_39, PIP_311, POETRY, UV_CI, count_day

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.enable_socket,
    pytest.mark.end_to_end,
    pytest.mark.once,
]
DAY = date(2026, 11, 17)
LAST = date(2026, 11, 18)

RUN_WITH_OTHER_HOST = """
import sys, pypistats, pypistats.cli
pypistats.BASE_URL = sys.argv.pop(1)
pypistats.cli.main()
"""


@pytest.fixture(autouse=True)
def _downloads() -> None:
    count_day(DAY, {"django": {PIP_311: 1000}})
    cells = {PIP_311: 1000, PIP_39: 500, UV_CI: 300, POETRY: 200, MIRROR: 50}
    count_day(LAST, {"django": cells})


def run(server: LiveServer, home: Path, *arguments: str) -> list[str]:
    """Run the command line client and return the lines of its table, folded."""
    done = subprocess.run(
        [sys.executable, "-c", RUN_WITH_OTHER_HOST, f"{server.url}/api/", *arguments],
        capture_output=True,
        text=True,
        env={"HOME": str(home), "XDG_CACHE_HOME": str(home)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    return [line for line in lines if line]


def table(*rows: str) -> list[str]:
    return [f"| {' | '.join(row.split())} |" for row in rows]


def test_recent(live_server: LiveServer, tmp_path: Path) -> None:
    lines = run(live_server, tmp_path, "recent", "django", "--format", "markdown")

    assert "| 2,000 | 3,000 | 3,000 |" in lines


def test_recent_of_one_period(live_server: LiveServer, tmp_path: Path) -> None:
    lines = run(live_server, tmp_path, "recent", "Django", "-p", "week", "-f", "md")

    assert "| 3,000 |" in lines


def test_overall(live_server: LiveServer, tmp_path: Path) -> None:
    lines = run(live_server, tmp_path, "overall", "django", "-f", "markdown")

    assert "| with_mirrors | 100.00% | 3,050 |" in lines
    assert "| without_mirrors | 98.36% | 3,000 |" in lines


def test_python_major(live_server: LiveServer, tmp_path: Path) -> None:
    lines = run(live_server, tmp_path, "python_major", "django", "-f", "markdown")

    assert "| 3 | 93.33% | 2,800 |" in lines
    assert "| null | 6.67% | 200 |" in lines


def test_python_minor_of_the_last_day(live_server: LiveServer, tmp_path: Path) -> None:
    lines = run(
        live_server, tmp_path, "python_minor", "django", "-sd", "2026-11-18", "-f", "md"
    )

    for row in ("3.11 50.00% 1,000", "3.9 25.00% 500", "3.12 15.00% 300"):
        assert table(row)[0] in lines


def test_system(live_server: LiveServer, tmp_path: Path) -> None:
    lines = run(live_server, tmp_path, "system", "django", "-f", "markdown")

    for row in ("Linux 76.67% 2,300", "Darwin 16.67% 500", "Windows 6.67% 200"):
        assert table(row)[0] in lines


def test_one_system_in_lower_case(live_server: LiveServer, tmp_path: Path) -> None:
    lines = run(live_server, tmp_path, "system", "django", "-o", "linux", "-f", "md")

    assert "| Linux | 2,300 |" in lines
