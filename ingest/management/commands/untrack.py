"""Stop tracking packages; what was counted of them stays."""

from typing import Any

from ingest.management.named import NamedPackagesCommand


class Command(NamedPackagesCommand):
    help = "Stop tracking packages; what was counted of them stays."

    def handle(self, *names: str, **options: Any) -> None:
        self.untrack(options)
