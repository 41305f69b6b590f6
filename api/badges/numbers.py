"""Downloads in a few characters, shortened as shields shortens them."""

from packages.headline import Period

UNITS = ["", "k", "M", "G", "T", "P", "E"]


def shortened(number: int) -> str:
    """Return ``number`` as 999, 1.2k, 45k, 1.2M: one decimal below ten of a unit."""
    for power in range(len(UNITS) - 1, 0, -1):
        if number >= 1000**power:
            return _in_units(number, power)
    return str(number)


def message(number: int, period: Period) -> str:
    short = shortened(number)
    return short if period is Period.TOTAL else f"{short}/{period}"


def _in_units(number: int, power: int) -> str:
    unit = 1000**power
    tenths = _rounded(10 * number, unit)
    if tenths < 100 and tenths % 10:
        return f"{tenths // 10}.{tenths % 10}{UNITS[power]}"
    whole = _rounded(number, unit)
    if whole < 1000 or power + 1 == len(UNITS):
        return f"{whole}{UNITS[power]}"
    return f"1{UNITS[power + 1]}"


def _rounded(number: int, unit: int) -> int:
    """Divide and round half up, exactly."""
    return (2 * number + unit) // (2 * unit)
