"""Middleware of others, without what costs every answer and serves none."""

from functools import cached_property

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware

WITHOUT_BODY = frozenset({204, 304})


class OnePolicy(CSPMiddleware):
    """The same policy on every answer, so it is put together once."""

    @cached_property
    def _policy(self) -> str:
        return build_policy()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers.setdefault(HEADER, self._policy)
        return response


class MissingSlash(CommonMiddleware):
    """Look for an address that ends with a slash once there is none without.

    Hosts are checked in front of this, and no agent is refused.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Do nothing."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Tell no length of what has no body (RFC 9110, 8.6)."""
        if response.status_code in WITHOUT_BODY:
            return response
        return super().process_response(request, response)
