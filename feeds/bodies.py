"""The text of a period's item, as HTML that any feed reader shows.

Built of pieces that are escaped once and not by a template: a feed has up to thirty
items, and rendering them through templates took longer than everything else together.
"""

from collections.abc import Iterator
from functools import lru_cache

from django.utils.safestring import SafeString

from feeds.figures import BREAKDOWNS, Comparison, Figures
from feeds.followed import Followed
from feeds.markup import escaped, head
from feeds.pictures import element
from feeds.words import called, change, downloads, share
from packages.mirrors import Dimension

TOP = 5

_COMPARISON = f"<table>{head('', 'Downloads', 'Change since')}<tbody>"
_BREAKDOWNS = {
    dimension: f"<table>{head(title, 'Downloads', 'Share')}<tbody>"
    for dimension, title in BREAKDOWNS.items()
}
_END = "</tbody></table>\n"


def body(
    followed: Followed, one: Figures, picture: str, *, clients: bool
) -> SafeString:
    """Tell one period: sentence, notes, picture, tables (of ``clients`` too), links."""
    parts = [
        _lead(followed, one),
        one.told.notes,
        element(picture, followed.name, one.period),
        _COMPARISON,
        *_comparison(one),
        _END,
    ]
    if clients and one.now.without_mirrors:
        for dimension, beginning in _BREAKDOWNS.items():
            parts += (beginning, *_breakdown(one, dimension), _END)
    parts.append(followed.links)
    return SafeString("".join(parts))


def _lead(followed: Followed, one: Figures) -> str:
    number, _, noun = downloads(one.now.without_mirrors).partition(" ")
    return (
        f"<p><strong>{number}</strong> {noun} of {escaped(followed.name)}"
        f" {one.period.when}; {one.now.with_mirrors:,} with mirrors"
        f"{',' if followed.by else ''}{escaped(followed.by)}."
        f" {one.period.words} (UTC).</p>\n"
    )


def _comparison(one: Figures) -> Iterator[str]:
    total = one.now.without_mirrors
    yield _line(one.period.words, total, "")
    for other in (one.before, one.year_ago):
        if other:
            yield _line(other.period.words, other.downloads, _to(total, other))


def _to(total: int, other: Comparison) -> str:
    if not other.comparable or other.downloads == 0:
        return ""
    return change(total, other.downloads)


def _breakdown(one: Figures, dimension: Dimension) -> list[str]:
    total = one.now.without_mirrors
    rows = one.now.breakdowns[dimension][:TOP]
    return [_line(_named(name), n, share(n, total)) for name, n in rows]


def _line(escaped_name: str, number: int, said: str) -> str:
    return f"<tr><td>{escaped_name}</td><td>{number:,}</td><td>{said}</td></tr>"


@lru_cache(maxsize=1000)
def _named(category: str) -> str:
    """What a category is called; few of them make nearly all lines of all feeds."""
    return escaped(called(category))
