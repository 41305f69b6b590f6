"""Fill the service when it starts, without counting anything twice."""

from argparse import ArgumentParser
from datetime import timedelta

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from ingest.sample import NEVER_DOWNLOADED
from ingest.sources import HOLDING_YEARS
from packages import store
from packages.models import CountedDay, Package
from packages.models.ledger import SAMPLE_SOURCE

INTERRUPTED = 128
"""Exit codes above this one name the signal that ended a command."""


class Command(BaseCommand):
    help = "Count what the configured source holds; of the sample, missing days only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sample-days", type=int, default=90)

    def handle(self, *, sample_days: int, **options: object) -> None:
        if settings.INGEST_SOURCE in HOLDING_YEARS:
            self._leave_to_the_daily_task()
        elif settings.INGEST_SOURCE != SAMPLE_SOURCE:
            self._count_source()
        elif CountedDay.objects.counted().real().exists():
            self.stdout.write(
                "There are real numbers here: no sample is counted. Set INGEST_SOURCE"
                " and INGEST_PATH, so that the daily task goes on with them."
            )
        else:
            self._count_sample(sample_days)

    def _leave_to_the_daily_task(self) -> None:
        """Spend nothing that nobody asked for: a start is no wish for days."""
        self.stdout.write(
            f"INGEST_SOURCE={settings.INGEST_SOURCE} has years of days, and none is"
            f" counted at a start. The daily task counts the last ones at"
            f" {settings.INGEST_TIME_UTC} UTC; count others now with"
            " manage.py ingest --since YYYY-MM-DD (--dry-run says what that costs)."
        )

    def _count_source(self) -> None:
        """Count what there is; a source that is empty for now stops no service."""
        try:
            call_command("ingest")
        except CommandError as error:
            if (
                error.returncode >= INTERRUPTED
                or not CountedDay.objects.counted().real().exists()
            ):
                raise
            self.stdout.write(f"{error} The days counted before are served.")

    def _count_sample(self, sample_days: int) -> None:
        yesterday = store.today() - timedelta(days=1)
        wanted = {yesterday - timedelta(days=offset) for offset in range(sample_days)}
        wanted -= set(CountedDay.objects.complete().values_list("day", flat=True))
        if not wanted:
            self.stdout.write("The sample is counted already.")
            return
        self.stdout.write(f"Making up and counting {len(wanted)} days of sample data.")
        call_command("ingest", since=min(wanted), until=max(wanted))
        Package.objects.get_or_create(normalized_name=NEVER_DOWNLOADED)
