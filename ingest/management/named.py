"""Arguments that name packages: by name, requirements file or lock file."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ingest.exit_codes import ExitCode
from ingest.lock_files import read_lock
from ingest.named_packages import STDIN, NamedPackages, NamesFileError
from ingest.requirement_files import read_requirements
from packages import tracking
from packages.names import WrongNameError, normalize_packages


class NamedPackagesCommand(BaseCommand):
    """A command on packages; reads all that is named before it changes anything."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME")
        parser.add_argument(
            "--from-requirements",
            action="append",
            default=[],
            metavar="FILE",
            help="a requirements file of pip; - is standard input",
        )
        parser.add_argument(
            "--from-lock",
            action="append",
            default=[],
            metavar="FILE",
            help="uv.lock, poetry.lock, pdm.lock, pylock.toml or Pipfile.lock; or -",
        )

    def track(self, options: dict[str, Any]) -> None:
        named = self._named(options)
        new = tracking.track(named)
        self.stdout.write(
            f"{len(named)} packages named: {new} tracked from now on,"
            f" {len(named) - new} were tracked already."
        )

    def untrack(self, options: dict[str, Any]) -> None:
        named = self._named(options)
        stopped = tracking.untrack(named)
        self.stdout.write(
            f"{len(named)} packages named: {stopped} no longer tracked,"
            f" {len(named) - stopped} were not tracked."
        )

    def _named(self, options: dict[str, Any]) -> set[str]:
        """Return the normalized names, and report what names no package."""
        files = [*options["from_requirements"], *options["from_lock"]]
        if not (options["names"] or files) or files.count(STDIN) > 1:
            message = "Name at least one package or file; standard input only once."
            raise CommandError(message, returncode=ExitCode.USAGE)
        names = valid_names(options["names"])
        try:
            found = [
                *map(read_requirements, options["from_requirements"]),
                *map(read_lock, options["from_lock"]),
            ]
        except NamesFileError as error:
            raise CommandError(str(error)) from error
        self._report_skipped(found)
        return names.union(*(packages.names for packages in found))

    def _report_skipped(self, found: list[NamedPackages]) -> None:
        for packages in found:
            for text in packages.skipped:
                self.stdout.write(f"Skipped, as it comes from no index: {text}")


def valid_names(names: list[str]) -> set[str]:
    """Normalize all names, or name the first that no package can have."""
    try:
        return normalize_packages(names)
    except WrongNameError as error:
        raise CommandError(str(error), returncode=ExitCode.USAGE) from error
