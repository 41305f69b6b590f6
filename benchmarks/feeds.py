"""Requests a second of feeds and charts, next to an API series and to a bare view.

``python -m benchmarks.feeds`` on a PostgreSQL of its own, or with DATABASE_URL set on
one that may be filled. ``--packages 2000 --days 90 --seconds 3`` takes five minutes.
"""

import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from benchmarks import serving
from benchmarks.serving import FEW, MANY, Asker, Options, Result, say

SERIES = "API series (python_minor)"
FEED = "feed of weeks (RSS)"
CHART = "chart"
ADDRESSES = {
    SERIES: "/api/packages/{name}/python_minor",
    FEED: "/feeds/packages/{name}.rss",
    "feed of weeks (Atom)": "/feeds/packages/{name}.atom",
    "feed of weeks (JSON)": "/feeds/packages/{name}.json",
    "feed of days (RSS)": "/feeds/packages/{name}.rss?every=day",
    "pypirss": "/services/pypirss/rss/{name}",
    CHART: "/feeds/charts/{name}/{week}.png",
}
WARM = (SERIES, FEED, "pypirss")


def go(options: Options, folder: Path) -> None:
    from packages.events.detect import detect_pending

    if not options.keep:
        serving.load(options.packages, options.days, folder)
        detect_pending()
    asker, names = Asker(folder, options.seconds), serving.names_by_rank()
    bare = asker.bare()
    with asker.served(ANSWER_CACHE_MB="0"):
        _cold(asker, names)
    with asker.served():
        for title in WARM:
            _warm(asker, title, names, bare)
        asker.say_memory("ours")
    # So many charts are drawn for one client by no service that counts them.
    with asker.served(API_RATE_LIMITS="off"):
        _warm(asker, CHART, names, bare)


def _warm(asker: Asker, title: str, names: list[str], bare: dict[str, Result]) -> None:
    paths = _paths(title, serving.sample(names, FEW))
    asker.kept_and_unchanged(title, paths, bare)


def _cold(asker: Asker, names: list[str]) -> None:
    found: dict[str, Result] = {}
    for title in ADDRESSES:
        paths = _paths(title, serving.sample(names, MANY))
        found[title] = asker.measure(f"ours, nothing kept: {title}", paths)
    for title, result in found.items():
        times = result.cpu / found[SERIES].cpu
        say(f"ours, nothing kept: {title}", f"{times:.2f} x the CPU of a series")


def _paths(title: str, names: Sequence[str]) -> list[str]:
    week = _last_week()
    return [ADDRESSES[title].format(name=name, week=week) for name in names]


def _last_week() -> str:
    """The newest week that is over."""
    from feeds.periods import Every, Period
    from packages import store

    around = Period.around(Every.WEEK, store.today() - timedelta(days=1))
    return (around if around.last < store.today() else around.before()).key


if __name__ == "__main__":
    sys.exit(serving.main("benchmarks.feeds", sys.argv[1:], go))
