"""Commands end with a sentence where the settings are wrong, never with a traceback."""

from pathlib import Path

import pytest

from tests.processes import Site


@pytest.mark.parametrize("command", ["check", "migrate"])
def test_setting_that_cannot_be_read(tmp_path: Path, command: str) -> None:
    code, output = Site(tmp_path).run(command, LOG_LEVEL="LOUD")

    assert (code, output) == (
        1,
        (
            "The settings are wrong: LOG_LEVEL must be one of DEBUG, INFO, WARNING,"
            " ERROR, CRITICAL, not 'LOUD'.\n"
        ),
    )


def test_settings_that_are_out_of_range(tmp_path: Path) -> None:
    wrong = {"BASE_URL": "http://[::1", "REDIS_URL": "redis://[", "SECRET_KEY": ""}

    code, output = Site(tmp_path).run("ingest", RETENTION_DAYS="-5", **wrong)

    assert code == 1
    assert "Traceback" not in output
    assert [
        line.partition(")")[0] for line in output.splitlines() if "?: (" in line
    ] == [
        "?: (api.E004",
        "?: (ingest.E005",
        "?: (ingest.E006",
    ]
