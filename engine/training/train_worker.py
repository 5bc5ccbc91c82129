"""The trainer process: tunes a bi-encoder on its parent's order and writes it down.

`python -m engine.training.train_worker`, driven by `engine.training.train`. Nothing else of the
engine's training imports torch. To stop it, close its input: it ends at once.
"""

from __future__ import annotations

import math
import shutil
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset
from numpy.typing import NDArray

from engine.encoders.torchvision_ops import define_missing
from engine.errors import EngineError, ModelRejected
from engine.evaluation.metrics import Measure, mean, per_query
from engine.flush import flush_file
from engine.jobs.worker import Parent, WorkerError
from engine.recipe import Recipe
from engine.training.corpus import dense_run
from engine.training.pairs import Example
from engine.training.train_messages import Probed, Stepped, Trained, TrainOrder

define_missing()
# Only now: these look for torchvision.
# ruff: noqa: E402
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.training_args import BatchSamplers
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_callback import PrinterCallback

_NDCG = Measure("nDCG", 10)
_ENCODED_AT_ONCE = 32
_MIXES = (0.25, 0.5, 0.75)
_NO_ATTENTION_DROPOUT = {"attention_probs_dropout_prob": 0.0, "attention_dropout": 0.0}
"""Dropout on attention weights keeps torch from its fused attention on the CPU. Measured on a batch
of 32 with one negative, with bfloat16: 18 processor seconds and 7.3 GB a step with it, 8 s and
3.5 GB without (17 s and 4.7 GB in float32). All other dropout stays."""

_OTHER_FILES = shutil.ignore_patterns("*.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt", "*.onnx", "*.py")
"""The same weights in other formats, and code: none of it is loaded, none of it is passed on."""


def main() -> None:
    """Carry out one order."""
    parent: Parent[TrainOrder] = Parent(TrainOrder)
    order = parent.receive()
    try:
        parent.send(train(order, parent))
    except EngineError as error:
        parent.send(WorkerError.of(error))


def train(order: TrainOrder, parent: Parent[TrainOrder]) -> Trained:
    """Tune the model, and write the best of what it was to the target folder.

    The candidates are the checkpoints at the probes, and the best of them mixed with the model as
    it came, weight by weight: Wortsman et al. 2022, Robust fine-tuning of zero-shot models
    (arXiv 2109.01903). With a thousand pairs or fewer a mix finds more on queries that share
    nothing with those that were trained on. The one with the lowest validation loss is kept.
    """
    started = time.monotonic()
    torch.set_num_threads(order.threads)
    bf16 = _has_fast_bf16()
    model = _load(Path(order.weights), order.recipe)
    target = Path(order.target)
    watch = _Watch(model, order, parent, bf16)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        trainer = SentenceTransformerTrainer(
            model=model,
            args=_arguments(order.recipe, model, scratch, bf16),
            train_dataset=_rows(order.examples),
            loss=MultipleNegativesRankingLoss(model, scale=order.recipe.scale),
            callbacks=[watch],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    n_steps = trainer.state.global_step
    best = watch.restore_best() if order.keeps_best else _Candidate(n_steps)
    _save(model, Path(order.weights), target)
    return Trained(n_steps, time.monotonic() - started, bf16, best.step, best.share)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A state of the model, and how good it is."""

    step: int
    share: float = 1.0
    """How far it lies from the model as it came towards that of its step."""
    loss: float = math.inf
    """On the probe's queries."""
    weights: dict[str, torch.Tensor] = field(default_factory=dict)


class _Watch(TrainerCallback):  # type: ignore[misc]
    """Tells the parent of each step, probes the model now and then, and remembers the best."""

    def __init__(
        self,
        model: SentenceTransformer,
        order: TrainOrder,
        parent: Parent[TrainOrder],
        bf16: bool,
    ) -> None:
        self._model = model
        self._order = order
        self._parent = parent
        self._bf16 = bf16
        self._first = _Candidate(0, weights=_copied(model))
        self._best = self._first

    def restore_best(self) -> _Candidate:
        """Put the model into the best state, now that there are no more steps; returns it."""
        end = self._best
        if end.step:
            for share in _MIXES:
                mixed = {
                    name: torch.lerp(weight, end.weights[name], share)
                    if weight.is_floating_point()
                    else weight
                    for name, weight in self._first.weights.items()
                }
                self._model.load_state_dict(mixed)
                self._consider(_Candidate(end.step, share, self._probe()[1], mixed))
        self._model.load_state_dict(self._best.weights)
        return self._best

    def on_train_begin(
        self, _args: TrainingArguments, _state: TrainerState, _control: TrainerControl, **_: object
    ) -> None:
        ndcg, loss = self._probe()
        self._parent.send(Probed(0, ndcg))
        self._first = self._best = replace(self._first, loss=loss)

    def on_log(
        self,
        _args: TrainingArguments,
        state: TrainerState,
        _control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: object,
    ) -> None:
        if logs and "loss" in logs:
            self._parent.send(Stepped(state.global_step, state.max_steps, float(logs["loss"])))

    def on_step_end(
        self, _args: TrainingArguments, state: TrainerState, _control: TrainerControl, **_: object
    ) -> None:
        n_probes = self._order.recipe.epochs * self._order.recipe.probes_an_epoch
        step, last = state.global_step, state.max_steps
        # The last step is always the last probe's.
        if step * n_probes // last > (step - 1) * n_probes // last:
            ndcg, loss = self._probe()
            self._parent.send(Probed(step, ndcg))
            self._consider(_Candidate(step, 1.0, loss, _copied(self._model)))

    def _consider(self, candidate: _Candidate) -> None:
        if candidate.loss < self._best.loss:
            self._best = candidate

    def _probe(self) -> tuple[float, float]:
        """nDCG@10 of the model as it is now, and its loss.

        The loss is InfoNCE over all of the probe's passages (van den Oord et al. 2018,
        arXiv 1807.03748). It tells models apart with far fewer queries than nDCG@10 needs.
        """
        probe = self._order.probe
        was_training = self._model.training
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._bf16):
            passages = self._model.encode_document(list(probe.passages), **_ENCODING).astype(
                np.float32
            )
            queries = self._model.encode_query(list(probe.queries.values()), **_ENCODING).astype(
                np.float32
            )
        self._model.train(was_training)
        vectors = dict(zip(probe.queries, queries, strict=True))
        run = dense_run(vectors, probe.documents, passages, k=10)
        return mean(per_query(_NDCG, probe.qrels, run)), self._loss(queries, passages)

    def _loss(self, queries: NDArray[np.float32], passages: NDArray[np.float32]) -> float:
        """Mean over the queries of -log of the share that falls to the relevant passages."""
        probe = self._order.probe
        logits = self._order.recipe.scale * (queries @ passages.T)
        likelihoods = np.exp(logits - logits.max(axis=1, keepdims=True))
        relevant = np.array(
            [[document in probe.qrels[q] for document in probe.documents] for q in probe.queries]
        )
        return float(-np.log((likelihoods * relevant).sum(axis=1) / likelihoods.sum(axis=1)).mean())


def _copied(model: SentenceTransformer) -> dict[str, torch.Tensor]:
    return {name: weight.clone() for name, weight in model.state_dict().items()}


_ENCODING = {
    "batch_size": _ENCODED_AT_ONCE,
    "show_progress_bar": False,
    "normalize_embeddings": True,
}


def _has_fast_bf16() -> bool:
    """Whether this CPU multiplies bfloat16 matrices in hardware; elsewhere it would be slower."""
    probes = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return any(getattr(torch.cpu, name, lambda: False)() for name in probes)


def _load(folder: Path, recipe: Recipe) -> SentenceTransformer:
    """Load a model from its own files alone: no code, no pickles, no network."""
    model = SentenceTransformer(
        str(folder),
        device="cpu",
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"use_safetensors": True},
        config_kwargs=_NO_ATTENTION_DROPOUT,
    )
    model.max_seq_length = min(recipe.max_tokens, model.max_seq_length or recipe.max_tokens)
    return model


def _rows(examples: tuple[Example, ...]) -> Dataset:
    columns = {
        "query": [example.query for example in examples],
        "positive": [example.positive for example in examples],
    }
    for number in range(len(examples[0].negatives)):
        columns[f"negative_{number + 1}"] = [e.negatives[number] for e in examples]
    return Dataset.from_dict(columns)


def _arguments(
    recipe: Recipe, model: SentenceTransformer, scratch: str, bf16: bool
) -> SentenceTransformerTrainingArguments:
    """Everything that the trainer could do beside training is switched off."""
    return SentenceTransformerTrainingArguments(
        output_dir=scratch,
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        warmup_steps=recipe.warmup_share,
        batch_sampler=BatchSamplers.NO_DUPLICATES,
        prompts={"query": model.prompts.get("query") or ""},
        seed=recipe.seed,
        data_seed=recipe.seed,
        use_cpu=True,
        bf16=bf16,
        logging_steps=1,
        logging_strategy="steps",
        save_strategy="no",
        eval_strategy="no",
        report_to=[],
        push_to_hub=False,
        disable_tqdm=True,
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
    )


def _save(model: SentenceTransformer, base: Path, target: Path) -> None:
    """Write the model next to its target, then give it the target's name.

    Only the weights are new. Configuration and tokenizer are the base's own files, byte for byte,
    so that nothing about how texts are prepared changes by being read and written again.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        saved, building = Path(scratch) / "saved", Path(scratch) / "building"
        model.save(str(saved), create_model_card=False, safe_serialization=True)
        shutil.copytree(base, building, ignore=_OTHER_FILES)
        for weights in [file.relative_to(base) for file in base.rglob("*.safetensors")]:
            if not (saved / weights).is_file():
                raise ModelRejected(
                    "This model cannot be tuned",
                    f"Its weights are laid out in a way that is not known here ({weights}).",
                    "Tune another model.",
                )
            (saved / weights).replace(building / weights)
            flush_file(building / weights)
        building.rename(target)


if __name__ == "__main__":
    main()
