"""What the command line prints, for people and for programs.

The module knows how a run's news are put into words, not where they come from.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Protocol

from microgpt.cli.corpus_summary import TokenSummary, summarize
from microgpt.config import TrainConfig
from microgpt.corpus.loading import Corpus
from microgpt.run import Run
from microgpt.trainer import Progress


class Reporter(Protocol):
    """Is told what happens, in this order."""

    def begin(self, run: Run) -> None:
        """The run is ready to train."""

    def progress(self, progress: Progress) -> None:
        """Steps were done."""

    def end(self) -> None:
        """Training is over."""

    def begin_samples(self) -> None:
        """Samples follow."""

    def sample(self, text: str) -> None:
        """A sample was written."""


class TextReporter:
    """For people. On a terminal the progress stays on one line; elsewhere each step has its own."""

    def __init__(self, training: TrainConfig) -> None:
        self._num_steps = training.num_steps
        self._samples = 0
        self._started = 0.0
        self._characters_a_token = 1.0
        self._in_place = sys.stdout.isatty()
        self._open_line = False

    def begin(self, run: Run) -> None:
        self._started = time.perf_counter()
        print(f"num docs: {len(run.dataset)}")
        print(f"vocab size: {run.tokenizer.vocab_size}")
        if run.tokenizer.merges:
            made = run.tokenizer.tokens[len(run.tokenizer.characters) :]
            first = ", ".join(map(repr, made[:5]))
            print(f"merges: {len(made)}, the first of which make {first}")
            self._characters_a_token = run.chars_per_token()
            ends = "" if run.in_pieces else ", each end counted as one"
            print(f"characters per token: {self._characters_a_token:.2f}{ends}")
        print(f"num params: {run.engine.config.num_params}")
        print(f"engine: {run.engine.name}, batch size: {run.training.batch_size}")
        notes(run.remarks())

    def progress(self, progress: Progress) -> None:
        first = progress.step - len(progress.losses) + 1
        for step, loss in enumerate(progress.losses, start=first):
            line = f"step {step:4d} / {self._num_steps:4d} | loss {self._in_words(loss)}"
            if self._in_place:
                print(f"\r\033[K{line} | {self._pace(step)}", end="", flush=True)
                self._open_line = True
            else:
                print(line, flush=True)
        if progress.held_out_loss is not None:
            self._close_line()
            print(
                f"step {progress.step:4d} / {self._num_steps:4d} | "
                f"held-out loss {self._in_words(progress.held_out_loss)}"
            )
        if progress.accuracy is not None:
            self._close_line()
            print(f"step {progress.step:4d} / {self._num_steps:4d} | right {progress.accuracy:.0%}")

    def end(self) -> None:
        self._close_line()

    def begin_samples(self) -> None:
        print("\n--- inference (new, hallucinated names) ---")

    def sample(self, text: str) -> None:
        self._samples += 1
        print(f"sample {self._samples:2d}: {text}")

    def _in_words(self, loss: float) -> str:
        """A loss; of byte pairs also that of a character, to compare with runs on other tokens."""
        words = f"{loss:.4f}"
        if self._characters_a_token > 1:
            words += f" a token, {loss / self._characters_a_token:.4f} a character"
        return words

    def _pace(self, step: int) -> str:
        seconds = time.perf_counter() - self._started
        pace = step / seconds if seconds else 0.0
        left = (self._num_steps - step) / pace if pace else 0.0
        return f"{pace:.1f} steps/s | {_duration(left)} left"

    def _close_line(self) -> None:
        if self._open_line:
            print()
            self._open_line = False


class JsonReporter:
    """For programs: one JSON object a line, every digit of a loss.

    Beside the losses of byte pairs stand those of a character, to compare with other tokens.
    """

    def __init__(self) -> None:
        self._characters_a_token = 1.0

    def begin(self, run: Run) -> None:
        if run.tokenizer.merges:
            self._characters_a_token = run.chars_per_token()

    def progress(self, progress: Progress) -> None:
        first = progress.step - len(progress.losses) + 1
        for step, loss in enumerate(progress.losses, start=first):
            _print_json(step=step, **self._losses("loss", loss))
        if progress.held_out_loss is not None:
            _print_json(step=progress.step, **self._losses("held_out_loss", progress.held_out_loss))
        if progress.accuracy is not None:
            _print_json(step=progress.step, accuracy=progress.accuracy)

    def end(self) -> None:
        pass

    def begin_samples(self) -> None:
        pass

    def sample(self, text: str) -> None:
        _print_json(sample=text)

    def _losses(self, name: str, loss: float) -> dict[str, float]:
        losses = {name: loss}
        if self._characters_a_token > 1:
            losses[f"{name}_per_character"] = loss / self._characters_a_token
        return losses


def notes(sentences: Iterable[str]) -> None:
    """Print what people should know beside what they asked for."""
    for sentence in sentences:
        print(f"note: {sentence}", file=sys.stderr)


def data(reading: Corpus, held_out: int, in_tokens: TokenSummary | None, as_json: bool) -> None:
    """Print what files hold; the arguments are those of `summarize`."""
    if as_json:
        tokens = None if in_tokens is None else in_tokens.as_dict()
        _print_json(**reading.as_dict(), held_out=held_out, tokens=tokens)
    else:
        print(summarize(reading, held_out, in_tokens))


def data_set(name: str, documents: Sequence[str], as_json: bool) -> None:
    """Print one line about a data set."""
    vocab_size = len(set().union(*documents)) + 1
    if as_json:
        _print_json(name=name, num_docs=len(documents), vocab_size=vocab_size)
    else:
        print(
            f"{name:16} {len(documents):7,} documents, vocabulary of {vocab_size:3}, "
            f"such as {', '.join(documents[:3])}"
        )


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _print_json(**fields: object) -> None:
    # Flushed at once: another program may be waiting for the line.
    print(json.dumps(fields), flush=True)
