"""Answers that anyone may keep: marked by a view, finished by the middleware.

A view whose answers depend on nothing but address, generation, code and settings is
``@public``, or an ``api.public_view.PublicView``; one that depends on something else as
well is ``@public_and(that)``. What is marked gets validators (a view may set an ETag of
its own, which is found out by running it), is compressed and kept, and is revalidated
without running the view at all.
"""

from collections.abc import Callable, Mapping, Set
from functools import wraps
from hashlib import blake2b
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import cc_delim_re
from django.utils.http import parse_http_date_safe

from packages import freshness, snapshot
from packages.snapshot import Snapshot

API_PREFIX = "/api/"
VARIES = {True: "Accept, Accept-Encoding", False: "Accept-Encoding"}
"""Whether an address of the API varies by the format as well as by the encoding."""

View = Callable[..., HttpResponse]
_MARK, _TAGS = "public_tag", "entity_tags"
_NAMED_FORMATS = ("text/csv", "application/yaml")
"""What a header Accept may ask for instead of JSON, wherever that is on offer."""


def public(view: View) -> View:
    """Mark the view's good answers as public."""
    return public_and(lambda request: "")(view)


def public_and(depends_on: Callable[[HttpRequest], str]) -> Callable[[View], View]:
    """Mark answers that depend on something else besides, which few queries tell."""

    def decorate(view: View) -> View:
        @wraps(view)
        def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            state = snapshot.current()
            tag = entity_tag(request, state, depends_on(request))
            if names_tag(request, tag):
                return not_modified(request, state, tag)
            return mark(view(request, *args, **kwargs), tag)

        return marked

    return decorate


def mark(response: HttpResponse, tag: str) -> HttpResponse:
    """Make a good answer public under ``tag``, unless it speaks of caches itself."""
    if response.status_code == 200 and not response.has_header("Cache-Control"):
        setattr(response, _MARK, tag)
    return response


def marked_tag(response: HttpResponseBase) -> str | None:
    tag: str | None = getattr(response, _MARK, None)
    return tag


def sent_tag(headers: Mapping[str, str], tag: str) -> str:
    """The view's own ETag if it set one, which compression weakens; else ``tag``."""
    own = headers.get("ETag")
    if own is None:
        return tag
    return _weak(own) if "Content-Encoding" in headers else own


def entity_tag(request: HttpRequest, state: Snapshot, depends_on: str = "") -> str:
    """A weak ETag: the same for each encoding of one answer.

    It stands for the parts as they are, whatever is in them: they are a client's.
    """
    known: dict[tuple[Snapshot, str], str] = vars(request).setdefault(_TAGS, {})
    of = (state, depends_on)
    if of not in known:
        known[of] = _entity_tag(request, state, depends_on)
    return known[of]


def _entity_tag(request: HttpRequest, state: Snapshot, depends_on: str) -> str:
    meta = request.META
    named = _named_format(request)
    query = normalized_query(meta.get("QUERY_STRING", ""))
    text = repr((freshness.seal(state), request.path, query, named, depends_on))
    return f'W/"{blake2b(text.encode(), digest_size=16).hexdigest()}"'


def _named_format(request: HttpRequest) -> str:
    accepted: str = request.META.get("HTTP_ACCEPT", "").lower()
    return accepted if any(map(accepted.__contains__, _NAMED_FORMATS)) else ""


def normalized_query(query: str) -> str:
    """Sort by name, so that the order in which a client writes them does not matter."""
    if "&" not in query:
        return query
    return "&".join(sorted(filter(None, query.split("&")), key=_parameter_name))


def is_worth_keeping(request: HttpRequest, parameters: Set[str]) -> bool:
    """Say whether the address is one of those that are asked for again.

    ``parameters`` are those that some address takes. With others, or with a
    header Accept like no other, one answer has any number of addresses, and would push
    out all the rest.
    """
    parts = filter(None, request.META.get("QUERY_STRING", "").split("&"))
    known = all(_parameter_name(part) in parameters for part in parts)
    return known and _named_format(request) in {"", *_NAMED_FORMATS}


def names_tag(request: HttpRequest, tag: str) -> bool:
    """Say whether the client has the answer of ``tag``, which only a good one had."""
    asked = request.META.get("HTTP_IF_NONE_MATCH")
    return asked is not None and (asked == tag or tag in _tags(asked))


def is_unchanged(request: HttpRequest, state: Snapshot, tag: str) -> bool:
    """Say the same of a good answer that is known to exist, by the date as well."""
    asked = request.META.get("HTTP_IF_NONE_MATCH")
    if asked is not None:
        return asked.strip() == "*" or _weak(tag) in _tags(asked)
    since = request.META.get("HTTP_IF_MODIFIED_SINCE")
    modified = freshness.last_modified(state) if since else None
    if since is None or modified is None:
        return False
    asked_at, modified_at = map(parse_http_date_safe, (since, modified))
    return asked_at is not None and (modified_at or 0) <= asked_at


def not_modified(request: HttpRequest, state: Snapshot, tag: str) -> HttpResponse:
    response = HttpResponseNotModified()
    add_validators(request, response, state, tag)
    return response


def add_validators(
    request: HttpRequest, response: HttpResponse, state: Snapshot, tag: str
) -> None:
    headers = response.headers
    headers["ETag"] = tag
    headers["Cache-Control"] = freshness.cache_control(state)
    headers["Vary"] = VARIES[request.path_info.startswith(API_PREFIX)]
    modified = freshness.last_modified(state)
    if modified:
        headers["Last-Modified"] = modified


def _tags(header: str) -> list[str]:
    """The tags of If-None-Match, weak: the comparison is (RFC 9110, 13.1.2)."""
    tags = cc_delim_re.split(header.strip())
    return [_weak(tag) for tag in tags]


def _weak(tag: str) -> str:
    return tag if tag.startswith("W/") else f"W/{tag}"


def _parameter_name(part: str) -> str:
    return part.partition("=")[0]
