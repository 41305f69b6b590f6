"""Answers at secret addresses: for whoever has the address, and for nobody to keep.

What is public may be sent by any proxy until the next day is counted. A secret address
can end at any moment, and its answer change with its owner's list: so the client alone
keeps it, and asks each time whether it still holds.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from packages import snapshot
from packages.encodings import SMALLEST, accepted_encoding, encode
from packages.public_answers import entity_tag, names_tag

CACHE_CONTROL = "private, no-cache"


def answer_privately(
    request: HttpRequest, depends_on: str, work_out: Callable[[], HttpResponse]
) -> HttpResponse:
    """Answer with what ``work_out`` returns, unless the client has it.

    ``depends_on`` is what the answer depends on besides the address and the generation.
    """
    tag = entity_tag(request, snapshot.current(), depends_on)
    if names_tag(request, tag):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = _compressed(request, work_out())
    # A list can change without any date in it moving.
    del response.headers["Last-Modified"]
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _compressed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Compress it: it repeats nothing of the request but what only its owner knows."""
    encoding = accepted_encoding(request.headers.get("Accept-Encoding", ""))
    if encoding and len(response.content) >= SMALLEST:
        response.content = encode(response.content, encoding)
        response.headers["Content-Encoding"] = encoding
    return response
