"""Count downloads from a source."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError

from ingest import dry_run, interrupts
from ingest.engine import first_line
from ingest.exceptions import AnotherIngestError, IngestError, NotYetError, SourceError
from ingest.exit_codes import EXPLAINED, ExitCode
from ingest.interrupts import Interrupted
from ingest.progress import progress
from ingest.runner import Order, Outcome, ingest
from ingest.sources import LOG_FORMATS, NAMES, make_source
from ingest.sources.base import DownloadSource, Estimating
from packages import store

READ_FROM_FILES = ("files", "access_log")


class Command(BaseCommand):
    help = "Count downloads from a source; a day that fails stays as it was."

    def create_parser(
        self, prog_name: str, subcommand: str, **kwargs: Any
    ) -> CommandParser:
        return super().create_parser(prog_name, subcommand, epilog=EXPLAINED, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--source",
            choices=NAMES,
            default=settings.INGEST_SOURCE,
            help="where to count (INGEST_SOURCE)",
        )
        parser.add_argument(
            "--path", default=settings.INGEST_PATH, help="a file or a glob"
        )
        parser.add_argument(
            "--log-format", choices=LOG_FORMATS, default=settings.INGEST_LOG_FORMAT
        )
        parser.add_argument("--date", type=_day, help="one day, as YYYY-MM-DD")
        parser.add_argument("--since", type=_day, help="the first day")
        parser.add_argument("--until", type=_day, help="the last day (yesterday)")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say what would be counted and what it costs; change nothing",
        )
        parser.add_argument(
            "--force", action="store_true", help="count even implausibly small days"
        )

    def handle(self, **options: Any) -> None:
        days = asked_days(options["date"], options["since"], options["until"])
        source = chosen_source(
            options["source"], options["path"], options["log_format"], days
        )
        with interrupts.handled(), _explained():
            if options["dry_run"] and isinstance(source, Estimating):
                self.stdout.write(dry_run.estimate(source, days))
                return
            with progress(len(days) if days else None) as shown:
                order = Order(
                    days=days,
                    force=options["force"],
                    on_day=shown.on_day,
                    on_phase=shown.on_phase,
                )
                if options["dry_run"]:
                    outcome, forecasts = dry_run.forecast(source, order)
                else:
                    outcome, forecasts = ingest(source, order), []
        for forecast in forecasts:
            self.stdout.write(str(forecast))
        self._report(outcome)
        end_with(outcome, counted=len(forecasts) or len(outcome.counted))

    def _report(self, outcome: Outcome) -> None:
        downloads = sum(counted.downloads for counted in outcome.counted)
        if outcome.counted:
            self.stdout.write(
                f"Counted {len(outcome.counted)} days with {downloads} downloads."
            )
        for counted in outcome.counted:
            if counted.status == counted.Status.PARTIAL:
                self.stdout.write(f"{counted.day} is not over: counted as partial.")
        for reason, number in outcome.skipped.items():
            self.stdout.write(f"Skipped {number} {reason}.")


def end_with(outcome: Outcome, *, counted: int) -> None:
    """Raise the error that an ingest ends with, if any."""
    if outcome.failed:
        not_yet = outcome.not_yet.issuperset(outcome.failed)
        raise CommandError(
            " ".join(dict.fromkeys(outcome.failed.values())),
            returncode=ExitCode.NOT_YET if not_yet else ExitCode.FAILED,
        )
    if not counted:
        message = "The source holds no download that can be counted."
        raise CommandError(message, returncode=ExitCode.NOT_YET)


def chosen_source(
    name: str, path: str, log_format: str, days: list[date] | None
) -> DownloadSource:
    """Make the source, or say what is wrong with the options or settings."""
    if name in READ_FROM_FILES and not path:
        message = "No path is given: name the files with --path or INGEST_PATH."
        raise CommandError(message, returncode=ExitCode.USAGE)
    try:
        source = make_source(name, path, log_format)
        next(source.chunks(days), None)  # which refuses days that it cannot count
    except SourceError as error:
        raise CommandError(str(error), returncode=ExitCode.USAGE) from error
    return source


@contextmanager
def _explained() -> Iterator[None]:
    """Let expected errors end the command with a sentence and an exit code."""
    try:
        yield
    except BaseException as error:
        failure = _command_error(interrupts.cause_of(error))
        if failure is None:
            raise
        raise failure from error


def _command_error(error: BaseException) -> CommandError | None:
    match error:
        case Interrupted():
            message = f"{error} The day in work stays as it was."
            return CommandError(message, returncode=128 + error.signum)
        case AnotherIngestError():
            return CommandError(str(error), returncode=ExitCode.ANOTHER_INGEST)
        case NotYetError():
            return CommandError(str(error), returncode=ExitCode.NOT_YET)
        case IngestError():
            return CommandError(str(error), returncode=ExitCode.FAILED)
        case OperationalError() | InterfaceError():
            message = (
                f"The database failed: {first_line(error)}."
                " The days counted before stand; run it again."
            )
            return CommandError(message, returncode=ExitCode.FAILED)
    return None


def asked_days(
    day: date | None, since: date | None, until: date | None
) -> list[date] | None:
    """Return the days that the options name; None when they name none."""
    _refuse_future(day, since, until)
    if day:
        if since or until:
            _refuse("Give --date or --since and --until, not both.")
        return [day]
    if not since:
        if until:
            _refuse("--until needs --since.")
        return None
    until = until or store.today() - timedelta(days=1)
    if until < since:
        _refuse(f"--until {until} lies before --since {since}.")
    span = (until - since).days + 1
    if span > settings.RETENTION_DAYS:
        message = f"{span} days are asked for; RETENTION_DAYS={settings.RETENTION_DAYS}"
        _refuse(f"{message} are kept.")
    return [since + timedelta(days=offset) for offset in range(span)]


def _refuse_future(*days: date | None) -> None:
    for day in days:
        if day and day > store.today():
            _refuse(f"{day} has not begun in UTC.")


def _refuse(message: str) -> NoReturn:
    raise CommandError(message, returncode=ExitCode.USAGE)


def _day(text: str) -> date:
    return date.fromisoformat(text)


_day.__name__ = "day as YYYY-MM-DD"
