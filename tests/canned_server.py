"""An HTTP server in a thread that gives the answers a test wrote."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    body: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    breaks_off: bool = False
    """Whether the connection ends before the body does."""
    hangs: bool = False
    """Whether nothing is said until the test is over."""


@dataclass(frozen=True)
class Request:
    path: str
    authorization: str
    form: dict[str, str]


class CannedServer(ThreadingHTTPServer):
    """Gives its answers one after the other; the last one for ever."""

    daemon_threads = True

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.requests: list[Request] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Handler(BaseHTTPRequestHandler):
    server: CannedServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_POST(self) -> None:
        self.server.requests.append(self._request())
        answer = self.server.next_answer()
        if answer.hangs:
            self.server.over.wait()
            return
        body = answer.body.encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + answer.breaks_off))
        self.end_headers()
        self.wfile.write(body)

    def _request(self) -> Request:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.headers["Content-Type"]
        form = parse_form(kind, body)
        return Request(self.path, self.headers.get("Authorization", ""), form)


def parse_form(kind: str, body: bytes) -> dict[str, str]:
    """Return the fields of a multipart form."""
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    fields: dict[str, str] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            fields[name] = payload.decode()
    return fields


@contextmanager
def canned(*answers: Answer) -> Iterator[CannedServer]:
    server = CannedServer(list(answers))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
