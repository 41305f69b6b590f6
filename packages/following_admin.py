"""What each user of the admin follows: a page of their own, and two actions."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from packages.exceptions import ManyFollowedError
from packages.following import follow, unfollow
from packages.following_form import NamesForm
from packages.models import Package, Watchlist
from packages.models.watchlists import MOST_FOLLOWED
from packages.names import normalize_package

PAGE = "admin:packages_watchlist_changelist"
ENDINGS = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed", "opml": "OPML"}


class FollowActions(admin.ModelAdmin):
    """Actions on packages, for whoever may see them: on the user's own list alone."""

    @admin.action(description="Follow the selected packages", permissions=["view"])
    def follow(self, request: HttpRequest, queryset: QuerySet[Package]) -> None:
        try:
            number = follow(_user(request), _names(queryset))
        except ManyFollowedError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, _followed(number))

    @admin.action(
        description="Stop following the selected packages", permissions=["view"]
    )
    def unfollow(self, request: HttpRequest, queryset: QuerySet[Package]) -> None:
        user = _user(request)
        followed = queryset.filter(watchlists__user=user)
        self.message_user(request, _unfollowed(unfollow(user, _names(followed))))


class WatchlistAdmin(admin.ModelAdmin):
    """The user's own list: nobody sees another's here."""

    def get_urls(self) -> list[URLPattern]:
        pages = {
            "changelist": ("", self.changelist_view),
            "unfollow": ("unfollow/", require_POST(self.unfollow_view)),
            "new_address": ("new-address/", self.new_address_view),
        }
        return [
            path(route, self._guarded(view), name=f"packages_watchlist_{name}")
            for name, (route, view) in pages.items()
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("packages.view_package")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A list goes with its user, so whoever may delete that deletes both."""
        return request.user.has_perm("auth.delete_user")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, and add what is typed in."""
        form = NamesForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                number = follow(_user(request), form.cleaned_data["names"])
            except ManyFollowedError as error:
                form.add_error("names", str(error))
            else:
                self.message_user(request, _followed(number))
                return redirect(PAGE)
        watchlist = Watchlist.objects.filter(user=_user(request)).first()
        context = {
            "title": "Packages I follow",
            "form": form,
            "watchlist": watchlist,
            "packages": watchlist.packages.all() if watchlist else [],
            "most": MOST_FOLLOWED,
            "addresses": _addresses(watchlist) if watchlist else [],
        }
        return self._page(request, "page", context)

    def unfollow_view(self, request: HttpRequest) -> HttpResponse:
        asked = map(normalize_package, request.POST.getlist("name"))
        number = unfollow(_user(request), filter(None, asked))
        self.message_user(request, _unfollowed(number))
        return redirect(PAGE)

    def new_address_view(self, request: HttpRequest) -> HttpResponse:
        watchlist = get_object_or_404(Watchlist, user=_user(request))
        if request.method == "POST":
            watchlist.renew_key()
            message = "Your feed has a new address; the old one has ended."
            self.message_user(request, message)
            return redirect(PAGE)
        context = {"title": "Give your feed a new address?"}
        return self._page(request, "new_address", context)

    def _guarded(self, view: Any) -> Any:
        def guarded(request: HttpRequest) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            answer: HttpResponse = view(request)
            return answer

        return self.admin_site.admin_view(guarded)

    def _page(
        self, request: HttpRequest, name: str, context: dict[str, Any]
    ) -> HttpResponse:
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            **context,
        }
        template = f"admin/packages/watchlist/{name}.html"
        return TemplateResponse(request, template, shown)


def _user(request: HttpRequest) -> User:
    """Return who is logged in: the admin lets nobody else in."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def _names(packages: QuerySet[Package]) -> list[str]:
    names = packages.order_by().values_list("normalized_name", flat=True)
    return list(names[: MOST_FOLLOWED + 1])


def _addresses(watchlist: Watchlist) -> list[tuple[str, str, str]]:
    """Ending, name and address of each form of the user's feed."""
    page = f"{settings.BASE_URL}{reverse('feeds:user-page', args=[watchlist.key])}"
    return [(ending, label, f"{page}.{ending}") for ending, label in ENDINGS.items()]


def _followed(number: int) -> str:
    return f"You follow {_packages(number)} more; see Packages I follow."


def _unfollowed(number: int) -> str:
    return f"You do not follow {_packages(number)} any more; they stay tracked."


def _packages(number: int) -> str:
    return "1 package" if number == 1 else f"{number} packages"
