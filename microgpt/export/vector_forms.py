"""Two vector operations as exported programs have them, in fewer lines than the engine's own.

They compute the same to the last bit: the same graph, in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping

from microgpt.export.excerpts import method_text, summary
from microgpt.export.function_writer import Excerpt, NumberOperation
from microgpt.model import Operations
from microgpt.scalar.operations import ScalarOperations, alibi_slope

ALIBI = """\
    if alibi:
        slope = alibi_slope(start // head_dim, n_head)
        scores = [score + slope * (at - len(keys) + 1) for at, score in enumerate(scores)]
"""


def shorter_form(
    name: str, numbers: Mapping[str, NumberOperation], off: frozenset[str]
) -> Excerpt | None:
    """The method of this name, for those that are written here; None for all others.

    numbers, off: as of `excerpt`.
    """
    if name == "attention":
        return _attention(off)
    return _softmax(numbers) if name == "softmax" else None


def _attention(off: frozenset[str]) -> Excerpt:
    """The newest token's attention, with a list of keys and values as its cache."""
    switches = [text for text in ("window=0", "alibi=False") if text.split("=")[0] not in off]
    seen = "cache" if "window" in off else "cache[-window:]"  # a window of 0 is all
    body = f"""\
cache.append((k, v))
keys, values = zip(*{seen}, strict=True)  # each (t, n_embd)
head_dim, result = len(q) // n_head, []
for start in range(0, len(q), head_dim):
    head = slice(start, start + head_dim)
    q_head, scale = q[head], (head_dim**0.5) ** -1
    scores = [dot(q_head, key[head]) * scale for key in keys]  # (t,)
{"" if "alibi" in off else ALIBI}\
    weights = self.softmax(scores)
    columns = zip(*(value[head] for value in values), strict=True)
    result += [dot(weights, column) for column in columns]
return result"""
    doc = summary(Operations.attention)
    arguments = ", ".join(["self, q, k, v, n_head, cache", *switches])
    functions = {} if "alibi" in off else {"alibi_slope": alibi_slope}
    text = method_text("attention", arguments, doc, body)
    return Excerpt(text, members={"softmax"}, numbers={"dot"}, globals={**functions})


def _softmax(numbers: Mapping[str, NumberOperation]) -> Excerpt:
    logit = numbers["data"].call("logit")
    data = "logits" if logit == "logit" else f"{logit} for logit in logits"
    body = f"""\
highest = max({data})  # so that no exponential overflows
exps = [{numbers["exp"].call("logit + -highest")} for logit in logits]
exp_sum = {numbers["total"].call("exps")}
return [element * exp_sum**-1 for element in exps]"""
    text = method_text("softmax", "self, logits", summary(ScalarOperations.softmax), body)
    return Excerpt(text, numbers={"data", "exp", "total"})
