"""The five endpoints as the original answers them, on its four narrow tables.

As there, each row becomes an object and a dictionary. ``/bare`` reads nothing.
"""

from datetime import timedelta
from typing import Any

from django.db import connection, models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

BARE = b'{"data":{"last_day":17,"last_month":25,"last_week":25},"package":"p"}\n'


def _model(kind: str) -> Any:
    meta = type(
        "Meta",
        (),
        {
            "app_label": "benchmarks",
            "managed": False,
            "db_table": f"reference_{kind}",
        },
    )
    fields: dict[str, models.Field[Any, Any]] = {
        "date": models.DateField(primary_key=True),
        "package": models.CharField(max_length=128),
        "category": models.CharField(max_length=16),
        "downloads": models.BigIntegerField(),
    }
    members = {"__module__": __name__, "Meta": meta, **fields}
    return type(f"Reference{kind.title()}", (models.Model,), members)


MODELS = {
    kind: _model(kind) for kind in ("overall", "python_major", "python_minor", "system")
}


def series(request: HttpRequest, package: str, kind: str) -> HttpResponse:
    rows = MODELS[kind].objects.filter(package=package).order_by("category", "date")
    data = [
        {"category": row.category, "date": str(row.date), "downloads": row.downloads}
        for row in rows
    ]
    return JsonResponse({"data": data, "package": package, "type": f"{kind}_downloads"})


def recent(request: HttpRequest, package: str) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(date) FROM reference_overall")
        last = cursor.fetchone()[0]
        since = [last - timedelta(days=days - 1) for days in (1, 30, 7)]
        cursor.execute(
            "SELECT sum(downloads) FILTER (WHERE date >= %s)::BIGINT,"
            " sum(downloads) FILTER (WHERE date >= %s)::BIGINT,"
            " sum(downloads) FILTER (WHERE date >= %s)::BIGINT FROM reference_overall"
            " WHERE package = %s AND category = 'without_mirrors' AND date >= %s",
            [*since, package, since[1]],
        )
        sums = cursor.fetchone()
    data = dict(zip(("last_day", "last_month", "last_week"), sums, strict=True))
    return JsonResponse({"data": data, "package": package, "type": "recent_downloads"})


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(BARE, content_type="application/json")


urlpatterns = [
    path("bare", bare),
    path("api/packages/<str:package>/recent", recent),
    path("api/packages/<str:package>/<str:kind>", series),
]
