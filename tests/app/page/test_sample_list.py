"""Many samples: duplicates counted, sorted by likelihood."""

from __future__ import annotations

from app.page.sample_list import SampleList, chance_words, sample_html
from app.shared.scores import SampleRow


def row(text: str, loss: float, origin: str = "new") -> SampleRow:
    return SampleRow(text=text, stop="end", mark="", origin=origin, loss=loss)


def test_duplicates_are_counted_and_lines_keep_them() -> None:
    samples = SampleList()
    rows = [row("eva", 5.0), row("<b>", 9.0), row("ana", 4.0, "data"), row("eva", 5.0)]
    assert [samples.add(one) is not None for one in rows] == [True, True, True, False]
    assert samples.words() == "4 written, 3 new, 1 from the data, 1 more than once"
    assert samples.lines(False) == "eva\neva\n<b>\nana\n"
    assert [sample.row["text"] for sample in samples.ordered(True)] == ["ana", "eva", "<b>"]
    first, second = (sample_html(sample) for sample in samples.ordered(False)[:2])
    assert "× 2" in first
    assert "<b>" not in second


def test_how_likely_a_text_is() -> None:
    assert [chance_words(loss) for loss in (0.7, 7.0, 10.0, 20.0, 60.0)] == [
        "1 in 2.0",
        "1 in 1.1k",
        "1 in 22k",
        "1 in 485M",
        "1 in 10^26",
    ]
