"""Where an OpenAI-compatible server is, and the key to it, which is never printed."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

from dotenv import dotenv_values

from lai.core.errors import PipelineError
from lai.core.params import prices, root
from lai.core.params.runtime import BudgetParams, EndpointParams
from lai.engines.openai import surroundings
from lai.engines.openai.secret import NO_KEY, Secret

_LONGEST = 300


@dataclass(frozen=True)
class Endpoint:
    """A server's address, which holds no secret, and the key to it."""

    url: str
    key: str = field(repr=False)

    @cached_property
    def secret(self) -> Secret:
        """The key, to be blotted out."""
        return Secret(self.key)

    def scrub(self, text: str) -> str:
        """`text` on one line, cut to a readable length, with the key blotted out.

        What is not printable is dropped first: it would steer a terminal, or part a key.
        """
        text = "".join(filter(str.isprintable, " ".join(text.split())))
        text = self.secret.shown(text)
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def resolve(params: EndpointParams, role: str, provider: str = "") -> Endpoint:
    """The address and key that `params` (the section runtime.`role`) lead to.

    The key comes from the environment, else from `.env` in the pipeline's folder. `provider`: who
    is to answer, by the section `role`; only OpenAI is found without a URL.

    Raises: PipelineError when the URL is none, when a server that is not local has no key, or for
    what the environment says of proxies and certificates, see `surroundings.check`.
    """
    url = prices.address(params)
    setting = f"runtime.{role}.base_url"
    if url == prices.DEFAULT_URL and params.api_version:
        raise PipelineError(
            f"runtime.{role}.api_version is for a deployment at Azure; put its address into "
            f"{setting}: https://RESOURCE.openai.azure.com/openai/deployments/NAME"
        )
    if url == prices.DEFAULT_URL and provider.lower() not in ("", "openai"):
        # A question sent to the wrong company is paid for, and its reply kept under a wrong name.
        raise PipelineError(
            f"{role}.provider is {provider}, but {setting} is null, which is OpenAI's server; "
            f"name the server of {provider}, such as http://localhost:8000/v1"
        )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise PipelineError(f"{setting} is no URL; write http(s)://host:port/v1") from None
    if parts.scheme not in ("http", "https") or not (_is_host(host) and url.isprintable()):
        raise PipelineError(f"{setting} is no http(s) URL; write http(s)://host:port/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        # HTTP libraries log whole URLs, and params.yaml is committed.
        raise PipelineError(
            f"{setting} holds more than http(s)://host:port/path; a secret belongs into "
            f"{params.api_key_env}, in the environment or .env"
        )
    key = _key(params.api_key_env, f"runtime.{role}.api_key_env")
    if not key and not is_local(host):
        raise PipelineError(
            f"no key for {url}: set the environment variable {params.api_key_env}, or write "
            f"{params.api_key_env}=... into .env beside params.yaml"
        )
    surroundings.check(url)
    return Endpoint(url, key or NO_KEY)


def _is_host(host: str) -> bool:
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return surroundings.HOST.fullmatch(host) is not None


def check_price(
    endpoint: Endpoint, params: EndpointParams, role: str, budget: BudgetParams
) -> None:
    """Raises: PipelineError when costs are capped and nobody says what this endpoint costs."""
    prices.check_price(endpoint.url, params.price, role, budget)


def is_local(host: str) -> bool:
    """Whether `host` names this machine or its own network, where servers seldom want a key."""
    host = host.lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))
    return address.is_loopback or address.is_private or address.is_unspecified


def _key(variable: str, setting: str) -> str:
    key = os.environ.get(variable, "").strip() or _from_file(variable)
    if not (key.isascii() and key.isprintable()) or " " in key:
        # An HTTP library would quote the whole header, key and all, in its own complaint.
        raise PipelineError(
            f"the key in {variable} ({setting}) holds spaces, line breaks or letters that no key "
            "has; copy it again"
        )
    return key


def _from_file(variable: str) -> str:
    path = root() / ".env"
    if not path.is_file():
        return ""
    try:
        return (dotenv_values(path, interpolate=False).get(variable) or "").strip()
    except (OSError, UnicodeDecodeError):
        raise PipelineError(f"{path} cannot be read as UTF-8 text; mend or remove it") from None
