"""Edits of the model, to try: each is the default text with a few lines changed."""

from __future__ import annotations

from dataclasses import dataclass

from microgpt.model_code.source import default_source

EMBEDDING = """\
    x = ops.add(ops.embed(weights["wte"], token), ops.embed(weights["wpe"], position))
"""
POSITIONS = """\
        ("wpe", (config.block_size, n_embd)),
"""
OUTPUT = """\
        ("lm_head", (config.vocab_size, n_embd)),
"""
LAYER_SHAPES = """\
    for layer in range(config.n_layer):
        shapes += [
            (f"layer{layer}.attn_wq", (n_embd, n_embd)),
            (f"layer{layer}.attn_wk", (n_embd, n_embd)),
            (f"layer{layer}.attn_wv", (n_embd, n_embd)),
            (f"layer{layer}.attn_wo", (n_embd, n_embd)),
            (f"layer{layer}.mlp_fc1", (4 * n_embd, n_embd)),
            (f"layer{layer}.mlp_fc2", (n_embd, 4 * n_embd)),
        ]
"""
ATTENTION_SHAPES = "".join(LAYER_SHAPES.splitlines(keepends=True)[2:6])
KEY_AND_VALUE_SHAPES = "".join(LAYER_SHAPES.splitlines(keepends=True)[3:5])
MLP_SHAPES = "".join(LAYER_SHAPES.splitlines(keepends=True)[6:8])
ATTENTION_LINES = """\
        residual = x
        x = ops.rmsnorm(x)
        q = ops.linear(x, weights[f"layer{layer}.attn_wq"])
        k = ops.linear(x, weights[f"layer{layer}.attn_wk"])
        v = ops.linear(x, weights[f"layer{layer}.attn_wv"])
        x = ops.attention(q, k, v, config.n_head, caches[layer])
        x = ops.linear(x, weights[f"layer{layer}.attn_wo"])
        x = ops.add(x, residual)

"""
QUERY_AND_KEY = "".join(ATTENTION_LINES.splitlines(keepends=True)[2:4])
KEY_AND_VALUE = "".join(ATTENTION_LINES.splitlines(keepends=True)[3:5])
MLP_LINES = """\
        residual = x
        x = ops.rmsnorm(x)
        x = ops.linear(x, weights[f"layer{layer}.mlp_fc1"])  # (4 * n_embd,)
        x = ops.relu(x)
        x = ops.linear(x, weights[f"layer{layer}.mlp_fc2"])  # (n_embd,)
        x = ops.add(x, residual)
"""
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
WIDEN_AND_CUT = "".join(MLP_LINES.splitlines(keepends=True)[2:4])
FIRST_NORM = "    x = ops.rmsnorm(x)\n"
NORM = "        x = ops.rmsnorm(x)\n"
LAYERS = "    for layer in range(config.n_layer):\n" + "".join(
    ATTENTION_LINES.splitlines(keepends=True)[:3]
)
LOGITS = '    return ops.linear(x, weights["lm_head"])\n'
ATTEND = "ops.attention(q, k, v, config.n_head, caches[layer])"
NO_POSITIONS = ((POSITIONS, ""), (EMBEDDING, '    x = ops.embed(weights["wte"], token)\n'))


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
                FIRST_NORM
                + "    for layer in range(config.n_layer):\n"
                + ATTENTION_LINES
                + MLP_LINES,
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
                    "    for layer in range(config.n_layer):\n",
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
