"""The API's requests a second, next to the original's layout and to a bare view.

``python -m benchmarks.api`` on a PostgreSQL of its own, or with DATABASE_URL set on one
that may be filled. ``--packages 1000 --days 40 --seconds 1`` takes a minute or so.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

import django
import psutil

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pypistats_site.settings")

ENDPOINTS = ("recent", "overall", "python_major", "python_minor", "system")
RANKED = 600_000
"""Packages of PyPI: those asked for are spread over so many ranks."""

PORT = 8765
WORKERS = 2
CONNECTIONS = 16
MANY, FEW = 5000, 200
"""Paths of a run that asks anything, and of one that asks the same again."""

SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Result:
    """What one run of the load generator saw."""

    per_second: float
    cpu: float
    """Microseconds of the workers for each request: says more on a busy machine."""
    p50: float
    p99: float
    bytes_each: float

    def __str__(self) -> str:
        return (
            f"{self.per_second:8,.0f}/s {self.cpu:7,.0f} us CPU  p50 {self.p50:6.1f} ms"
            f"  p99 {self.p99:6.1f} ms  {self.bytes_each:7,.0f} B"
        )


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=180)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="the data is there already")
    chosen = parser.parse_args(arguments)
    if shutil.which("wrk") is None:
        sys.stderr.write("The load generator is missing: apt-get install wrk.\n")
        return 1
    if not os.environ.get("DATABASE_URL"):
        from tests import postgres

        return postgres.main([sys.executable, "-m", "benchmarks.api", *arguments])
    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        if not chosen.keep:
            _load(chosen.packages, chosen.days, Path(folder))
        _Run(Path(folder), chosen.seconds).go()
    return 0


def _load(packages: int, days: int, folder: Path) -> None:
    from django.core.management import call_command
    from django.db import connection
    from tqdm import tqdm

    from benchmarks import reference
    from benchmarks.days import Maker
    from packages import store, upkeep

    call_command("migrate", verbosity=0)
    reference.create()
    maker = Maker(packages, folder, step=max(1, RANKED // packages))
    last = store.today() - timedelta(days=1)
    for age in tqdm(range(days - 1, -1, -1), unit="day"):
        made = maker.make(last - timedelta(days=age))
        store.replace_day(made.packed, "bench")
        reference.copy(made.packed.day, made.cells, folder)
        made.cells.unlink()
        made.packed.path.unlink()
    upkeep.settle_months()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


class _Run:
    def __init__(self, folder: Path, seconds: int) -> None:
        from packages.models import Package

        self._folder = folder
        self._seconds = seconds
        self._server: psutil.Process
        names = list(Package.objects.order_by("id").values_list("normalized_name"))
        by_rank = sorted((name for (name,) in names), key=_rank)
        self._groups = {
            "random": by_rank,
            "20 largest": by_rank[:20],
            "tail": by_rank[len(by_rank) // 2 :],
        }

    def go(self) -> None:
        with self._served("benchmarks.reference_site") as server:
            bare = self._measure("bare view", ["/bare"])
            reference = self._cold("reference")
            say("reference: memory", _memory(server))
        with self._served("pypistats_site.settings", ANSWER_CACHE_MB="0") as server:
            ours = self._cold("ours, nothing kept")
            say("ours, nothing kept: memory", _memory(server))
        for key, result in ours.items():
            times = result.per_second / reference[key].per_second
            less = reference[key].cpu / result.cpu
            figures = f"{times:.1f} x the requests, 1/{less:.1f} of the workers' CPU"
            say(f"ours / reference: {', '.join(key)}", figures)
        with self._served("pypistats_site.settings") as server:
            self._warm(bare)
            say("ours: memory", _memory(server))

    def _cold(self, title: str) -> dict[tuple[str, str], Result]:
        found = {}
        for group, names in self._groups.items():
            for endpoint in ENDPOINTS:
                paths = _paths(names, endpoint, MANY)
                name = f"{title}: {endpoint}, {group}"
                found[group, endpoint] = self._measure(name, paths)
        return found

    def _warm(self, bare: Result) -> None:
        for endpoint in ENDPOINTS:
            paths = _paths(self._groups["random"], endpoint, FEW)
            for path in paths * WORKERS * 2:
                _tag(path)  # so that each process has answered it
            kept = self._measure(f"ours, kept: {endpoint}", paths)
            tagged = [f"{path}\t{_tag(path)}" for path in paths]
            unchanged = self._measure(f"ours, 304: {endpoint}", tagged)
            for title, result in (("kept", kept), ("304", unchanged)):
                share = result.per_second / bare.per_second
                figures = (
                    f"{share:.0%} of the requests, {bare.cpu / result.cpu:.0%} by CPU"
                )
                say(f"ours, {title} / bare view: {endpoint}", figures)

    def _measure(self, title: str, lines: list[str]) -> Result:
        path = self._folder / "lines"
        path.write_text("\n".join(lines) + "\n")
        command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{self._seconds}s"]
        command += ["-s", str(SCRIPT), _address(""), "--", str(path)]
        for _ in range(4 * WORKERS):  # so that each process has begun
            _tag(lines[0].partition("\t")[0])
        before = _cpu_seconds(self._server)
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
        result = _result(ran.stdout, _cpu_seconds(self._server) - before)
        say(title, str(result))
        return result

    @contextmanager
    def _served(self, settings: str, **environment: str) -> Iterator[psutil.Process]:
        with _server(settings, environment) as self._server:
            yield self._server


def _result(output: str, cpu_seconds: float) -> Result:
    line = next(line for line in output.splitlines() if line.startswith("RESULT"))
    requests, microseconds, sent, errors, p50, p99 = map(int, line.split()[1:])
    if errors or not requests:
        message = f"{errors} of {requests} requests failed (--seconds): {output}"
        raise RuntimeError(message)
    rate = requests / microseconds * 1e6
    cpu = cpu_seconds / requests * 1e6
    return Result(rate, cpu, p50 / 1000, p99 / 1000, sent / requests)


@contextmanager
def _server(settings: str, environment: dict[str, str]) -> Iterator[psutil.Process]:
    """Run the web server as the service does, with the settings of that module."""
    from django.conf import settings as ours

    from pypistats_site.serve import accepts, web_command

    Path(ours.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    told = {**os.environ, "DJANGO_SETTINGS_MODULE": settings, **environment}
    command = web_command("127.0.0.1", PORT, WORKERS)
    server = psutil.Popen([*command, "--no-log"], env=told)
    try:
        while not accepts("127.0.0.1", PORT):
            time.sleep(0.1)
        yield server
    finally:
        server.terminate()
        server.wait(30)


def _tag(path: str) -> str:
    with urllib.request.urlopen(_address(path)) as answer:  # noqa: S310 - our own
        return answer.headers["ETag"] or ""


def _address(path: str) -> str:
    return f"http://127.0.0.1:{PORT}{path}"


def _paths(names: list[str], endpoint: str, number: int) -> list[str]:
    chosen = Random(number).sample(names, min(number, len(names)))
    return [f"/api/packages/{name}/{endpoint}" for name in chosen]


def _rank(name: str) -> int:
    return int(name.rpartition("-")[2])


def _cpu_seconds(server: psutil.Process) -> float:
    times = [child.cpu_times() for child in server.children(recursive=True)]
    return sum(spent.user + spent.system for spent in times)


def _memory(server: psutil.Process) -> str:
    sizes = [child.memory_full_info().pss for child in server.children(recursive=True)]
    each = ", ".join(f"{size / 1e6:.0f}" for size in sizes)
    return f"{sum(sizes) / 1e6:.0f} MB in all workers (PSS; each {each})"


def say(title: str, figure: str) -> None:
    print(f"{title:52} {figure}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
