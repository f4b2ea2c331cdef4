"""Rows of data sets on the Hugging Face Hub, and whether it can be reached at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

from lai.core.errors import PipelineError
from lai.core.params.tasks import Source

PATIENCE = 5.0
"""Seconds for the one request that tells whether the Hub is there."""
GATEWAY = (502, 503, 504)
"""What stands in front of a server answers so when the server is down."""
FILES = "download it and name local JSONL, JSON, CSV or Parquet `files` instead of `hub`"


class HubError(PipelineError):
    """The Hub cannot be reached, or must not be; what else is on it cannot be had either."""

    def __init__(self, name: str, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"cannot load {name}: the Hugging Face Hub is out of reach ({reason}); get online and "
            f"run again, or {FILES}"
        )


def rows(source: Source, config: str | None) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield (place, row, configuration) of a data set, one row at a time.

    Raises: HubError within seconds; PipelineError when the data set cannot be loaded.
    """
    name = f"{source.hub} ({config or 'default'}, {source.split})"
    reason = out_of_reach()
    if reason:
        raise HubError(name, reason)
    import datasets
    from huggingface_hub import constants

    datasets.disable_progress_bars()
    # What is cached already is read from there; only what has to be fetched is streamed.
    offline = bool(constants.HF_HUB_OFFLINE)
    number = 0
    try:
        for part in source.split.split("+"):
            table = datasets.load_dataset(
                source.hub,
                config,
                split=part,
                revision=source.revision,
                streaming=not offline,
            )
            for row in table:
                number += 1
                yield f"{name} row {number}", dict(row), config or str(source.hub)
    except Exception as error:  # of whichever library is beneath; nothing of ours is raised here
        if offline and isinstance(error, ConnectionError):
            raise HubError(name, "HF_HUB_OFFLINE is set, and it is not cached") from None
        reason = str(error).strip().split("\n")[0].rstrip(".") or type(error).__name__
        raise PipelineError(
            f"cannot load {name} from the Hugging Face Hub: {reason}; check the name and the "
            f"network, or {FILES}"
        ) from None


def out_of_reach() -> str:
    """Why the Hub cannot be reached, empty when it can. It is asked once a process, for seconds.

    The Hub's own client tries again for half a minute a data set. With HF_HUB_OFFLINE nobody is
    asked: what is cached is all there is.
    """
    from huggingface_hub import constants

    return "" if constants.HF_HUB_OFFLINE else _asked(constants.ENDPOINT)


@cache
def _asked(endpoint: str) -> str:
    # In a thread, for looking up a name and trying its addresses in turn know no common limit.
    found = [f"{endpoint} does not answer within {PATIENCE:.0f} s"]
    thread = threading.Thread(target=_ask, args=(endpoint, found), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return found[-1]


def _ask(endpoint: str, found: list[str]) -> None:
    from huggingface_hub import get_session

    try:
        # Any answer will do, also a refusal: somebody is there.
        status = get_session().head(endpoint, timeout=PATIENCE, follow_redirects=False).status_code
        found.append(f"{endpoint} answers {status}" if status in GATEWAY else "")
    except Exception as error:  # of whichever HTTP library is beneath
        what = " ".join(str(error).split()) or type(error).__name__
        found.append(f"{endpoint}: {what}")
