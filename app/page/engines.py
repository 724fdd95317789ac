"""Which engine computes a run: its name, what that means, and how long it will take.

Plain Python that MicroPython understands.
"""

from app.shared.typed import SettingValues

# Seconds for each weight and document of a step, before any run has been measured.
INITIAL_SECONDS_PER_WEIGHT = {"wasm": 6e-9, "scalar": 1e-5}

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


def engine_name(engine: str, precision: str) -> str:
    """What an engine (`wasm` or `scalar`) is called that computes with `f32` or `f64`."""
    if engine == "scalar":
        return "Scalar Python"
    return f"Compiled to WebAssembly, {BITS[precision]} bit"


def engine_meaning(engine: str, precision: str) -> str:
    """What that name means, for a beginner."""
    return MEANINGS[engine].format(bits=BITS[precision])


class Engines:
    """The engines that run here, and how fast they have been so far."""

    def __init__(self) -> None:
        self.compiles = True  # whether the compiled engine runs here
        self._seconds_per_weight = dict(INITIAL_SECONDS_PER_WEIGHT)

    def choose(self, settings: SettingValues) -> tuple[str, str]:
        """Engine and precision of a run with these settings: `wasm` or `scalar`, `f32` or `f64`."""
        if settings["engine"] == "scalar" or not self.compiles:
            return "scalar", "f64"
        return "wasm", str(settings["precision"])

    def record(self, engine: str, weight_uses: int, seconds: float) -> None:
        """A run took this long.

        weight_uses: the number of weights, times the documents of a step, times the steps.
        """
        self._seconds_per_weight[engine] = seconds / weight_uses

    def estimate(self, engine: str, weight_uses: int) -> float:
        """How many seconds a run will take; arguments as of `record`."""
        return weight_uses * self._seconds_per_weight[engine]
