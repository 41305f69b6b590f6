"""Commands that cannot outlive the process that started them.

Each runs under a guard: this file, as a small process that leads a session of its own.
A socket joins the guard to its starter. When the starter hangs up, or is gone however
it went, the guard asks the command to end and kills what is left of the session after
a grace period. This needs nothing that only one kind of Unix has.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from select import select

POLL_SECONDS = 0.5  # how late a guard notices that its command has ended
CLEAR_SECONDS = 5.0  # killed processes are gone well before that
GUARD_KILLED = 137


class Child:
    """A running command, the processes it starts and the guard over them."""

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], grace: float
    ) -> None:
        self._channel, guards_end = socket.socketpair()
        self._exit_code: int | None = None
        self.started_at = time.monotonic()
        with guards_end:
            channel = guards_end.fileno()
            self._guard = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", __file__, str(channel), str(grace), *command],
                stdin=subprocess.DEVNULL,
                pass_fds=[channel],
                start_new_session=True,
                env=environment,
            )

    def fileno(self) -> int:
        """Let ``select`` tell when the command has ended."""
        return self._channel.fileno()

    def ask_to_stop(self) -> None:
        """Hang up: the guard lets the command end, for the grace period at most."""
        with suppress(OSError):
            self._channel.shutdown(socket.SHUT_WR)

    def exit_code(self) -> int | None:
        """Return None while it runs; afterwards nothing of it is left."""
        if self._exit_code is None and select([self], [], [], 0)[0]:
            self._exit_code = int(self._channel.recv(16) or GUARD_KILLED)
            self._clear()
        return self._exit_code

    def wait(self, seconds: float) -> None:
        """Wait for the end, and force it when the time is up."""
        if self._exit_code is None:
            select([self], [], [], max(seconds, 0))
        if self.exit_code() is None:
            self._exit_code = GUARD_KILLED
            self._clear()

    def _clear(self) -> None:
        """Kill the group, then reap it: in a container its orphans may be ours."""
        group = self._guard.pid  # not reaped yet, so nobody else can have the number
        deadline = time.monotonic() + CLEAR_SECONDS
        # Linux says "no such process" once all are gone, macOS "not permitted" as soon
        # as only the dead are left.
        with suppress(ProcessLookupError, PermissionError):
            while time.monotonic() < deadline:
                os.killpg(group, signal.SIGKILL)
                with suppress(ChildProcessError):
                    os.waitpid(-group, os.WNOHANG)
                time.sleep(0.01)
        self._guard.poll()
        self._channel.close()


def guard(channel: socket.socket, grace: float, command: Sequence[str]) -> None:
    """Run the command until it ends or the channel does; leave nothing behind."""

    def hang_up(_number: int, _frame: object) -> None:
        channel.shutdown(socket.SHUT_RD)

    signal.signal(signal.SIGTERM, hang_up)
    signal.signal(signal.SIGINT, hang_up)
    try:
        child = subprocess.Popen(command, stdout=sys.stderr)  # noqa: S603
        while child.poll() is None:
            if select([channel], [], [], POLL_SECONDS)[0]:
                _stop(child, grace)
        with suppress(OSError):  # nobody may be there to hear it
            channel.sendall(str(child.returncode).encode())
    finally:
        os.killpg(0, signal.SIGKILL)  # the guard's own group, so itself as well


def _stop(child: subprocess.Popen[bytes], grace: float) -> None:
    # Only the command is asked: it passes that on in the right order, while signals to
    # all of its processes would end a task half-way.
    child.terminate()
    try:
        child.wait(grace)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


if __name__ == "__main__":
    guard(socket.socket(fileno=int(sys.argv[1])), float(sys.argv[2]), sys.argv[3:])
