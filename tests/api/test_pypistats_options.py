"""Every command and option of the published ``pypistats`` client, on our API."""

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.factories import MIRROR, PIP_39, PIP_311, POETRY, UV_CI, count_day

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.enable_socket,
    pytest.mark.end_to_end,
    pytest.mark.once,
]

RUN = """
import contextlib, datetime, importlib, io, json, sys
import time_machine, pypistats, pypistats.cli
noon = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)
time_machine.travel(noon, tick=False).start()
pypistats.BASE_URL = sys.argv[1]
pypistats._cache.load = lambda file: {}
printed = []
for arguments in json.loads(sys.argv[2]):
    importlib.reload(pypistats.cli)  # main() adds an option to the parser
    sys.argv = ["pypistats", *arguments]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        pypistats.cli.main()
    printed.append(out.getvalue())
print(json.dumps(printed))
"""
"""Runs the command line of each list of arguments, with no answer from a cache."""

OCTOBER, DAY, LAST = date(2026, 10, 20), date(2026, 11, 17), date(2026, 11, 18)


@pytest.fixture(autouse=True)
def _downloads() -> None:
    count_day(OCTOBER, {"django": {PIP_311: 70, MIRROR: 30}})
    count_day(DAY, {"django": {PIP_311: 1000}})
    cells = {PIP_311: 1000, PIP_39: 500, UV_CI: 300, POETRY: 200, MIRROR: 50}
    count_day(LAST, {"django": cells})


def run(server: LiveServer, home: Path, calls: Sequence[str]) -> list[str]:
    """Return what the client prints for each call, one process for all of them."""
    arguments = json.dumps([call.split() for call in calls])
    done = subprocess.run(
        [sys.executable, "-c", RUN, f"{server.url}/api/", arguments],
        capture_output=True,
        text=True,
        env={"HOME": str(home), "XDG_CACHE_HOME": str(home)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed: list[str] = json.loads(done.stdout)
    return printed


def figures(printed: str) -> Any:
    """The figures of JSON that was printed: by category, and by date if it has one."""
    data = json.loads(printed)["data"]
    if isinstance(data, dict):
        return data
    return {
        (row["category"], row["date"]) if "date" in row else row["category"]: row[
            "downloads"
        ]
        for row in data
    }


MONTH = {"3": 2870, "null": 200}
NOVEMBER = {"3": 2800, "null": 200}
OF_OCTOBER = {"3": 70}
DAILY = {
    ("3", "2026-10-20"): 70,
    ("3", "2026-11-17"): 1000,
    ("3", "2026-11-18"): 1800,
    ("null", "2026-11-18"): 200,
}
MONTHLY = {("3", "2026-10"): 70, ("3", "2026-11"): 2800, ("null", "2026-11"): 200}
DATES = {
    "": MONTH,
    "-sd 2026-11-18": {"3": 1800, "null": 200},
    "--start-date 2026-11": NOVEMBER,
    "--start-date nov": NOVEMBER,
    "-ed 2026-11-17": {"3": 1070},
    "--end-date 2026-10": OF_OCTOBER,
    "-sd 2026-11-17 -ed 2026-11-17": {"3": 1000},
    "-m 2026-11": NOVEMBER,
    "--month october": OF_OCTOBER,
    "-l": OF_OCTOBER,
    "--last-month": OF_OCTOBER,
    "-t": NOVEMBER,
    "--this-month": NOVEMBER,
    "-d": DAILY,
    "--daily": DAILY,
    "--monthly": MONTHLY,
    "--daily --this-month": {key: n for key, n in DAILY.items() if "-11-" in key[1]},
    "--sort category -c no": MONTH,
    "-s date -d --color yes": DAILY,
}
BY_MINOR = {"3.9": 500, "3.11": 2070, "3.12": 300, "null": 200}
CALLS: dict[str, dict[str, Any]] = {
    "recent": {
        "": {"last_day": 2000, "last_week": 3000, "last_month": 3070},
        "-p day": {"last_day": 2000},
        "--period week": {"last_week": 3000},
        "-p month": {"last_month": 3070},
    },
    "overall": {
        "": {"with_mirrors": 3150, "without_mirrors": 3070},
        "--mirrors true": {"with_mirrors": 3150},
        "--mirrors with": {"with_mirrors": 3150},
        "--mirrors false": {"without_mirrors": 3070},
        "--mirrors without": {"without_mirrors": 3070},
        "--mirrors without --monthly": {
            ("without_mirrors", "2026-10"): 70,
            ("without_mirrors", "2026-11"): 3000,
        },
        "--mirrors with --last-month": {"with_mirrors": 100},
        "-d -sd 2026-11-18": {
            ("with_mirrors", "2026-11-18"): 2050,
            ("without_mirrors", "2026-11-18"): 2000,
        },
    },
    "python_major": {
        **DATES,
        "-V 3": {"3": 2870},
        "--version 3 --monthly": {("3", "2026-10"): 70, ("3", "2026-11"): 2800},
    },
    "python_minor": {
        "": BY_MINOR,
        "-V 3.9": {"3.9": 500},
        "--version 3.11 -d -m nov": {
            ("3.11", "2026-11-17"): 1000,
            ("3.11", "2026-11-18"): 1000,
        },
    },
    "system": {
        "": {"Darwin": 500, "Linux": 2370, "Windows": 200},
        "-o linux": {"Linux": 2370},
        "--os WINDOWS": {"Windows": 200},
        "--os darwin --monthly": {("Darwin", "2026-11"): 500},
    },
}


@pytest.mark.parametrize("command", CALLS)
def test_each_option_gives_the_figures(
    live_server: LiveServer, tmp_path: Path, command: str
) -> None:
    options = CALLS[command]
    calls = [f"{command} Django -f json {option}" for option in options]

    printed = run(live_server, tmp_path, calls)

    found = [figures(text) for text in printed]
    assert dict(zip(options, found, strict=True)) == options


@pytest.mark.parametrize("command", CALLS)
def test_each_format_is_made_of_our_answer(
    live_server: LiveServer, tmp_path: Path, command: str
) -> None:
    figure = {"recent": "3,070", "overall": "3,150", "system": "2,370"}
    expected = figure.get(command, "2,870" if command == "python_major" else "2,070")
    formats = ["html", "json", "pretty", "md", "markdown", "rst", "tsv"]
    options = [*(f"-f {name}" for name in formats), "-j", "--verbose"]

    printed = run(live_server, tmp_path, [f"{command} django {o}" for o in options])

    plain = {"-f json", "-j"}
    assert {
        option: (expected if option not in plain else expected.replace(",", "")) in text
        for option, text in zip(options, printed, strict=True)
    } == dict.fromkeys(options, True)


def test_package_without_downloads(live_server: LiveServer, tmp_path: Path) -> None:
    count_day(LAST, {"flask": {PIP_311: 1}})

    (printed,) = run(live_server, tmp_path, ["system flask -o windows"])

    assert printed.startswith("No data found for")
    assert printed.rstrip().endswith("/flask/")
