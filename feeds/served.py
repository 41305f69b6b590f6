"""How feeds go over HTTP: validators from the data, and answers that cost nothing."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date, parse_etags
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from packages import snapshot

MAX_AGE = 3600
"""Seconds that a reader or proxy may keep an answer without asking."""

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def served(view: View[P]) -> View[P]:
    """Let readers and proxies keep what ``view`` answers for as long as it holds.

    A reader who names the present validator is answered before ``view`` is called: only
    an answer of this generation can have had it. Everyone else waits for the answer, so
    that what is unknown or gone is never called unchanged.
    """

    @csrf_exempt  # so that a POST is a 405, as it should be
    @require_safe
    @gzip_page
    @wraps(view)
    def answer(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        tag, changed_at = _validators(request)
        if _names(request, tag):
            response = HttpResponse(status=304)
        else:
            response = view(request, *args, **kwargs)
        if response.status_code not in (200, 304):
            return response
        response.headers["ETag"] = tag
        response.headers["Last-Modified"] = http_date(changed_at)
        patch_cache_control(response, public=True, max_age=MAX_AGE)
        return get_conditional_response(request, tag, changed_at, response) or response

    return answer


def _validators(request: HttpRequest) -> tuple[str, int]:
    """Name everything that the answer depends on, and say when that changed."""
    state = snapshot.current()
    parts = (settings.VERSION, settings.BASE_URL, state.generation, state.changed_at)
    query = request.META["QUERY_STRING"].lower()  # no parameter minds case
    text = f"{request.path}?{query}|{'|'.join(map(str, parts))}"
    tag = f'"{sha256(text.encode()).hexdigest()[:32]}"'
    return tag, int(state.changed_at.timestamp())


def _names(request: HttpRequest, tag: str) -> bool:
    """Whether the reader has this very answer; compressed, its tag is a weak one."""
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    return tag in (one.removeprefix("W/") for one in tags)
