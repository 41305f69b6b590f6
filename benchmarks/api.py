"""The API's requests a second, next to the original's code and to a bare view.

``python -m benchmarks.api`` on a PostgreSQL of its own, or with DATABASE_URL set on one
that may be filled. ``--packages 1000 --days 40 --seconds 1`` takes a minute or so.
"""

import sys
from pathlib import Path
from statistics import median

from benchmarks import serving
from benchmarks.serving import FEW, MANY, Asker, Options, Result, say

ROUNDS = 3
ENDPOINTS = ("recent", "overall", "python_major", "python_minor", "system")


def go(options: Options, folder: Path) -> None:
    if not options.keep:
        load(options, folder)
    by_rank = serving.names_by_rank()
    _compare(options, folder, by_rank)
    _warm(Asker(folder, options.seconds), by_rank)


def load(options: Options, folder: Path) -> None:
    from django.core.management import call_command

    from benchmarks import reference
    from benchmarks.days import MadeDay

    call_command("migrate", verbosity=0)
    reference.create()

    def copy(made: MadeDay) -> None:
        reference.copy(made.packed.day, made.cells, folder)

    serving.load(options.packages, options.days, folder, copy)
    reference.sum_recents()


def _compare(options: Options, folder: Path, by_rank: list[str]) -> None:
    """Ask both servers in turn: minutes later the machine may be another one."""
    original = Asker(folder, options.seconds, serving.PORT + 1)
    ours = Asker(folder, options.seconds)
    with (
        original.served("benchmarks.original:app"),
        ours.served(ANSWER_CACHE_MB="0"),
    ):
        for group, names in _groups(by_rank).items():
            for endpoint in ENDPOINTS:
                paths = paths_of(names, endpoint, MANY)
                pairs = []
                for _ in range(ROUNDS):
                    one = original.measure(f"original: {endpoint}, {group}", paths)
                    pairs.append((one, ours.measure("ours, nothing kept", paths)))
                say_medians(f"ours / the original: {endpoint}, {group}", pairs)
        original.say_memory("original")
        ours.say_memory("ours, nothing kept")


def _groups(by_rank: list[str]) -> dict[str, list[str]]:
    tail = by_rank[len(by_rank) // 2 :]
    return {"random": by_rank, "20 largest": by_rank[:20], "tail": tail}


def say_medians(title: str, pairs: list[tuple[Result, Result]]) -> None:
    times = median(ours.per_second / one.per_second for one, ours in pairs)
    less = median(one.both / ours.both for one, ours in pairs)
    say(title, f"{times:.1f} x the requests, 1/{less:.1f} of the CPU (medians)")


def _warm(asker: Asker, by_rank: list[str]) -> None:
    bare = asker.bare()
    kept = {}
    with asker.served():
        for endpoint in ENDPOINTS:
            paths = paths_of(by_rank, endpoint, FEW)
            kept[endpoint] = asker.kept_and_unchanged(endpoint, paths, bare)
        asker.say_memory("ours")
    with asker.served(serving.BARE):
        for endpoint, result in kept.items():
            path = f"/bare/{result.bytes_each:.0f}"
            view = asker.measure("bare view of as many bytes", [path])
            serving.say_share(f"ours, kept / as many bytes: {endpoint}", result, view)


def paths_of(names: list[str], endpoint: str, number: int) -> list[str]:
    chosen = serving.sample(names, number)
    return [f"/api/packages/{name}/{endpoint}" for name in chosen]


if __name__ == "__main__":
    sys.exit(serving.main("benchmarks.api", sys.argv[1:], go))
