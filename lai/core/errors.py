"""The one exception that a user is meant to read."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable


class PipelineError(Exception):
    """A mistake or an outage that the user can mend; says what, where and how to mend it.

    Printed as one line, without a traceback, with exit code 1 (see `exits_cleanly`).
    """


def exits_cleanly(main: Callable[..., None]) -> Callable[..., None]:
    """Wrap an entry point: a `PipelineError` becomes one line on stderr and exit code 1."""

    @functools.wraps(main)
    def wrapped(*args: object, **kwargs: object) -> None:
        try:
            main(*args, **kwargs)
        except PipelineError as error:
            print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
            raise SystemExit(1) from None
        except KeyboardInterrupt:
            print("interrupted; answers already received are kept", file=sys.stderr)
            raise SystemExit(130) from None

    return wrapped
