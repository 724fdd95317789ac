"""Every setting, once: its name, what it means, its default, its limits, its steps on the page.

The model's configuration, the command line, the page's widgets and its URL are all made from the
one table in this file. It is plain Python, because the page reads it in MicroPython. It knows
nothing of how a setting is used.
"""

from microgpt.data_settings import DATA as DATA
from microgpt.setting import Setting as Setting
from microgpt.setting import SettingError as SettingError

# The slider's stops lie evenly on a log scale.
LEARNING_RATES: tuple[float, ...] = (0.001, 0.0015, 0.002, 0.003, 0.005, 0.007)
LEARNING_RATES += (0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5)

MODEL = (
    Setting(
        "n_embd",
        "Embedding size",
        16,
        "How many numbers stand for each token inside the model.",
        low=1,
        high=512,
        stops=(8, 16, 32, 64),
    ),
    Setting(
        "n_head",
        "Attention heads",
        4,
        "How many places each layer can look back at at once; the embedding is shared out to them.",
        low=1,
        high=512,
        stops=(1, 2, 4, 8),
    ),
    Setting(
        "n_layer",
        "Layers",
        1,
        "How many times the model attends and thinks before it answers.",
        low=1,
        high=12,
        stops=(1, 2, 3, 4),
    ),
    Setting(
        "block_size",
        "Context length",
        16,
        "How many tokens the model can see at once; what is longer is cut.",
        low=1,
        high=512,
        stops=(8, 16, 32, 64),
    ),
)

TRAINING = (
    Setting(
        "learning_rate",
        "Learning rate",
        0.01,
        "How far each step moves the weights; it falls to zero over the run.",
        low=1e-6,
        high=10.0,
        stops=LEARNING_RATES,
        even_stops=True,
    ),
    Setting(
        "num_steps",
        "Training steps",
        1000,
        "How many times the model reads some documents and then moves its weights.",
        low=1,
        high=1_000_000,
        span=(100, 10_000, 100),
    ),
    Setting(
        "batch_size",
        "Documents a step",
        1,
        "How many documents each step learns from at once; more make steadier but slower steps.",
        low=1,
        high=64,
        stops=(1, 2, 4, 8, 16, 32, 64),
        even_stops=True,
    ),
    Setting(
        "seed",
        "Seed",
        42,
        "Where the dice start: the same seed gives the same run.",
        low=0,
        high=4_294_967_295,
    ),
    Setting(
        "eval_fraction",
        "Held out",
        0.0,
        "The share of the documents kept away from training, to test the model on.",
        low=0.0,
        high=0.5,
        stops=(0.0, 0.05, 0.1, 0.2),
        percent=True,
        # The command line follows microgpt.py, which holds nothing out; the page shows both curves.
        page_default=0.1,
    ),
)

SAMPLING = (
    Setting(
        "temperature",
        "Temperature",
        0.5,
        "0 always takes the likeliest token, 1 follows the model's own odds, above is wilder.",
        low=0.0,
        high=10.0,
        span=(0, 2, 0.05),
    ),
    Setting(
        "top_k",
        "Top-k",
        0,
        "Choose among the k likeliest tokens only; 0 is off.",
        low=0,
        high=10_000,
        span=(0, 30, 1),
    ),
    Setting(
        "top_p",
        "Top-p",
        1.0,
        "Choose among the likeliest tokens that together have this probability; 1 is off.",
        low=0.01,
        high=1.0,
        span=(0.05, 1, 0.05),
    ),
    Setting("prefix", "Prefix", "", "What every sample begins with."),
    Setting(
        "num_samples",
        "Samples",
        20,
        "How many samples to write.",
        low=0,
        high=1000,
        span=(1, 30, 1),
    ),
)

RUN = (
    Setting(
        "engine",
        "Engine",
        "auto",
        "What computes the model; automatic takes the fastest that there is.",
        choices=(
            ("auto", "Automatic"),
            ("wasm", "Compiled (WebAssembly)"),
            ("scalar", "Scalar Python"),
        ),
    ),
    Setting(
        "precision",
        "Precision",
        "f32",
        "What numbers the compiled engine computes with; the scalar engine always uses 64 bits.",
        choices=(("f32", "32 bit (fast)"), ("f64", "64 bit (exact)")),
    ),
    Setting(
        "pace",
        "Pace",
        "watch",
        "Watch spreads a short run over a few seconds; full speed takes what the machine gives.",
        choices=(("watch", "Watch"), ("full", "Full speed")),
    ),
)

TOKENIZER = (
    Setting(
        "tokenizer",
        "Tokens",
        "characters",
        "What the model reads and writes at a time: one character, or pieces of words as well.",
        choices=(("characters", "Characters"), ("pairs", "Byte pairs")),
    ),
    Setting(
        "vocab_limit",
        "Vocabulary",
        256,
        "How many tokens byte pairs make at most; more make shorter texts and a larger model.",
        low=64,
        high=2048,
        stops=(64, 128, 256, 512, 1024, 2048),
        even_stops=True,
    ),
)

SETTINGS = TOKENIZER + MODEL + TRAINING + SAMPLING + RUN


def setting(name: str) -> Setting:
    """The row called `name`; `KeyError` if there is none."""
    for row in SETTINGS:
        if row.name == name:
            return row
    raise KeyError(name)


def default(name: str) -> int | float | str:
    """The default of the setting called `name`."""
    return setting(name).default


def check_heads(n_embd: int, n_head: int) -> None:
    """Raise `SettingError` unless the embedding can be shared out evenly to the heads."""
    if n_embd % n_head:
        raise SettingError(
            f"Embedding size must be a multiple of the attention heads, but {n_embd} cannot be "
            f"shared out evenly to {n_head}."
        )


def num_held_out(num_docs: int, eval_fraction: float) -> int:
    """How many documents a share of 0 to 0.5 holds out: of several one at least, unless it is 0."""
    return max(1, round(num_docs * eval_fraction)) if eval_fraction and num_docs > 1 else 0


def parameter_shapes(
    vocab_size: int, n_embd: int, n_layer: int, block_size: int
) -> list[tuple[str, tuple[int, int]]]:
    """The model's matrices in their order, as (name, (rows, columns)).

    A row of `wte` and `wpe` is an embedding; every other matrix turns a vector of `columns`
    numbers into one of `rows`.

        >>> sum(rows * columns for _, (rows, columns) in parameter_shapes(27, 16, 1, 16))
        4192
    """
    shapes = [
        ("wte", (vocab_size, n_embd)),
        ("wpe", (block_size, n_embd)),
        ("lm_head", (vocab_size, n_embd)),
    ]
    block = (
        ("attn_wq", (n_embd, n_embd)),
        ("attn_wk", (n_embd, n_embd)),
        ("attn_wv", (n_embd, n_embd)),
        ("attn_wo", (n_embd, n_embd)),
        ("mlp_fc1", (4 * n_embd, n_embd)),
        ("mlp_fc2", (n_embd, 4 * n_embd)),
    )
    for layer in range(n_layer):
        shapes.extend([(f"layer{layer}.{name}", size) for name, size in block])
    return shapes
