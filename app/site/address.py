"""The address that the site is served on. Knows nothing of what is served there."""

from __future__ import annotations

import errno
import os
import socket

from app.site.environment import SetupError


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `host`; port 0 takes any free port.

    Of a host with several addresses it takes one of IPv4, because every program that connects to
    localhost tries IPv4, and not every one tries IPv6.

    Raises:
        SetupError: the port is in use, or there is no such host.
    """
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (socket.gaierror, UnicodeError) as error:
        raise SetupError(f"{host} is not a host name: choose another with --host.") from error
    family, _, _, _, address = min(found, key=lambda info: info[0] != socket.AF_INET)
    both = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
    try:
        return socket.create_server(address, family=family, dualstack_ipv6=both)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SetupError(
                f"Port {port} is in use, perhaps by a playground started before: stop that "
                f"program, or choose another port with --port {port + 1}."
            ) from error
        reason = os.strerror(error.errno or 0)
        raise SetupError(
            f"Cannot listen on {host} port {port} ({reason}): choose others with --host and --port."
        ) from error


def url_of(host: str, listening: socket.socket, prefix: str = "/") -> str:
    """The URL to open in a browser; `localhost` for a host that means every interface."""
    if host in {"", "0.0.0.0", "::"}:
        host = "localhost"
    port = listening.getsockname()[1]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{prefix}"
