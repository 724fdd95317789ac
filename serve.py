"""Sets up, builds and serves the playground: `python3 serve.py`, or `build --out DIR`.

`app.site` does the work; this file lets it start from any working directory.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Runs the command line of the site; reports a Python that is too old for it."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is what reports an older one
        print("This needs Python 3.11 or newer: start it with a newer python3.", file=sys.stderr)
        return 1
    from app.site.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
