"""API views whose answers anyone may keep."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.serializers import check_names
from packages import snapshot
from packages.public_answers import entity_tag, mark


class PublicView(APIView):
    """A mix-in: good answers to GET depend on address and generation alone."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        check_names(request)

    def depends_on(self) -> str:
        """What else an answer depends on, as text."""
        return ""

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if answer.status_code == 200 and request.method in {"GET", "HEAD"}:
            mark(answer, entity_tag(request, snapshot.current(), self.depends_on()))
        return answer
