"""Web server and worker live and die together, whoever is killed."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import psutil
import pytest

from pypistats_site import children
from pypistats_site.supervisor import BASE_DIR
from tests.waiting import HANG_SECONDS, is_gone, wait_for

pytestmark = pytest.mark.once
SERVE = [sys.executable, "-m", "pypistats_site.serve"]
IMPATIENT = """
import sys
from pypistats_site.serve import main
from pypistats_site.supervisor import Intervals
sys.exit(main(sys.argv[1:], Intervals(
    grace=1, tick=0.1, heartbeat_look=0.5, heartbeat_stale=3)))
"""

real_processes = pytest.mark.end_to_end
real_server = pytest.mark.enable_socket


class Service:
    """A running ``serve`` and what it started."""

    def __init__(self, environment: dict[str, str], start: list[str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        # A second granian worker may still be starting, deaf to the end, when a test
        # goes on; that costs ten seconds each time.
        self.process = subprocess.Popen(
            [*start, "--port", str(self.port), "--workers", "1"],
            cwd=BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.seen: set[psutil.Process] = set()

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/healthz")
            body: dict[str, str] = json.load(connection.getresponse())
        except OSError:
            return False
        finally:
            connection.close()
        return body["status"] == "ok"

    def first_line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def tree(self) -> list[psutil.Process]:
        """Return the processes below ``serve``, and remember them."""
        tree: list[psutil.Process] = psutil.Process(self.pid).children(recursive=True)
        self.seen.update(tree)
        return tree

    def top_of(self, word: str) -> psutil.Process | None:
        """Return the first process of the command with that word."""
        with_word = [child for child in self.tree() if word in command_line(child)]
        guards = {child.pid for child in with_word if is_guard(child)}
        return next((child for child in with_word if child.ppid() in guards), None)

    def worker(self) -> list[psutil.Process]:
        """Return the worker's processes, once all of them are there."""
        top = self.top_of("qcluster")
        if top is None:
            return []
        group = [top, *top.children(recursive=True)]
        # The top, the sentinel, two workers, the monitor and the pusher.
        return group if len(group) == 6 else []

    def is_running(self) -> bool:
        return self.is_healthy() and bool(self.worker())

    def leaves_nothing(self) -> bool:
        return all(is_gone(process) for process in self.seen)


def command_line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def is_guard(process: psutil.Process) -> bool:
    return children.__file__ in command_line(process)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the environment of an empty, migrated service."""
    kept = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    environment = {**kept, "VAR_DIR": str(tmp_path_factory.mktemp("var"))}
    for command in (["migrate"], ["collectstatic", "--noinput"]):
        manage(environment, *command)
    return environment


def manage(environment: dict[str, str], *command: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *command, "--verbosity=0"],
        cwd=BASE_DIR,
        env=environment,
        check=True,
    )


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[..., Service]]:
    services: list[Service] = []

    def start(command: list[str] = SERVE) -> Service:
        services.append(Service(environment, command))
        wait_for(services[-1].is_running, "a healthy service with its worker")
        services[-1].tree()
        return services[-1]

    yield start
    for service in services:
        service.process.kill()
        service.process.communicate()
        for process in service.seen:
            if not is_gone(process):
                process.kill()


@real_server
@real_processes
@pytest.mark.parametrize("send", [os.kill, os.killpg])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_leaves_nothing(
    start: Callable[..., Service],
    send: Callable[[int, int], None],
    number: signal.Signals,
) -> None:
    service = start()
    line = service.first_line()

    send(service.pid, number)

    rest, _ = service.process.communicate(timeout=HANG_SECONDS)
    assert service.process.returncode == 0
    assert service.leaves_nothing()
    assert line == f"Serving at http://127.0.0.1:{service.port}/ (Ctrl-C stops)\n"
    assert rest == ""


@real_server
@real_processes
def test_killed_it_leaves_nothing(start: Callable[..., Service]) -> None:
    service = start()

    service.process.kill()

    service.process.wait(HANG_SECONDS)
    wait_for(service.leaves_nothing, "the end of all processes")


@real_server
@real_processes
def test_killed_web_server_stops_the_rest(start: Callable[..., Service]) -> None:
    service = start()
    web = service.top_of("granian")
    assert web is not None

    web.kill()

    assert service.process.wait(HANG_SECONDS) == 1
    assert service.leaves_nothing()


@real_server
@real_processes
@pytest.mark.parametrize("member", [0, 1], ids=["top", "sentinel"])
def test_killed_worker_is_replaced_beside_the_web_server(
    start: Callable[..., Service], member: int
) -> None:
    service = start()
    web, worker = service.top_of("granian"), service.worker()

    worker[member].kill()

    wait_for(lambda: all(map(is_gone, worker)), "the end of the old worker")
    wait_for(service.worker, "a new worker")
    assert service.is_healthy()
    assert service.top_of("granian") == web


@real_server
@real_processes
def test_worker_in_a_dead_lock_is_replaced(
    start: Callable[..., Service], environment: dict[str, str]
) -> None:
    beat = "from ingest.models import WorkerHeartbeat; WorkerHeartbeat.beat()"
    manage(environment, "shell", "--command", beat)
    service = start([sys.executable, "-c", IMPATIENT])
    worker = service.worker()

    for process in worker[2:4]:  # one of the idle workers holds the queue's lock
        process.kill()

    wait_for(lambda: all(map(is_gone, worker)), "the end of the old worker")
    wait_for(service.worker, "a new worker")
    assert service.is_healthy()


@real_server
@real_processes
def test_port_in_use_is_one_sentence(
    start: Callable[..., Service], environment: dict[str, str]
) -> None:
    port = start().port

    second = subprocess.run(
        [*SERVE, "--port", str(port)],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.endswith(
        f"Cannot listen at 127.0.0.1 port {port}: the port is in use; "
        "choose another one with --port.\n"
    )
    assert len(second.stderr.splitlines()) == 1
