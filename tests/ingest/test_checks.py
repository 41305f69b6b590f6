"""Settings are checked at start, each by an id and with a hint."""

import pytest
from pytest_django import Settings

from ingest.checks import check_settings
from ingest.clickhouse_checks import check_clickhouse


def ids() -> list[str | None]:
    return [message.id for message in check_settings(None)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BIGQUERY_TABLE", "example.com:own-project.own_data.downloads"),
        ("INGEST_DETAIL", []),
        ("INGEST_DETAIL", ["ci"]),
        ("BIGQUERY_PRICE_PER_TIB", 0.0),
        ("BIGQUERY_KEY", '{"type": "service_account"}'),
    ],
)
def test_right_setting(settings: Settings, name: str, value: object) -> None:
    setattr(settings, name, value)

    assert ids() == []


def test_defaults_are_right() -> None:
    assert ids() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("INGEST_SOURCE", "nowhere", "ingest.E001"),
        ("INGEST_PACKAGES", "some", "ingest.E002"),
        ("INGEST_TIME_UTC", "25:00", "ingest.E003"),
        ("INGEST_LOG_FORMAT", "xml", "ingest.E004"),
        ("INGEST_COUNT_BY", "files", "ingest.E041"),
        ("RETENTION_DAYS", 29, "ingest.E005"),
        ("RETENTION_DAYS", 999_999, "ingest.E005"),
        ("INGEST_TRAILING_DAYS", -3, "ingest.E008"),
        ("INGEST_MEMORY_MB", 0, "ingest.E009"),
        ("INGEST_HOLES_PER_RUN", -1, "ingest.E040"),
        ("BASE_URL", "stats.example.org", "ingest.E006"),
        ("BASE_URL", "https://stats.example.org", "ingest.E007"),
        ("INGEST_SOURCE", "files", "ingest.W001"),
        ("BIGQUERY_TABLE", "file_downloads", "ingest.E020"),
        ("BIGQUERY_TABLE", "a.b.c` --", "ingest.E020"),
        ("INGEST_DETAIL", ["python", "country"], "ingest.E021"),
        ("BIGQUERY_MAX_BYTES", 0, "ingest.E022"),
        ("BIGQUERY_PRICE_PER_TIB", -1, "ingest.E023"),
        ("BIGQUERY_PRICE_PER_TIB", float("nan"), "ingest.E023"),
        ("BIGQUERY_KEY", "/etc/key.json", "ingest.E024"),
    ],
)
def test_wrong_setting(
    settings: Settings, name: str, value: object, expected: str
) -> None:
    setattr(settings, name, value)

    assert expected in ids()
    assert all(message.hint for message in check_settings(None))


def clickhouse_ids() -> list[str | None]:
    return [message.id for message in check_clickhouse(None)]


def test_defaults_of_clickhouse_are_right() -> None:
    assert clickhouse_ids() == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"CLICKHOUSE_URL": "clickhouse.example.org"}, ["ingest.E030"]),
        ({"CLICKHOUSE_URL": "ftp://clickhouse.example.org"}, ["ingest.E030"]),
        ({"CLICKHOUSE_URL": "https://me:secret@host.example"}, ["ingest.E030"]),
        ({"CLICKHOUSE_URL": "https://host.example/?user=me"}, ["ingest.E030"]),
        ({"CLICKHOUSE_URL": "https://host.example:port"}, ["ingest.E030"]),
        ({"CLICKHOUSE_URL": "https://[::1"}, ["ingest.E030"]),
        ({"CLICKHOUSE_URL": ""}, ["ingest.E030"]),
        ({"CLICKHOUSE_TABLE": ""}, ["ingest.E031"]),
        ({"CLICKHOUSE_TABLE": "a.b.c"}, ["ingest.E031"]),
        ({"CLICKHOUSE_TABLE": "pypi; DROP TABLE x"}, ["ingest.E031"]),
        ({"CLICKHOUSE_TABLE": "pypi\n"}, ["ingest.E031"]),
        ({"INGEST_PACKAGES": "all"}, ["ingest.E032"]),
        (
            {"INGEST_PACKAGES": "all", "CLICKHOUSE_URL": "https://host.example:8443/"},
            [],
        ),
        (
            {"CLICKHOUSE_PASSWORD": "s", "CLICKHOUSE_URL": "http://host.example"},
            ["ingest.W030"],
        ),
        ({"CLICKHOUSE_PASSWORD": "s", "CLICKHOUSE_URL": "http://127.0.0.1:8123"}, []),
    ],
)
def test_settings_of_clickhouse(
    settings: Settings, changed: dict[str, str], expected: list[str]
) -> None:
    chosen = {"INGEST_SOURCE": "clickhouse", "INGEST_PACKAGES": "tracked"}
    for name, value in (chosen | changed).items():
        setattr(settings, name, value)

    assert clickhouse_ids() == expected
    assert all(message.hint for message in check_clickhouse(None))
    assert "secret" not in str(check_clickhouse(None))
