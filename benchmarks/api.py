"""The API's requests a second, next to the original's code and to a bare view.

``python -m benchmarks.api`` on a PostgreSQL of its own, or with DATABASE_URL set on one
that may be filled. ``--packages 1000 --days 40 --seconds 1`` takes a minute or so.
"""

import sys
from pathlib import Path

from benchmarks import serving
from benchmarks.serving import FEW, MANY, Asker, Options, Result, say

ENDPOINTS = ("recent", "overall", "python_major", "python_minor", "system")


def go(options: Options, folder: Path) -> None:
    if not options.keep:
        _load(options, folder)
    _Run(Asker(folder, options.seconds)).go()


def _load(options: Options, folder: Path) -> None:
    from django.core.management import call_command

    from benchmarks import reference
    from benchmarks.days import MadeDay

    call_command("migrate", verbosity=0)
    reference.create()

    def copy(made: MadeDay) -> None:
        reference.copy(made.packed.day, made.cells, folder)

    serving.load(options.packages, options.days, folder, copy)
    reference.sum_recents()


class _Run:
    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        by_rank = serving.names_by_rank()
        self._groups = {
            "random": by_rank,
            "20 largest": by_rank[:20],
            "tail": by_rank[len(by_rank) // 2 :],
        }

    def go(self) -> None:
        with self._asker.served("benchmarks.original:app"):
            original = self._cold("the original")
        with self._asker.served(ANSWER_CACHE_MB="0"):
            ours = self._cold("ours, nothing kept")
        for key, result in ours.items():
            times = result.per_second / original[key].per_second
            less = original[key].both / result.both
            figures = f"{times:.1f} x the requests, 1/{less:.1f} of the CPU"
            say(f"ours / the original: {', '.join(key)}", figures)
        self._warm()

    def _warm(self) -> None:
        bare = self._asker.bare()
        with self._asker.served():
            for endpoint in ENDPOINTS:
                paths = _paths(self._groups["random"], endpoint, FEW)
                self._asker.kept_and_unchanged(endpoint, paths, bare)
            self._asker.say_memory("ours")

    def _cold(self, title: str) -> dict[tuple[str, str], Result]:
        found = {}
        for group, names in self._groups.items():
            for endpoint in ENDPOINTS:
                paths = _paths(names, endpoint, MANY)
                name = f"{title}: {endpoint}, {group}"
                found[group, endpoint] = self._asker.measure(name, paths)
        self._asker.say_memory(title)
        return found


def _paths(names: list[str], endpoint: str, number: int) -> list[str]:
    chosen = serving.sample(names, number)
    return [f"/api/packages/{name}/{endpoint}" for name in chosen]


if __name__ == "__main__":
    sys.exit(serving.main("benchmarks.api", sys.argv[1:], go))
