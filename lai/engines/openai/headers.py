"""What a response's headers say about when to come back."""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Mapping

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by Retry-After (a number or an HTTP date) or retry-after-ms, if given.

    A date is counted from the server's own Date: this machine's clock may be wrong, or be set.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "")
        try:
            seconds = float(value) * unit
        except ValueError:
            until = _moment(value)
            if until is None:
                continue
            seconds = until - (_moment(headers.get("date", "")) or time.time())
        if not math.isnan(seconds):
            return max(0.0, seconds)
    return None


def _moment(date: str) -> float | None:
    """The Unix time of an HTTP date, if it is one."""
    try:
        return email.utils.parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None


def exhausted_for(headers: Mapping[str, str]) -> float | None:
    """Seconds until a limit that `x-ratelimit-remaining-*` says is used up is there again.

    OpenAI writes the time as `1s`, `6m0s` or `120ms`; others as a number of seconds.
    """
    waits = []
    for what in ("requests", "tokens"):
        if headers.get(f"x-ratelimit-remaining-{what}", "").strip() == "0":
            seconds = _duration(headers.get(f"x-ratelimit-reset-{what}", ""))
            if seconds is not None:
                waits.append(seconds)
    return max(waits, default=None)


def _duration(text: str) -> float | None:
    text = text.strip()
    parts = _DURATION.findall(text)
    if parts and "".join(map("".join, parts)) == text:
        return sum(float(number) * _UNITS[unit] for number, unit in parts)
    try:
        seconds = float(text)
    except ValueError:
        return None
    # A larger number is a moment, not a wait: some write Unix time.
    return seconds if 0 <= seconds <= 3600 else None
