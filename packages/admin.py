"""Administration of packages, clients, mirror lists and records."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import CharField, QuerySet, URLField
from django.forms import BaseInlineFormSet, TextInput, URLInput
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from packages.cells import unpack_cells, unpack_days
from packages.models import Client, DownloadRecord, MirrorEntry, MirrorList, Package

TOP_CLIENTS = 20


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only ingest writes: for looking at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MirrorEntryFormSet(BaseInlineFormSet):
    """Entries of one list; the database's constraint sees one row at a time only."""

    def clean(self) -> None:
        super().clean()
        seen = set()
        for form in self.forms:
            entry = (
                form.cleaned_data.get("installer"),
                form.cleaned_data.get("valid_from"),
            )
            if form.cleaned_data.get("DELETE") or entry[0] is None:
                continue
            if entry in seen:
                message = f"{entry[0]} is there twice from the same day on."
                raise ValidationError(message)
            seen.add(entry)


class MirrorEntryInline(admin.TabularInline):
    model = MirrorEntry
    formset = MirrorEntryFormSet
    extra = 1
    formfield_overrides: ClassVar = {
        CharField: {"widget": TextInput(attrs={"size": 20})},
        URLField: {"assume_scheme": "https", "widget": URLInput(attrs={"size": 20})},
    }


@admin.register(MirrorList)
class MirrorListAdmin(admin.ModelAdmin):
    list_display = ("name", "is_default", "counts_unnamed", "counts_malformed")
    inlines: ClassVar = [MirrorEntryInline]
    # One list is the default at any time; the action passes that on.
    readonly_fields = ("is_default",)
    actions = ("make_default",)

    def has_delete_permission(
        self, request: HttpRequest, obj: MirrorList | None = None
    ) -> bool:
        """The default list stays: every number that names no list needs it."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj is not None and obj.is_default)

    @admin.action(
        description="Make the selected list the default", permissions=["change"]
    )
    def make_default(
        self, request: HttpRequest, queryset: QuerySet[MirrorList]
    ) -> None:
        if queryset.count() != 1:
            self.message_user(request, "Select exactly one list.", level="ERROR")
            return
        chosen = queryset.get()
        chosen.become_default()
        self.message_user(request, f"{chosen} is the default list now.")


@admin.register(Package)
class PackageAdmin(admin.ModelAdmin):
    list_display = ("normalized_name", "tracked", "added_at", "on_site")
    list_filter = ("tracked",)
    search_fields = ("normalized_name__startswith",)
    show_full_result_count = False
    actions = ("track", "untrack")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Package | None = None
    ) -> tuple[str, ...]:
        return ("normalized_name", "added_at") if obj else ("added_at",)

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
