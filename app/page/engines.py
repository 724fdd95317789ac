"""Which engine computes a run: its name, what that means, and how long it will take.

Plain Python that MicroPython understands.
"""

from app.page.aliases import LossUnit
from app.shared.typed import TYPE_CHECKING, SettingValues

if TYPE_CHECKING:
    # What a step computes: engine, precision, number of parameters, batch size, data and tokens.
    Workload = tuple[str, str, int, int, LossUnit]
else:
    Workload = object

# Seconds for each weight and each position of a step's documents, before anything was measured.
INITIAL_SECONDS_PER_WEIGHT = {"wasm": 5e-10, "scalar": 1.4e-6}
MIN_MEASURED_STEPS = 100  # of a run, or as many as take
MIN_MEASURED_SECONDS = 1.0  # so long: fewer say little about the others

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
        # Seconds per step of what was measured, and whether that was in a run.
        self._measured: dict[Workload, tuple[float, bool]] = {}

    def choose(self, settings: SettingValues) -> tuple[str, str]:
        """Engine and precision of a run with these settings: `wasm` or `scalar`, `f32` or `f64`."""
        if settings["engine"] == "scalar" or not self.compiles:
            return "scalar", "f64"
        return "wasm", str(settings["precision"])

    def record_run(self, workload: Workload, positions: float, steps: int, seconds: float) -> None:
        """The first `steps` steps of a run took this long; `positions` as of `estimate`."""
        if steps >= MIN_MEASURED_STEPS or seconds >= MIN_MEASURED_SECONDS:
            self._measured[workload] = (seconds / steps, True)
        if (
            seconds >= MIN_MEASURED_SECONDS
        ):  # of a shorter run much is spent on pausing for the pace
            self._record_rate(workload, positions, seconds / steps)

    def record_warm_up(self, workload: Workload, positions: float, seconds: float) -> None:
        """A step took this long while the worker warmed up; of a run that was done it is known."""
        self._record_rate(workload, positions, seconds)
        if not self._measured.get(workload, (0.0, False))[1]:
            self._measured[workload] = (seconds, False)

    def _record_rate(self, workload: Workload, positions: float, seconds: float) -> None:
        engine, _, weights, batch_size, _ = workload
        self._seconds_per_weight[engine] = seconds / (weights * batch_size * positions)

    def estimate(self, workload: Workload, positions: float, steps: int) -> float:
        """How many seconds steps take.

        Args:
            workload: what each of them computes.
            positions: how many predictions a document takes on average.
            steps: their number.
        """
        if workload in self._measured:
            return steps * self._measured[workload][0]
        engine, _, weights, batch_size, _ = workload
        return steps * weights * batch_size * positions * self._seconds_per_weight[engine]
