"""Administration of the day ledger and of the runs behind it."""

from datetime import date

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django_q.tasks import async_task

from ingest.models import IngestRun
from ingest.sources.bigquery.billing import in_words
from packages.models import CountedDay
from packages.read_only_admin import ReadOnlyAdmin


@admin.register(CountedDay)
class CountedDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "status", "source", "downloads", "packages", "counted_at")
    list_filter = ("status", "source")
    date_hierarchy = "day"
    actions = ("count_again",)
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
        "revisions",
    )

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
