"""What every page's frame shows."""

from django.conf import settings
from django.http import HttpRequest

from packages import snapshot
from packages.models.ledger import SAMPLE_SOURCE


def site(request: HttpRequest) -> dict[str, object]:
    """The version, and whether the numbers shown are made up."""
    if request.path.startswith("/admin/"):
        return {}
    days = snapshot.current().days
    sample = bool(days) and next(reversed(days.values())).source == SAMPLE_SOURCE
    return {"site_version": settings.VERSION, "is_sample": sample}
