"""Catching a process in the middle of its work."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from tests.processes import Site, wait_until


def stopped_while_writing(
    site: Site, process: subprocess.Popen[str], catches: int
) -> Callable[[], bool]:
    """Stop ``process`` the n-th time that it is seen in the middle of a transaction.

    The more often it was seen, the further its transaction is.
    """
    watched = psutil.Process(process.pid)
    left = catches

    def caught() -> bool:
        nonlocal left
        watched.suspend()
        wait_until(
            lambda: watched.status() in {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE},
            "the process stands still",
        )
        left -= site.is_writing()
        if left > 0:
            watched.resume()
        return left == 0

    return caught


@contextmanager
def waiting_for(
    site: Site, table: str, *command: str
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A command that waits for ``table``, and its session; on PostgreSQL."""
    waiting = (
        "SELECT pid FROM pg_locks WHERE NOT granted"
        f" AND relation = '{table}'::regclass AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with site.connected() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        process = site.start(*command)
        wait_until(lambda: site.rows(waiting), f"the command waits for {table}")
        yield process, site.rows(waiting)[0][0]
