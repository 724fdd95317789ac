"""The content security policy: what the browser itself keeps the page and its worker from doing.

The build writes it into the page, where it holds on any host; the server sends it as a header too.
"""

from __future__ import annotations

# What no directive names is as `default-src` says: scripts, styles, images and fonts of this site.
DIRECTIVES = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-eval'",  # MicroPython and Pyodide evaluate code
    "connect-src": "'self' blob:",  # Pyodide fetches the library that the worker has inflated
    "img-src": "'self' blob:",  # the tab's icon, which shows how far a run is
    "worker-src": "'self' blob:",  # a worker made from a blob inherits all this, see boot.js
    "frame-src": "'self'",  # a preview of the page, in its own dialog
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
# Only a header can say who may show the page in a frame: this site, so that nobody else lays
# something over it. With `?embed` everybody may: it keeps nothing, and finds nothing that is kept.
FRAME_ANCESTORS = {"frame-ancestors": "'self'"}


def page_policy() -> str:
    """The policy as the page's `meta` element holds it."""
    return _written(DIRECTIVES)


def header_policy(embed: bool = False) -> str:
    """The policy as the header `Content-Security-Policy` holds it.

    embed: whether it is that of the page that is made for others' frames.
    """
    return _written(DIRECTIVES if embed else {**DIRECTIVES, **FRAME_ANCESTORS})


def _written(directives: dict[str, str]) -> str:
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())
