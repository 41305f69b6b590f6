"""Write the dump that the API serves."""

from django.core.management.base import BaseCommand, CommandError

from packages import dump
from packages.dump import DumpError


class Command(BaseCommand):
    help = "Write every package's recent downloads to DUMP_DIR, for /api/dump."

    def handle(self, **options: object) -> None:
        try:
            written = dump.write()
        except DumpError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"The dump has {written.packages} packages through {written.data_through}."
        )
