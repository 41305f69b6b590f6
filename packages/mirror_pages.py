"""The admin's own pages of a mirror list: make it the default, export, import."""

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from packages import entries_csv
from packages.list_states import ListState, differences, stored_state
from packages.mirror_changes import recorded
from packages.mirror_forms import ConfirmForm, ImportForm
from packages.models import MirrorList
from packages.preview import Preview, preview

CHANGE_PAGE = "admin:packages_mirrorlist_change"
SHOWN_INSTALLERS = 30


class MirrorListPages(admin.ModelAdmin):
    """What a list's change form leads to. A view does nothing before it asks."""

    def get_urls(self) -> list[URLPattern]:
        pages = {
            "make_default": self.make_default_view,
            "export": self.export_view,
            "import": self.import_view,
        }
        ours = [
            path(
                f"<path:object_id>/{name.replace('_', '-')}/",
                self.admin_site.admin_view(view),
                name=f"packages_mirrorlist_{name}",
            )
            for name, view in pages.items()
        ]
        return [*ours, *super().get_urls()]

    def make_default_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if request.method == "POST":
            with recorded_for(request):
                chosen = self._listed(request, object_id, to_change=True)
                form = ConfirmForm(request.POST, version=_switch_version(chosen))
                if form.is_valid():
                    return self._make_default(request, chosen)
        else:
            chosen = self._listed(request, object_id)
            form = ConfirmForm(version=_switch_version(chosen))
        before, after = _default_state(), stored_state(chosen)
        context = {
            "title": f"Make {chosen} the default list?",
            "form": form if self.has_change_permission(request, chosen) else None,
            **default_context(before, after),
        }
        return self._page(request, "make_default", chosen, context)

    def export_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        mirror_list = self._listed(request, object_id)
        text = entries_csv.write(stored_state(mirror_list).entries)
        response = HttpResponse(text, content_type="text/csv; charset=utf-8")
        disposition = f'attachment; filename="{mirror_list.name}.csv"'
        response["Content-Disposition"] = disposition
        return response

    def import_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Read a file, show what it does, and replace the entries once confirmed."""
        context: dict[str, Any] = {}
        if request.method == "POST":
            with recorded_for(request):
                target = self._listed(request, object_id, to_change=True)
                before = stored_state(target)
                form = ImportForm(request.POST, request.FILES, version=before.version())
                after = _imported(before, form)
                if is_confirmed(request, after):
                    return self._import(request, target, form)
            if after is not None:
                context = preview_context(before, after)
        else:
            target = self._listed(request, object_id, to_change=True)
            form = ImportForm(version=stored_state(target).version())
        context |= {"title": f"Import the entries of {target}", "form": form}
        return self._page(request, "import", target, context)

    def _listed(
        self, request: HttpRequest, object_id: str, *, to_change: bool = False
    ) -> MirrorList:
        """Return the list, if the user may see it, or change it, as is asked."""
        found: MirrorList | None = self.get_object(request, object_id)
        if found is None:
            raise Http404
        allowed = (
            self.has_change_permission(request, found)
            if to_change
            else self.has_view_permission(request, found)
        )
        if not allowed:
            raise PermissionDenied
        return found

    def _make_default(self, request: HttpRequest, chosen: MirrorList) -> HttpResponse:
        chosen.become_default()
        self.log_change(request, chosen, "Made the default.")
        self.message_user(request, f"{chosen} is the default list now.")
        return redirect(CHANGE_PAGE, chosen.pk)

    def _import(
        self, request: HttpRequest, target: MirrorList, form: ImportForm
    ) -> HttpResponse:
        target.entries.all().delete()
        for state in form.entries:
            entry = state.entry()
            entry.mirror_list = target
            entry.save()
        self.log_change(request, target, "Imported entries.")
        number = len(form.entries)
        self.message_user(request, f"{target} has the file's {number} entries now.")
        return redirect(CHANGE_PAGE, target.pk)

    def _page(
        self,
        request: HttpRequest,
        name: str,
        mirror_list: MirrorList,
        context: dict[str, Any],
    ) -> HttpResponse:
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": mirror_list,
            **context,
        }
        template = f"admin/packages/mirrorlist/{name}.html"
        return TemplateResponse(request, template, shown)


def recorded_for(request: HttpRequest) -> AbstractContextManager[None]:
    """Record what the block changes as the user's, for the reason they gave."""
    reason = request.POST.get("reason", "").strip()
    return recorded(request.user.get_username(), reason)


def preview_context(before: ListState | None, after: ListState) -> dict[str, Any]:
    """What ``_preview.html`` shows; a list that is new is compared with the default."""
    compared = before or _default_state()
    found = preview(compared, after, replacing=before is not None)
    return {
        **_shown(found),
        "compared_with": None if before else compared.name,
        "differences": differences(before, after),
        "previewed": after.version(),
    }


def default_context(before: ListState, after: ListState) -> dict[str, Any]:
    """What ``_preview.html`` shows of ``after`` as the default after ``before``."""
    found = preview(before, after, replacing=False)
    return {**_shown(found), "compared_with": before.name}


def _shown(found: Preview) -> dict[str, Any]:
    return {
        "preview": found,
        "installers": found.unlisted[:SHOWN_INSTALLERS],
        "more_installers": len(found.unlisted[SHOWN_INSTALLERS:]),
    }


def is_confirmed(request: HttpRequest, after: ListState | None) -> bool:
    """Say whether the user saw what it does to make a list like ``after``."""
    previewed = request.POST.get("previewed")
    return after is not None and after.version() == previewed


def _imported(before: ListState, form: ImportForm) -> ListState | None:
    return replace(before, entries=form.entries) if form.is_valid() else None


def _default_state() -> ListState:
    return stored_state(MirrorList.objects.get(is_default=True))


def _switch_version(chosen: MirrorList) -> str:
    """A mark of both lists, the one chosen and the default it takes the place of."""
    return _default_state().version()[:16] + stored_state(chosen).version()[:16]
