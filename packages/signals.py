"""An edit of a mirror list changes figures, one of an incident what days are called."""

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django_q.tasks import async_task

from packages import recents
from packages.incidents import mark_days
from packages.models import Generation, Incident, MirrorEntry, MirrorList


@receiver([post_save, post_delete], sender=MirrorList)
@receiver([post_save, post_delete], sender=MirrorEntry)
def start_generation(sender: object, **kwargs: object) -> None:
    Generation.rise()
    transaction.on_commit(_refresh_recents)


@receiver([post_save, post_delete], sender=Incident)
def mark_days_anew(sender: object, **kwargs: object) -> None:
    mark_days()


def _refresh_recents() -> None:
    """Ask the queue, for at PyPI's size it takes a while; once is enough."""
    if recents.percent_done() == 0:
        async_task("ingest.tasks.refresh_recents")
