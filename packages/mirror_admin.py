"""Administration of mirror lists: every change is previewed, confirmed and recorded."""

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.contrib.admin import helpers
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.db.models import CharField, QuerySet, URLField
from django.forms import TextInput, URLInput
from django.forms.formsets import all_valid
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from packages.list_states import ListState, change_in_words, states_of, stored_state
from packages.mirror_forms import ConfirmForm, MirrorEntryFormSet, MirrorListForm
from packages.mirror_pages import (
    MirrorListPages,
    is_confirmed,
    preview_context,
    recorded_for,
)
from packages.models import MirrorChange, MirrorEntry, MirrorList
from packages.read_only_admin import ReadOnlyAdmin


class MirrorEntryInline(admin.TabularInline):
    """The entries are part of their list: who may change it may change them."""

    model = MirrorEntry
    formset = MirrorEntryFormSet
    extra = 1
    formfield_overrides: ClassVar = {
        CharField: {"widget": TextInput(attrs={"size": 18})},
        URLField: {"assume_scheme": "https", "widget": URLInput(attrs={"size": 18})},
    }

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("packages.view_mirrorlist")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        action = "change" if obj else "add"
        return request.user.has_perm(f"packages.{action}_mirrorlist")

    has_add_permission = has_delete_permission = has_change_permission


class MirrorListAdmin(MirrorListPages):
    form = MirrorListForm
    list_display = ("name", "is_default", "counts_unnamed", "counts_malformed")
    inlines: ClassVar = [MirrorEntryInline]
    # One list is the default at any time; a page of its own passes that on.
    readonly_fields = ("is_default",)
    actions = ("make_default",)

    def get_fields(
        self, request: HttpRequest, obj: MirrorList | None = None
    ) -> tuple[str, ...]:
        flags = ("is_default", "counts_unnamed", "counts_malformed")
        ours = ("reason", "version") if self._may_write(request, obj) else ()
        return ("name", "description", *flags, *ours)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Lists are deleted one by one, as each deletion has its reason."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

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
    ) -> HttpResponse | None:
        if queryset.count() != 1:
            self.message_user(request, "Select exactly one list.", level="ERROR")
            return None
        return redirect("admin:packages_mirrorlist_make_default", queryset.get().pk)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Save what was previewed; preview a form that says anything else."""
        if request.method == "POST":
            unconfirmed = self._unconfirmed(request, object_id)
            if unconfirmed is not None:
                return unconfirmed
            with recorded_for(request):
                return super().changeform_view(request, object_id, form_url)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "POST":
            form = self._confirm_form(request, object_id)
            return super().delete_view(request, object_id, {"form": form})
        with recorded_for(request):
            form = self._confirm_form(request, object_id)
            if form is None or form.is_valid():
                return super().delete_view(request, object_id)
        self._tell(request, form)
        return redirect(request.path)

    def _confirm_form(self, request: HttpRequest, object_id: str) -> ConfirmForm | None:
        """The form of a deletion; None when Django's view has to refuse it."""
        found = self.get_object(request, unquote(object_id))
        if found is None or not self.has_delete_permission(request, found):
            return None
        return ConfirmForm(request.POST or None, version=stored_state(found).version())

    def _tell(self, request: HttpRequest, form: ConfirmForm) -> None:
        for field, errors in form.errors.items():
            name = "" if field == "__all__" else f"{field}: "
            text = " ".join(map(str, errors))
            self.message_user(request, f"{name}{text}", level="ERROR")

    def _may_write(self, request: HttpRequest, obj: MirrorList | None) -> bool:
        if obj is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, obj)

    def _unconfirmed(
        self, request: HttpRequest, object_id: str | None
    ) -> HttpResponse | None:
        """The form as it was sent, with a preview above it.

        None when there is nothing to preview: what is sent was previewed already, or
        is wrong, or is not allowed, which Django's own view then says.
        """
        obj = self.get_object(request, unquote(object_id)) if object_id else None
        if (object_id and obj is None) or not self._may_write(request, obj):
            return None
        before = stored_state(obj) if obj else None
        form, formsets, inlines = self._bound(request, obj)
        if not all([form.is_valid(), all_valid(formsets)]):
            return None
        after = ListState.of(form.instance, formsets[0].proposed())
        if is_confirmed(request, after):
            return None
        shown = self.get_inline_formsets(request, formsets, inlines, obj)
        context = {
            **self._form_context(request, obj, form, shown),
            **preview_context(before, after),
            "subtitle": before.name if before else None,
        }
        return self.render_change_form(
            request, context, add=obj is None, change=obj is not None, obj=obj
        )

    def _bound(
        self, request: HttpRequest, obj: MirrorList | None
    ) -> tuple[Any, list[Any], list[Any]]:
        """The form, its entries' formset and inline, as Django's view makes them."""
        fields = flatten_fieldsets(self.get_fieldsets(request, obj))
        form_class = self.get_form(request, obj, change=obj is not None, fields=fields)
        form = form_class(request.POST, instance=obj)
        pairs = list(self.get_formsets_with_inlines(request, obj))
        formsets = [made(request.POST, instance=form.instance) for made, _ in pairs]
        return form, formsets, [inline for _, inline in pairs]

    def _form_context(
        self,
        request: HttpRequest,
        obj: MirrorList | None,
        form: Any,
        inline_formsets: list[Any],
    ) -> dict[str, Any]:
        shown = helpers.AdminForm(
            form,
            cast("Any", self.get_fieldsets(request, obj)),
            {},
            self.get_readonly_fields(request, obj),
            model_admin=self,
        )
        return {
            **self.admin_site.each_context(request),
            "title": "Change mirror list" if obj else "Add mirror list",
            "adminform": shown,
            "object_id": str(obj.pk) if obj else None,
            "original": obj,
            "is_popup": False,
            "inline_admin_formsets": inline_formsets,
            "media": sum((f.media for f in inline_formsets), self.media + shown.media),
            "errors": [],
            "preserved_filters": self.get_preserved_filters(request),
        }


class MirrorChangeAdmin(ReadOnlyAdmin):
    """The history of the lists; nobody rewrites it."""

    list_display = ("changed_at", "list_name", "user_name", "reason", "change")
    list_filter = ("list_name",)
    date_hierarchy = "changed_at"
    readonly_fields = ("change", "list_before", "list_after")
    fields = ("changed_at", "list_name", "user_name", "reason", *readonly_fields)

    @admin.display(description="what changed")
    def change(self, change: MirrorChange) -> str:
        return "; ".join(change_in_words(change))

    @admin.display(description="before")
    def list_before(self, change: MirrorChange) -> SafeString:
        return _lines(states_of(change)[0])

    @admin.display(description="after")
    def list_after(self, change: MirrorChange) -> SafeString:
        return _lines(states_of(change)[1])


def _lines(state: ListState | None) -> SafeString:
    """Everything that the list says, line by line."""
    if state is None:
        return mark_safe("no such list")
    stored = state.as_json()
    entries = stored.pop("entries")
    lines = [f"{name}: {value}" for name, value in stored.items()]
    lines += [", ".join(value for value in e.values() if value) for e in entries]
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines))
