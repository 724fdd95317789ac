"""Many samples as a list: duplicates counted, sorted by likelihood if that is wanted.

Plain Python that MicroPython understands.
"""

from math import exp, log

from app.page.views.tiles import escape
from app.shared.scores import SampleRow

SIZES = ((1e3, 1, ""), (1e6, 1e3, "k"), (1e9, 1e6, "M"), (1e12, 1e9, "G"))  # of large numbers
ORIGINS = {"new": "new", "data": "from the data"}


class Sample:
    """A text that was written, once or more often.

    Args:
        row: what the worker says of it.
    """

    def __init__(self, row: SampleRow) -> None:
        self.row = row
        self.count = 1


class SampleList:
    """All samples so far, in the order in which they came first."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self._by_text: dict[tuple[str, str], Sample] = {}

    def add(self, row: SampleRow) -> "Sample | None":
        """Add a sample; returns it if it is the first of its text, else None."""
        key = (row["text"], row["stop"])
        known = self._by_text.get(key)
        if known is not None:
            known.count += 1
            return None
        sample = self._by_text[key] = Sample(row)
        self.samples.append(sample)
        return sample

    def ordered(self, by_likelihood: bool) -> list[Sample]:
        """The samples in the order in which to show them."""
        if by_likelihood:
            return sorted(self.samples, key=lambda sample: sample.row["loss"])
        return self.samples

    def lines(self, by_likelihood: bool) -> str:
        """All texts, one a line, each as often as it was written."""
        return "".join(
            [(sample.row["text"] + "\n") * sample.count for sample in self.ordered(by_likelihood)]
        )

    def words(self) -> str:
        """How many are new, from the data, and written more than once."""
        new = data = again = 0
        for sample in self.samples:
            new += sample.count if sample.row["origin"] == "new" else 0
            data += sample.count if sample.row["origin"] == "data" else 0
            again += sample.count > 1
        total = sum([sample.count for sample in self.samples])
        parts = [f"{total:,} written"] if total else []
        if new or data:
            parts += [f"{new:,} new", f"{data:,} from the data"]
        if again:
            parts.append(f"{again:,} more than once")
        return ", ".join(parts)


def sample_html(sample: Sample) -> str:
    """A sample as an item of the list."""
    row = sample.row
    text = escape(row["text"])
    kind, shown = ("line set", text) if row["text"] else ("line set nothing", "(nothing)")
    value = text.replace('"', "&quot;")
    html = (
        f'<li><button type="button" tabindex="-1" class="{kind}" value="{value}">{shown}</button>'
    )
    if row["stop"] == "context":
        html += '<span class="cut">…</span>'
    if row["mark"]:
        mark = row["mark"]
        html += f'<span class="mark {mark}"><span class="hidden">{mark}</span></span>'
    if sample.count > 1:
        html += f'<span class="times">× {sample.count:,}</span>'
    html += f'<span class="chance">{chance_words(row["loss"])}</span>'
    if row["origin"]:
        origin = row["origin"]
        html += f'<span class="origin {origin}">{ORIGINS[origin]}</span>'
    return html + "</li>"


def chance_words(loss: float) -> str:
    """How likely the model itself is to write such a text, as 1 in a number."""
    many = exp(min(loss, 600.0))
    for limit, unit, sign in SIZES:
        if many < limit:
            shown = many / unit
            return f"1 in {shown:.1f}{sign}" if shown < 9.95 else f"1 in {int(shown + 0.5)}{sign}"
    return f"1 in 10^{loss / log(10):.0f}"
