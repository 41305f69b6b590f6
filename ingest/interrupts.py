"""Ctrl-C and SIGTERM: work ends where disk and database are whole.

Python runs a signal's handler between two of its own instructions. Here it raises
``Interrupted``, but within ``shielded`` it only takes note; ``check`` raises then. What
waits for the database runs no instructions at all: in ``cutting``, a thread cancels it.

Libraries may swallow what the handler raised (DuckDB raises ``RuntimeError`` instead),
so ask ``cause_of`` what an error really is. Without ``handled``, as in the queue's
workers, none of this does anything.
"""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from types import FrameType
from typing import Any

from django.db import Error, connection

SIGNALS = (signal.SIGINT, signal.SIGTERM)
CUT_EVERY = 0.05
INSISTS_AFTER = 2.0
"""Seconds; sooner it is a wrapper that passes on what the terminal has sent as well."""


class Interrupted(KeyboardInterrupt):
    """Somebody asked the process to stop."""

    def __init__(self, signum: int) -> None:
        super().__init__(f"Interrupted by {signal.Signals(signum).name}.")
        self.signum = signum


class _Signals:
    """What was received; one for the process, as signals are."""

    def __init__(self) -> None:
        self.received: int | None = None
        self.received_at = 0.0
        self.shields = 0
        self.cut: Callable[[], object] | None = None
        self.cut_lock = threading.Lock()

    def handle(self, signum: int, frame: FrameType | None) -> None:
        if self.received is not None:
            self._insist(signum)
            return
        self.received, self.received_at = signum, time.monotonic()
        if not self.shields:
            raise Interrupted(signum)

    def _insist(self, signum: int) -> None:
        """End at once; the next ingest mends what is left behind."""
        if time.monotonic() - self.received_at > INSISTS_AFTER:
            signal.signal(signum, signal.SIG_DFL)
            os.kill(os.getpid(), signum)

    def watch(self, arrivals: socket.socket, over: threading.Event) -> None:
        """Once a signal has arrived, cancel whatever waits for the database."""
        while (number := arrivals.recv(1)) and number[0] not in SIGNALS:
            pass
        while number and not over.is_set():
            with self.cut_lock:
                if self.cut:
                    self.cut()
            over.wait(CUT_EVERY)


_signals = _Signals()


@contextmanager
def handled() -> Iterator[None]:
    """Handle signals; for the main thread of a command."""
    over = threading.Event()
    ours, theirs = socket.socketpair()
    theirs.settimeout(0)
    watcher = threading.Thread(target=_signals.watch, args=(ours, over), daemon=True)
    watcher.start()
    with closing(ours), closing(theirs):
        handlers = {number: signal.getsignal(number) for number in SIGNALS}
        wakeup = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        try:
            for number in SIGNALS:
                signal.signal(number, _signals.handle)
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(wakeup)
            over.set()
            theirs.shutdown(socket.SHUT_RDWR)
            watcher.join()
            _signals.received = None


def cause_of(error: BaseException) -> BaseException:
    """Return ``Interrupted`` for what a signal has led to, any other error as it is."""
    if _signals.received is None or isinstance(error, Interrupted):
        return error
    return Interrupted(_signals.received)


def check() -> None:
    """Raise ``Interrupted`` once a signal was received."""
    if _signals.received is not None:
        raise Interrupted(_signals.received)


@contextmanager
def shielded() -> Iterator[None]:
    """Let nothing be raised in the middle of what belongs together."""
    _signals.shields += 1
    try:
        yield
    finally:
        _signals.shields -= 1


@contextmanager
def cutting() -> Iterator[None]:
    """Within ``shielded``: let the statements of a transaction be cut short.

    The transaction is rolled back like after any error of the database, and is whole
    when the signal came too late for that.
    """
    connection.ensure_connection()
    with connection.execute_wrapper(_refuse_once()):
        with _signals.cut_lock:
            _signals.cut = _canceller()
        try:
            yield
        finally:
            with _signals.cut_lock:
                _signals.cut = None


def _refuse_once() -> Callable[..., Any]:
    """Let a statement fail after a signal; but not those that clean up after it."""
    refused = False

    def refuse(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal refused
        if not refused:
            refused = _signals.received is not None
            check()
        return execute(*arguments)

    return refuse


def _canceller() -> Callable[[], None]:
    session, wrapped = connection.connection, connection.wrap_database_errors
    stop = session.cancel if connection.vendor == "postgresql" else session.interrupt

    def cancel() -> None:
        with suppress(Error), wrapped:  # the session may be gone
            stop()

    return cancel
