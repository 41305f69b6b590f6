"""Settings of the bare view: without middleware, or with what startproject writes."""

import os

from pypistats_site import settings

globals().update({name: getattr(settings, name) for name in dir(settings)})

STARTPROJECT = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
MIDDLEWARE = STARTPROJECT if os.environ.get("BARE_MIDDLEWARE") else []
ROOT_URLCONF = "benchmarks.bare"
