"""Typed readers for settings that come from the environment.

Every setting ``X`` may also be given as ``X_FILE``, the path of a file that holds its
value (the form Docker and systemd hand secrets over in).
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dj_database_url
import psycopg2
from django.core.exceptions import ImproperlyConfigured
from psycopg2.extensions import make_dsn

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})
DATABASES = ("postgresql://", "postgres://", "sqlite://")


def env_str(name: str, default: str = "") -> str:
    file_name = os.environ.get(f"{name}_FILE")
    if file_name:
        return _read(name, Path(file_name))
    return os.environ.get(name, default).strip()


def env_int(name: str, default: int) -> int:
    text = env_str(name, str(default))
    try:
        return int(text)
    except ValueError as error:
        message = f"{name} must be a whole number, not {text!r}."
        raise ImproperlyConfigured(message) from error


def env_float(name: str, default: float) -> float:
    text = env_str(name, str(default))
    try:
        return float(text)
    except ValueError as error:
        message = f"{name} must be a number, not {text!r}."
        raise ImproperlyConfigured(message) from error


def env_bool(name: str, *, default: bool) -> bool:
    text = env_str(name, str(default)).lower()
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    message = f"{name} must be true or false, not {text!r}."
    raise ImproperlyConfigured(message)


def env_list(name: str, default: Sequence[str] = ()) -> list[str]:
    """Return the comma-separated values of a setting, without empty ones."""
    text = env_str(name, ",".join(default))
    return [value.strip() for value in text.split(",") if value.strip()]


def env_choice(name: str, default: str, allowed: Sequence[str]) -> str:
    """Return one of ``allowed``, which are in capitals, however it is spelled."""
    text = env_str(name) or default
    if text.upper() in allowed:
        return text.upper()
    message = f"{name} must be one of {', '.join(allowed)}, not {text!r}."
    raise ImproperlyConfigured(message)


def env_path(name: str, default: Path) -> Path:
    return Path(env_str(name) or default)


def env_folder(name: str, default: Path) -> Path:
    """Return a folder, which is made unless it is there."""
    path = env_path(name, default)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        message = (
            f"{name} must be a folder that can be written, and {path} cannot be made:"
            f" {reason}."
        )
        raise ImproperlyConfigured(message) from error
    return path


def env_database(name: str, default: str) -> dict[str, Any]:
    """Return the settings of a database; an error never quotes its password."""
    address = env_str(name) or default
    message = (
        f"{name} must be an address such as postgresql://user:secret@host:5432/name or"
        " sqlite:////srv/pypistats.sqlite3"
    )
    if not address.startswith(DATABASES):
        raise ImproperlyConfigured(f"{message}; its scheme is another one.")
    try:
        found = dj_database_url.parse(
            address, conn_max_age=600, conn_health_checks=True
        )
    except ValueError as error:
        advice = "its port is no number, or a sign in it needs %-encoding"
        raise ImproperlyConfigured(f"{message}; {advice}.") from error
    if not found["NAME"]:
        raise ImproperlyConfigured(f"{message}; it names no database.")
    if address.startswith("postgres"):
        _check_options(name, found)
        found["ENGINE"] = "pypistats_site.postgresql"
    return dict(found)


def _check_options(name: str, database: Mapping[str, Any]) -> None:
    """Refuse what the driver would refuse at the first query, as an error of ours."""
    options = database.get("OPTIONS", {})
    try:
        make_dsn(**{key: str(value) for key, value in options.items()})
    except psycopg2.ProgrammingError as error:
        message = (
            f"{name} has options (after the ?) that PostgreSQL does not know: {error}."
            " Allowed are those of libpq, such as sslmode=require."
        )
        raise ImproperlyConfigured(message.replace("\n", "")) from error


def _read(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        message = f"{name}_FILE names {path}, which cannot be read: {error}."
        raise ImproperlyConfigured(message) from error
