"""What granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pypistats_site.settings")

django_application = get_wsgi_application()

from pypistats_site.public_handler import PublicHandler  # noqa: E402 - once there are settings

application = PublicHandler(django_application)
_ = get_resolver().url_patterns  # imports the views now, not in the first request
gc.collect()
gc.freeze()  # what lasts as long as the process is not looked through for garbage
