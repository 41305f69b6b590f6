"""Commands say what they did, and what was wrong."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django_q.models import Schedule
from pytest_django import Settings

from ingest.models import IngestRun
from packages import store
from tests.factories import PIP_311, count_day

pytestmark = pytest.mark.django_db


def test_schedules_are_made_once(settings: Settings) -> None:
    settings.INGEST_TIME_UTC = "03:30"
    call_command("schedule_ingest")
    settings.INGEST_TIME_UTC = "17:05"
    call_command("schedule_ingest")

    daily = Schedule.objects.get(func="ingest.tasks.ingest_daily")
    assert daily.cron == "5 17 * * *"
    assert Schedule.objects.count() == 2


def test_schedule_runs_at_the_time_given(settings: Settings) -> None:
    settings.INGEST_TIME_UTC = "03:30"

    call_command("schedule_ingest")

    planned = Schedule.objects.get(func="ingest.tasks.ingest_daily").next_run
    assert planned is not None
    assert (planned.hour, planned.minute) == (3, 30)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"date": date(2026, 1, 1), "since": date(2026, 1, 1)}, "not both"),
        ({"until": date(2026, 1, 1)}, "--until needs --since"),
        ({"since": date(2026, 1, 2), "until": date(2026, 1, 1)}, "lies before"),
        ({"date": date(9999, 12, 31)}, "9999-12-31 has not begun"),
        ({"since": date(1, 1, 1)}, "RETENTION_DAYS=180"),
        ({"path": ""}, "No path is given"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, object], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("ingest", source="files", **options)


def test_bad_date_names_the_form() -> None:
    with pytest.raises(CommandError, match="YYYY-MM-DD"):
        call_command("ingest", "--date", "yesterday")


def test_first_start_counts_the_sample_once(
    capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    settings.INGEST_SOURCE = "sample"

    call_command("first_ingest", "--sample-days", "2")
    call_command("first_ingest", "--sample-days", "2")

    told = capsys.readouterr().out
    assert "Making up and counting 2 days" in told
    assert "The sample is counted already." in told


def test_start_goes_on_when_the_log_was_rotated(
    capsys: pytest.CaptureFixture[str], settings: Settings, tmp_path: Path
) -> None:
    settings.INGEST_SOURCE, settings.INGEST_PATH = "access_log", str(tmp_path / "log")
    (tmp_path / "log").write_text("")
    count_day(store.today() - timedelta(days=1), {"django": {PIP_311: 1}})

    call_command("first_ingest")

    assert "The days counted before are served." in capsys.readouterr().out


def test_first_start_without_anything_to_count_fails(
    settings: Settings, tmp_path: Path
) -> None:
    settings.INGEST_SOURCE, settings.INGEST_PATH = "access_log", str(tmp_path / "log")

    with pytest.raises(CommandError, match="No file matches"):
        call_command("first_ingest")


@pytest.mark.parametrize("source", ["bigquery", "clickhouse"])
def test_start_spends_nothing_that_nobody_asked_for(
    capsys: pytest.CaptureFixture[str], settings: Settings, source: str
) -> None:
    settings.INGEST_SOURCE, settings.INGEST_TIME_UTC = source, "03:30"

    call_command("first_ingest")

    assert capsys.readouterr().out == (
        f"INGEST_SOURCE={source} has years of days, and none is counted at a start."
        " The daily task counts the last ones at 03:30 UTC; count others now with"
        " manage.py ingest --since YYYY-MM-DD (--dry-run says what that costs).\n"
    )
    assert not IngestRun.objects.exists()


def test_sample_is_not_counted_over_real_days(
    capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    settings.INGEST_SOURCE = "sample"
    count_day(store.today() - timedelta(days=1), {"django": {PIP_311: 1}})

    call_command("first_ingest")

    assert "no sample is counted" in capsys.readouterr().out


def test_welcome_says_where_to_look(capsys: pytest.CaptureFixture[str]) -> None:
    count_day(date(2026, 11, 18), {"django": {PIP_311: 1}})

    call_command("welcome")

    told = capsys.readouterr().out
    assert "1 days are counted" in told
    for path in ("/packages/django", "/feeds/packages/django", "/admin/"):
        assert f"http://127.0.0.1:8000{path}\n" in told
