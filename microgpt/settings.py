"""The table of settings: name, meaning, default, limits and slider stops of each, defined once.

The model's configuration, the command line, the page's widgets and its URL are all made from this
table. Plain Python, because the page reads it in MicroPython. It knows nothing of how a setting is
used.
"""

from microgpt.data_settings import DATA as DATA
from microgpt.optimization_settings import OPTIMIZATION as OPTIMIZATION
from microgpt.setting import Setting as Setting
from microgpt.setting import SettingError as SettingError

# About evenly spaced on a log scale.
LEARNING_RATES: tuple[float, ...] = (0.001, 0.0015, 0.002, 0.003, 0.005, 0.007)
LEARNING_RATES += (0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5)

MODEL = (
    Setting(
        "n_embd",
        "Embedding size",
        16,
        "How many numbers represent each token inside the model.",
        low=1,
        high=512,
        stops=(8, 16, 32, 64),
    ),
    Setting(
        "n_head",
        "Attention heads",
        4,
        "How many heads look back in each layer, each in its own way; they split the embedding.",
        low=1,
        high=512,
        stops=(1, 2, 4, 8),
    ),
    Setting(
        "n_layer",
        "Layers",
        1,
        "How many blocks of attention and MLP each token passes through.",
        low=1,
        high=12,
        stops=(1, 2, 3, 4),
    ),
    Setting(
        "block_size",
        "Context length",
        16,
        "How many tokens the model can see at once; longer documents are cut.",
        low=1,
        high=512,
        stops=(8, 16, 32, 64),
    ),
)

# The largest sizes where JAX computes the model, on as many machines as it takes. A model's file
# has no room for the matrices of more layers.
LARGE_SIZES = {"n_embd": 16_384, "n_head": 512, "n_layer": 46, "block_size": 65_536}

TRAINING = (
    Setting(
        "learning_rate",
        "Learning rate",
        0.01,
        "How far each step moves the weights; the schedule changes it during the run.",
        low=1e-6,
        high=10.0,
        stops=LEARNING_RATES,
        even_stops=True,
    ),
    Setting(
        "num_steps",
        "Training steps",
        1000,
        "How many times the weights are updated, once per batch of documents.",
        low=1,
        high=1_000_000,
        span=(100, 10_000, 100),
        beyond=(20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000),
    ),
    Setting(
        "batch_size",
        "Batch size",
        1,
        "How many documents each step learns from; more make steadier but slower steps.",
        low=1,
        high=4096,
        stops=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096),
        even_stops=True,
    ),
    Setting(
        "seed",
        "Seed",
        42,
        "Determines all random numbers: the same seed gives the same run.",
        low=0,
        high=4_294_967_295,
    ),
    Setting(
        "eval_fraction",
        "Held out",
        0.0,
        "The share of the documents kept out of training, to test the model on.",
        low=0.0,
        high=0.5,
        stops=(0.0, 0.05, 0.1, 0.2, 0.5),
        percent=True,
        # microgpt.py and the command line hold nothing out; the page plots both losses.
        page_default=0.1,
    ),
)

SAMPLING = (
    Setting(
        "temperature",
        "Temperature",
        0.5,
        "0 always picks the likeliest token, 1 uses the model's probabilities, more is wilder.",
        low=0.0,
        high=10.0,
        span=(0, 2, 0.05),
    ),
    Setting(
        "top_k",
        "Top-k",
        0,
        "Sample from the k likeliest tokens only; 0 is off.",
        low=0,
        high=10_000,
        span=(0, 30, 1),
    ),
    Setting(
        "top_p",
        "Top-p",
        1.0,
        "Sample from the likeliest tokens that together have this probability; 1 is off.",
        low=0.01,
        high=1.0,
        span=(0.05, 1, 0.05),
    ),
    Setting("prefix", "Prefix", "", "The text that every sample begins with."),
    Setting(
        "num_samples",
        "Samples",
        20,
        "How many samples to generate.",
        low=0,
        high=1000,
        stops=(1, 5, 10, 20, 50, 100, 200, 500, 1000),
        even_stops=True,
    ),
)

RUN = (
    Setting(
        "engine",
        "Engine",
        "auto",
        "What runs the model; automatic picks the fastest one available.",
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
        "The numbers that the compiled engine uses; the scalar engine always uses 64 bits.",
        choices=(("f32", "32 bit (fast)"), ("f64", "64 bit (exact)")),
    ),
    Setting(
        "pace",
        "Pace",
        "watch",
        "Watch stretches a short run to a few seconds; full speed runs as fast as it can.",
        choices=(("watch", "Watch"), ("full", "Full speed")),
    ),
)

TOKENIZER = (
    Setting(
        "tokenizer",
        "Tokens",
        "characters",
        "The pieces that text is made of: single characters, or BPE's parts of words as well.",
        choices=(("characters", "Characters"), ("bpe", "Byte pairs (BPE)")),
        aliases=(("pairs", "bpe"),),
    ),
    Setting(
        "vocab_limit",
        "Vocabulary",
        256,
        "The largest vocabulary for BPE; a larger one makes texts shorter and the model larger.",
        low=64,
        high=2048,
        stops=(64, 128, 256, 512, 1024, 2048),
        even_stops=True,
    ),
)

PLAYING = (
    Setting(
        "num_runs",
        "Runs",
        "1",
        "How many runs to train: the others have the seeds that follow, and all else in common.",
        choices=(("1", "1"), ("5", "5"), ("30", "30")),
    ),
    Setting(
        "play_speed",
        "Auto-play speed",
        "normal",
        "How fast auto-play writes one token after the other, to the end of the text.",
        choices=(("slow", "Slow"), ("normal", "Normal"), ("fast", "Fast")),
    ),
)

SETTINGS = TOKENIZER + MODEL + TRAINING + OPTIMIZATION + SAMPLING + RUN + PLAYING
# What a run depends on beside its data, by name.
RUN_SETTINGS = [row.name for row in TOKENIZER + MODEL + TRAINING + OPTIMIZATION + RUN]


def setting(name: str) -> Setting:
    """The row called `name`. Raises `KeyError` if there is none."""
    for row in SETTINGS:
        if row.name == name:
            return row
    raise KeyError(name)


def default(name: str) -> int | float | str:
    """The default of the setting `name`, the command line's where the page has its own."""
    return setting(name).default


def check_heads(n_embd: int, n_head: int) -> None:
    """Raise `SettingError` unless the embedding splits evenly into the heads."""
    if n_embd % n_head:
        raise SettingError(
            f"Embedding size must be a multiple of the attention heads, but {n_embd} cannot be "
            f"split evenly into {n_head}."
        )


def num_held_out(num_docs: int, eval_fraction: float) -> int:
    """How many documents are held out: at least one of several, unless the fraction is 0."""
    return max(1, round(num_docs * eval_fraction)) if eval_fraction and num_docs > 1 else 0
