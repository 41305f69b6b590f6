"""Administration of the day ledger and of the runs behind it."""

from datetime import date
from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet, URLField
from django.http import HttpRequest, HttpResponse
from django_q.tasks import async_task

from ingest.health import data_health
from ingest.models import IngestRun
from ingest.sources.bigquery.billing import in_words
from packages.models import CountedDay, Incident
from packages.read_only_admin import ReadOnlyAdmin


@admin.register(CountedDay)
class CountedDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "status", "source", "downloads", "packages", "counted_at")
    list_filter = ("status", "source")
    date_hierarchy = "day"
    actions = ("count_again",)
    change_list_template = "admin/packages/countedday/change_list.html"
    fields = (
        "day",
        "status",
        "source",
        "definition",
        "downloads",
        "packages",
        "first_counted_at",
        "counted_at",
        "trimmed_at",
        "findings",
        "revisions",
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Put above the days which ones fail, and what to do."""
        context = {"health": data_health()}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    @admin.display(description="checks")
    def findings(self, day: CountedDay) -> str:
        return "; ".join(day.findings()) or "none"

    @admin.action(
        description="Count the selected days again", permissions=["count_again"]
    )
    def count_again(self, request: HttpRequest, queryset: QuerySet[CountedDay]) -> None:
        days: list[date] = list(queryset.values_list("day", flat=True))
        async_task("ingest.tasks.count_again", *map(date.isoformat, sorted(days)))
        self.message_user(
            request, f"{len(days)} days will be counted again; see the ingest runs."
        )

    def has_count_again_permission(self, request: HttpRequest) -> bool:
        """Whoever may start runs may start one for a day that is there already."""
        return request.user.has_perm("ingest.add_ingestrun")


@admin.register(Incident)
class IncidentAdmin(admin.ModelAdmin):
    """Saving one marks the days that it hit."""

    list_display = ("title", "first_day", "last_day", "whose")
    list_filter = ("whose",)
    search_fields = ("title", "effect")
    date_hierarchy = "first_day"
    formfield_overrides: ClassVar = {URLField: {"assume_scheme": "https"}}


@admin.register(IngestRun)
class IngestRunAdmin(ReadOnlyAdmin):
    list_display = (
        "day",
        "source",
        "state",
        "started_at",
        "finished_at",
        "downloads",
        "skipped",
        "estimated",
        "billed",
        "short_error",
    )
    list_filter = ("state", "source")
    date_hierarchy = "day"

    @admin.display(description="estimated to read")
    def estimated(self, run: IngestRun) -> str:
        return in_words(run.bytes_estimated) if run.bytes_estimated else "-"

    @admin.display(description="billed")
    def billed(self, run: IngestRun) -> str:
        return in_words(run.bytes_billed) if run.bytes_billed else "-"

    @admin.display(description="error")
    def short_error(self, run: IngestRun) -> str:
        return run.error if len(run.error) <= 80 else f"{run.error[:80]}..."
