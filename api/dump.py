"""The nightly dump: its index, and its files."""

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from api.public_view import CheckedView
from api.throttles import expensive
from packages import dump
from packages.dump import Dump, DumpFile


class DumpViewSet(CheckedView, ViewSet):
    """What all of it is in one file: no client has to ask for every package."""

    lookup_field = "name"
    lookup_value_regex = "[^/]+"

    def list(self, request: Request) -> Response:
        found = dump.current()
        return Response(
            {
                "data": [_file(file) for file in found.files] if found else [],
                "data_through": found.data_through if found else None,
                "packages": found.packages if found else None,
                "type": "dump",
                "written_at": found.written_at if found else None,
            }
        )

    @expensive
    def retrieve(self, request: Request, name: str) -> HttpResponseBase:
        found = dump.current()
        for file in found.files if found else []:
            if found and file.name == name:
                return _download(request, found, file)
        message = (
            f"There is no such file; {reverse('api:dump-list')} names those there are."
        )
        raise Http404(message)


def _file(file: DumpFile) -> dict[str, object]:
    address = reverse("api:dump-detail", args=[file.name])
    return {
        "name": file.name,
        "url": settings.BASE_URL + address,
        "bytes": file.size,
        "sha256": file.sha256,
    }


def _download(request: Request, found: Dump, file: DumpFile) -> HttpResponseBase:
    etag, modified = f'"{file.sha256}"', int(found.written_at.timestamp())
    unchanged = get_conditional_response(request._request, etag, modified)
    if unchanged is not None:
        return unchanged
    stem, _, suffix = file.name.partition(".")
    return FileResponse(
        file.path.open("rb"),
        as_attachment=True,
        filename=f"{stem}-{found.data_through}.{suffix}",
        headers={
            "Content-Type": "application/gzip",
            "ETag": etag,
            "Last-Modified": http_date(modified),
        },
    )
