"""Typed readers for settings that come from the environment.

Every setting ``X`` may also be given as ``X_FILE``, the path of a file that holds its
value (the form Docker and systemd hand secrets over in).
"""

import os
from collections.abc import Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})


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


def _read(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        message = f"{name}_FILE names {path}, which cannot be read: {error}."
        raise ImproperlyConfigured(message) from error
