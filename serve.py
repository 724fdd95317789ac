"""Sets up, builds and serves the playground: `python3 serve.py`, or `build --out DIR`.

The work is done in `app.site`; this file only makes it start from any working directory.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Runs the command line of the site; says so where this Python is too old for it."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts it with an older one must hear
        print("This needs Python 3.11 or newer: start it with a newer python3.", file=sys.stderr)
        return 1
    from app.site.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
