"""Choose the packages that are counted when INGEST_PACKAGES is ``tracked``."""

from argparse import ArgumentParser
from typing import Any

from ingest.management.named import NamedPackagesCommand
from packages.models import Package


class Command(NamedPackagesCommand):
    help = "Track packages, or list those that are tracked (--list)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--remove", action="store_true", help="the same as untrack")
        parser.add_argument("--list", action="store_true", dest="only_list")

    def handle(self, *names: str, **options: Any) -> None:
        if options["only_list"]:
            for package in Package.objects.tracked().iterator():
                self.stdout.write(package.normalized_name)
            return
        if options["remove"]:
            self.untrack(options)
            return
        self.track(options)
