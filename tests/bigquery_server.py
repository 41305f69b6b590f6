"""A BigQuery of our own: the REST API over HTTP, its SQL run by DuckDB.

It executes the text that a client sends, transpiled by sqlglot, over event files in the
schema of the public table, and fails on demand. It stands in for the protocol and the
SQL; real prices, pruning and limits it cannot show.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import sqlglot
from sqlglot import exp

TABLE = "bigquery-public-data.pypi.file_downloads"
Json = dict[str, Any]
_LEAVES = {
    "timestamp": "8",
    "project": "2 + strlen(project)",
    "file.filename": "2 + strlen(file.filename)",
    "file.version": "2 + strlen(file.version)",
    "details.installer.name": "2 + strlen(details.installer.name)",
    "details.python": "2 + strlen(details.python)",
    "details.system.name": "2 + strlen(details.system.name)",
    "details.ci": "if(details.ci IS NULL, 0, 1)",
}
_SIZE = (
    "SELECT coalesce(sum({width}), 0)::BIGINT FROM events"
    " WHERE timestamp >= $start AND timestamp < $end"
)


@dataclass
class Fault:
    """What happens instead of the answer, ``times`` times after ``skip`` good ones.

    "status" answers ``body``; "drop" closes the connection unanswered, "lose" after the
    work, "cut" in the middle of the answer; "hang" never answers.
    """

    call: str
    kind: str = "status"
    status: int = 503
    body: str | Json = "<html>Service Unavailable</html>"
    times: int = 1
    skip: int = 0


def error(status: int, reason: str, message: str) -> Json:
    """Return an error in the form of Google's APIs."""
    detail = {"reason": reason, "message": message, "domain": "global"}
    return {"error": {"code": status, "message": message, "errors": [detail]}}


@dataclass
class Job:
    configuration: Json
    rows: list[tuple[Any, ...]]
    size: int
    failure: tuple[str, str] | None
    polls: int

    def resource(self, project: str, job_id: str) -> Json:
        self.polls -= 1
        status: Json = {"state": "DONE" if self.polls < 0 else "RUNNING"}
        if self.failure and self.polls < 0:
            reason, message = self.failure
            status["errorResult"] = {"reason": reason, "message": message}
        return {
            "kind": "bigquery#job",
            "jobReference": {"projectId": project, "jobId": job_id, "location": "US"},
            "configuration": self.configuration,
            "status": status,
            "statistics": {
                "query": {
                    "totalBytesProcessed": str(self.size),
                    "totalBytesBilled": str(0 if self.failure else self.size),
                },
            },
        }


class RefusedError(Exception):
    """A status, a reason and a message in place of an answer."""


@dataclass
class BigQuery:
    """The service's state; ``calls`` and ``inserted`` tell what was asked of it."""

    events: Path
    faults: list[Fault] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)  # of the next jobs
    polls: int = 0  # times that a job is still running
    tamper: Callable[[Json], Json] = lambda page: page
    jobs: dict[str, Job] = field(default_factory=dict)
    inserted: list[Json] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    read: list[set[str]] = field(default_factory=list)  # columns of each query
    authorizations: set[str | None] = field(default_factory=set)
    released: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def fault(self, call: str) -> Fault | None:
        self.calls.append(call)
        for fault in self.faults:
            if fault.call == call and fault.times:
                fault.skip -= 1
                if fault.skip >= 0:
                    return None
                fault.times -= 1
                return fault
        return None

    def insert(self, project: str, body: Json) -> Json:
        self.inserted.append(body)
        query = body["configuration"]["query"]
        job_id = body.get("jobReference", {}).get("jobId")
        if job_id in self.jobs:
            raise RefusedError(409, "duplicate", f"Already Exists: Job {job_id}")
        dry = body["configuration"].get("dryRun", False)
        rows, size = self._execute(query, dry=dry)
        job = Job(body["configuration"], rows, size, None, self.polls)
        if dry:
            job.polls = 0
            return job.resource(project, "")
        most = int(query.get("maximumBytesBilled", size))
        if size > most:
            message = f"Query exceeded limit for bytes billed: {most}. {size} needed."
            job.failure = ("bytesBilledLimitExceeded", message)
        elif self.failures:
            job.failure = self.failures.pop(0)
        self.jobs[job_id] = job
        return job.resource(project, job_id)

    def results(self, job_id: str, asked: dict[str, list[str]]) -> Json:
        job = self.jobs[job_id]
        start = int(asked.get("pageToken", ["0"])[0])
        end = start + int(asked.get("maxResults", ["100000"])[0])
        page: Json = {
            "jobComplete": True,
            "totalRows": str(len(job.rows)),
        }
        if job.rows:
            rows = job.rows[start:end]
            page["rows"] = [{"f": [_cell(value) for value in row]} for row in rows]
        if end < len(job.rows):
            page["pageToken"] = str(end)
        return self.tamper(page)

    def get(self, project: str, job_id: str) -> Json:
        return self.jobs[job_id].resource(project, job_id)

    def _execute(self, query: Json, *, dry: bool) -> tuple[list[tuple[Any, ...]], int]:
        tree = sqlglot.parse_one(query["query"], read="bigquery")
        for table in list(tree.find_all(exp.Table)):
            if table.sql(dialect="bigquery").replace("`", "") != TABLE:
                message = f"Access Denied: Table {table}: no permission"
                raise RefusedError(403, "accessDenied", message)
            table.replace(exp.to_table("events"))
        columns = tree.find_all(exp.Column)
        names = {".".join(part.name for part in column.parts) for column in columns}
        self.read.append(names & set(_LEAVES))
        values = {p["name"]: _value(p) for p in query.get("queryParameters", [])}
        with duckdb.connect() as db:
            db.execute("SET TimeZone='UTC'")
            db.execute(f"CREATE VIEW events AS FROM read_parquet('{self.events}')")
            width = " + ".join(f"coalesce({_LEAVES[c]}, 0)" for c in self.read[-1])
            day = {name: values[name] for name in ("start", "end")}
            (size,) = db.execute(_SIZE.format(width=width), day).fetchall()[0]
            explain = "EXPLAIN " if dry else ""
            try:
                rows = db.execute(explain + tree.sql("duckdb"), values).fetchall()
            except duckdb.BinderException as wrong:
                raise RefusedError(400, "invalidQuery", str(wrong)) from wrong
        return rows, size


def _value(parameter: Json) -> Any:
    value = parameter["parameterValue"]
    match parameter["parameterType"]["type"]:
        case "ARRAY":
            return [item["value"] for item in value["arrayValues"]]
        case "TIMESTAMP":
            return datetime.fromisoformat(value["value"])
        case "INT64":
            return int(value["value"])
    raise NotImplementedError(parameter)


def _cell(value: Any) -> Json:
    """Return a value as getQueryResults writes it: all text, structs by position."""
    match value:
        case None:
            return {"v": None}
        case bool():
            return {"v": "true" if value else "false"}
        case list():
            return {"v": [_cell(item) for item in value]}
        case dict():
            return {"v": {"f": [_cell(item) for item in value.values()]}}
    return {"v": str(value)}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two packets
    service: BigQuery

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.path == "/token":
            token = {"access_token": "fresh", "expires_in": 3600}
            self._answer("token", lambda: token)
            return
        project, _, job_id = self._path()
        if job_id:
            self._answer("cancel", lambda: {"job": self.service.get(project, job_id)})
        else:
            sent = json.loads(body)
            self._answer("insert", lambda: self.service.insert(project, sent))

    def do_GET(self) -> None:
        project, kind, job_id = self._path()
        if kind == "queries":
            asked = parse_qs(urlsplit(self.path).query)
            call = "next" if "pageToken" in asked else "results"
            self._answer(call, lambda: self.service.results(job_id, asked))
        else:
            self._answer("get", lambda: self.service.get(project, job_id))

    def _path(self) -> tuple[str, str, str]:
        self.service.authorizations.add(self.headers["Authorization"])
        found = re.fullmatch(
            r"/bigquery/v2/projects/([^/]+)/(jobs|queries)/?([^/]*)(?:/cancel)?",
            urlsplit(self.path).path,
        )
        assert found is not None, self.path
        return found[1], found[2], found[3]

    def _answer(self, call: str, work: Callable[[], Json]) -> None:
        fault = self.service.fault(call)
        if fault is None or fault.kind in {"lose", "cut"}:
            try:
                status, body = 200, json.dumps(work())
            except RefusedError as refused:
                status, body = refused.args[0], json.dumps(error(*refused.args))
            if fault is None:
                self._send(status, body)
            else:
                self._break(fault.kind, body)
        elif fault.kind == "status":
            text = fault.body if isinstance(fault.body, str) else json.dumps(fault.body)
            self._send(fault.status, text)
        else:
            self._break(fault.kind, "")

    def _break(self, kind: str, body: str) -> None:
        self.close_connection = True
        if kind == "hang":
            self.service.released.wait(60)
        if kind == "cut":
            self._send(200, body, sent=len(body) // 2)

    def _send(self, status: int, body: str, sent: int | None = None) -> None:
        raw = body.encode()
        kind = "text/html" if body.startswith("<") else "application/json"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw[:sent])

    def log_message(self, *_: object) -> None: ...


@contextmanager
def serving(events: Path) -> Iterator[BigQuery]:
    """Serve event files on a free port of this machine."""
    service = BigQuery(events)
    handler = type("Handler", (_Handler,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield service
    finally:
        service.released.set()
        server.shutdown()
        server.server_close()
