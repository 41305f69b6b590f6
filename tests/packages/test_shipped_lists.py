"""The lists that a new database starts with."""

from urllib.parse import urlsplit

import pytest

from packages.list_states import ListState, stored_state
from packages.models import MirrorEntry, MirrorList

pytestmark = pytest.mark.django_db


def shipped(name: str) -> ListState:
    return stored_state(MirrorList.objects.get(name=name))


@pytest.mark.parametrize(
    ("name", "flags", "installers"),
    [
        (
            "pypistats",
            (True, False, False),
            ["Artifactory", "bandersnatch", "devpi", "z3c.pypimirror"],
        ),
        (
            "known-mirrors",
            (False, True, True),
            [
                *("Artifactory", "Nexus", "bandersnatch", "devpi"),
                *("pep381client", "z3c.pypimirror"),
            ],
        ),
        ("everything", (False, True, True), []),
    ],
)
def test_lists_that_ship(
    name: str, flags: tuple[bool, bool, bool], installers: list[str]
) -> None:
    state = shipped(name)

    assert (state.is_default, state.counts_unnamed, state.counts_malformed) == flags
    assert [entry.installer for entry in state.entries] == installers


def test_every_entry_has_a_reason_and_public_evidence() -> None:
    entries = list(MirrorEntry.objects.all())

    assert all(entry.reason for entry in entries)
    hosts = {urlsplit(entry.evidence).hostname for entry in entries}
    assert hosts == {"github.com"}
