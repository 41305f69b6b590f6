"""Clients that take their time keep nobody else waiting."""

import gc
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from io import BytesIO

import orjson
import pytest
from django.http import FileResponse
from django.test import RequestFactory

from packages.dump import INDEX, Dump, DumpFile
from pypistats_site.slow_clients import (
    LARGEST_PIECE,
    MOST_OF_ONE,
    PLACES,
    Places,
    SlowClients,
    TooManyWaiting,
)
from tests.processes import Site, new_site, web_server
from tests.waiting import HANG_SECONDS, wait_for

SLOW = 30
"""More sockets than the process has threads."""
BEGUN = (
    b"POST /api/recent HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
    b"Content-Type: application/json\r\n\r\n{"
)
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
DOWNLOAD = b"GET /api/dump/recent.csv.gz HTTP/1.1\r\nHost: localhost\r\n\r\n"
LARGE = 32 * 1024 * 1024
"""More than the kernel keeps for a client that does not read."""


ONE, OTHER = "127.0.0.2", "127.0.0.3"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An empty installation with a large dump, whatever is in that."""
    with new_site(tmp_path_factory.mktemp("slow") / "site", server="") as site:
        written_at = datetime(2026, 11, 19, 6, tzinfo=UTC)
        file = DumpFile("recent.csv.gz", "large.csv.gz", LARGE, "0" * 64)
        found = Dump(date(2026, 11, 18), 1, written_at, 0, [file])
        folder = site.folder / "dump"
        folder.mkdir()
        (folder / INDEX).write_bytes(orjson.dumps(found))
        with (folder / file.stored).open("wb") as large:
            large.truncate(LARGE)
        yield site


@pytest.fixture(scope="module")
def port(site: Site) -> Iterator[int]:
    """One web process as ``serve`` starts it."""
    with web_server(site, 1) as port:
        yield port


@contextmanager
def begun(port: int, address: str, sent: bytes) -> Iterator[list[socket.socket]]:
    """Have sockets that send no more than this, and read nothing."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(SLOW)]
        for slow in sockets:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.bind((address, 0))
            slow.connect(("127.0.0.1", port))
            slow.sendall(sent)
        yield sockets


def refused(sockets: list[socket.socket]) -> int:
    return sum(answered(slow) == b"HTTP/1.1 503" for slow in sockets)


def answered(slow: socket.socket) -> bytes:
    """Return the beginning of what has come, and leave it there."""
    try:
        return slow.recv(12, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return b""


def status_of(port: int, address: str, request: bytes) -> bytes:
    with socket.socket() as client:
        client.settimeout(HANG_SECONDS)
        client.bind((address, 0))
        client.connect(("127.0.0.1", port))
        client.sendall(request)
        return client.recv(12)


@pytest.mark.enable_socket
@pytest.mark.end_to_end
@pytest.mark.once
@pytest.mark.parametrize(
    ("slow", "quick"),
    [(BEGUN, BEGUN + b"}" * 999), (DOWNLOAD, DOWNLOAD)],
    ids=["senders", "readers"],
)
def test_slow_clients_stop_nobody_else(port: int, slow: bytes, quick: bytes) -> None:
    usual = status_of(port, OTHER, quick)
    with begun(port, ONE, slow) as sockets:
        wait_for(lambda: refused(sockets) == SLOW - MOST_OF_ONE, "the refusals")

        answers = [status_of(port, OTHER, request) for request in (HEALTH, quick)]
        of_the_same = status_of(port, ONE, quick)

    assert answers == [b"HTTP/1.1 200", usual]
    assert of_the_same == b"HTTP/1.1 503"
    wait_for(lambda: status_of(port, ONE, quick) == usual, "the places given back")


def test_one_client_takes_half_of_the_places() -> None:
    places = Places(4, 2)
    held = [places.take(ONE), places.take(ONE)]

    with pytest.raises(TooManyWaiting):
        places.take(ONE)
    held += [places.take(OTHER), places.take(OTHER)]
    with pytest.raises(TooManyWaiting):
        places.take("192.0.2.7")

    for place in held:
        place.close()
        place.close()  # counts once
    assert not places._taken


def test_place_of_an_answer_that_nobody_closes_is_given_back(
    rf: RequestFactory,
) -> None:
    file = BytesIO(b"x" * (LARGEST_PIECE + 1))
    response = SlowClients(lambda _: FileResponse(file, filename="a"))(rf.get("/"))
    assert PLACES._taken == {"127.0.0.1": 1}

    del response
    gc.collect()  # a FileResponse refers to itself

    assert not PLACES._taken


@pytest.mark.django_db  # an answer that is closed looks after the connections
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("size", [LARGEST_PIECE, LARGEST_PIECE + 1])
def test_only_large_files_hold_a_thread(
    rf: RequestFactory, method: str, size: int
) -> None:
    file = BytesIO(b"x" * size)
    pass_on = SlowClients(lambda _: FileResponse(file, filename="a.txt"))

    response = pass_on(rf.generic(method, "/"))

    is_held = method == "GET" and size > LARGEST_PIECE
    assert PLACES._taken == ({"127.0.0.1": 1} if is_held else {})
    assert response.headers["Content-Length"] == str(size)
    assert response.headers["Content-Type"] == "text/plain"
    whole = b"".join(response)
    assert whole == (b"x" * size if method == "GET" else b"")
    response.close()
    assert file.closed
    assert not PLACES._taken
