"""Removing packages for good: the only place that does, and that remembers their names.

The made-up packages of the sample are forgotten elsewhere: nobody follows them.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from packages.models import Generation, Package, RemovedPackage


def remove(packages: QuerySet[Package]) -> None:
    """Remove the packages with all their numbers and events, in one transaction."""
    with transaction.atomic():
        names = packages.order_by().values_list("normalized_name", flat=True)
        now = timezone.now()
        RemovedPackage.objects.bulk_create(
            [RemovedPackage(normalized_name=name, removed_at=now) for name in names],
            update_conflicts=True,
            update_fields=["removed_at"],
            unique_fields=["normalized_name"],
        )
        packages.delete()
        Generation.rise()  # what is kept of their feeds must not be sent any more


def is_removed(normalized: str) -> bool:
    """Say whether a package of that name, which is not known now, was removed."""
    return RemovedPackage.objects.filter(normalized_name=normalized).exists()
