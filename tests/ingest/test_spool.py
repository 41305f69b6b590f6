"""A spool needs a folder that it can work in."""

from pathlib import Path

import pytest
from pytest_django import Settings

from ingest.exceptions import SpoolError
from ingest.spool import Spool


def test_folder_that_duckdb_takes_for_options(
    settings: Settings, tmp_path: Path
) -> None:
    settings.SPOOL_DIR = tmp_path / "what?"

    with pytest.raises(SpoolError, match="DuckDB cannot work in"):
        Spool()


def test_quotes_in_the_folder_do_no_harm(settings: Settings, tmp_path: Path) -> None:
    settings.SPOOL_DIR = tmp_path / "it's"

    with Spool() as spool:
        assert spool.days() == []


def test_folder_that_cannot_be_made(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.SPOOL_DIR = tmp_path / "file" / "spool"

    with pytest.raises(SpoolError, match="cannot be written"):
        Spool()


def test_closed_spool_leaves_nothing(settings: Settings) -> None:
    with Spool() as spool:
        assert spool.folder.exists()

    assert list(settings.SPOOL_DIR.iterdir()) == []
