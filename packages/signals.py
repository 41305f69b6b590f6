"""An edit of a mirror list changes figures, one of an incident what days are called."""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from packages.incidents import mark_days
from packages.models import Generation, Incident, MirrorEntry, MirrorList


@receiver([post_save, post_delete], sender=MirrorList)
@receiver([post_save, post_delete], sender=MirrorEntry)
def start_generation(sender: object, **kwargs: object) -> None:
    Generation.rise()


@receiver([post_save, post_delete], sender=Incident)
def mark_days_anew(sender: object, **kwargs: object) -> None:
    mark_days()
