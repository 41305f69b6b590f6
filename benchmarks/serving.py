"""What the benchmarks of answers share: data, the real server, and wrk that asks it."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import django
import psutil

if TYPE_CHECKING:  # else models would be loaded before there are settings
    from benchmarks.days import MadeDay

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pypistats_site.settings")

RANKED = 600_000
"""Packages of PyPI: those asked for are spread over so many ranks."""

PORT = 8765
WORKERS = 2
CONNECTIONS = 16
MANY, FEW = 5000, 200
"""Paths of a run that asks anything, and of one that asks the same again."""

NEVER_REFUSED = "default=1000000000/10s, expensive=1000000000/10s"
"""Answers are counted as they are by default."""

OURS = "pypistats_site.wsgi:application"
BARE = "benchmarks.bare:application"
SCRIPT = Path(__file__).with_name("load.lua")

OnDay = Callable[["MadeDay"], None]


@dataclass(frozen=True)
class Result:
    """What one run of the load generator saw."""

    per_second: float
    cpu: float
    """Microseconds of the workers for each request."""
    database: float
    """Microseconds of the database; both say more than requests on a busy machine."""
    p50: float
    p99: float
    bytes_each: float

    @property
    def both(self) -> float:
        return self.cpu + self.database

    def __str__(self) -> str:
        return (
            f"{self.per_second:8,.0f}/s {self.cpu:7,.0f} + {self.database:5,.0f} us CPU"
            f"  p50 {self.p50:6.1f} ms  p99 {self.p99:6.1f} ms"
            f"  {self.bytes_each:7,.0f} B"
        )


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    packages: int
    days: int
    seconds: int
    keep: bool


def main(module: str, arguments: list[str], go: Callable[[Options, Path], None]) -> int:
    """Run ``go`` on a PostgreSQL; start one for ``module`` where none is named."""
    options = _options(arguments)
    if shutil.which("wrk") is None:
        sys.stderr.write("The load generator is missing: apt-get install wrk.\n")
        return 1
    if find_spec("flask_sqlalchemy") is None:
        sys.stderr.write("Flask is missing: pip install --group benchmarks.\n")
        return 1
    if not os.environ.get("DATABASE_URL"):
        from tests import postgres

        return postgres.main([sys.executable, "-m", module, *arguments])
    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        go(options, Path(folder))
    return 0


def _options(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=180)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="the data is there already")
    return Options(**vars(parser.parse_args(arguments)))


def load(packages: int, days: int, folder: Path, on_day: OnDay | None = None) -> None:
    """Count so many days up to yesterday of packages of all ranks."""
    from django.core.management import call_command
    from django.db import connection
    from tqdm import tqdm

    from benchmarks.days import Maker
    from packages import store, upkeep

    call_command("migrate", verbosity=0)
    maker = Maker(packages, folder, step=max(1, RANKED // packages))
    for day in tqdm(days_to(store.today(), days), unit="day"):
        made = maker.make(day)
        store.replace_day(made.packed, "bench")
        if on_day:
            on_day(made)
        made.cells.unlink()
        made.packed.path.unlink()
    upkeep.settle_months()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def days_to(today: date, days: int) -> list[date]:
    """The last days before ``today``, in rising order."""
    return [today - timedelta(days=age) for age in range(days, 0, -1)]


def names_by_rank() -> list[str]:
    """The packages that are counted, the largest first."""
    from packages.models import Package

    names = Package.objects.values_list("normalized_name", flat=True)
    return sorted(names, key=lambda name: int(name.rpartition("-")[2]))


def sample(names: Sequence[str], number: int) -> list[str]:
    return Random(number).sample(names, min(number, len(names)))


class Asker:
    """Asks a server of ours as fast as it answers."""

    def __init__(self, folder: Path, seconds: int, port: int = PORT) -> None:
        self._folder = folder
        self._seconds = seconds
        self._port = port
        self._server: psutil.Process

    @contextmanager
    def served(self, application: str = OURS, **environment: str) -> Iterator[None]:
        """Run the web server as the service does, with that WSGI application."""
        with _server(application, self._port, environment) as self._server:
            yield

    def measure(
        self, title: str, lines: list[str], encoding: str = "identity"
    ) -> Result:
        """Ask for ``lines``, each a path, or a path, a tab and the tag held of it."""
        path = self._folder / "lines"
        path.write_text("\n".join(lines) + "\n")
        command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{self._seconds}s"]
        command += ["-s", str(SCRIPT), self._address(""), "--", str(path), encoding]
        for _ in range(4 * WORKERS):  # so that each process has begun
            self.tag_of(lines[0].partition("\t")[0])
        watched = (self._server, database())
        before = [_cpu_seconds(process) for process in watched]
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
        after = [_cpu_seconds(process) for process in watched]
        result = _result(ran.stdout, after[0] - before[0], after[1] - before[1])
        say(title, str(result))
        return result

    def bare(self) -> dict[str, Result]:
        """Measure a view that reads nothing, with and without Django's middleware."""
        found = {}
        for title, middleware in (("bare view", ""), ("with startproject's", "yes")):
            with self.served(BARE, BARE_MIDDLEWARE=middleware):
                found[title] = self.measure(title, ["/bare"])
        return found

    def kept_and_unchanged(
        self, title: str, paths: list[str], bare: dict[str, Result]
    ) -> Result:
        """Measure answers given before, and 304s, beside bare views; return the first.

        Clients nearly always take gzip; whole answers are measured as well.
        """
        for path in paths * WORKERS * 4:  # so that each process has answered it
            self.tag_of(path)
            self.tag_of(path, "gzip")
        tagged = [f"{path}\t{self.tag_of(path)}" for path in paths]
        whole = self.measure(f"ours, kept: {title}", paths)
        packed = self.measure(f"ours, kept, gzip: {title}", paths, "gzip")
        unchanged = self.measure(f"ours, 304: {title}", tagged)
        for of, view in bare.items():
            say_share(f"ours, kept / {of}: {title}", whole, view)
            say_share(f"ours, kept, gzip / {of}: {title}", packed, view)
            say_share(f"ours, 304 / {of}: {title}", unchanged, view)
        return whole

    def tag_of(self, path: str, encoding: str = "identity") -> str:
        headers = {"Accept-Encoding": encoding}
        asked = urllib.request.Request(  # noqa: S310 - our own
            self._address(path), headers=headers
        )
        with urllib.request.urlopen(asked) as answer:  # noqa: S310
            return answer.headers["ETag"] or ""

    def _address(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}{path}"

    def say_memory(self, title: str) -> None:
        children = self._server.children(recursive=True)
        sizes = [child.memory_full_info().pss for child in children]
        each = ", ".join(f"{size / 1e6:.0f}" for size in sizes)
        figure = f"{sum(sizes) / 1e6:.0f} MB in all workers (PSS; each {each})"
        say(f"{title}: memory", figure)


def say_share(title: str, result: Result, view: Result) -> None:
    share, cpu = result.per_second / view.per_second, view.cpu / result.cpu
    say(title, f"{share:.0%} of the requests, {cpu:.0%} by CPU")


def say(title: str, figure: str) -> None:
    print(f"{title:52} {figure}", flush=True)


def _result(output: str, workers: float, database: float) -> Result:
    line = next(line for line in output.splitlines() if line.startswith("RESULT"))
    requests, microseconds, sent, errors, p50, p99 = map(int, line.split()[1:])
    if errors or not requests:
        message = f"{errors} of {requests} requests failed (--seconds): {output}"
        raise RuntimeError(message)
    rate = requests / microseconds * 1e6
    cpu, of_database = workers / requests * 1e6, database / requests * 1e6
    return Result(rate, cpu, of_database, p50 / 1000, p99 / 1000, sent / requests)


@contextmanager
def _server(
    application: str, port: int, environment: dict[str, str]
) -> Iterator[psutil.Process]:
    from django.conf import settings as ours

    from pypistats_site.serve import accepts, web_command

    Path(ours.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    told = {**os.environ, "API_RATE_LIMITS": NEVER_REFUSED, **environment}
    *command, _ = web_command("127.0.0.1", port, WORKERS)
    command += [application]
    server = psutil.Popen([*command, "--no-log"], env=told)
    try:
        while not accepts("127.0.0.1", port):
            time.sleep(0.1)
        yield server
    finally:
        server.terminate()
        server.wait(30)


def database() -> psutil.Process:
    """The server's first process, if it runs on this machine; else this one."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        process = psutil.Process(cursor.fetchone()[0]).parent()
    return process or psutil.Process()


def _cpu_seconds(server: psutil.Process) -> float:
    """CPU of all that the process has started, of what has ended by now as well."""
    running = sum(map(_spent, server.children(recursive=True)))
    ended = server.cpu_times()
    return float(running + ended.children_user + ended.children_system)


def _spent(process: psutil.Process) -> float:
    try:
        spent = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0  # its parent tells
    return float(spent.user + spent.system)
