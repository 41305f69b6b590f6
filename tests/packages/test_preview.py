"""What a change of a mirror list would do, computed before it is stored."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from packages import preview as previews
from packages import stats
from packages.list_states import EntryState, ListState, stored_state
from packages.models import MirrorEntry, MirrorList
from packages.preview import Installer, Moved, MovedPackage, Preview, preview
from tests.factories import MALFORMED, MIRROR, PIP_311, POETRY, UNNAMED, count_day

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 19)
DAY = LAST - timedelta(days=1)
POETRY_ENTRY = EntryState("poetry")


def default_state() -> ListState:
    return stored_state(MirrorList.objects.get(is_default=True))


def with_entries(state: ListState, *entries: EntryState) -> ListState:
    return replace(state, entries=(*state.entries, *entries))


def without_entry(state: ListState, installer: str) -> ListState:
    kept = [entry for entry in state.entries if entry.installer != installer]
    return replace(state, entries=tuple(kept))


def count_two_days() -> None:
    cells = {PIP_311: 10, POETRY: 4, MIRROR: 5, UNNAMED: 3, MALFORMED: 2}
    count_day(DAY, {"django": cells, "flask": {PIP_311: 100, POETRY: 1}})
    count_day(LAST, {"django": {PIP_311: 20, POETRY: 6}, "mirrored": {MIRROR: 9}})


def test_added_mirror_moves_its_downloads_out() -> None:
    count_two_days()
    before = default_state()

    found = preview(before, with_entries(before, POETRY_ENTRY), replacing=True)

    assert found == Preview(
        first=LAST - timedelta(days=29),
        last=LAST,
        counted_days=2,
        downloads=160,
        without_mirrors=Moved(before=141, after=130, moved_in=0, moved_out=11),
        with_mirrors=Moved(before=158, after=158),
        packages=(
            MovedPackage("django", Moved(40, 30, 0, 10)),
            MovedPackage("flask", Moved(101, 100, 0, 1)),
        ),
        compared_packages=3,
        unlisted=(Installer("pip", 132), Installer("", 3)),
    )
    assert found.share(found.without_mirrors.moved) == 6.875


def test_preview_says_what_the_stored_change_then_does() -> None:
    count_two_days()
    before = default_state()
    after = replace(
        with_entries(without_entry(before, "bandersnatch"), POETRY_ENTRY),
        counts_unnamed=True,
        counts_malformed=True,
    )
    found = preview(before, after, replacing=True)

    stored = MirrorList.objects.get(is_default=True)
    stored.counts_unnamed = stored.counts_malformed = True
    stored.save()
    stored.entries.filter(installer="bandersnatch").delete()
    stored.entries.create(installer="poetry")

    totals = stats.history("__all__").overall()
    with_mirrors = sum(r.downloads for r in totals if r.category == "with_mirrors")
    without = sum(r.downloads for r in totals if r.category == "without_mirrors")
    django = stats.history("django").recent().last_month
    assert found.without_mirrors == Moved(141, without, 19, 11)
    assert found.with_mirrors == Moved(158, with_mirrors, 2, 0)
    assert found.packages[0] == MovedPackage("django", Moved(40, django, 10, 10))
    assert (without, with_mirrors, django) == (149, 160, 40)


def test_entry_moves_only_the_days_it_holds_on() -> None:
    count_two_days()
    before = default_state()
    entry = EntryState("poetry", valid_from=LAST.isoformat())

    found = preview(before, with_entries(before, entry), replacing=True)

    assert found.without_mirrors == Moved(141, 135, 0, 6)


def test_days_older_than_thirty_are_left_out() -> None:
    count_day(LAST - timedelta(days=30), {"django": {POETRY: 1000}})
    count_day(LAST - timedelta(days=29), {"django": {POETRY: 1}})
    count_day(LAST, {"django": {PIP_311: 1}})
    before = default_state()

    found = preview(before, with_entries(before, POETRY_ENTRY), replacing=True)

    assert found.without_mirrors == Moved(2, 1, 0, 1)
    assert found.packages == (MovedPackage("django", Moved(2, 1, 0, 1)),)


def test_change_of_words_moves_nothing() -> None:
    count_two_days()
    before = default_state()

    found = preview(before, replace(before, description="Reworded"), replacing=True)

    assert found.without_mirrors == Moved(141, 141)
    assert (found.packages, found.compared_packages) == ((), 0)


def test_installer_is_on_no_list_on_days_without_a_valid_entry() -> None:
    """Of 4 and 1 on the day before, and 6 on the last day."""
    count_two_days()
    before = default_state()

    def poetry(first: date | None, last: date | None) -> list[int]:
        days = [day.isoformat() if day else None for day in (first, last)]
        entry = EntryState("poetry", valid_from=days[0], valid_until=days[1])
        found = preview(before, with_entries(before, entry), replacing=True)
        return [one.downloads for one in found.unlisted if one.name == "poetry"]

    assert poetry(None, DAY - timedelta(days=1)) == [11]
    assert poetry(None, DAY) == [6]
    assert poetry(LAST, None) == [5]
    assert poetry(LAST + timedelta(days=1), None) == [11]
    assert poetry(DAY, LAST) == []


def test_removed_entry_is_on_no_list_unless_another_has_it() -> None:
    count_two_days()
    before = default_state()
    after = without_entry(before, "bandersnatch")
    on_another_list = preview(before, after, replacing=True).unlisted
    MirrorEntry.objects.exclude(mirror_list__is_default=True).delete()

    found = preview(before, after, replacing=True).unlisted

    assert Installer("bandersnatch", 14) not in on_another_list
    assert found == (
        Installer("pip", 132),
        Installer("bandersnatch", 14),
        Installer("poetry", 11),
        Installer("", 3),
    )


def test_another_default_is_compared_with_the_present_one() -> None:
    count_two_days()
    everything = stored_state(MirrorList.objects.get(name="everything"))

    found = preview(default_state(), everything, replacing=False)

    assert found.without_mirrors == Moved(141, 160, 19, 0)
    assert found.with_mirrors == Moved(158, 160, 2, 0)
    assert found.packages == (
        MovedPackage("django", Moved(40, 50, 10, 0)),
        MovedPackage("mirrored", Moved(0, 9, 9, 0)),
    )


def test_ledger_without_a_day_is_previewed_as_nothing() -> None:
    before = default_state()

    found = preview(before, with_entries(before, POETRY_ENTRY), replacing=True)

    assert found == Preview(None, None, 0, 0, Moved(), Moved(), (), 0, ())
    assert found.share(0) == 0.0


def test_only_the_largest_packages_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(previews, "CANDIDATES", 2)
    for day in (DAY, LAST):
        count_day(day, {"a": {POETRY: 5}, "b": {POETRY: 9}, "c": {POETRY: 7}})
    before = default_state()

    found = preview(before, with_entries(before, POETRY_ENTRY), replacing=True)

    assert [package.name for package in found.packages] == ["b", "c"]
    assert found.compared_packages == 2
    assert found.without_mirrors.moved_out == 42


@pytest.mark.parametrize("packages", [1, 60])
def test_preview_needs_as_many_queries_for_many_packages(
    packages: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for day in (LAST - timedelta(days=25), LAST):
        count_day(day, {f"p{n}": {POETRY: 1} for n in range(packages)})
    before = default_state()
    after = with_entries(before, POETRY_ENTRY)

    # Generation, window, days, clients; cells, entries, records.
    with django_assert_num_queries(7):
        preview(before, after, replacing=True)
