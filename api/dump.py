"""The nightly dump: its index, and its files."""

from contextlib import suppress
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, parse_http_date
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from api.public_view import CheckedView
from api.renderers import dumps
from api.throttles import expensive
from packages import dump, freshness, shape, snapshot
from packages.dump import Dump, DumpFile

READ = frozenset({"GET", "HEAD"})
NOT_MODIFIED = 304


class DumpViewSet(CheckedView, ViewSet):
    """What all of it is in one file: no client has to ask for every package."""

    lookup_field = "name"
    lookup_value_regex = "[^/]+"

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Say that nothing changed before the throttle counts."""
        unchanged = _unchanged(request, kwargs.get(self.lookup_field))
        return unchanged or super().dispatch(request, *args, **kwargs)

    def list(self, request: Request) -> Response:
        found = dump.current()
        return Response(_index(found), headers=_index_headers(found))

    @expensive
    def retrieve(self, request: Request, name: str) -> HttpResponseBase:
        found = dump.current()
        file = _named(found, name)
        if found is None or file is None:
            message = (
                f"There is no such file; {reverse('api:dump-list')} names those there"
                " are."
            )
            raise Http404(message)
        return _download(found, file)


def _unchanged(request: HttpRequest, name: str | None) -> HttpResponseBase | None:
    """Return what to answer a client that has the index, or the file, already."""
    found = dump.current()
    file = _named(found, name)
    if found is None or request.method not in READ or (name and file is None):
        return None
    headers = _file_headers(found, file) if file else _index_headers(found)
    modified = parse_http_date(headers["Last-Modified"])
    unchanged = get_conditional_response(request, headers["ETag"], modified)
    # Preconditions of writing (If-Match: 412) are for what can be written.
    if unchanged is None or unchanged.status_code != NOT_MODIFIED:
        return None
    for header, value in headers.items():
        unchanged.headers[header] = value
    return unchanged


def _named(found: Dump | None, name: str | None) -> DumpFile | None:
    files = found.files if found else []
    return next((file for file in files if file.name == name), None)


def _index(found: Dump | None) -> dict[str, object]:
    return {
        "data": [_file(file) for file in found.files] if found else [],
        "data_through": found.data_through if found else None,
        "packages": found.packages if found else None,
        "type": "dump",
        "written_at": found.written_at if found else None,
    }


def _file(file: DumpFile) -> dict[str, object]:
    address = reverse("api:dump-detail", args=[file.name])
    return {
        "name": file.name,
        "url": settings.BASE_URL + address,
        "bytes": file.size,
        "sha256": file.sha256,
    }


def _index_headers(found: Dump | None) -> dict[str, str]:
    """Addresses in it change with settings."""
    headers = {"Cache-Control": _cache_control(found)}
    if found is not None:
        modified = max(int(found.written_at.timestamp()), shape.shaped_at())
        headers["ETag"] = f'"{sha256(dumps(_index(found))).hexdigest()}"'
        headers["Last-Modified"] = http_date(modified)
    return headers


def _file_headers(found: Dump, file: DumpFile) -> dict[str, str]:
    return {
        "Cache-Control": _cache_control(found),
        "ETag": f'"{file.sha256}"',
        "Last-Modified": http_date(int(found.written_at.timestamp())),
    }


def _cache_control(found: Dump | None) -> str:
    """Until the next day is expected; where the dump is behind, only for a minute."""
    seconds = freshness.SHORTEST
    with suppress(DatabaseError):  # the dump is there without it
        state = snapshot.current()
        if found and dump.is_of(found, state):
            seconds = freshness.max_age(state)
    return f"public, max-age={seconds}"


def _download(found: Dump, file: DumpFile) -> HttpResponseBase:
    stem, _, suffix = file.name.partition(".")
    return FileResponse(
        file.path.open("rb"),
        as_attachment=True,
        filename=f"{stem}-{found.data_through}.{suffix}",
        headers={
            "Accept-Ranges": "none",
            "Content-Type": "application/gzip",
            **_file_headers(found, file),
        },
    )
