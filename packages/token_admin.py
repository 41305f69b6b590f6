"""Administration of API tokens: made, shown once, revoked."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from packages.models import ApiToken

_SECRET = "_new_secret"  # noqa: S105 - the name of an attribute


class ApiTokenAdmin(admin.ModelAdmin):
    list_display = (
        "name",
        "beginning",
        "factor",
        "created_at",
        "last_used_on",
        "revoked_at",
    )
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "beginning__startswith")
    fields = ("name", "factor")
    actions = ("revoke",)

    def get_fields(
        self, request: HttpRequest, obj: ApiToken | None = None
    ) -> tuple[str, ...]:
        return (*self.fields, *self.get_readonly_fields(request, obj))

    def get_readonly_fields(
        self, request: HttpRequest, obj: ApiToken | None = None
    ) -> tuple[str, ...]:
        if obj is None:
            return ()
        return ("beginning", "created_at", "last_used_on", "revoked_at")

    def save_model(
        self,
        request: HttpRequest,
        obj: ApiToken,
        form: Any,
        change: bool,  # noqa: FBT001 - Django calls it so
    ) -> None:
        if not change:
            vars(obj)[_SECRET] = obj.set_new_secret()
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret in this answer: a message would leave it in a cookie."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"Token for {obj.name}",
            "opts": self.opts,
            "token": obj,
            "secret": vars(obj)[_SECRET],
        }
        return TemplateResponse(
            request, "admin/packages/apitoken/created.html", context
        )

    @admin.action(description="Revoke the selected tokens", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        revoked = queryset.filter(revoked_at=None).update(revoked_at=timezone.now())
        self.message_user(request, f"{revoked} tokens are revoked.")
