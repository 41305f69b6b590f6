"""The admin's site: refuses parameters that no database understands."""

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import BadRequest
from django.http import HttpRequest

MOST_DIGITS = 18
"""More do not fit a database's integers."""
MOST_DATE_DIGITS = 4
DATE_PARTS = ("__year", "__month", "__day")


class Site(AdminSite):
    """Django's filters pass on what PostgreSQL and calendars choke on."""

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        answer = super().admin_view(view, cacheable)

        @wraps(answer)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            refuse_impossible(request)
            return answer(request, *args, **kwargs)

        return guarded


class SiteConfig(AdminConfig):
    default_site = "pypistats_site.admin_site.Site"


def refuse_impossible(request: HttpRequest) -> None:
    """Raise ``BadRequest``, which is answered with 400."""
    pairs = [(name, value) for name, values in request.GET.lists() for value in values]
    if "\0" in request.path or any("\0" in name + value for name, value in pairs):
        message = "An address may hold no NUL character (%00)."
        raise BadRequest(message)
    for name, value in pairs:
        most = MOST_DATE_DIGITS if name.endswith(DATE_PARTS) else MOST_DIGITS
        if len(value) > most and value.strip().lstrip("+-").isdecimal():
            message = f"{name} may have {most} digits at most."
            raise BadRequest(message)
