"""Count downloads from a source."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError
from tqdm import tqdm

from ingest.exceptions import IngestError
from ingest.runner import Order, Outcome, ingest
from ingest.sources import LOG_FORMATS, NAMES, make_source
from ingest.spool import first_line
from packages import store


class Command(BaseCommand):
    help = "Count downloads from a source; a day that fails stays as it was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", choices=NAMES, default=settings.INGEST_SOURCE)
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
            "--force", action="store_true", help="count even implausibly small days"
        )

    def handle(self, **options: Any) -> None:
        days = asked_days(options["date"], options["since"], options["until"])
        try:
            source = make_source(
                options["source"], options["path"], options["log_format"]
            )
            with tqdm(
                total=len(days) if days else None, unit="day", disable=None
            ) as bar:
                order = Order(
                    days=days,
                    force=options["force"],
                    on_day=lambda _: bar.update(),
                )
                outcome = ingest(source, order)
        except IngestError as error:
            raise CommandError(str(error)) from error
        except (OperationalError, InterfaceError) as error:
            message = (
                f"The database failed: {first_line(error)}."
                " The days counted before stand; run it again."
            )
            raise CommandError(message) from error
        self._report(outcome)

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
        if outcome.failed:
            raise CommandError(" ".join(dict.fromkeys(outcome.failed.values())))
        if not outcome.counted:
            raise CommandError("The source holds no download that can be counted.")


def asked_days(
    day: date | None, since: date | None, until: date | None
) -> list[date] | None:
    """Return the days that the options name; None when they name none."""
    _refuse_future(day, since, until)
    if day:
        if since or until:
            raise CommandError("Give --date or --since and --until, not both.")
        return [day]
    if until and not since:
        raise CommandError("--until needs --since.")
    if not since:
        return None
    until = until or store.today() - timedelta(days=1)
    if until < since:
        raise CommandError(f"--until {until} lies before --since {since}.")
    span = (until - since).days + 1
    if span > settings.RETENTION_DAYS:
        message = f"{span} days are asked for; RETENTION_DAYS={settings.RETENTION_DAYS}"
        raise CommandError(f"{message} are kept.")
    return [since + timedelta(days=offset) for offset in range(span)]


def _refuse_future(*days: date | None) -> None:
    for day in days:
        if day and day > store.today():
            raise CommandError(f"{day} has not begun in UTC.")


def _day(text: str) -> date:
    return date.fromisoformat(text)


_day.__name__ = "day as YYYY-MM-DD"
