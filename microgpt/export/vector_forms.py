"""Two vector operations as exported programs have them, in fewer lines than the engine's own.

They compute the same to the last bit: the same graph, in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping

from microgpt.export.function_writer import Excerpt, NumberOperation
from microgpt.scalar.operations import alibi_slope

ALIBI = """\
    if alibi:
        slope = alibi_slope(start // head_dim, n_head)
        scores = [score + slope * (at - len(keys) + 1) for at, score in enumerate(scores)]
"""


def attention_form(off: frozenset[str]) -> tuple[str, Excerpt]:
    """The arguments and the body of `attention`, with its cache a list of keys and values.

    off: as of `excerpt`.
    """
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
    functions = {} if "alibi" in off else {"alibi_slope": alibi_slope}
    found = Excerpt(body, members={"softmax"}, numbers={"dot"}, globals={**functions})
    return ", ".join(["q, k, v, n_head, cache", *switches]), found


def softmax_form(numbers: Mapping[str, NumberOperation]) -> tuple[str, Excerpt]:
    """The arguments and the body of `softmax`.

    numbers: as of `excerpt`.
    """
    body = f"""\
highest = max({_each("logit", numbers["data"].call("logit"))})  # so that no exponential overflows
exps = [{numbers["exp"].call("logit + -highest")} for logit in logits]
exp_sum = {numbers["total"].call("exps")}
return [element * exp_sum**-1 for element in exps]"""
    return "logits", Excerpt(body, numbers={"data", "exp", "total"})


def _each(name: str, text: str) -> str:
    """The text of all these."""
    return f"{name}s" if text == name else f"{text} for {name} in {name}s"
