"""Answers such as ClickHouse gives, written by hand."""

import re
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from ingest.exceptions import SourceError
from ingest.sources.base import DayRange
from ingest.sources.clickhouse import ClickHouseSource
from ingest.spool import Spool
from tests.canned_server import Answer, CannedServer, canned

DAY = date(2026, 11, 18)
NEXT = DAY + timedelta(days=1)
ONE_DAY = DayRange(DAY, DAY)


def source_at(url: str) -> ClickHouseSource:
    return ClickHouseSource(url, "demo", "", "pypi.pypi")


def lines(*rows: dict[str, Any]) -> Answer:
    return Answer("".join(orjson.dumps(row).decode() + "\n" for row in rows))


def held(*days: date) -> Answer:
    return lines(*({"date": str(day), "downloads": "7"} for day in days))


def row(day: date = DAY, part: int = 0, **changes: Any) -> dict[str, Any]:
    """A row of cells: three downloads of django and two of flask in part 0."""
    whole = {
        "date": str(day),
        "part": part,
        "total": "5" if part == 0 else "0",
        "beyond_limits": "throw",
        "installers": ["pip", ""],
        "pythons": ["3.11", ""],
        "systems": ["Linux", ""],
        "projects": [["django", "flask"], [""]],
        "downloads": [[3, 2], [0]],
    }
    if part:
        whole |= {"installers": [""], "pythons": [""], "systems": [""]}
        whole |= {"projects": [[""]], "downloads": [[0]]}
    return whole | changes


def cells(*days: date) -> list[dict[str, Any]]:
    return [row(day, part) for day in days or (DAY,) for part in range(4)]


Filled = tuple[list[date], list[tuple[Any, ...]]]


def filled(server: CannedServer, days: DayRange = ONE_DAY) -> Filled:
    """Return the days and cells that the server's answers amount to."""
    with Spool() as spool:
        source_at(server.url).fill(spool, days, ["django", "flask"])
        rows = spool.db.execute("SELECT * FROM cells ORDER BY ALL").fetchall()
        return spool.days(), rows


def failure(*answers: Answer) -> str:
    """Return the sentence that the answers end in, the server called SERVER."""
    with canned(*answers) as server, pytest.raises(SourceError) as error:
        filled(server)
    return re.sub(r"127\.0\.0\.1:\d+", "SERVER", str(error.value))


def exception(code: int, text: str, status: int = 500) -> Answer:
    body = f"Code: {code}. DB::Exception: {text}\nand more"
    return Answer(body, status, {"X-ClickHouse-Exception-Code": str(code)})
