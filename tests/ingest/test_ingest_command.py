"""``ingest`` ends with a code that cron can use, and can say what it would do."""

import os
import pty
import termios
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ingest.lock import only_ingest
from ingest.management.commands import ingest as command
from ingest.models import IngestRun
from ingest.spool import Spool, remove_leftovers
from packages.models import Client, CountedDay, Generation, Package
from tests.factories import PIP_311, count_day
from tests.fakes import BrokenSource, ListSource
from tests.ingest.events import Event, write_ndjson

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
DAY = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 20, 4, tzinfo=UTC)):
        yield


@pytest.fixture
def events(tmp_path: Path) -> str:
    lines = [
        *[Event(), Event(), Event(installer="uv"), Event(project="flask")],
        *[Event(project="no name at all"), Event(timestamp="2026-11-17 01:00:00 UTC")],
    ]
    return str(write_ndjson(tmp_path / "e.ndjson", lines))


class PricedSource(ListSource):
    """A source that knows what a count costs."""

    def estimate(self, days: Sequence[date], packages: Collection[str] | None) -> str:
        return f"{len(days)} days of {packages or 'all packages'}: 7 bytes."


def use(monkeypatch: pytest.MonkeyPatch, source: ListSource) -> None:
    monkeypatch.setattr(command, "make_source", lambda *_: source)


def code_of(**options: object) -> int:
    try:
        call_command("ingest", **{"source": "files", "path": "x", **options})
    except CommandError as error:
        return error.returncode
    return 0


def test_all_days_counted_is_0(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, ListSource({DAY: {"django": 1}}))

    assert code_of(date=DAY) == 0


def test_failed_day_is_1(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, BrokenSource({DAY: {"django": 1}}))

    assert code_of(date=DAY) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"path": ""},
        {"since": TODAY, "until": DAY},
        {"date": TODAY + timedelta(days=1)},
        {"source": "sample"},
    ],
)
def test_wrong_usage_is_2(options: dict[str, object]) -> None:
    assert code_of(**options) == 2
    assert not IngestRun.objects.exists()


def test_day_that_the_source_does_not_have_is_3(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(monkeypatch, ListSource({DAY: {"django": 1}}))

    assert code_of(since=DAY, until=TODAY) == 3
    assert CountedDay.objects.get(day=DAY).downloads == 1


def test_log_that_was_rotated_just_now_is_3(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("")

    assert code_of(source="access_log", path=str(tmp_path / "log")) == 3


def test_another_ingest_is_4(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, ListSource({DAY: {"django": 1}}))

    with only_ingest():
        assert code_of(date=DAY) == 4


def test_help_explains_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("ingest", "--help")

    assert "3 the source does not have" in " ".join(capsys.readouterr().out.split())


def test_dry_run_tells_each_day_and_changes_nothing(
    events: str, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    count_day(DAY, {"django": {PIP_311: 1}})
    before = [list(m.objects.values()) for m in (CountedDay, Client, Package)]
    generation = Generation.current().number

    assert code_of(path=events, dry_run=True) == 0

    assert capsys.readouterr().out.splitlines() == [
        "2026-11-17: 1 downloads of 1 packages in 1 cells; nothing is stored of it.",
        f"{DAY}: 4 downloads of 2 packages in 3 cells; 1 downloads are stored (+3).",
        "Skipped 1 with a name no package can have.",
    ]
    assert [list(m.objects.values()) for m in (CountedDay, Client, Package)] == before
    assert Generation.current().number == generation
    assert not IngestRun.objects.exists()
    assert list(settings.SPOOL_DIR.glob("day-*")) == []


def test_dry_run_tells_what_would_be_refused(events: str) -> None:
    count_day(DAY, {"django": {PIP_311: 9000}})

    with pytest.raises(CommandError, match="has 4 downloads now and had 9000") as found:
        call_command("ingest", source="files", path=events, date=DAY, dry_run=True)

    assert found.value.returncode == 1
    assert code_of(path=events, date=DAY, dry_run=True, force=True) == 0


@pytest.mark.parametrize(("path", "code"), [("nothing", 1), ("", 2)])
def test_dry_run_ends_like_an_ingest(path: str, code: int) -> None:
    assert code_of(path=path, dry_run=True) == code


def test_dry_run_of_a_day_that_is_not_there(events: str) -> None:
    assert code_of(path=events, date=date(2026, 11, 16), dry_run=True) == 3
    assert not CountedDay.objects.exists()


def test_dry_run_tells_the_price_without_reading(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    settings: Settings,
) -> None:
    source = PricedSource({DAY: {"django": 1}})
    use(monkeypatch, source)

    assert code_of(since=DAY, dry_run=True) == 0
    settings.INGEST_PACKAGES = "tracked"
    Package.objects.create(normalized_name="django", tracked=True)
    assert code_of(date=DAY, dry_run=True) == 0

    assert capsys.readouterr().out.splitlines() == [
        "2 days of all packages: 7 bytes.",
        "1 days of ['django']: 7 bytes.",
    ]
    assert source.asked == []


def test_dry_run_runs_beside_an_ingest(events: str) -> None:
    with only_ingest():
        assert code_of(path=events, dry_run=True) == 0


def test_spool_in_use_is_no_leftover(settings: Settings) -> None:
    dead = settings.SPOOL_DIR / "day-dead"
    dead.mkdir(parents=True)

    with Spool() as spool:
        remove_leftovers()
        assert list(settings.SPOOL_DIR.iterdir()) == [spool.folder]


def test_progress_is_drawn_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], events: str
) -> None:
    assert code_of(path=events, date=DAY) == 0
    assert "storing" not in capfd.readouterr().err
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))

    with os.fdopen(ours, "rb") as screen, os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr("sys.stderr", terminal)
        assert code_of(path=events, date=DAY) == 0
        monkeypatch.undo()
        terminal.flush()
        shown = os.read(screen.fileno(), 4096).decode()

    assert "storing" in shown
    assert "1/1" in shown
