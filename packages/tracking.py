"""Which packages are tracked: changed in bulk, and as often as one likes."""

from collections.abc import Iterable, Iterator

from django.db import transaction

from packages.models import Package

BATCH = 900
"""SQLite allows fewer parameters of a statement than a long file has names."""


def track(names: Iterable[str]) -> int:
    """Track the packages of these normalized names; return how many were not."""
    changed = 0
    with transaction.atomic():
        for batch in _batches(names):
            packages = Package.objects.filter(normalized_name__in=batch)
            known = set(packages.values_list("normalized_name", flat=True).order_by())
            new = [Package(normalized_name=n, tracked=True) for n in batch - known]
            changed += packages.filter(tracked=False).update(tracked=True) + len(new)
            # An ingest may have made the same package meanwhile.
            Package.objects.bulk_create(
                new,
                update_conflicts=True,
                update_fields=["tracked"],
                unique_fields=["normalized_name"],
            )
    return changed


def untrack(names: Iterable[str]) -> int:
    """Stop tracking the packages of these names; return how many were tracked."""
    with transaction.atomic():
        return sum(
            Package.objects.tracked()
            .filter(normalized_name__in=batch)
            .update(tracked=False)
            for batch in _batches(names)
        )


def _batches(names: Iterable[str]) -> Iterator[set[str]]:
    ordered = sorted(set(names))
    for start in range(0, len(ordered), BATCH):
        yield set(ordered[start : start + BATCH])
