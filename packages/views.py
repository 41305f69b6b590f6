"""The HTML pages. A view parses, asks ``stats``, renders."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from packages import coverage, rankings, snapshot, standings, stats
from packages.badge_lines import badge_lines
from packages.charts import chart_marks, package_charts
from packages.events.shown import latest_events
from packages.exceptions import UnknownPackageError
from packages.freshness import BRIEF
from packages.list_choice import asked_list, list_names, with_list
from packages.list_states import change_in_words
from packages.models import MirrorChange, MirrorList, Package
from packages.names import ALL_PACKAGES, normalize_name
from packages.public_answers import public
from packages.stats import History

FOUND_LIMIT = 50
LARGEST_LIMIT = 20
CHANGES_LIMIT = 20


@require_safe
@public
def home(request: HttpRequest) -> HttpResponse:
    mirror_list = asked_list(request.GET)
    state = snapshot.current()
    is_default = mirror_list in {None, state.rule().name}
    percent = standings.recomputed_percent() if is_default else None
    context = {
        "state": state,
        "largest": rankings.largest(state, mirror_list, LARGEST_LIMIT),
        "windows": coverage.windows(state),
        "mirror_list": mirror_list,
        "is_default": is_default,
        "list_name": state.rule(mirror_list).name,
        "list_names": list_names(state),
        "recomputed_percent": percent,
    }
    response = render(request, "packages/home.html", context)
    if percent is not None:
        response.headers["Cache-Control"] = BRIEF
    return response


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Find packages by the start of their name; go straight to the only one."""
    query = request.GET.get("q", "").strip()
    if query == ALL_PACKAGES:
        return redirect("packages:detail", ALL_PACKAGES)
    prefix = normalize_name(query.strip("-_."))
    found = Package.objects.named_like(prefix)[:FOUND_LIMIT] if prefix else []
    names = [package.normalized_name for package in found]
    if len(names) == 1:
        return redirect("packages:detail", names[0])
    context = {
        "query": query[:100],
        "is_name": prefix is not None,
        "names": names,
        "limit": FOUND_LIMIT,
    }
    return render(request, "packages/search.html", context)


@require_safe
@public
def detail(request: HttpRequest, name: str) -> HttpResponse:
    mirror_list = asked_list(request.GET)
    normalized = normalize_name(name)
    if normalized is not None and normalized != name:
        address = reverse("packages:detail", args=[normalized])
        return redirect(with_list(address, mirror_list), permanent=True)
    try:
        history = stats.history(name, mirror_list)
    except UnknownPackageError as error:
        return _unknown(request, name, error)
    context = _detail_context(history, mirror_list)
    return render(request, "packages/detail.html", context)


@require_safe
@public
def about(request: HttpRequest) -> HttpResponse:
    lists = MirrorList.objects.prefetch_related("entries")
    context = {
        "state": snapshot.current(),
        "mirror_lists": lists,
        "list_changes": [
            (change, change_in_words(change))
            for change in MirrorChange.objects.defer("user_name")[:CHANGES_LIMIT]
        ],
        "retention_days": settings.RETENTION_DAYS,
    }
    return render(request, "packages/about.html", context)


def _detail_context(history: History, mirror_list: str | None) -> dict[str, object]:
    package, state = history.package, history.state
    charts = package_charts(history)
    feed_path = reverse("feeds:package-page", args=[package])
    marks = chart_marks(history)
    return {
        "package": package,
        "is_all": package == ALL_PACKAGES,
        "state": state,
        "recent": history.recent(),
        "windows": coverage.windows(state, history.counted),
        "charts": charts,
        "marks": marks,
        "chart_data": {
            "days": charts[0].days if charts else [],
            **marks.data(),
            "charts": [chart.data() for chart in charts],
        },
        "events": latest_events(package),
        "list_name": history.rule.name,
        "list_names": list_names(state),
        "canonical_url": settings.BASE_URL + reverse("packages:detail", args=[package]),
        "feed_url": with_list(feed_path, mirror_list),
        "feed_path": feed_path,
        "feed_query": with_list("", mirror_list),
        "api_url": with_list(
            reverse("api:package-recent", args=[package]), mirror_list
        ),
        "badge": badge_lines(package, mirror_list),
        "index_url": f"{settings.PACKAGE_INDEX_URL}/project/{package}/",
    }


def _unknown(
    request: HttpRequest, name: str, error: UnknownPackageError
) -> HttpResponse:
    context = {"query": name[:100], "message": str(error)}
    return render(request, "packages/unknown.html", context, status=404)
