"""Where tests of ingest put their spools and files."""

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _own_folders(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"
    settings.SPOOL_DIR = tmp_path / "spool"


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses before ClickHouse is asked again, which no test waits for."""
    made: list[float] = []
    monkeypatch.setattr("ingest.sources.clickhouse_http.time.sleep", made.append)
    return made
