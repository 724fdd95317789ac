"""What was made lately."""

from __future__ import annotations

from microgpt.recent import Recent


def test_what_was_used_longest_ago_goes() -> None:
    recent = Recent[str](2)
    assert recent.keep("a", "A") == "A"
    recent.keep("b", "B")
    assert recent.get("a") == "A"
    recent.keep("c", "C")
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == ("A", None, "C")
    recent.clear()
    assert recent.get("c") is None
