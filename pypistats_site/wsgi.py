"""What granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pypistats_site.settings")

GARBAGE_AFTER = 50_000
"""New containers between two looks for cycles: a large answer makes thousands, and
leaves no cycle."""

application = get_wsgi_application()
_ = get_resolver().url_patterns  # imports the views now, not in the first request
gc.collect()
gc.freeze()
gc.set_threshold(GARBAGE_AFTER, *gc.get_threshold()[1:])
