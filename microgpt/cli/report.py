"""What the command line prints, as text or as JSON."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from microgpt.cli.corpus_summary import TokenSummary, summarize
from microgpt.cli.options import DATA_NAMES
from microgpt.cli.terminal import json_line, one_line, printable
from microgpt.config import TrainConfig
from microgpt.corpus.loading import Corpus
from microgpt.run import Run
from microgpt.settings import RUN_SETTINGS
from microgpt.trainer import TrainProgress

MAX_SHOWN_LOSS = math.log(1e6)
REPORTED_SETTINGS = (*RUN_SETTINGS, *DATA_NAMES)  # what a run depends on, by name


class Reporter(Protocol):
    """Prints how a run goes; called in this order."""

    def begin_training(self, run: Run) -> None:
        """The run is ready to train."""

    def report_progress(self, progress: TrainProgress) -> None:
        """Steps or an evaluation were done."""

    def report_stop(self, reason: str, step: int, /) -> None:
        """Training ends before its last step, with the model of `step`."""

    def end_training(self) -> None:
        """Training is over."""

    def begin_samples(self) -> None:
        """Samples follow."""

    def report_sample(self, text: str) -> None:
        """A sample was written."""


class TextReporter:
    """Plain text: one line per step; on a terminal a single line that is updated."""

    def __init__(self, training: TrainConfig) -> None:
        self._num_steps = training.num_steps
        self._num_samples = 0
        self._start_time = 0.0
        self._chars_per_token = 1.0
        self._on_terminal = sys.stdout.isatty()
        self._line_open = False

    def begin_training(self, run: Run) -> None:
        self._start_time = time.perf_counter()
        print(f"num docs: {len(run.dataset)}")
        print(f"vocab size: {run.tokenizer.vocab_size}")
        if run.tokenizer.merges:
            merged = run.tokenizer.tokens[len(run.tokenizer.characters) :]
            first = ", ".join(map(repr, merged[:5]))
            print(f"merges: {len(merged)}, the first of which make {first}")
            self._chars_per_token = run.chars_per_token()
            ends = "" if run.windowed else ", each end counted as one"
            print(f"characters per token: {self._chars_per_token:.2f}{ends}")
        print(f"num params: {run.engine.config.num_params}")
        print(f"engine: {run.engine.name}, batch size: {run.training.batch_size}")
        print_notes(run.remarks())

    def report_progress(self, progress: TrainProgress) -> None:
        written = []  # together, since each call of `print` takes as long as a step
        for step, loss in _steps(progress):
            line = f"{self._step_text(step)} | loss {self._loss_text(loss)}"
            if self._on_terminal:
                written.append(f"\r\033[K{line} | {self._speed_text(step)}")
            else:
                written.append(line + "\n")
        if written:
            self._line_open = self._on_terminal
            print("".join(written), end="", flush=True)
        if progress.held_out_loss is not None:
            self._close_line()
            loss_text = self._loss_text(progress.held_out_loss)
            count = progress.held_out_count
            over = f" over {count:,} documents" if count else ""
            print(f"{self._step_text(progress.step)} | held-out loss {loss_text}{over}")
        if progress.accuracy is not None:
            self._close_line()
            known = progress.train_accuracy
            words = "" if known is None else f", of the training data {known:.0%}"
            print(f"{self._step_text(progress.step)} | right {progress.accuracy:.0%}{words}")

    def report_stop(self, reason: str, _step: int) -> None:
        self._close_line()
        print(reason)

    def end_training(self) -> None:
        self._close_line()

    def begin_samples(self) -> None:
        print("\n--- inference (new, hallucinated names) ---")

    def report_sample(self, text: str) -> None:
        self._num_samples += 1
        print(f"sample {self._num_samples:2d}: {printable(text)}")

    def _step_text(self, step: int) -> str:
        return f"step {step:4d} / {self._num_steps:4d}"

    def _loss_text(self, loss: float) -> str:
        """A loss; with BPE also per character, to compare runs with different tokenizers."""
        text = f"{loss:.4f}"
        if self._chars_per_token > 1:
            text += f" a token, {loss / self._chars_per_token:.4f} a character"
        return text

    def _speed_text(self, step: int) -> str:
        seconds = time.perf_counter() - self._start_time
        speed = step / seconds if seconds else 0.0
        left = (self._num_steps - step) / speed if speed else 0.0
        return f"{speed:.1f} steps/s | {duration_text(left)} left"

    def _close_line(self) -> None:
        if self._line_open:
            print()
            self._line_open = False


class JsonReporter:
    """One JSON object per line, with all digits of a loss.

    The first line of a run says what it is, the last one after its losses how long it took. With
    BPE the loss per character is given too, to compare runs with different tokenizers.

    Args:
        data: the names of its files or data sets.
        values: all settings by name.
    """

    def __init__(self, data: str, values: Mapping[str, int | float | str]) -> None:
        self._data, self._values = data, values
        self._chars_per_token = 1.0
        self._start_time = 0.0

    def begin_training(self, run: Run) -> None:
        self._start_time = time.perf_counter()
        if run.tokenizer.merges:
            self._chars_per_token = run.chars_per_token()
        told = {
            "data": self._data,
            "engine": run.engine.name,
            "num_params": run.engine.config.num_params,
            "chars_per_token": self._chars_per_token,
            "settings": {
                name: self._values[name] for name in REPORTED_SETTINGS if name in self._values
            },
        }
        print_json(run=told)

    def report_progress(self, progress: TrainProgress) -> None:
        written = [
            json_line({"step": step, **self._losses("loss", loss)}) + "\n"
            for step, loss in _steps(progress)
        ]
        if written:
            print("".join(written), end="", flush=True)
        if progress.held_out_loss is not None:
            losses = self._losses("held_out_loss", progress.held_out_loss)
            count = progress.held_out_count
            print_json(step=progress.step, **losses, **({"documents": count} if count else {}))
        if progress.accuracy is not None:
            known = progress.train_accuracy
            training = {} if known is None else {"train_accuracy": known}
            print_json(step=progress.step, accuracy=progress.accuracy, **training)

    def report_stop(self, reason: str, step: int) -> None:
        print_json(step=step, stopped=reason)

    def end_training(self) -> None:
        print_json(seconds=round(time.perf_counter() - self._start_time, 3))

    def begin_samples(self) -> None:
        pass

    def report_sample(self, text: str) -> None:
        print_json(sample=text)

    def _losses(self, name: str, loss: float) -> dict[str, float]:
        losses = {name: loss}
        if self._chars_per_token > 1:
            losses[f"{name}_per_character"] = loss / self._chars_per_token
        return losses


def _steps(progress: TrainProgress) -> Iterable[tuple[int, float]]:
    """The numbers of the steps that were done, from 1, with their losses."""
    return enumerate(progress.losses, start=progress.step - len(progress.losses) + 1)


def print_notes(sentences: Iterable[str]) -> None:
    """Print remarks to stderr, so that the output proper stays as it is."""
    for sentence in sentences:
        print(f"note: {one_line(sentence)}", file=sys.stderr)


def print_corpus(
    corpus: Corpus, held_out: int, in_tokens: TokenSummary | None, as_json: bool
) -> None:
    """Print what files contain; arguments as of `summarize`."""
    if as_json:
        tokens = None if in_tokens is None else in_tokens.as_dict()
        print_json(**corpus.as_dict(), held_out=held_out, tokens=tokens)
    else:
        print(summarize(corpus, held_out, in_tokens))


def print_data_set(name: str, documents: Sequence[str], as_json: bool) -> None:
    """Print one line about a data set."""
    vocab_size = len(set().union(*documents)) + 1
    if as_json:
        print_json(name=name, num_docs=len(documents), vocab_size=vocab_size)
    else:
        examples = one_line(", ".join(documents[:3]))
        print(
            f"{one_line(name):16} {len(documents):7,} documents, vocabulary of {vocab_size:3}, "
            f"such as {examples}"
        )


def print_scores(scores: Iterable[tuple[str, list[float]]], as_json: bool) -> None:
    """Print lines with the losses of their tokens, the end token counted."""
    total, count = 0.0, 0
    if not as_json:
        print("   loss  perplexity  line")
    for line, losses in scores:
        loss = sum(losses) / len(losses)
        total, count = total + loss, count + 1
        if as_json:
            print_json(line=line, loss=loss, losses=losses)
        else:
            print(f"{loss:7.4f}  {_perplexity(loss):>10}  {one_line(line)}")
    if not as_json:
        mean = total / count
        print(f"{mean:7.4f}  {_perplexity(mean):>10}  = the mean loss of {count:,} lines")


def print_fields(fields: Mapping[str, float | str], as_json: bool) -> None:
    """Print names and values on one line."""
    if as_json:
        print_json(**fields)
    else:
        words = " | ".join(f"{name} {value}" for name, value in fields.items())
        print(one_line(words), flush=True)


def _perplexity(loss: float) -> str:
    """e to the power of the loss: among how many tokens the model wavered."""
    return f"{math.exp(loss):.2f}" if loss < MAX_SHOWN_LOSS else "over 10^6"


def duration_text(seconds: float) -> str:
    """A duration in minutes and seconds."""
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def print_json(**fields: object) -> None:
    """Print one JSON object on a line."""
    # Flushed at once: another program may be waiting for the line.
    print(json_line(fields), flush=True)
