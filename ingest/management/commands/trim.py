"""Remove the days beyond RETENTION_DAYS."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from tqdm import tqdm

from packages import upkeep


class Command(BaseCommand):
    help = "Remove the days beyond RETENTION_DAYS; months keep their totals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would be removed"
        )

    def handle(self, *, dry_run: bool, **options: object) -> None:
        with tqdm(unit=" records", disable=None) as bar:
            days, records = upkeep.trim(dry_run=dry_run, on_batch=bar.update)
        verb = "Would trim" if dry_run else "Trimmed"
        self.stdout.write(f"{verb} {days} days; {records} records are cleared.")
