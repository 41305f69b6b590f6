"""Settings are checked at start, each by an id and with a hint."""

import pytest
from pytest_django import Settings

from ingest.checks import check_settings


def ids() -> list[str | None]:
    return [message.id for message in check_settings(None)]


def test_defaults_are_right() -> None:
    assert ids() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("INGEST_SOURCE", "nowhere", "ingest.E001"),
        ("INGEST_PACKAGES", "some", "ingest.E002"),
        ("INGEST_TIME_UTC", "25:00", "ingest.E003"),
        ("INGEST_LOG_FORMAT", "xml", "ingest.E004"),
        ("RETENTION_DAYS", 29, "ingest.E005"),
        ("RETENTION_DAYS", 999_999, "ingest.E005"),
        ("INGEST_TRAILING_DAYS", -3, "ingest.E008"),
        ("INGEST_MEMORY_MB", 0, "ingest.E009"),
        ("INGEST_HOLES_PER_RUN", -1, "ingest.E040"),
        ("BASE_URL", "stats.example.org", "ingest.E006"),
        ("BASE_URL", "https://stats.example.org", "ingest.E007"),
        ("INGEST_SOURCE", "files", "ingest.W001"),
    ],
)
def test_wrong_setting(
    settings: Settings, name: str, value: object, expected: str
) -> None:
    setattr(settings, name, value)

    assert expected in ids()
    assert all(message.hint for message in check_settings(None))
