"""Answers about many packages: recent downloads, rankings, lists."""

import re
from collections.abc import Iterable

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from api.bodies import names_in_body
from api.exceptions import WrongValue, shortened
from api.public_view import PublicView
from api.rates import EXPENSIVE
from api.renderers import CompactJSONRenderer, CSVRenderer
from api.serializers import (
    LARGEST_PAGE,
    MOST_NAMES,
    PERIODS,
    choice,
    number,
    only_value,
    truth,
)
from packages import bulk, rankings, snapshot, standings
from packages.freshness import BRIEF
from packages.headline import RECENT, Period
from packages.list_choice import asked_list
from packages.names import MAX_NAME_LENGTH, normalize_name, normalize_prefix
from packages.rankings import By, Found, Place
from packages.snapshot import Snapshot
from packages.stats import Recent

PAGE, SEARCH_PAGE = 100, 20
CURSOR = re.compile(r"(?:([0-9]{1,18}):)?([a-z0-9]+(?:-[a-z0-9]+)*)")


class RecentViewSet(PublicView, ViewSet):
    """Recent downloads of many packages, named in the address or in a JSON body."""

    renderer_classes = (CompactJSONRenderer, CSVRenderer)
    throttle_scope = EXPENSIVE
    takes_names = True

    def list(self, request: Request) -> Response:
        given = only_value(request, "packages")
        return _recents(request, (given or "").split(","))

    def create(self, request: Request) -> Response:
        return _recents(request, names_in_body(request))


class TopViewSet(PublicView, ViewSet):
    """The packages most downloaded, or rising most, under the default list."""

    renderer_classes = (CompactJSONRenderer, CSVRenderer)

    def list(self, request: Request) -> Response:
        period = Period(choice(request, "period", RECENT) or Period.DAY)
        by = By(choice(request, "by", By) or By.DOWNLOADS)
        limit = number(request, "limit", PAGE, LARGEST_PAGE)
        if by is By.RISE and period not in rankings.DAYS_THAT_RISE:
            message = "by=rise is known of period day and week alone."
            raise WrongValue(message)
        state = snapshot.current()
        ranked = rankings.top(state, period, by, limit)
        data = [
            {
                "rank": rank,
                "package": row.package,
                "downloads": row.downloads,
                "rise": row.rise,
            }
            for rank, row in enumerate(ranked, start=1)
        ]
        return _of_standings(
            state, {"data": data, "period": period, "by": by, "type": "top"}
        )


def listed(request: Request) -> Response:
    """All packages by name, or those of a prefix by last month's downloads."""
    search = only_value(request, "search")
    page = PAGE if search is None else SEARCH_PAGE
    limit = number(request, "limit", page, LARGEST_PAGE)
    after = _place(request, ranked=search is not None)
    state = snapshot.current()
    if search is None:
        found = rankings.listed(state, limit + 1, after)
    else:
        found = rankings.named(state, _prefix(search), limit + 1, after)
    following = None
    if len(found) > limit:
        following = _cursor(found[limit - 1], ranked=search is not None)
    data = [_row(row.package, row.recent, PERIODS.values()) for row in found[:limit]]
    answer = _of_standings(state, {"data": data, "next": following, "type": "packages"})
    if following is not None:
        answer.headers["Link"] = f'<{_address(request, following)}>; rel="next"'
    return answer


def _of_standings(state: Snapshot, answer: dict[str, object]) -> Response:
    """Add what to know of the standings; nobody keeps what is being recomputed."""
    percent = standings.recomputed_percent(state)
    about = {
        "data_through": state.window.last if state.window else None,
        "recomputed_percent": percent,
    }
    headers = {} if percent is None else {"Cache-Control": BRIEF}
    return Response(answer | about, headers=headers)


def _recents(request: Request, given: Iterable[str]) -> Response:
    names = _checked(given)
    mirrors = truth(request, "mirrors") or False
    period = choice(request, "period", PERIODS)
    keys = [PERIODS[period]] if period else PERIODS.values()
    normalized = {name: normalize_name(name) for name in names}
    asked = dict.fromkeys(name for name in normalized.values() if name)
    mirror_list = asked_list(request.query_params)
    found = bulk.recents_of(asked.keys(), mirror_list, mirrors=mirrors)
    data = [_row(name, found[name], keys) for name in asked if name in found]
    unknown = [name for name, key in normalized.items() if key not in found]
    window = snapshot.current().window
    answer = {"data": data, "type": "recent_downloads", "unknown": unknown}
    return Response(answer | {"data_through": window.last if window else None})


def _row(name: str, recent: Recent, keys: Iterable[str]) -> dict[str, object]:
    return {"package": name, **{key: getattr(recent, key) for key in keys}}


def _checked(given: Iterable[str]) -> list[str]:
    names = [name for name in map(str.strip, given) if name]
    if not names:
        message = f"packages is missing; name up to {MOST_NAMES}, as packages=a,b,c."
        raise WrongValue(message)
    if len(names) > MOST_NAMES:
        message = f"packages has {len(names)} names; at most {MOST_NAMES} are answered."
        raise WrongValue(message)
    for name in names:
        if len(name) > MAX_NAME_LENGTH or not name.isprintable():
            message = f"packages has {shortened(name)}, which can be no package's name."
            raise WrongValue(message)
    return names


def _prefix(search: str) -> str:
    prefix = normalize_prefix(search.strip())
    if prefix is None:
        message = (
            f"search is {shortened(search)}; give the beginning of a package's name:"
            " letters, digits, '-', '_' and '.'."
        )
        raise WrongValue(message)
    return prefix


def _place(request: Request, *, ranked: bool) -> Place | None:
    given = only_value(request, "cursor")
    if given is None:
        return None
    found = CURSOR.fullmatch(given)
    if not found or (found[1] is not None) != ranked or len(found[2]) > MAX_NAME_LENGTH:
        message = f"cursor is {shortened(given)}; take it from 'next' of an answer."
        raise WrongValue(message)
    return Place(found[2], int(found[1]) if found[1] else None)


def _address(request: Request, cursor: str) -> str:
    """Where the following page of the same answer is: CSV has no other place to say."""
    query = request.query_params.copy()
    query["cursor"] = cursor
    return f"{settings.BASE_URL}{request.path}?{query.urlencode()}"


def _cursor(row: Found, *, ranked: bool) -> str:
    return f"{row.recent.last_month}:{row.package}" if ranked else row.package
