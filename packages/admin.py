"""Administration of packages, clients and records, and of mirror lists elsewhere."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from packages.cells import unpack_cells, unpack_days
from packages.events.texts import title
from packages.following_admin import FollowActions, WatchlistAdmin
from packages.mirror_admin import MirrorChangeAdmin, MirrorListAdmin
from packages.models import (
    ApiToken,
    Client,
    DownloadRecord,
    Event,
    MirrorChange,
    MirrorList,
    Package,
    Watchlist,
)
from packages.read_only_admin import ReadOnlyAdmin
from packages.removal import remove
from packages.token_admin import ApiTokenAdmin

admin.site.register(MirrorList, MirrorListAdmin)
admin.site.register(MirrorChange, MirrorChangeAdmin)
admin.site.register(ApiToken, ApiTokenAdmin)
admin.site.register(Watchlist, WatchlistAdmin)

TOP_CLIENTS = 20


@admin.register(Package)
class PackageAdmin(FollowActions):
    list_display = ("normalized_name", "tracked", "added_at", "on_site")
    list_filter = ("tracked",)
    search_fields = ("normalized_name__startswith",)
    show_full_result_count = False
    actions = ("follow", "unfollow", "track", "untrack")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Package | None = None
    ) -> tuple[str, ...]:
        return ("normalized_name", "added_at") if obj else ("added_at",)

    def get_deleted_objects(
        self, objs: Sequence[Package] | QuerySet[Package], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the packages alone: nobody may delete their records one by one."""
        return [str(package) for package in objs], {"packages": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Package) -> None:
        remove(Package.objects.filter(pk=obj.pk))

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[Package]
    ) -> None:
        remove(queryset)

    @admin.display(description="page")
    def on_site(self, package: Package) -> SafeString:
        return format_html('<a href="{}">page</a>', package.get_absolute_url())

    @admin.action(description="Track the selected packages", permissions=["change"])
    def track(self, request: HttpRequest, queryset: QuerySet[Package]) -> None:
        changed = queryset.update(tracked=True)
        self.message_user(request, f"{changed} packages are tracked.")

    @admin.action(
        description="Stop tracking the selected packages", permissions=["change"]
    )
    def untrack(self, request: HttpRequest, queryset: QuerySet[Package]) -> None:
        changed = queryset.update(tracked=False)
        self.message_user(request, f"{changed} packages are not tracked any more.")


@admin.register(Client)
class ClientAdmin(ReadOnlyAdmin):
    list_display = ("id", "installer", "python", "system", "ci")
    list_filter = ("ci", "system")
    search_fields = ("installer", "python")


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("day", "package", "kind", "words", "updated_at", "withdrawn_at")
    list_select_related = ("package",)
    list_filter = ("kind", ("withdrawn_at", admin.EmptyFieldListFilter))
    search_fields = ("package__normalized_name__startswith",)
    show_full_result_count = False
    ordering = ("-day", "-id")

    @admin.display(description="title")
    def words(self, event: Event) -> str:
        return title(event)


@admin.register(DownloadRecord)
class DownloadRecordAdmin(ReadOnlyAdmin):
    list_display = ("package", "month", "downloads")
    list_select_related = ("package",)
    list_filter = ("month",)
    search_fields = ("package__normalized_name__startswith",)
    show_full_result_count = False
    fields = ("package", "month", "downloads", "kept_days", "trimmed_downloads")
    readonly_fields = fields

    @admin.display(description="days")
    def kept_days(self, record: DownloadRecord) -> SafeString:
        """The packed days as a table: day, downloads, most active clients."""
        clients = {client.id: str(client) for client in Client.objects.all()}
        rows = []
        for day, cells in unpack_days(record.days).items():
            ranked = sorted(cells.items(), key=lambda cell: -cell[1])
            top = [f"{clients.get(c, c)}: {n:,}" for c, n in ranked[:TOP_CLIENTS]]
            more = ["..."] if len(ranked) > TOP_CLIENTS else []
            rows.append(
                (
                    record.month.replace(day=day).isoformat(),
                    f"{sum(cells.values()):,}",
                    "; ".join(top + more),
                )
            )
        body = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", rows)
        return format_html(
            "<table><thead><tr><th>Day</th><th>Downloads</th><th>Clients</th></tr>"
            "</thead><tbody>{}</tbody></table>",
            body,
        )

    @admin.display(description="trimmed downloads")
    def trimmed_downloads(self, record: DownloadRecord) -> str:
        return f"{sum(unpack_cells(record.trimmed).values()):,}"
