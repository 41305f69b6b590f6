"""The API's requests a second from the disk, next to the original's.

``python -m benchmarks.cold --keep`` as root, with DATABASE_URL set to a PostgreSQL that
``benchmarks.api`` has filled and that may be restarted: before each run its memory and
the kernel's page cache are emptied.
"""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks import serving
from benchmarks.api import ENDPOINTS, load, paths_of, say_medians
from benchmarks.serving import MANY, Asker, Options, Result

ROUNDS = 3
DROP_CACHES = Path("/proc/sys/vm/drop_caches")


def go(options: Options, folder: Path) -> None:
    if not options.keep:
        load(options, folder)
    ours = Asker(folder, options.seconds)
    original = Asker(folder, options.seconds, serving.PORT + 1)
    names = serving.names_by_rank()
    for endpoint in ENDPOINTS:
        paths = paths_of(names, endpoint, MANY)
        pairs = [
            (
                _from_disk(original, "benchmarks.original:app", paths),
                _from_disk(ours, serving.OURS, paths),
            )
            for _ in range(ROUNDS)
        ]
        say_medians(f"from the disk, ours / the original: {endpoint}", pairs)


def _from_disk(asker: Asker, application: str, paths: list[str]) -> Result:
    _empty_caches()
    with asker.served(application, ANSWER_CACHE_MB="0"):
        return asker.measure(application, paths)


def _empty_caches() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('data_directory')")
        (folder,) = cursor.fetchone()
    server = serving.database()
    connection.close()
    command = [str(Path(server.exe()).with_name("pg_ctl")), "restart", "-m", "fast"]
    command += ["-D", str(folder), "-l", os.devnull]
    subprocess.run(
        command, user=server.username(), cwd="/", check=True, stdout=subprocess.DEVNULL
    )
    os.sync()
    DROP_CACHES.write_text("3\n")


if __name__ == "__main__":
    sys.exit(serving.main("benchmarks.cold", sys.argv[1:], go))
