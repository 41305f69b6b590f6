"""Write download events of our own making, a file for each day."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ingest import sample


class Command(BaseCommand):
    help = "Write made-up download events, one Parquet file a day, to try things with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument("--days", type=int, default=30)
        parser.add_argument(
            "--packages", type=int, default=200, help=f"1 to {sample.MAX_PACKAGES}"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--until", type=_day, help="last day, YYYY-MM-DD; else yesterday (UTC)"
        )

    def handle(
        self,
        *,
        out: Path,
        days: int,
        packages: int,
        seed: int,
        until: date | None,
        **options: object,
    ) -> None:
        if not 1 <= packages <= sample.MAX_PACKAGES:
            raise CommandError(f"--packages must be 1 to {sample.MAX_PACKAGES}.")
        wanted = _days(days, until or datetime.now(tz=UTC).date() - timedelta(days=1))
        try:
            out.mkdir(parents=True, exist_ok=True)
            events = sum(
                sample.write_day(out / f"{day}.parquet", day, packages, seed)
                for day in tqdm(wanted, unit="day", disable=None, leave=False)
            )
        except OSError as error:
            reason = error.strerror or error
            raise CommandError(f"{out} cannot be written: {reason}.") from error
        files = "1 file" if days == 1 else f"{days} files"
        self.stdout.write(f"Wrote {events:,} events in {files} to {out}.")


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no day written YYYY-MM-DD") from error


def _days(count: int, until: date) -> list[date]:
    if count < 1:
        raise CommandError("--days must be 1 or more.")
    try:
        first = until - timedelta(days=count - 1)
    except OverflowError as error:
        raise CommandError(f"No calendar has {count} days before {until}.") from error
    return [first + timedelta(days=number) for number in range(count)]
