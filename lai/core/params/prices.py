"""Whether a cap on cost can be counted: whoever may take money for an answer needs a price."""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

from lai.core.errors import PipelineError
from lai.core.params.runtime import BudgetParams, EndpointParams, PriceParams
from lai.core.params.schema import Params

DEFAULT_URL = "https://api.openai.com/v1"


def address(endpoint: EndpointParams) -> str:
    """The URL that these params lead to, as it is written."""
    return (endpoint.base_url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_URL).strip()


def check_prices(params: Params) -> None:
    """Raises: PipelineError, see `check_price`, for the first of all who will be asked."""
    for role in served(params):
        check_price_of(params, role)


def check_price_of(params: Params, role: str) -> None:
    """Raises: PipelineError, see `check_price`, for one of those `served`."""
    endpoint = getattr(params.runtime, role)
    check_price(address(endpoint), endpoint.price, role, params.runtime.budget)


def served(params: Params) -> list[str]:
    """Which of target, instructor and judge will be asked at a server."""
    asked = {"target": params.target.engine, "instructor": params.instructor.engine}
    if params.judge and any(task.scorer == "judge" for task in params.tasks.values()):
        asked["judge"] = params.judge.engine
    return [role for role, engine in asked.items() if engine == "openai"]


def check_price(url: str, price: PriceParams | None, role: str, budget: BudgetParams) -> None:
    """Raises: PipelineError when costs are capped and nobody says what a server costs.

    Without a price only one on this machine is free: elsewhere a gateway may pass requests on to
    somebody who bills them.
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    if budget.cost is None or price is not None or is_loopback(host):
        return
    raise PipelineError(
        f"runtime.budget.cost caps a cost that nobody can count: runtime.{role}.price is null; add "
        "price: {input: ..., output: ...}, what a million tokens cost at "
        f"{host or 'its base_url'} (zeros where they are free), or cap calls or tokens instead"
    )


def is_loopback(host: str) -> bool:
    """Whether `host` names this very machine."""
    host = host.lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified
