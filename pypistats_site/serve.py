"""Run the web server and the queue's worker, and stop or restart them together."""

import argparse
import errno
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from types import FrameType

import django
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from pypistats_site.supervisor import BASE_DIR, Intervals, Supervisor

THREADS = 16
"""Threads of a web process, started when they are needed: most wait for clients."""
LAST_PORT = 65_535
STARTING_TICK = 0.1
REQUEST_GRACE = 10  # less than the grace period of all

logger = logging.getLogger("pypistats_site.serve")


class AddressError(Exception):
    """Nobody can listen at the address."""


def refuse_wrong_settings() -> None:
    """Check the settings as every command does; granian would not."""
    serious = [str(message) for message in run_checks() if message.is_serious()]
    if serious:
        raise ImproperlyConfigured(" ".join(serious))


def free_address(host: str, port: int) -> str:
    """Return the number of the host, at which nobody listens yet.

    Granian shares its port, so it would not notice another one there.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = error.strerror
        if error.errno == errno.EADDRINUSE:
            reason = "the port is in use; choose another one with --port"
        message = f"Cannot listen at {host} port {port}: {reason}."
        raise AddressError(message) from error
    return str(address[0])


def accepts(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True


def web_command(address: str, port: int, workers: int) -> list[str]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"]
    command += ["--host", address, "--port", str(port), "--workers", str(workers)]
    command += ["--blocking-threads", str(THREADS), "--respawn-failed-workers"]
    # A granian worker does not hear of the end while it starts.
    command += ["--workers-kill-timeout", str(REQUEST_GRACE)]
    return [*command, "pypistats_site.wsgi:application"]


def worker_command() -> list[str]:
    return [sys.executable, str(BASE_DIR / "manage.py"), "qcluster"]


def supervise(options: argparse.Namespace, intervals: Intervals) -> int:
    """Serve until interrupted; return 1 if the web server ends by itself."""
    address = free_address(options.host, options.port)
    web = web_command(address, options.port, options.workers)
    supervisor = Supervisor(
        web, worker_command() if options.worker else None, intervals
    )
    try:
        _announce_once_up(supervisor, options.host, address, options.port)
        while (code := supervisor.tick()) is None:
            pass
    finally:
        _ignore_signals()
        supervisor.stop()
    logger.error(
        "The web server ended (exit code %d); stopped the worker as well", code
    )
    return 1


def _announce_once_up(
    supervisor: Supervisor, host: str, address: str, port: int
) -> None:
    while not accepts(address, port):
        if supervisor.tick(STARTING_TICK) is not None:
            return
    shown = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"Serving at http://{shown}:{port}/ (Ctrl-C stops)\n")
    sys.stdout.flush()


def _ignore_signals() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    # Once: launchers often pass on a Ctrl-C that the terminal has sent as well.
    _ignore_signals()
    raise KeyboardInterrupt


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="pypistats_site.serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_port, default=8000)
    parser.add_argument(
        "--workers", type=_positive, default=2, help="processes that answer requests"
    )
    parser.add_argument(
        "--no-worker",
        dest="worker",
        action="store_false",
        help="run the queue's worker elsewhere",
    )
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        message = "must be a whole number from 1"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LAST_PORT:
        message = f"must be a whole number from 1 to {LAST_PORT}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def main(
    arguments: Sequence[str] | None = None, intervals: Intervals | None = None
) -> int:
    options = parse(arguments)
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pypistats_site.settings")
    try:
        django.setup()
        refuse_wrong_settings()
        return supervise(options, intervals or Intervals())
    except (AddressError, ImproperlyConfigured) as error:
        logger.error("%s", error)  # noqa: TRY400 - one sentence, no traceback
        return 1
    except KeyboardInterrupt:
        logger.info("Stopped")
        return 0


if __name__ == "__main__":
    sys.exit(main())
