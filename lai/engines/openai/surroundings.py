"""What the environment adds to every connection: proxies, and the certificates that are trusted."""

from __future__ import annotations

import os
import re
import ssl
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from lai.core.errors import PipelineError

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
    used = proxy(url)
    for name in filter(None, map(_variable, ("http", "https", "all"))):
        # The library looks at all of them, whichever it then uses; aiohttp speaks no SOCKS.
        known = ("http", "https") if name == used else ("http", "https", "socks5", "socks5h")
        if not _is_proxy(os.environ[name], known):
            raise PipelineError(
                f"the environment variable {name} holds no http:// address of a proxy; mend or "
                f"unset it{', or add the host to NO_PROXY' if name == used else ''}"
            )


def proxy(url: str) -> str:
    """The variable that names the proxy for `url`; empty where there is none."""
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return ""
    return _variable(parts.scheme) or _variable("all")


def _variable(scheme: str) -> str:
    """The variable with the proxy of a scheme, if there is one; in lower case it comes first."""
    lower, upper = f"{scheme}_proxy", f"{scheme}_PROXY".upper()
    name = lower if lower in os.environ else upper
    return name if os.environ.get(name) else ""


def _is_proxy(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return parts.scheme in schemes and HOST.fullmatch(host) is not None
