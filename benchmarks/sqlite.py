"""Up to what size SQLite is comfortable: what a day costs, and an answer.

``python -m benchmarks.sqlite`` counts packages of all ranks of PyPI, each size in a
process and a database of its own; ``--packages 1000 --days 12`` takes half a minute.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pypistats_site.settings")

SIZES = (1_000, 10_000, 50_000)
ASKED = 200


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=int, nargs="*", default=SIZES)
    parser.add_argument("--days", type=int, default=35)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.here:
        django.setup()
        _measure(chosen.packages[0], chosen.days)
        return
    for packages in chosen.packages:
        with tempfile.TemporaryDirectory() as folder:
            own = {"DATABASE_URL": "", "VAR_DIR": folder}
            command = [sys.executable, "-m", "benchmarks.sqlite", "--here"]
            command += ["--packages", str(packages), "--days", str(chosen.days)]
            subprocess.run(command, env=os.environ | own, check=True)


def _measure(packages: int, days: int) -> None:
    from django.conf import settings
    from django.core.management import call_command

    from benchmarks import serving
    from benchmarks.serving import say
    from packages import upkeep

    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        stored = _store(packages, days, Path(folder))
    began = time.monotonic()
    upkeep.settle_months()
    settled = time.monotonic() - began
    size = Path(settings.DATABASES["default"]["NAME"]).stat().st_size
    asked = _ask(serving.sample(serving.names_by_rank(), ASKED))
    title = f"{packages} packages, {days} days"
    say(f"{title}: a day from spool to committed, median", f"{stored:8.2f} s")
    say(f"{title}: settling a month", f"{settled:8.2f} s")
    say(f"{title}: database", f"{size / 1e6:8.0f} MB")
    say(f"{title}: one series (python_minor), median", f"{asked * 1e3:8.2f} ms")


def _store(packages: int, days: int, folder: Path) -> float:
    from benchmarks.days import Maker
    from benchmarks.serving import RANKED, days_to
    from packages import store

    maker = Maker(packages, folder, step=max(1, RANKED // packages))
    took = []
    for day in days_to(store.today(), days):
        made = maker.make(day)
        began = time.monotonic()
        store.replace_day(made.packed, "bench")
        took.append(time.monotonic() - began)
        made.cells.unlink()
        made.packed.path.unlink()
    return statistics.median(took)


def _ask(names: list[str]) -> float:
    from packages import stats
    from packages.mirrors import Dimension

    took = []
    for name in names:
        began = time.monotonic()
        stats.history(name).by(Dimension.PYTHON_MINOR)
        took.append(time.monotonic() - began)
    return statistics.median(took)


if __name__ == "__main__":
    main(sys.argv[1:])
