"""What the environment adds to every connection: proxies, and the certificates that are trusted."""

from __future__ import annotations

import os
import re
import ssl
from urllib.parse import urlsplit

import httpx2

from lai.core.errors import PipelineError

SCHEMES = ("http", "https", "all")
HOST = re.compile(r"[\w.:-]+")


def check(url: str) -> None:
    """Raises: PipelineError for a variable that lets no connection to `url` be made.

    What a proxy's holds is not told: there may be a password in it.
    """
    if path := os.environ.get("SSL_CERT_FILE"):
        try:
            ssl.create_default_context(cafile=path)
        except OSError as error:
            why = getattr(error, "reason", None) or error.strerror
            raise PipelineError(
                f"the environment variable SSL_CERT_FILE is {path}, no file of certificates "
                f"({why}); mend or unset it"
            ) from None
    for name in filter(None, map(_variable, SCHEMES)):
        # The library looks at all of them, whichever it then uses.
        if not _is_proxy(os.environ[name]):
            raise PipelineError(f"{_holds_none(name)}; mend or unset it")
    if _is_socks(used := proxy(url)) and not _variable("no"):
        raise PipelineError(_no_socks(used))


def proxy(url: str) -> str:
    """The variable with the proxy for `url`, where NO_PROXY lets there be one; empty for none."""
    return _variable(urlsplit(url).scheme) or _variable("all")


class SocksError(httpx2.ProxyError):
    """A request that only a SOCKS proxy would have passed on: nothing was sent."""


class _Socks(httpx2.AsyncBaseTransport):
    def __init__(self, variable: str) -> None:
        self._variable = variable

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        raise SocksError(_no_socks(self._variable), request=request)


def mounts() -> dict[str, httpx2.AsyncBaseTransport]:
    """By scheme, what the client has in place of SOCKS proxies, which aiohttp does not speak to.

    Which hosts NO_PROXY keeps from them is for the library to say: it knows networks and ports.
    """
    if "*" in map(str.strip, os.environ.get(_variable("no"), "").split(",")):
        return {}
    named = {f"{scheme}://": _variable(scheme) for scheme in SCHEMES}
    return {mounted: _Socks(name) for mounted, name in named.items() if _is_socks(name)}


def _variable(scheme: str) -> str:
    """The variable with the proxy of a scheme, if there is one; in lower case it comes first."""
    lower, upper = f"{scheme}_proxy", f"{scheme}_PROXY".upper()
    name = lower if lower in os.environ else upper
    return name if os.environ.get(name) else ""


def _holds_none(name: str) -> str:
    return f"the environment variable {name} holds no http:// address of a proxy"


def _no_socks(name: str) -> str:
    return f"{_holds_none(name)} but one of SOCKS; mend or unset it, or add the host to NO_PROXY"


def _is_socks(name: str) -> bool:
    return os.environ.get(name, "").lower().startswith(("socks5://", "socks5h://"))


def _is_proxy(value: str) -> bool:
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    known = ("http", "https", "socks5", "socks5h")
    return parts.scheme in known and HOST.fullmatch(host) is not None
