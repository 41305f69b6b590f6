"""ClickHouse's HTTP interface: a question, an answer in a file, or a sentence."""

import logging
import re
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import requests

from ingest.engine import not_written
from ingest.exceptions import SourceError

PAUSES = (1.0, 5.0, 20.0)
"""Seconds before the second, third and last try of a server that is busy or away."""

CONNECT_TIMEOUT = 10
PIECE = 1 << 16
MAX_SHOWN = 300

# An answer is whole or an error: the public user's limits would else cut it short
# without a word. Limits that a profile lets no one change are not sent.
_PARAMETERS = {
    "wait_end_of_query": "1",
    "default_format": "JSONEachRow",
    "read_overflow_mode": "throw",
    "result_overflow_mode": "throw",
    "timeout_overflow_mode": "throw",
}
_BUSY = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
_QUOTA_EXCEEDED = 201
_TOO_MUCH = frozenset({158, 159, 241, 307, 396})
"""Too many rows, timeout, memory, too many bytes, too large a result."""
_HINTS = {
    60: "Is CLICKHOUSE_TABLE right?",
    81: "Is CLICKHOUSE_TABLE right?",
    **dict.fromkeys(
        (192, 193, 194, 497, 516),
        "Are CLICKHOUSE_USER and CLICKHOUSE_PASSWORD right, and may the user read the"
        " table?",
    ),
}
_CODE = re.compile(r"Code: (\d+)\. DB::Exception: ")
_INTERVAL_END = re.compile(r"Interval will end at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")

logger = logging.getLogger(__name__)


class TooMuchError(SourceError):
    """The question goes beyond a limit of the server; less may be asked at once."""


class UnavailableError(SourceError):
    """The server answers nothing for now: asking on would only make it worse."""


class _AwayError(UnavailableError):
    """The server is busy or cannot be reached: worth another try."""


@dataclass(frozen=True, slots=True)
class Server:
    """A ClickHouse server, and as whom it is asked."""

    url: str
    user: str
    password: str
    timeout: int

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def ask(self, sql: str, parameters: Mapping[str, str], path: Path) -> None:
        """Write the answer to ``path``, a JSON object a line.

        ``parameters`` are bound as ``{name:Type}``. Only a server that is busy or away
        is asked again.
        """
        for pause in PAUSES:
            try:
                return self._ask_once(sql, parameters, path)
            except _AwayError as error:
                logger.info("%s Next try in %g seconds.", error, pause)
                time.sleep(pause)
        return self._ask_once(sql, parameters, path)

    def _ask_once(self, sql: str, parameters: Mapping[str, str], path: Path) -> None:
        try:
            with self._post(sql, parameters) as response:
                self._check(response)
                with path.open("wb") as file:
                    for piece in response.iter_content(PIECE):
                        file.write(piece)
        except requests.RequestException as error:
            raise self._translated(error) from error
        except OSError as error:
            raise not_written(error) from error

    def _post(self, sql: str, parameters: Mapping[str, str]) -> requests.Response:
        # As a form: five hundred names are more than proxies take in an address.
        fields = {"query": sql} | {f"param_{k}": v for k, v in parameters.items()}
        return requests.post(
            self.url,
            params=_PARAMETERS,
            files={name: (None, value) for name, value in fields.items()},
            auth=self._signed,
            timeout=(CONNECT_TIMEOUT, self.timeout),
            # The password is for this address only.
            allow_redirects=False,
            stream=True,
        )

    def _signed(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign ``request``; the library's own way knows Latin-1 only."""
        secret = b64encode(f"{self.user}:{self.password}".encode()).decode()
        request.headers["Authorization"] = f"Basic {secret}"
        return request

    def _check(self, response: requests.Response) -> None:
        code = response.headers.get("X-ClickHouse-Exception-Code", "")
        if response.status_code == HTTPStatus.OK and not code:
            return
        text = next(response.iter_content(PIECE), b"").decode(errors="replace").strip()
        found = _CODE.match(text)
        number = int(code) if code.isdecimal() else int(found[1]) if found else 0
        shown = _CODE.sub("", text.partition("\n")[0], count=1)[:MAX_SHOWN]
        raise self._refusal(response, number, text, shown or "no reason given")

    def _refusal(
        self, response: requests.Response, code: int, text: str, shown: str
    ) -> SourceError:
        if code == _QUOTA_EXCEEDED:
            return UnavailableError(self._quota(text))
        if code in _TOO_MUCH:
            message = f"{self.host} cannot answer so much at once: {shown}"
            return TooMuchError(message)
        status = response.status_code
        if status in _BUSY:
            again = response.headers.get("Retry-After", "")
            when = f"in {again} seconds" if again.isdecimal() else "in an hour"
            return _AwayError(
                f"{self.host} is busy, or its quota is used up (HTTP {status}):"
                f" {shown}. Come back {when}."
            )
        hint = _HINTS.get(code, "")
        reason = f"code {code}" if code else f"HTTP {status}"
        return SourceError(
            f"{self.host} refused the query ({reason}): {shown} {hint}".strip()
        )

    def _quota(self, text: str) -> str:
        found = _INTERVAL_END.search(text)
        when = f"after {found[1]} by its clock" if found else "in an hour"
        return (
            f"The quota of the user {self.user!r} at {self.host} is used up: come back"
            f" {when}. Fewer days or packages at a time need fewer queries."
        )

    def _translated(self, error: requests.RequestException) -> SourceError:
        cause = _root(error)
        if isinstance(error, requests.exceptions.SSLError):
            return SourceError(f"{self.host} has no valid certificate: {cause}.")
        if isinstance(error, requests.ReadTimeout):
            return SourceError(
                f"{self.host} did not answer within {self.timeout} seconds."
            )
        if isinstance(
            error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError
        ):
            return _AwayError(
                f"{self.host} cannot be reached, or broke off: {cause}."
                " Is CLICKHOUSE_URL right?"
            )
        return SourceError(f"{self.host} gave no readable answer: {cause}.")


def array(values: tuple[str, ...]) -> str:
    """Return ``values`` as a parameter of the type Array(String)."""
    quoted = (value.replace("\\", "\\\\").replace("'", "\\'") for value in values)
    return "[" + ",".join(f"'{value}'" for value in quoted) + "]"


def _root(error: BaseException) -> str:
    """Return what the innermost cause says: the outer ones repeat the whole address."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return str(error).strip().partition("\n")[0].rstrip(".")[:MAX_SHOWN]
