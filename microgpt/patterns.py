"""The patterns of documents that are left out, as the user writes them.

Plain Python, because the page reads it in MicroPython. It does not know how they are looked for.
"""

from microgpt.setting import SettingError

ANYTHING = "*"  # in a pattern
MAX_PATTERNS_CHARS = 500  # of all patterns together


def patterns_of(text: str) -> list[str]:
    """The patterns in `text`, which commas separate, each once.

    >>> patterns_of("*a,  q*, *a")
    ['*a', 'q*']

    Raises `SettingError` for a pattern that matches everything, or for too many.
    """
    if len(text) > MAX_PATTERNS_CHARS:
        raise SettingError(f"Leave out has room for {MAX_PATTERNS_CHARS} characters: take fewer.")
    patterns: list[str] = []
    for part in text.split(","):
        pattern = part.strip()
        if pattern and not pattern.strip(ANYTHING):
            raise SettingError(
                f"{ANYTHING} alone would leave everything out: put letters beside it, as in "
                f"{ANYTHING}a."
            )
        if pattern and pattern not in patterns:
            patterns.append(pattern)
    return patterns


def plain(text: str) -> str:
    """`text` with its patterns written in the one way that counts as the same."""
    return ", ".join(patterns_of(text))
