"""The HTML pages. A view parses, asks ``stats``, renders."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from packages import snapshot, stats
from packages.charts import package_charts
from packages.exceptions import UnknownPackageError
from packages.models import MirrorList, Package
from packages.names import ALL_PACKAGES, normalize_name

FOUND_LIMIT = 50
LARGEST_LIMIT = 20


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "packages/home.html",
        {"state": snapshot.current(), "largest": stats.largest(LARGEST_LIMIT)},
    )


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Find packages by the start of their name; go straight to the only one."""
    query = request.GET.get("q", "").strip()
    prefix = normalize_name(query) if query else None
    found = Package.objects.named_like(prefix)[:FOUND_LIMIT] if prefix else []
    names = [package.normalized_name for package in found]
    if names == [prefix]:
        return redirect("packages:detail", prefix)
    return render(
        request,
        "packages/search.html",
        {"query": query[:100], "is_name": prefix is not None, "names": names},
    )


@require_safe
def detail(request: HttpRequest, name: str) -> HttpResponse:
    normalized = normalize_name(name)
    if normalized is not None and normalized != name:
        return redirect("packages:detail", normalized, permanent=True)
    try:
        history = stats.history(name)
    except UnknownPackageError as error:
        return _unknown(request, name, error)
    charts = package_charts(history)
    context = {
        "package": history.package,
        "is_all": history.package == ALL_PACKAGES,
        "state": history.state,
        "recent": history.recent(),
        "charts": charts,
        "chart_data": {
            "days": charts[0].days if charts else [],
            "charts": [chart.data() for chart in charts],
        },
        "index_url": f"{settings.PACKAGE_INDEX_URL}/project/{history.package}/",
    }
    return render(request, "packages/detail.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    lists = MirrorList.objects.prefetch_related("entries")
    context = {
        "state": snapshot.current(),
        "mirror_lists": lists,
        "retention_days": settings.RETENTION_DAYS,
    }
    return render(request, "packages/about.html", context)


def _unknown(
    request: HttpRequest, name: str, error: UnknownPackageError
) -> HttpResponse:
    context = {"query": name[:100], "message": str(error)}
    return render(request, "packages/unknown.html", context, status=404)
