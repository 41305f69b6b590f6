"""Changes of mirror lists: one at a time, each with who, when and why."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.db import transaction
from django_q.tasks import async_task

from packages.list_states import ListState, stored_state
from packages.models import Generation, MirrorChange, MirrorList


@contextmanager
def recorded(user_name: str, reason: str) -> Iterator[None]:
    """Put whatever the block changes in mirror lists into their history.

    All in one transaction, which other changes of mirror lists wait for. A block that
    changes nothing leaves no trace.
    """
    with transaction.atomic():
        before = _locked_states()
        yield
        after = _states()
        for pk in sorted(before.keys() | after.keys()):
            _record(before.get(pk), after.get(pk), user_name, reason)
        if _default_counting(before) != _default_counting(after):
            default_list_changed()


def default_list_changed() -> None:
    """Have recents and rankings worked out anew; at PyPI's size it takes a while."""
    Generation.rise()
    transaction.on_commit(partial(async_task, "ingest.tasks.refresh_recents"))


def _locked_states() -> dict[int, ListState]:
    """Read every list; the lock makes a second admin wait for the first."""
    list(MirrorList.objects.select_for_update().order_by("pk"))
    return _states()


def _states() -> dict[int, ListState]:
    lists = MirrorList.objects.prefetch_related("entries")
    return {mirror_list.pk: stored_state(mirror_list) for mirror_list in lists}


def _default_counting(states: dict[int, ListState]) -> tuple[object, ...] | None:
    counting = (state.counting() for state in states.values() if state.is_default)
    return next(counting, None)


def _record(
    before: ListState | None, after: ListState | None, user_name: str, reason: str
) -> None:
    named = after or before
    if named is None or before == after:
        return
    MirrorChange.objects.create(
        list_name=named.name,
        user_name=user_name,
        reason=reason,
        before=before.as_json() if before else None,
        after=after.as_json() if after else None,
    )
