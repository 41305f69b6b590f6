"""Access logs of every format become cells."""

import gzip
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ingest.exceptions import SourceError
from ingest.sources.access_log import (
    IGNORED_AGENTS,
    NO_LOG_LINES,
    UNREADABLE_NAMES,
    AccessLogSource,
    file_name,
    project_of,
    unescaped,
)
from ingest.sources.base import DayRange
from ingest.spool import Spool
from tests.ingest.test_user_agents import PIP

DAY = date(2026, 11, 18)
WHEEL = "/packages/my_pkg-1.0-py3-none-any.whl"
BY_PIP = ("my-pkg", "pip", "3.11", "Linux", False, 1)

Cell = tuple[str, str | None, str | None, str | None, bool, int]
Read = Callable[..., "Result"]


class Result:
    """What a log came to."""

    def __init__(self, spool: Spool) -> None:
        self.cells: list[Cell] = spool.db.execute(
            "SELECT * EXCLUDE day FROM cells ORDER BY ALL"
        ).fetchall()
        self.days = spool.days()
        self.skipped = dict(spool.skipped)

    @property
    def downloads(self) -> dict[str, int]:
        return {cell[0]: cell[-1] for cell in self.cells}


def line(
    target: str = WHEEL,
    *,
    agent: str = "curl/8.5.0",
    status: int = 200,
    method: str = "GET",
    time: str = "18/Nov/2026:13:55:36 +0000",
) -> str:
    return (
        f'192.0.2.1 - - [{time}] "{method} {target} HTTP/1.1" {status} 1234 "-"'
        f' "{agent}"'
    )


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_log(
        *lines: str | bytes,
        log_format: str = "combined",
        days: DayRange = DayRange(DAY, DAY),  # noqa: B008
        name: str = "access.log",
    ) -> Result:
        raw = [line.encode() if isinstance(line, str) else line for line in lines]
        content = b"".join(line + b"\n" for line in raw)
        path = tmp_path / name
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        with Spool() as spool:
            AccessLogSource(str(path), log_format).fill(spool, days, None)
            return Result(spool)

    return read_log


@pytest.mark.parametrize(
    "agent",
    [PIP.replace('"', r"\x22"), PIP.replace('"', r"\"")],
    ids=["nginx", "apache"],
)
@pytest.mark.parametrize("log_format", ["combined", "nginx", "apache"])
def test_either_escaping_of_quotes_is_undone(
    read: Read, agent: str, log_format: str
) -> None:
    assert read(line(agent=agent), log_format=log_format).cells == [BY_PIP]


def test_backslash_before_the_closing_quote_ends_no_field_early(read: Read) -> None:
    result = read(line(agent=r"odd \\"), line(agent=r"odd \" agent"))

    assert result.cells == [("my-pkg", None, None, None, False, 2)]
    assert result.skipped == {}


def test_virtual_host_user_and_further_fields_are_tolerated(read: Read) -> None:
    named = line().replace("- - [", "- jane doe [")

    result = read(
        f"index.example:443 {line()}", f'{line()} "10.0.0.1" 0.005', named, line()
    )

    assert result.downloads == {"my-pkg": 4}


JSON_LINES: dict[str, dict[str, object]] = {
    "nginx": {
        "time_iso8601": "2026-11-18T23:30:00+00:00",
        "request": f"GET {WHEEL} HTTP/1.1",
        "status": "200",
        "http_user_agent": PIP,
    },
    "nginx, single fields": {
        "msec": "1795003200.123",
        "request_method": "GET",
        "request_uri": f"{WHEEL}?x=1",
        "status": 206,
        "http_user_agent": PIP,
    },
    "local time": {
        "time": "[18/Nov/2026:23:30:00 +0000]",
        "request": f"GET {WHEEL} HTTP/1.1",
        "status": 200,
        "agent": PIP,
    },
    "Caddy": {
        "level": "info",
        "ts": 1795003200.5,
        "request": {
            "method": "GET",
            "uri": WHEEL,
            "headers": {"User-Agent": [PIP]},
        },
        "status": 200,
    },
    "Traefik": {
        "time": "2026-11-18T12:00:01Z",
        "StartUTC": "2026-11-18T12:00:00.123456789Z",
        "RequestMethod": "GET",
        "RequestPath": WHEEL,
        "DownstreamStatus": 200,
        "request_User-Agent": PIP,
    },
}


@pytest.mark.parametrize("server", JSON_LINES)
def test_json_lines_of_common_servers_are_read(read: Read, server: str) -> None:
    result = read(json.dumps(JSON_LINES[server]), log_format="json")

    assert (result.cells, result.days) == ([BY_PIP], [DAY])


def test_json_lines_without_what_is_needed_are_counted(read: Read) -> None:
    whole = JSON_LINES["nginx"]
    broken = [
        {key: value for key, value in whole.items() if key != missing}
        for missing in ("time_iso8601", "request", "status")
    ]

    result = read(*map(json.dumps, [whole, *broken, [1]]), "{", log_format="json")

    assert result.cells == [BY_PIP]
    assert result.skipped == {NO_LOG_LINES: 5}


def test_compressed_log_is_read(read: Read) -> None:
    assert read(line(), name="access.log.2.gz").downloads == {"my-pkg": 1}


def test_only_downloads_count_and_nothing_else_is_reported(read: Read) -> None:
    result = read(
        line(),
        line(status=206),
        line(method="OPTIONS"),
        line(method="HEAD"),
        line(method="POST"),
        line(status=304),
        line(status=404),
        line("/simple/my-pkg/"),
        line(f"{WHEEL}.metadata"),
        line("/packages/my_pkg-1.0-py3.9.egg"),
        '192.0.2.1 - - [18/Nov/2026:13:55:36 +0000] "-" 408 0 "-" "-"',
    )

    assert result.downloads == {"my-pkg": 3}
    assert result.skipped == {}


def test_agents_decide_whether_a_request_counts(read: Read) -> None:
    result = read(line(agent="Go-http-client/1.1"), line(agent="httpx"), line(agent=""))

    assert result.cells == [("my-pkg", None, None, None, False, 2)]
    assert result.skipped == {IGNORED_AGENTS: 1}


@pytest.mark.parametrize(
    ("target", "project"),
    [
        ("My.Pkg-1.0-py3-none-any.whl", "my-pkg"),
        ("My__Pkg-1.0-1-py3-none-any.whl", "my-pkg"),
        ("my_pkg-1.0-PY3-none-any.WHL", "my-pkg"),
        ("my-odd-pkg-1.0.tar.gz", "my-odd-pkg"),
        ("my.pkg-1.0.ZIP", "my-pkg"),
        ("my_pkg-1.0%2Blocal-py3-none-any.whl", "my-pkg"),
        ("my_pkg-1.0.tar%2Egz", "my-pkg"),
        ("my_pkg-1.0.tar.gz?download=1#sha256=ab", "my-pkg"),
    ],
)
def test_names_in_any_spelling_are_read(read: Read, target: str, project: str) -> None:
    assert read(line(f"/packages/{target}")).downloads == {project: 1}


@pytest.mark.parametrize(
    "filename",
    [
        "my_pkg-one-py3-none-any.whl",
        "my_pkg.whl",
        "-1.0.tar.gz",
        "my_pkg.zip",
        "my_pkg-one.tar.gz",
        "a" * 2000 + "-1.0.zip",
    ],
)
def test_unreadable_names_are_counted(read: Read, filename: str) -> None:
    result = read(line(f"/packages/{filename}"))

    assert project_of(filename) is None
    assert (result.cells, result.skipped) == ([], {UNREADABLE_NAMES: 1})


def test_percent_escapes_may_hide_the_folder() -> None:
    assert file_name("pool%2Fmy_pkg-1.0.zip") == "my_pkg-1.0.zip"
    assert file_name("100%25") is None


def test_escapes_are_undone_from_left_to_right() -> None:
    assert unescaped(r"\\x22 \xC3\xA9 é \t \q") == "\\x22 é é \t \\q"


def test_times_of_other_zones_become_utc_days(read: Read) -> None:
    result = read(
        line(time="18/Nov/2026:23:30:00 -0100"),
        line(time="19/Nov/2026:00:30:00 +0100"),
        line(time="18/Nov/2026:12:00:00 +0530"),
    )

    assert result.downloads == {"my-pkg": 2}
    assert result.skipped == {"of days that were not asked for": 1}


def test_junk_is_counted_and_stops_nothing(read: Read) -> None:
    result = read(
        line(),
        b"\xff\xfe\x00\x9c junk",
        b"\0" * 500,
        b"x" * 5_000_000,
        line()[:-8],
        line(time="31/Feb/2026:00:00:00 +0000"),
        "",
        f"{line()}\r",
        b"carriage\rreturn",
        "a\x01b",
    )

    assert result.downloads == {"my-pkg": 2}
    assert result.skipped == {NO_LOG_LINES: 8}


def test_quiet_day_is_covered(read: Read) -> None:
    quiet = line("/simple/", time="17/Nov/2026:13:55:36 +0000")

    result = read(quiet, line(), days=DayRange(date(2026, 11, 16), DAY))

    assert result.days == [date(2026, 11, 17), DAY]


def test_day_outside_the_log_is_not_covered(read: Read) -> None:
    tomorrow = date(2026, 11, 19)

    assert read(line(), days=DayRange(tomorrow, tomorrow)).days == []


def test_file_that_is_no_log_is_refused_with_its_first_line(read: Read) -> None:
    with pytest.raises(SourceError) as refused:
        read("name,downloads" * 20, "b")

    message = str(refused.value)
    assert "access.log is an access log line of the format 'combined'" in message
    assert "'name,downloads" in message
    assert len(message) < 400
    assert message.endswith("The formats are: combined, nginx, apache, json.")


@pytest.mark.parametrize("log_format", ["combined", "json"])
def test_empty_or_binary_file_is_refused(read: Read, log_format: str) -> None:
    with pytest.raises(SourceError, match="it holds no text"):
        read(log_format=log_format)
    with pytest.raises(SourceError, match="it holds no text"):
        read(b"\xff\xfe" * 100, log_format=log_format)


@pytest.mark.parametrize("damage", [slice(0, 3000), slice(0, -8), slice(5, None)])
def test_damaged_gzip_is_refused(tmp_path: Path, damage: slice) -> None:
    lines = "\n".join(line(f"/a-{number}.zip") for number in range(5000))
    path = tmp_path / "access.log.gz"
    path.write_bytes(gzip.compress(lines.encode())[damage])

    with (
        Spool() as spool,
        pytest.raises(SourceError, match=r"access.log.gz cannot be unpacked: "),
    ):
        AccessLogSource(str(path)).fill(spool, DayRange(), None)


def test_directory_is_refused(tmp_path: Path) -> None:
    with Spool() as spool, pytest.raises(SourceError, match="No file matches"):
        AccessLogSource(str(tmp_path)).fill(spool, DayRange(), None)


def test_unknown_format_is_refused() -> None:
    with pytest.raises(SourceError, match="there are: combined, nginx, apache, json"):
        AccessLogSource("access.log", "iis")


def test_all_days_are_read_at_once() -> None:
    source = AccessLogSource("access.log")

    assert list(source.chunks([DAY, date(2026, 11, 16)])) == [
        DayRange(date(2026, 11, 16), DAY)
    ]
