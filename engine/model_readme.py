"""The model card that goes along with an exported model, as README.md.

It tells of the training data in words and numbers; no text of the user's is in it.
"""

from __future__ import annotations

from datetime import date

from engine.encoders.catalogue import ModelCard
from engine.training_records import ModelDetails, ModelRecord


def readme(card: ModelCard, model: ModelDetails, today: date) -> str:
    """A model's card, Markdown with the heading that hubs read."""
    lines = ["---", "library_name: sentence-transformers", "pipeline_tag: sentence-similarity"]
    lines += [f"license: {card.licence}"] if card.licence else []
    lines += ["tags:", "- sentence-transformers", "- feature-extraction", "---", ""]
    lines += [f"# {model.info.name}", ""]
    lines += [_what_it_is(card), ""]
    if model.record is not None:
        lines += _how_it_came_about(model.record)
    if model.info.gate is not None:
        lines += ["## Test", "", model.info.gate.reason, ""]
    if model.measured:
        lines += ["## Measures", "", "| set | search | measure | value |", "|---|---|---|---|"]
        for on in model.measured:
            how = f"{on.mode}, reranked" if on.reranked else on.mode
            for measure, value in on.measures.items():
                lines.append(f"| {on.set} / {on.split} | {how} | {measure} | {value:.4f} |")
        lines.append("")
    lines += ["## Licence", "", _licence(card), ""]
    lines.append(f"Exported by Attune on {today:%Y-%m-%d}.")
    return "\n".join(lines) + "\n"


def _what_it_is(card: ModelCard) -> str:
    made = f", tuned from {card.base}" if card.base else ""
    prompt = f' Queries begin with "{card.query_prompt}".' if card.query_prompt else ""
    return (
        f"A bi-encoder for search{made}: texts of up to {card.max_tokens} tokens become vectors of"
        f" {card.dim} numbers, pooled by {card.pooling} and normalised.{prompt}"
    )


def _how_it_came_about(record: ModelRecord) -> list[str]:
    lines = ["## Training", "", f"- Models before it: {', '.join(record.parents) or 'none'}"]
    lines.append(f"- Data: {record.data} ({record.n_pairs:,} pairs; SHA-256 {record.data_hash})")
    if record.recipe is not None:
        lines.append(f"- Recipe: {record.recipe.name}")
        for number, stage in enumerate(record.recipe.stages, start=1):
            lines.append(
                f"  - Stage {number}: {stage.loss}, {stage.epochs} epochs, batches of"
                f" {stage.batch_size}, learning rate {stage.learning_rate:g},"
                f" {stage.negatives} hard negatives, pairs of: {', '.join(stage.origins)}"
            )
    lines.append(f"- Seed: {record.seed}; on {record.device}, {record.seconds:,.0f} s")
    if record.general_before is not None and record.general_after is not None:
        lines.append(
            f"- nDCG@10 on general knowledge: {record.general_before:.4f} before,"
            f" {record.general_after:.4f} after"
        )
    return [*lines, ""]


def _licence(card: ModelCard) -> str:
    if card.licence:
        return f"That of the model it comes from: {card.licence}."
    return "Not told by the model it comes from; see there."
