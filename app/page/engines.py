"""What computes a run: its name, what that means, and how long it will take.

Plain Python that MicroPython understands; it knows no engine itself.
"""

# Seconds for each weight and document of a step, where no run has shown it yet.
SECONDS_A_WEIGHT = {"wasm": 6e-9, "scalar": 1e-5}

BITS = {"f32": "32", "f64": "64"}
MEANINGS = {
    "wasm": (
        "The lines of Python that describe the model are made into a small program for your "
        "processor, with numbers of {bits} bits. It does in a moment what Python by itself takes "
        "most of a minute for: choose Scalar Python as the engine to see that."
    ),
    "scalar": (
        "Python does every multiplication of the model by itself, one after the other, with "
        "numbers of {bits} bits: nothing is hidden, and it is thousands of times slower than the "
        "compiled engine."
    ),
}
NOT_COMPILED = (
    "This browser has no SIMD for WebAssembly, so the model cannot be compiled and is computed in "
    "scalar Python: it learns as well, but far more slowly."
)


def name(engine: str, precision: str) -> str:
    """What people call an engine (`wasm` or `scalar`) that computes with `f32` or `f64`."""
    if engine == "scalar":
        return "Scalar Python"
    return f"Compiled to WebAssembly, {BITS[precision]} bit"


def meaning(engine: str, precision: str) -> str:
    """What that name means, for a beginner."""
    return MEANINGS[engine].format(bits=BITS[precision])


class Computing:
    """What can compute here, and how fast it has shown itself to be."""

    def __init__(self) -> None:
        self.compiles = True  # whether the compiled engine runs here
        self._seconds = dict(SECONDS_A_WEIGHT)

    def engine(self, settings: dict[str, int | float | str]) -> tuple[str, str]:
        """Engine and precision of a run with these settings: `wasm` or `scalar`, `f32` or `f64`."""
        if settings["engine"] == "scalar" or not self.compiles:
            return "scalar", "f64"
        return "wasm", str(settings["precision"])

    def learn(self, engine: str, weights: int, seconds: float) -> None:
        """A run has taken so long.

        weights: how often it used one, counting each once a step for every document.
        """
        self._seconds[engine] = seconds / weights

    def estimate(self, engine: str, weights: int) -> float:
        """How many seconds a run will take; arguments as of `learn`."""
        return weights * self._seconds[engine]
