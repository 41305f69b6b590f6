"""Clients that send or read slowly hold some threads of a process, never all of them.

A thread waits for as long as a client takes to send its body, or to read what is too
large to be handed over in one piece. Who would take one of the last threads is refused.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from threading import Lock
from typing import cast
from weakref import finalize

from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from rest_framework import status
from rest_framework.exceptions import APIException

from api.bodies import MOST_BYTES
from api.errors import refusal, speaks_json
from packages.client_address import client_key
from pypistats_site.serve import THREADS

MOST = THREADS * 3 // 4
MOST_OF_ONE = MOST // 2
LARGEST_PIECE = 1024 * 1024
"""Bytes that the server keeps for a slow reader, so that no thread has to."""
WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})
WAIT_SECONDS = 10

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class TooManyWaiting(APIException):
    """As many threads as may wait for clients do so already."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = (
        "Too many clients are sending or downloading just now;"
        f" come back in {WAIT_SECONDS} seconds."
    )
    wait = WAIT_SECONDS


class Places:
    """How many threads may wait for clients at a time: ``most``, and of one client."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._lock = Lock()
        self._taken: Counter[str] = Counter()

    def take(self, client: str) -> ExitStack:
        """Return a place that is given back once it is closed."""
        with self._lock:
            if (
                self._taken.total() >= self._most
                or self._taken[client] >= self._most_of_one
            ):
                raise TooManyWaiting
            self._taken[client] += 1
        place = ExitStack()
        place.callback(self._give_back, client)
        return place

    def _give_back(self, client: str) -> None:
        with self._lock:
            self._taken[client] -= 1
            if not self._taken[client]:
                del self._taken[client]


PLACES = Places(MOST, MOST_OF_ONE)
"""Those of this process, whichever handler a request came to."""


class SlowClients:
    """Have a body read before anything is done for it; bound what is streamed."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            if _is_read(request):
                with PLACES.take(client_key(request)):
                    _ = request.body  # which keeps it
            response = self.get_response(request)
            if isinstance(response, StreamingHttpResponse):
                return self._handed_over(request, response)
        except TooManyWaiting as error:
            refused = refusal(error, request)
            refused.headers["Cache-Control"] = "no-store"
            return refused
        return response

    def _handed_over(
        self, request: HttpRequest, response: StreamingHttpResponse
    ) -> HttpResponseBase:
        if request.method == "HEAD":
            return _in_one_piece(response, [])
        parts = cast("Iterable[bytes]", response.streaming_content)
        if (
            int(response.headers.get("Content-Length", LARGEST_PIECE + 1))
            <= LARGEST_PIECE
        ):
            return _in_one_piece(response, parts)
        try:
            place = PLACES.take(client_key(request))
        except TooManyWaiting:
            _close_file(response)
            raise
        response.streaming_content = _Held(parts, place)
        return response


def _is_read(request: HttpRequest) -> bool:
    """Say whether there is a body that is not refused for what its headers say."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.method in WITHOUT_BODY or not length.isdecimal():
        return False
    most = MOST_BYTES if speaks_json(request.path) else sys.maxsize
    return len(length) <= len(str(most)) and 0 < int(length) <= most


class _Held:
    """What is streamed, and the place that its client holds until it is closed."""

    def __init__(self, parts: Iterable[bytes], place: ExitStack) -> None:
        self._parts = parts
        # Also when nobody closes it, because sending failed before it began.
        self.close = finalize(self, place.close)

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts  # which keeps this object for as long as it is sent


def _in_one_piece(
    response: StreamingHttpResponse, parts: Iterable[bytes]
) -> HttpResponse:
    whole = b"".join(parts)
    _close_file(response)
    return HttpResponse(whole, status=response.status_code, headers=response.headers)


def _close_file(response: StreamingHttpResponse) -> None:
    """Close what is streamed; to close the response would end the request as well."""
    if isinstance(response, FileResponse) and response.file_to_stream:
        response.file_to_stream.close()
