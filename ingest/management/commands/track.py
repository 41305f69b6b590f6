"""Choose the packages that are counted when INGEST_PACKAGES is ``tracked``."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from packages.models import Package
from packages.names import normalize_package


class Command(BaseCommand):
    help = "Track packages, stop tracking them (--remove), or list them (--list)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME")
        parser.add_argument("--remove", action="store_true")
        parser.add_argument("--list", action="store_true", dest="only_list")

    def handle(
        self, *, names: list[str], remove: bool, only_list: bool, **options: object
    ) -> None:
        if only_list:
            for package in Package.objects.tracked():
                self.stdout.write(package.normalized_name)
            return
        if not names:
            raise CommandError("Name at least one package.")
        for name in valid_names(names):
            if remove:
                Package.objects.filter(normalized_name=name).update(tracked=False)
            else:
                Package.objects.update_or_create(
                    normalized_name=name, defaults={"tracked": True}
                )
        self.stdout.write(f"{len(names)} packages {'un' if remove else ''}tracked.")


def valid_names(names: list[str]) -> list[str]:
    """Normalize all names, or name the first that no package can have."""
    normalized = []
    for name in names:
        known = normalize_package(name)
        if known is None:
            raise CommandError(f"{name!r} is no package name.")
        normalized.append(known)
    return normalized
