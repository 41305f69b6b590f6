"""A ClickHouse for tests: the embedded engine behind the HTTP interface it lacks.

``python -m tests.clickhouse_server`` prints its port. Needs ``chdb``, which allows one
session a process. ``/_load``, ``/_profile`` and ``/_asked`` are for the tests.
"""

import gzip
import json
import re
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from chdb.session import Session

from tests.canned_server import parse_form

USERS = {"demo": "", "möller": "пароль"}
NO_SETTINGS = {"query", "database", "default_format", "wait_end_of_query"}
STATUS = {60: 404, 47: 404, 62: 400, 159: 408, 164: 500, 516: 403}

CHANGEABLE = {"result_overflow_mode", "read_overflow_mode", "max_block_size"}
"""What the public user may change although it is readonly."""

CREATE = """
CREATE TABLE pypi.pypi (date Date, country_code LowCardinality(String), project String,
type LowCardinality(String), installer LowCardinality(String),
python_minor LowCardinality(String), system LowCardinality(String), version String)
ENGINE = MergeTree ORDER BY (project, date, version, country_code, python_minor, system)
"""


class RefusedError(Exception):
    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"Code: {code}. DB::Exception: {text} (version 26.9.2.1)")
        self.code = code


class Engine:
    """One session, the settings profile of its users, and what they asked."""

    def __init__(self) -> None:
        self.session = Session()
        self.session.query("CREATE DATABASE pypi")
        self.session.query(CREATE)
        self.profile: dict[str, str] = {}
        self.asked: list[dict[str, Any]] = []

    def load(self, inserted: str) -> None:
        """Make what the statement inserts the whole table."""
        self.session.query("TRUNCATE TABLE pypi.pypi")
        self.session.query(inserted)
        self.session.query("OPTIMIZE TABLE pypi.pypi FINAL")
        self.asked.clear()

    def use_profile(self, profile: dict[str, str]) -> None:
        for name in self.profile:
            self._set(name, "DEFAULT")
        self.profile = profile
        for name, value in profile.items():
            self._set(name, f"'{value}'")

    def _set(self, name: str, value: str) -> None:
        if name != "readonly":  # is enforced here: nothing could be loaded any more
            self.session.query(f"SET {name} = {value}")

    def answer(self, arguments: dict[str, str]) -> bytes:
        sql = arguments["query"].strip()
        names = {n for n in arguments if n not in NO_SETTINGS | {"user", "password"}}
        bound = {n[6:]: arguments[n] for n in names if n.startswith("param_")}
        changed = {n: arguments[n] for n in names if not n.startswith("param_")}
        self._check_changes(changed)
        if changed:
            sql += " SETTINGS " + ", ".join(f"{n}='{v}'" for n, v in changed.items())
        form = arguments.get("default_format", "TabSeparated")
        try:
            result = self.session.query(sql, form, params=bound)
        except RuntimeError as error:
            found = re.match(r"Code: (\d+)\. DB::Exception: (.*)", str(error), re.S)
            code, text = (int(found[1]), found[2]) if found else (1000, str(error))
            self._drain()
            raise RefusedError(code, text) from error
        self.asked.append(
            {
                "sql": sql,
                "parameters": bound,
                "rows_read": int(result.storage_rows_read()),
            }
        )
        return bytes(result.bytes())

    def _drain(self) -> None:
        """Throw away what the engine wrote before it failed.

        It hands that out with the answer to the next query, now and then.
        """
        for _ in range(10):
            if str(self.session.query("SELECT 'drained'")).strip() == '"drained"':
                return
        message = "The engine does not get rid of a failed query's answer."
        raise AssertionError(message)

    def _check_changes(self, changed: dict[str, str]) -> None:
        if self.profile.get("readonly") != "1":
            return
        for name, value in changed.items():
            current = str(self.session.query(f"SELECT getSetting('{name}')")).strip(
                '"\n'
            )
            if name not in CHANGEABLE and value != current:
                raise RefusedError(
                    164, f"Cannot modify '{name}' setting in readonly mode."
                )


class Handler(BaseHTTPRequestHandler):
    engine: Engine

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        self._send(200, json.dumps(self.engine.asked).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/_load":
            self.engine.load(body.decode())
            self._send(200, b"")
        elif self.path == "/_profile":
            self.engine.use_profile(json.loads(body))
            self._send(200, b"")
        else:
            self._answer(body)

    def _answer(self, body: bytes) -> None:
        arguments = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        arguments |= self._form(body)
        try:
            self._authenticate()
            answer = self.engine.answer(arguments)
        except RefusedError as error:
            status = STATUS.get(error.code, 500)
            header = {"X-ClickHouse-Exception-Code": str(error.code)}
            self._send(status, f"{error}\n".encode(), header)
        else:
            self._send(200, answer)

    def _form(self, body: bytes) -> dict[str, str]:
        kind = self.headers.get("Content-Type", "")
        if not kind.startswith("multipart/form-data"):
            return {"query": body.decode()} if body else {}
        return parse_form(kind, body)

    def _authenticate(self) -> None:
        secret = self.headers.get("Authorization", "").removeprefix("Basic ")
        user, _, password = b64decode(secret).decode().partition(":")
        if USERS.get(user) != password:
            raise RefusedError(
                516, f"{user}: Authentication failed: password is incorrect."
            )

    def _send(
        self, status: int, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    Handler.engine = Engine()
    server = HTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)  # noqa: T201 - for who started it
    server.serve_forever()


if __name__ == "__main__":
    main()
