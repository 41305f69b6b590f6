"""The middleware in front of the public's views: 304s, kept answers, compression."""

from collections.abc import Callable

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from api.query import VOCABULARY
from feeds import choices
from packages import snapshot
from packages.encodings import SMALLEST, accepted_encoding, compress
from packages.kept_answers import KeptAnswer, kept_answers
from packages.public_answers import (
    add_validators,
    entity_tag,
    is_unchanged,
    is_worth_keeping,
    marked_tag,
    names_tag,
    not_modified,
    sent_tag,
)
from packages.snapshot import Snapshot
from pypistats_site.admin_only import is_admin
from pypistats_site.cross_origin import OPEN_PREFIXES

PARAMETERS = VOCABULARY | choices.PARAMETERS
SAFE = frozenset({"GET", "HEAD"})
NOT_FOUND = "public, max-age=60"
TEXTS = ("application/json", "image/svg+xml", "text/")
OF_ONE_FORM = ("Content-Encoding", "ETag")
_NOT_KEPT = ("Cache-Control", "Vary")

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class PublicAnswers:
    """Answer from what is known; run the views for the rest, on one snapshot."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _may_be_public(request):
            return _compressed(request, self.get_response(request))
        try:
            state = snapshot.within(settings.GENERATION_CHECK_SECONDS)
        except Error:
            return self._without_database(request)
        tag = entity_tag(request, state)
        return _known(request, state, tag) or self._asked(request, state, tag)

    def _without_database(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as last time, or by a view that needs no database or says why not."""
        state = snapshot.last_known()
        known = state and _known(request, state, entity_tag(request, state))
        return known or _unkept(request, self.get_response(request))

    def _asked(
        self, request: HttpRequest, state: Snapshot, looked_for: str
    ) -> HttpResponseBase:
        with snapshot.pinned(state) as pin:
            response = self.get_response(request)
        if pin.is_outdated():
            state = snapshot.current()
            looked_for = entity_tag(request, state)
            with snapshot.pinned(state):
                response = self.get_response(request)
        tag = marked_tag(response)
        if tag is None or not isinstance(response, HttpResponse) or response.cookies:
            return _unkept(request, response)
        compress(request, response)
        kept = kept_answers()
        # What depends on something else as well is never looked for by its tag.
        if kept and tag == looked_for and is_worth_keeping(request, PARAMETERS):
            shared = not request.META.get("QUERY_STRING")
            kept.keep(_key(request, tag), _to_keep(response), shared=shared)
        return _sent(request, state, tag, response)


def known(request: HttpRequest) -> HttpResponse | None:
    """Return what needs no view: a 304, or an answer that is kept.

    Raise ``django.db.Error`` if the generation cannot be asked for.
    """
    if not _may_be_public(request):
        return None
    state = snapshot.within(settings.GENERATION_CHECK_SECONDS)
    return _known(request, state, entity_tag(request, state))


def _known(request: HttpRequest, state: Snapshot, tag: str) -> HttpResponse | None:
    if names_tag(request, tag):
        return not_modified(request, state, tag)
    kept = kept_answers()
    answer = kept.find(_key(request, tag)) if kept else None
    if answer is None:
        return None
    response = HttpResponse(answer.body, headers=answer.headers)
    return _sent(request, state, tag, response)


def _may_be_public(request: HttpRequest) -> bool:
    request.get_host()  # what is known is not told to a host that is not ours either
    static = request.path_info.startswith(settings.STATIC_URL)
    return request.method in SAFE and not static and not is_admin(request)


def _key(request: HttpRequest, tag: str) -> str:
    encoding = accepted_encoding(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    # Over HTTPS there is a header more (RFC 6797).
    return f"{tag[3:-1]}:{encoding}:{request.scheme}"


def _to_keep(response: HttpResponse) -> KeptAnswer:
    """Part an answer from what depends on the time of sending."""
    headers = {k: v for k, v in response.headers.items() if k not in _NOT_KEPT}
    return KeptAnswer(headers, response.content)


def _sent(
    request: HttpRequest, state: Snapshot, tag: str, response: HttpResponse
) -> HttpResponse:
    tag = sent_tag(response.headers, tag)
    if is_unchanged(request, state, tag):
        return not_modified(request, state, tag)
    if request.method == "HEAD":
        response.content = b""
    add_validators(request, response, state, tag)
    return response


def _compressed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Compress texts that everybody is told, and no page that may hold a secret."""
    if not request.path_info.startswith(OPEN_PREFIXES):
        return response
    is_text = response.headers.get("Content-Type", "").startswith(TEXTS)
    if not is_text or not isinstance(response, HttpResponse):
        return response
    # One with a tag of its own has a form of its own as well.
    if (
        not any(map(response.has_header, OF_ONE_FORM))
        and len(response.content) > SMALLEST
    ):
        patch_vary_headers(response, ["Accept-Encoding"])
        compress(request, response)
    return response


def _unkept(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Let nobody keep an error for long."""
    if response.status_code >= 400 and not response.has_header("Cache-Control"):
        missing = response.status_code in {404, 410} and not response.cookies
        response.headers["Cache-Control"] = NOT_FOUND if missing else "no-store"
    return _compressed(request, response)
