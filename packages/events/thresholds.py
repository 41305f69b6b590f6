"""From what size on something is an event; docs/events.md says why."""

STEPS = tuple(digit * 10**power for power in range(3, 15) for digit in (1, 2, 5))
"""The round numbers: 1, 2 and 5 times a power of ten, from 1,000 on."""

MILESTONE_STEP = 1.05
"""How many times the highest week a milestone is, with less than ``RECORD_WEEKS``."""

TOTAL_FLOOR = 10_000
"""The smallest round number that all downloads ever pass with notice."""

HISTORY_DAYS = 90
"""Days since the first counted one, before "ever" means anything."""

RECORD_FLOOR = 50_000
"""A week's downloads below which no record is told."""

RECORD_WEEKS = 8
"""Weeks on record before a week or a day can be a record."""

RECORD_STEP = 1.1
"""How many times the last record told the next one must be."""

UNUSUAL_FLOOR = 5_000
"""Downloads that an unusual day has at least more, or fewer, than is usual."""

UNUSUAL_RATIO = 2.0
"""How many times the usual a rise is, and the usual how many times a fall."""

UNUSUAL_RATIO_OF_ALL = 1.25
"""The same, for all packages together."""

UNUSUAL_BEYOND = 1.25
"""How far beyond the highest (lowest) of the same weekdays such a day is."""

UNUSUAL_SPREAD = 5
"""How many times their median deviation the day lies from their median."""

UNUSUAL_QUIET = 28
"""Days after an unusual day in which another in the same direction is no news."""

WEEKDAYS, FEWEST_WEEKDAYS = 4, 3
"""Same weekdays that a day is compared with, and how many must be on record."""

OWNER_SHARE, OWNER_LEAST = 0.8, 0.5
"""A kind of client owns a change with this share of it; failing that, the second."""

SHARES = (1, 5, 10, 25, 50)
"""Per cent that a Python version passes, or falls below."""

SHARE_FLOOR = 100_000
"""A week's downloads below which shares are noise."""

SHARE_MARGIN = 0.05
"""How far past a share, as a part of it, a version must get to have passed it."""

SHARE_WEEKS = 6
"""Weeks that the state before a passing is read from; all must be on record."""

SILENT_DAYS = 14
"""Counted days without a download until a package has none any more."""

SILENT_FLOOR = 2_000
"""Downloads in as many days before, from which on their end is news."""

RETURN_FLOOR = 500
"""Downloads in a week from which on a silent package is back."""

REVISION_FLOOR = 10_000
"""Downloads by which a re-count must move a package's day to be told."""

REVISION_SHARE = 0.1
"""The part of the day that they must be."""

REVISION_SHARE_OF_ALL = 0.01
"""The same, for all packages together; the ledger has the smaller ones."""

REVISION_MOST = 1_000
"""The most packages for which the revision of one day is told, largest first."""

LATE_DAYS = 7
"""Days after which a day's events are dated by its end, not by their finding."""
