#!/usr/bin/env python3
"""Run a management command of the service."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pypistats_site.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"The settings are wrong: {error}")
    except OperationalError as error:
        sys.exit(f"The database failed: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
