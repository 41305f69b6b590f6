"""What the API refuses, and in which words."""

from rest_framework import status
from rest_framework.exceptions import APIException, Throttled

from api.limits import Usage, Usages

NAMED_VALUES = 40
SHOWN = 40


class WrongValue(APIException):
    """A parameter, or the body, says what cannot be meant."""

    status_code = status.HTTP_400_BAD_REQUEST


class UnknownValue(WrongValue):
    """A parameter has a value outside the allowed ones."""

    def __init__(self, parameter: str, value: str, allowed: list[str]) -> None:
        names = ", ".join(allowed[:NAMED_VALUES])
        if len(allowed) > NAMED_VALUES:
            names += f" and {len(allowed) - NAMED_VALUES} more"
        super().__init__(f"{parameter} is {shortened(value)}; allowed are: {names}.")


class DatabaseUnreachable(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "The database does not answer; try again in a minute."
    wait = 60


class TooManyRequests(Throttled):
    """A rate is used up; ``wait`` seconds later it is not."""

    def __init__(self, usage: Usage, counted: str) -> None:
        rate = usage.rate
        detail = (
            f"Too many {counted}: the limit is {rate.limit} in"
            f" {_seconds(rate.seconds)}. Come back in {_seconds(usage.reset)}."
        )
        # Throttled would say the same once more, in its own words.
        APIException.__init__(self, detail)
        self.wait = usage.reset


def _seconds(number: int) -> str:
    return "1 second" if number == 1 else f"{number} seconds"


def refuse_if_exceeded(usages: Usages, counted: str = "requests") -> None:
    exceeded = [usage for usage in usages if usage.is_exceeded]
    if exceeded:
        raise TooManyRequests(max(exceeded, key=lambda usage: usage.reset), counted)


def shortened(value: str) -> str:
    """Quote what a client sent, so that it fits a sentence."""
    return repr(value if len(value) <= SHOWN else f"{value[:SHOWN]}...")
