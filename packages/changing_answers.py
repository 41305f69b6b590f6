"""Answers that can change within a generation: they depend on a list that is edited.

Their tag is made of the list as well, and they are asked for again soon: what depends
on the data alone may be sent by any proxy until the next day is counted.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from packages import snapshot
from packages.encodings import compress
from packages.freshness import SHORTEST, WHILE_BROKEN
from packages.public_answers import entity_tag, names_tag

PRIVATE = "private, no-cache"
PUBLIC = f"public, max-age={SHORTEST}, stale-if-error={WHILE_BROKEN}"

WorkOut = Callable[[], HttpResponse]


def answer_briefly(
    request: HttpRequest, depends_on: str, work_out: WorkOut
) -> HttpResponse:
    """Answer anyone with what ``work_out`` returns, unless they have it.

    ``depends_on`` is what the answer depends on besides the address and the generation.
    """
    return _answered(request, depends_on, work_out, PUBLIC)


def answer_privately(
    request: HttpRequest, depends_on: str, work_out: WorkOut
) -> HttpResponse:
    """Do the same at a secret address, which can end at any moment.

    Nobody but the client keeps the answer, and asks each time whether it still holds.
    """
    response = _answered(request, depends_on, work_out, PRIVATE)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _answered(
    request: HttpRequest, depends_on: str, work_out: WorkOut, cache_control: str
) -> HttpResponse:
    tag = entity_tag(request, snapshot.current(), depends_on)
    if names_tag(request, tag):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = work_out()
        # It repeats nothing of the request but what its reader knows.
        compress(request, response)
    # A list can change without any date in it moving.
    del response.headers["Last-Modified"]
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = cache_control
    response.headers["Vary"] = "Accept-Encoding"
    return response
