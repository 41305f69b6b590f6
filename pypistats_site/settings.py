"""Every setting of the service, read from the environment in this one file.

docs/configuration.md describes them; ``manage.py check`` checks them.
"""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from packages.addresses import web_address
from pypistats_site.env import (
    env_bool,
    env_choice,
    env_database,
    env_float,
    env_folder,
    env_int,
    env_list,
    env_path,
    env_str,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env_folder("VAR_DIR", BASE_DIR / "var")
VERSION = "0.1.0"

# Web
DEBUG = env_bool("DEBUG", default=False)
INSECURE_SECRET_KEY = "insecure-development-key-set-SECRET_KEY-before-you-deploy"  # noqa: S105
SECRET_KEY = env_str("SECRET_KEY") or INSECURE_SECRET_KEY
BASE_URL = env_str("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
BASE_ADDRESS = web_address(BASE_URL)
"""None for a BASE_URL that is none; a check says so."""
BASE_HOST = (BASE_ADDRESS and BASE_ADDRESS.hostname) or ""
ALLOWED_HOSTS = env_list(
    "ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]", BASE_HOST]
)
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_ADDRESS else []
PACKAGE_INDEX_URL = env_str("PACKAGE_INDEX_URL", "https://pypi.python.org").rstrip("/")

# Clients of the API
TRUSTED_PROXIES = env_list("TRUSTED_PROXIES")
API_RATE_LIMITS = env_str("API_RATE_LIMITS")
REDIS_URL = env_str("REDIS_URL")

# Counting
RETENTION_DAYS = env_int("RETENTION_DAYS", 180)
INGEST_SOURCE = env_str("INGEST_SOURCE", "sample")
INGEST_PATH = env_str("INGEST_PATH")
INGEST_LOG_FORMAT = env_str("INGEST_LOG_FORMAT", "combined")
INGEST_PACKAGES = env_str("INGEST_PACKAGES", "all")
INGEST_TIME_UTC = env_str("INGEST_TIME_UTC", "03:30")
INGEST_TRAILING_DAYS = env_int("INGEST_TRAILING_DAYS", 3)
INGEST_LAG_DAYS = env_int("INGEST_LAG_DAYS", 0)
INGEST_HOLES_PER_RUN = env_int("INGEST_HOLES_PER_RUN", 7)
INGEST_MEMORY_MB = env_int("INGEST_MEMORY_MB", 1000)
INGEST_COUNT_BY = env_str("INGEST_COUNT_BY")
INGEST_DETAIL = env_list("INGEST_DETAIL", ["python", "system", "ci"])
CLICKHOUSE_URL = env_str("CLICKHOUSE_URL", "https://sql-clickhouse.clickhouse.com")
CLICKHOUSE_USER = env_str("CLICKHOUSE_USER", "demo")
CLICKHOUSE_PASSWORD = env_str("CLICKHOUSE_PASSWORD")
CLICKHOUSE_TABLE = env_str("CLICKHOUSE_TABLE", "pypi.pypi")
SPOOL_DIR = env_path("SPOOL_DIR", VAR_DIR / "spool")
DUMP_DIR = env_path("DUMP_DIR", VAR_DIR / "dump")

# BigQuery
BIGQUERY_TABLE = env_str("BIGQUERY_TABLE", "bigquery-public-data.pypi.file_downloads")
BIGQUERY_PROJECT = env_str("BIGQUERY_PROJECT")
BIGQUERY_KEY = env_str("BIGQUERY_KEY")
BIGQUERY_ARTIFACTS_ONLY = env_bool("BIGQUERY_ARTIFACTS_ONLY", default=False)
BIGQUERY_PRICE_PER_TIB = env_float("BIGQUERY_PRICE_PER_TIB", 6.25)
BIGQUERY_MAX_BYTES = env_int("BIGQUERY_MAX_BYTES", 400_000_000_000)
BIGQUERY_EMULATOR_HOST = env_str("BIGQUERY_EMULATOR_HOST")

INSTALLED_APPS = [
    "packages",
    "ingest",
    "api",
    "feeds",
    "pypistats_site.admin_site.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "django_q",
    "django_ratelimit",
    "drf_spectacular",
    "rest_framework",
]

# Outermost first. What the public gets is answered by PublicAnswers where it is known
# already; sessions, users and messages are the admin's alone.
MIDDLEWARE = [
    "pypistats_site.cross_origin.CrossOrigin",
    # Before whatever answers from a cache: its answers carry limits as well.
    "api.middleware.ClientLimits",
    "pypistats_site.slow_clients.SlowClients",
    "pypistats_site.answers.PublicAnswers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pypistats_site.lighter.OnePolicy",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pypistats_site.admin_only.AdminSessions",
    "pypistats_site.lighter.MissingSlash",
    "django.middleware.csrf.CsrfViewMiddleware",
    "pypistats_site.admin_only.AdminUsers",
    "pypistats_site.admin_only.AdminMessages",
]

ROOT_URLCONF = "pypistats_site.urls"
WSGI_APPLICATION = "pypistats_site.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "packages.context_processors.site",
            ],
        },
    },
]

# Database
SQLITE_OPTIONS = {
    # The queue and a day's write share the file: take the lock at BEGIN, and wait
    # longer for it than the longest write lasts.
    "transaction_mode": "IMMEDIATE",
    "timeout": 300,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
DATABASES: dict[str, dict[str, Any]] = {
    "default": env_database(
        "DATABASE_URL", f"sqlite:///{VAR_DIR / 'pypistats.sqlite3'}"
    ),
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"].setdefault("OPTIONS", {}).update(SQLITE_OPTIONS)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Answers: kept by each process, and shared where there is Redis.
GENERATION_CHECK_SECONDS = env_float("GENERATION_CHECK_SECONDS", 1.0)
ANSWER_CACHE_MB = env_int("ANSWER_CACHE_MB", 64)
# Counters of the rate limits: exact over the processes of a machine, with Redis over
# those of all.
RATELIMIT_USE_CACHE = "counters"
RATELIMIT_FAIL_OPEN = True
REDIS = {
    "BACKEND": "django_redis.cache.RedisCache",
    "LOCATION": REDIS_URL,
    "KEY_PREFIX": "pypistats",
    # An answer is not held up for long by a Redis that hangs.
    "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 0.3, "SOCKET_TIMEOUT": 0.3},
}
COUNTERS: dict[str, dict[str, Any]] = {
    "file": {
        "BACKEND": "packages.counters.CounterCache",
        "LOCATION": str(VAR_DIR / "counters.table"),
    },
    "redis": REDIS,
}
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "counters": COUNTERS["redis" if REDIS_URL else "file"],
    **({"answers": REDIS} if REDIS_URL else {}),
}
# "Not officially supported": our own counters, which tests/packages/test_counters.py
# shows to be exact. Caches that are not shared or not atomic are still refused (E003).
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.W001"]

# Time and language: the ledger is kept in UTC days.
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

# Static files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Security
HTTPS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
# The proxy that ends TLS says so; it must not pass on a header of its clients'.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = False  # the proxy that ends TLS redirects
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["api.renderers.CompactJSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttles.RateThrottle"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.negotiation.NamedFormat",
    "EXCEPTION_HANDLER": "api.errors.json_error",
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "api.schema.inspector.Inspector",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Download statistics of Python packages",
    "DESCRIPTION": (
        "Daily downloads of Python packages, from PyPI's public data (CC BY 4.0) or an"
        " index's own logs. Every error is JSON of one shape, whatever was asked for."
        " GET is answered to HEAD too; scripts of any origin may read all of it."
    ),
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api",
    "POSTPROCESSING_HOOKS": ["api.schema.document.complete"],
    # The document names mirror lists, which are read from the database; a test looks
    # at it, so that a check before the first migration need not.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}

# Queue: the ORM broker, because with Redis a task whose worker dies is lost. A task is
# tried once; the daily task itself looks for what is missing.
Q_CLUSTER = {
    "name": "pypistats",
    "orm": "default",
    "workers": 2,
    "timeout": 6 * 3600,
    "retry": 7 * 3600,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": 250,
    "poll": 1,
    "label": "Queue",
}

LOG_LEVEL = env_choice(
    "LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    # The queue tells of every task, and the heartbeat is one each minute.
    # Unknown addresses and hosts, and whatever else clients send that is refused, are
    # for the proxy's log: each would be a traceback.
    "loggers": {
        "django-q": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "CRITICAL"},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}
