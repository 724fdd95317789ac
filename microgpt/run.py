"""A training run with all its parts, made from documents and a few settings.

Both the command line and the page's worker make their runs here, so that the same settings and seed
give the same run in both. The order of random draws is that of microgpt.py: documents, weights,
samples.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Self

from microgpt.config import ModelConfig, TrainConfig
from microgpt.dataset import DataError, Dataset, make_dataset
from microgpt.engine import Engine, create_engine
from microgpt.generators import drain
from microgpt.loss_mask import CountedDocuments, LossMask
from microgpt.model import init_weights
from microgpt.optimizer import OPTIMIZERS
from microgpt.run_tokenizer import check_characters, make_tokenizer
from microgpt.segments import Segment, first_segment, segment_at
from microgpt.sequences import MAX_FINAL_DOCUMENTS, encode_document, num_final
from microgpt.task_eval import TaskEval, make_task_eval
from microgpt.tasks import TESTED_ON_TRAINING
from microgpt.tokenizer import Tokenizer
from microgpt.trainer import NO_DOCUMENTS, TrainProgress, train

if TYPE_CHECKING:
    from microgpt.checkpoint import Checkpoint
    from microgpt.model_code.definition import ModelCode

MAX_EVAL_DOCUMENTS = 50  # held out, per evaluation: enough for a curve, and soon evaluated
MAX_MEASURED_DOCUMENTS = 1000  # for the mean length of a token


@dataclass(slots=True)
class Run:
    """A model, its data and its random generator, ready to train."""

    dataset: Dataset
    tokenizer: Tokenizer
    training: TrainConfig
    engine: Engine
    rng: random.Random
    held_out: CountedDocuments  # the sequences to evaluate on
    windowed: bool = False  # whether the documents are windows of one long text
    task_eval: TaskEval | None = None
    train_task_eval: TaskEval | None = None  # on training documents, of tasks that have it
    segments: list[Segment] = field(default_factory=list)  # none before `prepare`
    _num_encoded: int = 0  # how many of the sequences to train on the engine has
    _all_encoded: bool = False  # whether there are no more
    _num_left_out: int = 0  # how many of them have nothing that counts
    _more_held_out: CountedDocuments | None = None  # of the last evaluation, once they are encoded

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        tokenizer: Tokenizer,
        training: TrainConfig,
        engine: Engine,
        rng: random.Random,
        windowed: bool = False,
        eval_documents: int = MAX_EVAL_DOCUMENTS,
    ) -> Generator[None, None, Self]:
        """A run of these parts that is ready to train; yields are yield points."""
        run = cls(dataset, tokenizer, training, engine, rng, NO_DOCUMENTS, windowed)
        yield from run.prepare()
        yield from run.evaluate_on(eval_documents)
        return run

    def prepare(self) -> Generator[None, None, None]:
        """Prepare the engine for training with a fresh optimizer; yields are yield points."""
        self.segments = [first_segment(self.training)]
        documents, counted_from = yield from self._encode(self.segments[0])
        self.engine.prepare(documents, self.training, counted_from)

    def evaluate_on(self, number: int) -> Generator[None, None, None]:
        """Evaluate during training on at most `number` held-out sequences; yields in between."""
        encoded, *_ = yield from self.mask.gather(self.dataset.held_out, self.encode, number)
        self.held_out = encoded.first(number)

    def add_segment(self, segment: Segment) -> Generator[None, None, None]:
        """Have the run go on with a segment, which begins when its first step comes.

        The segments from there on are dropped. Yields are yield points, for the documents that it
        needs are encoded.
        """
        first_step = segment.first_step
        self.segments = [each for each in self.segments if each.first_step < first_step] + [segment]
        if not self._all_encoded and segment.document(segment.schedule_end) > self._num_encoded:
            self.engine.set_documents(*(yield from self._encode(segment)))

    def restore(self, step: int, checkpoint: Checkpoint) -> None:
        """Go on at `step`, which is one of the segments', from a checkpoint of this run.

        The optimizer is a fresh one if the checkpoint has no state of it.
        """
        segment = segment_at(self.segments, step)
        self.engine.begin_segment(segment)
        same = checkpoint.optimizer.name == segment.training.optimizer
        state = checkpoint.optimizer_state if same else None
        self.engine.restore(checkpoint.weights, state)

    def learning_rate(self, step: int) -> float:
        """The learning rate of a step."""
        return segment_at(self.segments, step).learning_rate(step)

    def _encode(self, segment: Segment) -> Generator[None, None, CountedDocuments]:
        """The first sequences of the training documents: all, or as many as a segment needs.

        Raises `DataError` if nothing in them counts.
        """
        documents, needed = self.dataset.train, segment.document(segment.schedule_end)
        encoded, taken, self._num_left_out = yield from self.mask.gather(
            documents, self.encode, needed
        )
        if not encoded.documents:
            raise DataError(self.mask.nothing_counts)
        self._num_encoded, self._all_encoded = len(encoded.documents), taken >= len(documents)
        return encoded

    @property
    def mask(self) -> LossMask:
        """Which predictions count."""
        return LossMask(self.training.mask, self.tokenizer, self.engine.config.block_size)

    def encode(self, document: str) -> list[list[int]]:
        """The sequences of token ids that a document becomes."""
        block_size = self.engine.config.block_size
        return encode_document(document, self.tokenizer, block_size, self.windowed)

    def train(self, start: int = 0, stop: int | None = None) -> Iterator[TrainProgress]:
        """Train from step `start` to `stop`, by default to the end; see `trainer.train`."""
        return train(
            self.engine,
            self.segments,
            self.held_out,
            start=start,
            stop=stop,
            task_eval=self._accuracy_of(self.task_eval),
            train_task_eval=self._accuracy_of(self.train_task_eval),
            all_held_out=self._all_held_out,
        )

    def _all_held_out(self) -> Generator[None, None, CountedDocuments]:
        """As many held-out sequences as can be evaluated in a moment; none if that is no more."""
        if self._more_held_out is None:
            compiled = self.engine.name != "scalar"
            documents = self.dataset.held_out if compiled else ()
            encoded, *_ = yield from self.mask.gather(documents, self.encode, MAX_FINAL_DOCUMENTS)
            number = num_final(map(len, encoded.documents), self.engine.config.num_params)
            more = number > len(self.held_out.documents)
            self._more_held_out = encoded.first(number) if more else NO_DOCUMENTS
        return self._more_held_out

    def train_sample(self, number: int) -> Generator[None, None, CountedDocuments]:
        """At most `number` of the sequences that are trained on, the same ones each time.

        Yields are yield points.
        """
        encoded, *_ = yield from self.mask.gather(self.dataset.train, self.encode, number)
        return encoded.first(number)

    def gap(self) -> Generator[None, None, tuple[float, float] | None]:
        """The losses of training documents and of as many held-out ones, for `judge_gap`.

        None where none are held out. Yields are yield points.
        """
        held_out = yield from self._most_held_out()
        if not held_out.documents:
            return None
        known = yield from self.train_sample(len(held_out.documents))
        train_loss = yield from self.engine.evaluate(*known)
        return train_loss, (yield from self.engine.evaluate(*held_out))

    def _most_held_out(self) -> Generator[None, None, CountedDocuments]:
        """The held-out documents of the last evaluation."""
        more = yield from self._all_held_out()
        return more if more.documents else self.held_out

    def baselines(self) -> Generator[None, None, dict[str, float]]:
        """What counting comes to, on the documents of the last evaluation; yields between parts.

        It takes a quarter of a second for 200,000 tokens, several times as long in a browser. The
        losses are per token, by `NGRAM_NAMES`; there are none where no documents are held out.
        """
        # Imported here, so that nobody waits for it at the start.
        from microgpt.baselines import measure_baselines

        held_out = (yield from self._most_held_out()).documents
        if not held_out:
            return {}
        train = chain.from_iterable(map(self.encode, self.dataset.train))
        mask, config = self.mask, self.engine.config
        sizes = config.vocab_size, config.block_size
        counted = mask.with_first(train), mask.with_first(held_out)
        return (yield from measure_baselines(*counted, *sizes))

    def _accuracy_of(
        self, task_eval: TaskEval | None
    ) -> Callable[[], Generator[None, None, float]] | None:
        return partial(task_eval.accuracy, self.engine) if task_eval else None

    def add_task_eval(self, name: str) -> None:
        """Evaluate the model during training, if the data set called `name` is a task."""
        train, held_out = self.dataset.train, self.dataset.held_out
        setting = self.tokenizer, self.engine.config.block_size
        self.task_eval = make_task_eval(name, held_out or train, *setting)
        if name in TESTED_ON_TRAINING and held_out:
            self.train_task_eval = make_task_eval(name, train, *setting)

    def opening(self, rng: random.Random) -> list[int]:
        """What a sample begins with: with a mask a question from the data, as token ids.

        A model that was trained with one has never learned to write what comes before the mark.
        It is from a held-out document, where there are any.
        """
        if not self.training.mask:
            return []
        document = self.encode(rng.choice(self.dataset.held_out or self.dataset.train))[0]
        return document[1 : (self.mask.first(document) or 0) + 1]

    def grade(self, line: str) -> str:
        """`right` or `wrong` for a line that the model wrote, "" if the data set is no task."""
        if self.task_eval is None:
            return ""
        return "right" if self.task_eval.is_right(line) else "wrong"

    def chars_per_token(self) -> float:
        """The mean number of characters per token; the end of a document counts as one of each.

        The loss per token divided by it is the loss per character, which can be compared between
        tokenizers.
        """
        documents, end = self.dataset.train[:MAX_MEASURED_DOCUMENTS], 0 if self.windowed else 1
        tokens = sum(len(self.tokenizer.encode_prefix(document)) + end for document in documents)
        return sum(len(document) + end for document in documents) / tokens

    def remarks(self) -> list[str]:
        """Sentences on what a beginner should know about this data before training."""
        remarks = self.dataset.remarks(
            None if self.windowed else self.engine.config.block_size,
            lambda document: len(self.tokenizer.encode_prefix(document)),
        )
        if self._num_left_out:
            total = self._num_left_out + self._num_encoded
            remarks.append(self.mask.remark(self._num_left_out, total))
        return remarks


def prepare_run(
    documents: Sequence[str],
    training: TrainConfig,
    engine: str = "auto",
    precision: str = "f32",
    tokenizer: str | Tokenizer = "characters",
    vocab_limit: int = 256,
    windowed: bool = False,
    code: ModelCode | None = None,
    **sizes: int,
) -> Run:
    """A run that is ready to train.

    Args:
        documents: all documents, unshuffled.
        training: how to train; its seed determines all random draws.
        engine: the name of an engine, for `create_engine`.
        precision: the numbers that a compiled engine uses, `f32` or `f64`.
        tokenizer: `characters`, `bpe` (merges as from `learn_merges`), or a tokenizer to use.
        vocab_limit: the largest vocabulary for `bpe`.
        windowed: whether the documents are windows of one long text, so that none has an end.
        code: another model than that of `model.py`.
        sizes: the fields of `ModelConfig` except `vocab_size`.

    Raises:
        DataError, SettingError: for invalid data or settings.
        UnknownCharacterError: if the documents have a character that the given tokenizer lacks.
    """
    rng = random.Random(training.seed)
    dataset = make_dataset(documents, training.eval_fraction, rng)
    work = assemble_run(
        dataset, rng, training, engine, precision, tokenizer, vocab_limit, windowed, code, **sizes
    )
    return drain(work)


def assemble_run(
    dataset: Dataset,
    rng: random.Random,
    training: TrainConfig,
    engine: str = "auto",
    precision: str = "f32",
    tokenizer: str | Tokenizer = "characters",
    vocab_limit: int = 256,
    windowed: bool = False,
    code: ModelCode | None = None,
    **sizes: int,
) -> Generator[None, None, Run]:
    """A run on documents that `rng` has shuffled; yields are yield points.

    The other arguments and what it raises are those of `prepare_run`.
    """
    if isinstance(tokenizer, str):
        tokenizer = yield from make_tokenizer(dataset, tokenizer, vocab_limit)
    else:
        check_characters(tokenizer, dataset)
    config = ModelConfig(tokenizer.vocab_size, code=code, **sizes)
    weights = init_weights(config, rng, training.init_std)
    yield
    optimizer = OPTIMIZERS[training.optimizer]
    created = create_engine(engine, config, weights, precision, optimizer)
    yield
    return (yield from Run.of(dataset, tokenizer, training, created, rng, windowed))
