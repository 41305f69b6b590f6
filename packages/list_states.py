"""What a mirror list says at one moment, as values to compare, keep and propose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from typing import Any

import orjson

from packages.mirrors import Rule
from packages.models import Client, MirrorChange, MirrorEntry, MirrorList

_FLAGS = {
    "counts_unnamed": "unnamed installers",
    "counts_malformed": "malformed Pythons",
}


@dataclass(frozen=True, slots=True)
class EntryState:
    """One entry; days are ISO text, as they are kept."""

    installer: str
    reason: str = ""
    evidence: str = ""
    valid_from: str | None = None
    valid_until: str | None = None

    @classmethod
    def of(cls, entry: MirrorEntry) -> EntryState:
        return cls(
            entry.installer,
            entry.reason,
            entry.evidence,
            entry.valid_from.isoformat() if entry.valid_from else None,
            entry.valid_until.isoformat() if entry.valid_until else None,
        )

    @property
    def key(self) -> tuple[str, str]:
        """What tells the entry from the others of its list; also their order."""
        return self.installer, self.valid_from or ""

    def entry(self) -> MirrorEntry:
        """Return an entry like this that is not stored."""
        return MirrorEntry(
            installer=self.installer,
            reason=self.reason,
            evidence=self.evidence,
            valid_from=_day(self.valid_from),
            valid_until=_day(self.valid_until),
        )

    def __str__(self) -> str:
        start = f" from {self.valid_from}" if self.valid_from else ""
        end = f" until {self.valid_until}" if self.valid_until else ""
        return f"{self.installer}{start}{end}"


@dataclass(frozen=True, slots=True)
class ListState:
    """A mirror list with its entries, in their order."""

    name: str
    description: str
    is_default: bool
    counts_unnamed: bool
    counts_malformed: bool
    entries: tuple[EntryState, ...]

    @classmethod
    def of(cls, mirror_list: MirrorList, entries: Iterable[MirrorEntry]) -> ListState:
        states = sorted(map(EntryState.of, entries), key=lambda entry: entry.key)
        return cls(
            mirror_list.name,
            mirror_list.description,
            mirror_list.is_default,
            mirror_list.counts_unnamed,
            mirror_list.counts_malformed,
            tuple(states),
        )

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> ListState:
        entries = tuple(EntryState(**entry) for entry in stored["entries"])
        return cls(**{**stored, "entries": entries})

    def as_json(self) -> dict[str, Any]:
        stored = asdict(self)
        stored["entries"] = list(stored["entries"])
        return stored

    def version(self) -> str:
        """A short text that is another one as soon as anything of the list is."""
        packed = orjson.dumps(self.as_json(), option=orjson.OPT_SORT_KEYS)
        return sha256(packed).hexdigest()[:32]

    def counting(self) -> tuple[object, ...]:
        """The part of the state that decides which downloads count."""
        spans = {(e.installer, e.valid_from, e.valid_until) for e in self.entries}
        return self.counts_unnamed, self.counts_malformed, frozenset(spans)

    def rule(self, clients: Iterable[Client]) -> Rule:
        """Return the rule that the list would be if it were stored like this."""
        mirror_list = MirrorList(
            name=self.name,
            counts_unnamed=self.counts_unnamed,
            counts_malformed=self.counts_malformed,
        )
        return Rule(mirror_list, [e.entry() for e in self.entries], clients)


def stored_state(mirror_list: MirrorList) -> ListState:
    return ListState.of(mirror_list, mirror_list.entries.all())


def states_of(change: MirrorChange) -> tuple[ListState | None, ListState | None]:
    """The list before and after ``change``; None where it was not there."""
    stored = (change.before, change.after)
    before, after = (ListState.from_json(s) if s else None for s in stored)
    return before, after


def change_in_words(change: MirrorChange) -> list[str]:
    return differences(*states_of(change))


def differences(before: ListState | None, after: ListState | None) -> list[str]:
    """Say in words what makes ``after`` of ``before``; None is a list not there."""
    if before is None and after is None:
        return []
    if after is None:
        return ["list deleted"]
    if before is None:
        return ["list created", *(f"added {entry}" for entry in after.entries)]
    return [*_list_differences(before, after), *_entry_differences(before, after)]


def _list_differences(before: ListState, after: ListState) -> Iterator[str]:
    if before.name != after.name:
        yield f"renamed from {before.name}"
    if before.description != after.description:
        yield "description reworded"
    if before.is_default != after.is_default:
        yield "became the default" if after.is_default else "is the default no more"
    for flag, name in _FLAGS.items():
        if getattr(before, flag) != getattr(after, flag):
            yield f"{name} {'count' if getattr(after, flag) else 'do not count'} now"


def _entry_differences(before: ListState, after: ListState) -> Iterator[str]:
    old = {entry.key: entry for entry in before.entries}
    new = {entry.key: entry for entry in after.entries}
    yield from (f"added {entry}" for key, entry in new.items() if key not in old)
    yield from (f"removed {entry}" for key, entry in old.items() if key not in new)
    for key in sorted(old.keys() & new.keys()):
        if old[key].valid_until != new[key].valid_until:
            yield f"changed {old[key]} to {new[key]}"
        elif old[key] != new[key]:
            yield f"reason or evidence of {new[key]} reworded"


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
