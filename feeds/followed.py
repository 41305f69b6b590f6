"""A package that is followed: its history, addresses and identifiers."""

from dataclasses import dataclass, field
from functools import cached_property

from django.utils.safestring import SafeString

from feeds import pictures
from feeds.channels import absolute, path_to
from feeds.choices import Choice, by_list, list_suffix
from feeds.markup import markup
from feeds.periods import Every
from feeds.recounts import Recounts
from packages.list_choice import PARAMETER
from packages.names import ALL_PACKAGES
from packages.stats import History


@dataclass(frozen=True)
class Followed:
    """One package under the default mirror list, or under one that was asked for."""

    history: History
    mirror_list: str | None
    recounts: Recounts = field(default_factory=dict)
    """Of those who make items of its days."""

    @property
    def package(self) -> str:
        return self.history.package

    @cached_property
    def name(self) -> str:
        return "all packages" if self.package == ALL_PACKAGES else self.package

    @property
    def heading(self) -> str:
        """The name where a title begins with it."""
        return "All packages" if self.package == ALL_PACKAGES else self.package

    @property
    def query(self) -> dict[str, str]:
        return {PARAMETER: self.mirror_list} if self.mirror_list else {}

    @cached_property
    def page(self) -> str:
        return absolute(path_to("packages:detail", self.package), self.query)

    @cached_property
    def api(self) -> str:
        return absolute(path_to("api:package-recent", self.package), self.query)

    def item_page(self, anchor: str, every: Every = Every.WEEK) -> str:
        """Where people find one item: on the page of the feed that has it."""
        return f"{self._feed_pages[every]}#{anchor}"

    @cached_property
    def _feed_pages(self) -> dict[Every, str]:
        path = path_to("feeds:package-page", self.package)
        queries = {
            every: Choice(
                None if every is Every.WEEK else every, mirror_list=self.mirror_list
            ).query()
            for every in Every
        }
        return {every: absolute(path, query) for every, query in queries.items()}

    def chart(self, key: str) -> str:
        """Where the chart up to a period is."""
        before, after = self._charts
        return f"{before}{key}{after}"

    @cached_property
    def _charts(self) -> tuple[str, str]:
        return pictures.addresses(self.package, self.query)

    @cached_property
    def by(self) -> str:
        return by_list(self.mirror_list)

    def guid(self, what: str) -> str:
        """An identifier for ever; another list has others, as its figures are others.

        Neither host nor time is part of it.
        """
        return f"pypistats-site:{self.package}:{what}{list_suffix(self.mirror_list)}"

    @cached_property
    def links(self) -> SafeString:
        return markup(
            '<p><a href="{}">Charts and tables</a> · <a href="{}">JSON</a></p>',
            self.page,
            self.api,
        )
