"""API views whose answers anyone may keep."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.errors import nothing
from api.query import check_query, check_text
from packages import snapshot
from packages.public_answers import entity_tag, mark


class CheckedView(APIView):
    """A mix-in: a query that cannot be meant is refused, whatever the view reads."""

    takes_names = False
    """Whether a list of names stands in the query of a GET, which may be long."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count first: what is refused for its query counts as well."""
        super().check_throttles(request)
        takes_names = self.takes_names and request.method != "POST"
        check_text(request._request, takes_names=takes_names)
        super().initial(request, *args, **kwargs)
        check_query(request)

    def perform_authentication(self, request: Request) -> None:
        """Do nothing: nobody has a name here (see ``api.accounts``)."""

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Tell the methods to who asks for them, or for one that is not taken."""
        headers: dict[str, str] = super().default_response_headers
        method = self.request.method
        if method != "OPTIONS" and method in headers["Allow"].split(", "):
            del headers["Allow"]
        return headers

    def check_throttles(self, request: Request) -> None:
        """Do nothing: ``initial`` has counted, before REST framework reads a format."""

    def options(  # type: ignore[override]  # handlers return either kind of answer
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Name the methods, by ``Allow`` alone; the rest is in the schema."""
        return nothing()


class PublicView(CheckedView):
    """A mix-in: good answers to GET depend on address and generation alone."""

    def depends_on(self) -> str:
        """What else an answer depends on, as text."""
        return ""

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if answer.status_code == 200 and request.method in {"GET", "HEAD"}:
            state = snapshot.current()
            mark(answer, entity_tag(request._request, state, self.depends_on()))
        return answer
