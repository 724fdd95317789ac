"""The command sweep: many runs, a line for each, and what they come to."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from microgpt.cli.options import option_of, parse_settings
from microgpt.cli.parser import build_parser
from microgpt.cli.report import duration_text, print_json, print_notes
from microgpt.cli.setup import Values, load_named
from microgpt.cli.terminal import one_line
from microgpt.cli.until import Until
from microgpt.engine import can_compile
from microgpt.generators import drain
from microgpt.lab.axis import LAB_SETTINGS, parse_axis
from microgpt.lab.findings import find
from microgpt.lab.measures import measure
from microgpt.lab.ready import ready_experiment
from microgpt.lab.results import RunResult, by_point
from microgpt.lab.runner import SweepRunner
from microgpt.lab.statistics import band
from microgpt.lab.sweep import Sweep
from microgpt.model_code.definition import ModelCode
from microgpt.run import Run
from microgpt.settings import SettingError
from microgpt.stopping import parse_stop_rules
from microgpt.trainer import TrainProgress

SLOW_ENGINE = (
    "without the package wasmtime this runs in plain Python, which takes hundreds of times as long."
)


def run_sweep_command(options: argparse.Namespace, code: ModelCode | None) -> None:
    """Run what the options say, and print it.

    Args:
        options: of the command.
        code: another model than the repository's.

    Raises:
        Errors as of the other commands, before the first run or at a run.
    """
    values = parse_settings(options)
    if values["engine"] == "auto" and not can_compile():
        print_notes([SLOW_ENGINE])
    if options.ready:
        _check_alone(options)
        _run_ready(options.ready, options.json, values)
        return
    sweep = _sweep_of(options, values)
    parse_stop_rules(options.until)  # a bad one is an error before the first run

    def train(run: Run) -> Iterator[TrainProgress]:
        until = Until(parse_stop_rules(options.until), run)
        for progress in run.train(stop=options.stop_after):
            yield progress
            if until.add(progress):
                return

    print_sweep = _SweepPrinter(sweep, options.json)
    made = _SweepRuns(sweep, options.data, values, code)
    print_sweep.begin()
    try:
        for result in made.results(train):
            print_sweep.add(result)
    finally:  # a sweep that is interrupted ends with what is done
        print_sweep.end()


def _check_alone(options: argparse.Namespace) -> None:
    """Raise `SettingError` if an option stands beside `--ready` that it would ignore."""
    defaults = vars(build_parser("sweep").parse_args(["sweep"]))
    given = [name for name, value in vars(options).items() if value != defaults[name]]
    others = [option_of(name) for name in given if name not in ("ready", "json")]
    if others:
        raise SettingError(
            f"A ready experiment has its own settings: leave {', '.join(others)} out, or leave "
            "--ready out."
        )


def _run_ready(name: str, as_json: bool, values: Values) -> None:
    ready = ready_experiment(name)
    if not as_json:
        print(f"{ready.title}\n{ready.meaning}\n{ready.guess.question}")
    done: list[list[RunResult]] = []
    documents: list[str] = []
    try:
        for sweep in ready.sweeps():
            done.append([])
            made = _SweepRuns(sweep, [sweep.data], values, None)
            documents = made.documents
            print_sweep = _SweepPrinter(sweep, as_json)
            print_sweep.begin()
            for result in made.results(Run.train):
                done[-1].append(result)
                print_sweep.add(result)
            print_sweep.end()
    finally:
        done += [[] for _ in ready.texts[len(done) :]]
        sentence = find(name, done, documents).sentence
        if as_json:  # whose lines are runs and nothing else
            print_notes([sentence])
        else:
            print(f"\n{one_line(sentence)}\n({ready.source})")


def _sweep_of(options: argparse.Namespace, values: Values) -> Sweep:
    axes = [parse_axis(text) for text in options.vary]
    varied = {name for axis in axes for name in axis.names}
    names = [row.name for row in LAB_SETTINGS if row.name in values and row.name not in varied]
    base = {name: values[name] for name in names}
    data = " ".join(options.data)
    return Sweep(data, base, axes, options.seeds, options.measure, options.output)


class _SweepRuns:
    """The runs of a sweep.

    Args:
        sweep: it.
        data: the names of its data sets or files.
        values: all settings by name, for those that say how the documents are loaded.
        code: another model than the repository's.
    """

    def __init__(
        self,
        sweep: Sweep,
        data: Sequence[str],
        values: Values,
        code: ModelCode | None,
    ) -> None:
        self._sweep, self._data, self._code = sweep, data, code
        self._values = values
        self._runners: dict[tuple[object, ...], SweepRunner] = {}
        first = {**values, **sweep.values(sweep.runs()[0])}
        self._corpus = load_named(data, first)

    @property
    def documents(self) -> list[str]:
        """The documents of the first run."""
        return self._corpus.documents

    def results(self, train: Callable[[Run], Iterator[TrainProgress]]) -> Iterator[RunResult]:
        """Make the runs, and yield what each came to."""
        for run in self._sweep.runs():
            values = {**self._values, **self._sweep.values(run)}
            runner = self._runner(values)
            yield drain(runner.run(run, values, self._sweep.measured, train))

    def _runner(self, values: Values) -> SweepRunner:
        """Where one long text is cut into windows, its documents depend on the context length."""
        windowed = self._corpus.options.windowed
        key = (values["block_size"], values["tokenizer"]) if windowed else ()
        if key not in self._runners:
            corpus = load_named(self._data, values) if windowed else self._corpus
            self._runners[key] = SweepRunner(
                corpus.documents, self._sweep.data, windowed, self._code, self._sweep.output
            )
        return self._runners[key]


class _SweepPrinter:
    """Prints runs as they end, and at the end what they come to."""

    def __init__(self, sweep: Sweep, as_json: bool) -> None:
        self._sweep, self._json = sweep, as_json
        self._results: list[RunResult] = []
        self._started = time.perf_counter()

    def begin(self) -> None:
        if not self._json:
            points, seeds = self._sweep.num_points, self._sweep.seeds
            print(f"runs: {self._sweep.num_runs}, which is {points} x {seeds} (points x seeds)")

    def add(self, result: RunResult) -> None:
        self._results.append(result)
        told = _told(result, self._sweep.measured)
        if self._json:
            print_json(**told)
            return
        done = len(self._results)
        words = " | ".join(f"{name} {_figure(value)}" for name, value in told.items())
        line = f"run {done:4d} / {self._sweep.num_runs:4d} | {words}"
        if sys.stdout.isatty():
            left = (time.perf_counter() - self._started) / done * (self._sweep.num_runs - done)
            print(f"\r\033[K{line} | {duration_text(left)} left", end="", flush=True)
        else:
            print(line, flush=True)

    def end(self) -> None:
        if self._json:
            return
        if sys.stdout.isatty() and self._results:
            print()
        for line in summary(self._sweep, self._results):
            print(line)


def _told(result: RunResult, measured: str) -> dict[str, object]:
    """What a line says of a run."""
    names = dict.fromkeys(("loss", "held_out_loss", measured, "seconds"))
    told: dict[str, object] = {**result.run, **{name: result.measures.get(name) for name in names}}
    return told | ({"diverged": result.diverged} if result.diverged else {})


def summary(sweep: Sweep, results: Sequence[RunResult]) -> list[str]:
    """A table of what was measured at each point, its median first; and where it was best."""
    row, found = measure(sweep.measured), by_point(results, sweep.names, sweep.measured)
    title = row.title.lower()
    if not found:
        return [f"No run has come to a {title}."]
    lines = [[*sweep.names, "runs", f"median {title}", "10%", "90%"]]
    for place, values in found.items():
        low, middle, high = band(values)
        spread = [_figure(low), _figure(high)] if len(values) > 1 else ["", ""]
        lines.append([*map(_figure, place), str(len(values)), _figure(middle), *spread])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = [
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    diverged = sum(1 for result in results if result.diverged)
    return table + ([f"diverged: {diverged} of {len(results)} runs"] if diverged else [])


def _figure(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
