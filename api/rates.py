"""How many answers a client may have, as API_RATE_LIMITS says it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

DEFAULT, EXPENSIVE = "default", "expensive"
"""Scopes: what a view costs. A view of neither name counts as ``DEFAULT``."""

OFF = "off"
DEFAULTS = f"{DEFAULT}=3000/10s, {EXPENSIVE}=120/m"
MOST_ANSWERS = 10**12
LONGEST_SECONDS = 86_400

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_RATE = re.compile(r"([0-9]{1,13})/([0-9]{0,5})([smhd])", re.ASCII)
_FORM = "Each scope needs rates such as 3000/10s or 120/m"


class RatesError(ValueError):
    """API_RATE_LIMITS does not say what it should; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``limit`` answers in each window of so many seconds."""

    scope: str
    limit: int
    seconds: int

    @property
    def policy(self) -> str:
        """Its name in the RateLimit headers: the same for as long as it is in force."""
        return f"{self.scope}-{self.seconds}s"

    def times(self, factor: int) -> "Rate":
        return Rate(self.scope, self.limit * factor, self.seconds)


Rates = Mapping[str, tuple[Rate, ...]]


@lru_cache(maxsize=8)
def parse_rates(text: str) -> Rates:
    """Return the rates of every scope; scopes left out keep their defaults.

    ``text`` is like ``default=5/s 30/m, expensive=off``, or ``off`` for no limits.
    """
    if text.strip() == OFF:
        return {DEFAULT: (), EXPENSIVE: ()}
    rates = {} if text == DEFAULTS else dict(parse_rates(DEFAULTS))
    given: set[str] = set()
    for part in text.split(","):
        scope, separator, words = (word.strip() for word in part.partition("="))
        if not separator or scope not in {DEFAULT, EXPENSIVE} or scope in given:
            raise RatesError(
                f"{part.strip()!r} is no scope with rates; write {DEFAULTS!r}"
            )
        given.add(scope)
        rates[scope] = _rates_of(scope, words)
    return rates


def _rates_of(scope: str, words: str) -> tuple[Rate, ...]:
    if words == OFF:
        return ()
    rates = tuple(_rate(scope, word) for word in words.split())
    if not rates:
        raise RatesError(f"{scope!r} has no rate. {_FORM}, or {OFF!r}")
    if len({rate.seconds for rate in rates}) < len(rates):
        raise RatesError(f"{scope!r} has two rates of one length")
    return rates


def _rate(scope: str, word: str) -> Rate:
    match = _RATE.fullmatch(word)
    if match is None:
        raise RatesError(f"{word!r} is no rate. {_FORM}")
    limit, seconds = int(match[1]), int(match[2] or 1) * _SECONDS[match[3]]
    if not 1 <= limit <= MOST_ANSWERS or not 1 <= seconds <= LONGEST_SECONDS:
        raise RatesError(
            f"{word!r} is out of range: 1 to {MOST_ANSWERS} answers in 1 s to 1 d"
        )
    return Rate(scope, limit, seconds)
