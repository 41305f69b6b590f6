"""What users follow: each has a list of packages, and alone changes it."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction

from packages.exceptions import ManyFollowedError
from packages.models import Package, Watchlist
from packages.models.watchlists import MOST_FOLLOWED
from packages.tracking import track


def follow(user: User, names: Iterable[str]) -> int:
    """Have ``user`` follow these normalized names; return how many are new to them.

    They are tracked from now on, and known if they were not. Raise
    ``ManyFollowedError``, and change nothing, if that would be too many.
    """
    with transaction.atomic():
        watchlist, _ = Watchlist.objects.select_for_update().get_or_create(user=user)
        followed = watchlist.packages.values_list("normalized_name", flat=True)
        asked, before = set(names), set(followed)
        if len(asked | before) > MOST_FOLLOWED:
            raise ManyFollowedError(MOST_FOLLOWED)
        track(asked)
        new = Package.objects.filter(normalized_name__in=asked - before)
        watchlist.packages.add(*new)
    return len(asked - before)


def unfollow(user: User, names: Iterable[str]) -> int:
    """Stop that; return how many they followed. What is tracked stays tracked.

    Others may follow it too, and numbers that stop would be missing for good.
    """
    followed = Watchlist.packages.through.objects.filter(
        watchlist__user=user, package__normalized_name__in=set(names)
    )
    return followed.delete()[0]
