"""Edits of the model, to try: each is the default text with a few lines changed."""

from __future__ import annotations

from dataclasses import dataclass

from microgpt.model_code.source import default_source


def part(first: str, last: str = "") -> str:
    """The lines of the default text from the first that begins with `first` on.

    They end with the next one that begins with `last`; without that it is one line.
    """
    lines = default_source().splitlines(keepends=True)
    starts = [line.strip() for line in lines]
    begin = next(n for n, start in enumerate(starts) if start.startswith(first))
    end = next(
        n for n, start in enumerate(starts) if n >= begin and start.startswith(last or first)
    )
    return "".join(lines[begin : end + 1])


POSITIONS = part('("wpe"')
OUTPUT = part('("lm_head"')
LAYER_SHAPES = part("for layer in", "]")
ATTENTION_SHAPES = part('(f"layer{layer}.attn_wq"', '(f"layer{layer}.attn_wo"')
KEY_AND_VALUE_SHAPES = part('(f"layer{layer}.attn_wk"', '(f"layer{layer}.attn_wv"')
MLP_SHAPES = part('(f"layer{layer}.mlp_fc1"', '(f"layer{layer}.mlp_fc2"')
EMBEDDING = part("x = ops.add(ops.embed(")
FIRST_NORM = part("x = ops.rmsnorm(x)")
NORM = f"    {FIRST_NORM}"  # inside a layer
ATTENTION_LINES = part("residual = x", "x = ops.add(x, residual)") + "\n"
LOOP = part("for layer in")  # the same in both functions
LAYERS = LOOP + part("residual = x", "x = ops.rmsnorm(x)")
QUERY_AND_KEY = part("q = ", "k = ")
KEY_AND_VALUE = part("k = ", "v = ")
ATTEND = "ops.attention(q, k, v, config.n_head, caches[layer])"
WIDEN_AND_CUT = part('x = ops.linear(x, weights[f"layer{layer}.mlp_fc1', "x = ops.relu(x)")
NARROW = part('x = ops.linear(x, weights[f"layer{layer}.mlp_fc2', "x = ops.add(x, residual)")
MLP_LINES = part("residual = x", "x = ops.rmsnorm(x)") + WIDEN_AND_CUT + NARROW
LOGITS = part("return ops.linear(")
NO_POSITIONS = ((POSITIONS, ""), (EMBEDDING, '    x = ops.embed(weights["wte"], token)\n'))
BOTH_AT_ONCE = """\
        normed = ops.rmsnorm(x)
        q = ops.linear(normed, weights[f"layer{layer}.attn_wq"])
        k = ops.linear(normed, weights[f"layer{layer}.attn_wk"])
        v = ops.linear(normed, weights[f"layer{layer}.attn_wv"])
        mixed = ops.attention(q, k, v, config.n_head, caches[layer])
        x = ops.add(x, ops.linear(mixed, weights[f"layer{layer}.attn_wo"]))
        hidden = ops.relu(ops.linear(normed, weights[f"layer{layer}.mlp_fc1"]))
        x = ops.add(x, ops.linear(hidden, weights[f"layer{layer}.mlp_fc2"]))
"""


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit of the model.

    Args:
        name: for addresses and files.
        title: a few words.
        sentence: what it does, or what it is for.
        changes: pieces of the default text, and what stands in their place.
    """

    name: str
    title: str
    sentence: str
    changes: tuple[tuple[str, str], ...]

    @property
    def source(self) -> str:
        """The whole text of the edited model."""
        text = default_source()
        for before, after in self.changes:
            assert before in text, f"{self.name}: the default text has no {before!r}"
            text = text.replace(before, after)
        return text


GALLERY = (
    Edit(
        "no-attention",
        "No attention",
        "Each token sees itself and its position alone, so the model cannot look back.",
        ((ATTENTION_SHAPES, ""), (ATTENTION_LINES, "")),
    ),
    Edit(
        "bigram",
        "Bigrams only",
        "The next token depends on the newest one and on nothing else: two matrices are left.",
        (
            (POSITIONS, ""),
            (LAYER_SHAPES, ""),
            (EMBEDDING, '    x = ops.embed(weights["wte"], token)\n'),
            (
                FIRST_NORM + LOOP + ATTENTION_LINES + MLP_LINES,
                "",
            ),
        ),
    ),
    Edit(
        "no-positions",
        "No positions",
        "The model is not told where a token stands; attention still sees which ones came before.",
        NO_POSITIONS,
    ),
    Edit(
        "no-residuals",
        "No residuals",
        "Attention and MLP replace what comes in, where else they add to it.",
        (("        residual = x\n", ""), ("        x = ops.add(x, residual)\n", "")),
    ),
    Edit(
        "no-norms",
        "No norms",
        "Nothing keeps the vectors at one size; a small model gets by, a deep one would not.",
        ((NORM, ""), (FIRST_NORM, "")),
    ),
    Edit(
        "final-norm",
        "A norm before the output",
        "GPT-2 and its successors norm the last vector once more, before it becomes logits.",
        ((LOGITS, '    return ops.linear(ops.rmsnorm(x), weights["lm_head"])\n'),),
    ),
    Edit(
        "tied-embeddings",
        "Tied embeddings",
        "One matrix both reads tokens and predicts them, as in GPT-2 (Press and Wolf, 2017).",
        ((OUTPUT, ""), (LOGITS, '    return ops.linear(x, weights["wte"])\n')),
    ),
    Edit(
        "silu",
        "SiLU",
        "A smooth bend in place of ReLU's corner (Hendrycks and Gimpel, 2016).",
        (("ops.relu", "ops.silu"),),
    ),
    Edit(
        "gelu",
        "GELU",
        "The activation of GPT-2, smooth as SiLU is (Hendrycks and Gimpel, 2016).",
        (("ops.relu", "ops.gelu"),),
    ),
    Edit(
        "squared-relu",
        "Squared ReLU",
        "ReLU, then its square, found by a search for better models (So et al., 2021).",
        (
            (
                "        x = ops.relu(x)\n",
                "        x = ops.relu(x)\n        x = ops.multiply(x, x)\n",
            ),
        ),
    ),
    Edit(
        "swiglu",
        "SwiGLU",
        "A second matrix decides how far each hidden number counts, as in Llama (Shazeer, 2020).",
        (
            (
                MLP_SHAPES,
                '            (f"layer{layer}.mlp_gate", (8 * n_embd // 3, n_embd)),\n'
                '            (f"layer{layer}.mlp_fc1", (8 * n_embd // 3, n_embd)),\n'
                '            (f"layer{layer}.mlp_fc2", (n_embd, 8 * n_embd // 3)),\n',
            ),
            (
                WIDEN_AND_CUT,
                '        gate = ops.silu(ops.linear(x, weights[f"layer{layer}.mlp_gate"]))\n'
                '        x = ops.multiply(ops.linear(x, weights[f"layer{layer}.mlp_fc1"]), gate)\n',
            ),
        ),
    ),
    Edit(
        "parallel",
        "Attention beside the MLP",
        "Both read the same vector, and both results are added at once, as in GPT-J (2021).",
        ((ATTENTION_LINES + MLP_LINES, BOTH_AT_ONCE),),
    ),
    Edit(
        "shared-layer",
        "Each layer twice",
        "Every layer runs twice with the same weights: deeper, and no larger (Lan et al., 2019).",
        (
            (
                LAYERS,
                LAYERS.replace(
                    LOOP,
                    "    for turn in range(2 * config.n_layer):\n        layer = turn // 2\n",
                ),
            ),
            ("caches[layer]", "caches[turn]"),
        ),
    ),
    Edit(
        "rotary",
        "Rotary positions",
        "Queries and keys are turned by their position, as in Llama (RoPE; Su et al., 2021).",
        (
            *NO_POSITIONS,
            (
                QUERY_AND_KEY,
                QUERY_AND_KEY
                + "        q = ops.rotate(q, position, config.n_head)\n"
                + "        k = ops.rotate(k, position, config.n_head)\n",
            ),
        ),
    ),
    Edit(
        "alibi",
        "ALiBi",
        "Attention fades with the distance, and needs no positions besides (Press et al., 2021).",
        (*NO_POSITIONS, (ATTEND, ATTEND.replace("])", "], alibi=True)"))),
    ),
    Edit(
        "window",
        "A sliding window",
        "Attention reaches back four tokens and no further, as in Mistral's first model (2023).",
        ((ATTEND, ATTEND.replace("])", "], window=4)")),),
    ),
    Edit(
        "grouped-heads",
        "Grouped keys and values",
        "Two heads at a time share keys and values, as in Llama 2 (Ainslie et al., 2023).",
        (
            (
                KEY_AND_VALUE_SHAPES,
                KEY_AND_VALUE_SHAPES.replace("(n_embd, n_embd)", "(n_embd // 2, n_embd)"),
            ),
            (
                KEY_AND_VALUE,
                KEY_AND_VALUE
                + "        k = ops.repeat(k, config.n_head // 2, 2)\n"
                + "        v = ops.repeat(v, config.n_head // 2, 2)\n",
            ),
        ),
    ),
    Edit(
        "gains",
        "Learned gains",
        "Behind each norm every number is scaled by 1 plus a learned gain, as in Gemma (2024).",
        (
            (
                ATTENTION_SHAPES,
                '            (f"layer{layer}.attn_gain", (1, n_embd)),\n'
                '            (f"layer{layer}.mlp_gain", (1, n_embd)),\n' + ATTENTION_SHAPES,
            ),
            (
                ATTENTION_LINES,
                ATTENTION_LINES.replace(
                    NORM,
                    NORM
                    + '        gain = ops.row(weights[f"layer{layer}.attn_gain"], 0)\n'
                    + "        x = ops.add(x, ops.multiply(x, gain))\n",
                ),
            ),
            (
                MLP_LINES,
                MLP_LINES.replace(
                    NORM,
                    NORM
                    + '        gain = ops.row(weights[f"layer{layer}.mlp_gain"], 0)\n'
                    + "        x = ops.add(x, ops.multiply(x, gain))\n",
                ),
            ),
        ),
    ),
)
