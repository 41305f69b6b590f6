"""The cost of one answer among few packages and among all of PyPI's.

``python -m benchmarks.scale --packages 600000 --days 8``: the same days and the same
ranks in two databases, and the same packages asked for in both.
"""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks import serving
from benchmarks.api import ENDPOINTS
from benchmarks.serving import MANY, Asker, Options, Result, say

FEW_PACKAGES = 10_000
ROUNDS = 3
"""Each database is asked in turn so often, and the medians are compared."""

_LOAD = """
import sys, tempfile, django
from pathlib import Path
django.setup()
from benchmarks import serving
with tempfile.TemporaryDirectory() as folder:
    serving.load(int(sys.argv[1]), int(sys.argv[2]), Path(folder))
print(*serving.sample(serving.names_by_rank(), serving.MANY))
"""


def go(options: Options, folder: Path) -> None:
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    names, urls = [], {}
    for packages in (options.packages, FEW_PACKAGES):
        urls[packages] = f"{server}/packages_{packages}"
        if not options.keep:
            _create(f"packages_{packages}")
        names = _load(urls[packages], packages, 0 if options.keep else options.days)
    for endpoint in ENDPOINTS:
        paths = [f"/api/packages/{name}/{endpoint}" for name in names]
        found = _asked(Asker(folder, options.seconds), endpoint, paths, urls)
        many, few = found[options.packages], found[FEW_PACKAGES]
        figures = f"{many.cpu / few.cpu:.2f} x the CPU, {many.p50 / few.p50:.2f} x p50"
        say(f"{options.packages} / {FEW_PACKAGES} packages: {endpoint}", figures)


def _asked(
    asker: Asker, endpoint: str, paths: list[str], urls: dict[int, str]
) -> dict[int, Result]:
    found: dict[int, list[Result]] = {packages: [] for packages in urls}
    for _ in range(ROUNDS):
        for packages, url in urls.items():
            own = {"ANSWER_CACHE_MB": "0", "DATABASE_URL": url}
            with asker.served(**own):
                title = f"{endpoint} among {packages} packages"
                found[packages].append(asker.measure(title, paths))
    middle = ROUNDS // 2
    return {
        packages: sorted(results, key=lambda result: result.cpu)[middle]
        for packages, results in found.items()
    }


def _create(name: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")


def _load(url: str, packages: int, days: int) -> list[str]:
    """Count the days in a process of its own; return packages to ask for."""
    ran = subprocess.run(
        [sys.executable, "-c", _LOAD, str(packages), str(days)],
        env=os.environ | {"DATABASE_URL": url},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return ran.stdout.split()[:MANY]


if __name__ == "__main__":
    sys.exit(serving.main("benchmarks.scale", sys.argv[1:], go))
