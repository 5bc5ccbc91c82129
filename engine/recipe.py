"""How a model is tuned: a recipe is data that can be read, edited, kept and repeated.

Each field carries its title and its explanation, which the window and the commands show; what is
out of range is refused where a recipe is read.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Origin = Literal[
    "judgment",
    "thumb",
    "set",
    "open",
    "dwell",
    "title",
    "heading",
    "phrase",
    "cloze",
    "llm",
    "pseudo",
]
"""Where a training pair comes from: a grade, a thumb, a split of an evaluation set; a result that
was opened, or read for long; a query made of a title, of a heading, of key phrases, of a sentence
taken out of its passage, or by a language model; a pair that the cross-encoder labelled."""

JUDGED: tuple[Origin, ...] = ("judgment", "thumb", "set")
"""What people said."""
USED: tuple[Origin, ...] = ("open", "dwell")
"""What people did."""
MADE: tuple[Origin, ...] = ("title", "heading", "phrase", "cloze", "llm", "pseudo")
"""What was made without anybody."""

Loss = Literal["mnrl", "cached_mnrl", "triplet", "margin_mse", "kl", "cosent"]
Anchor = Literal["none", "l2", "ewc"]
Device = Literal["auto", "cpu", "cuda", "mps"]

Share = Annotated[float, Meta(ge=0, le=1)]


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stretch of training on pairs of some origins with one loss."""

    origins: Annotated[
        tuple[Origin, ...],
        Meta(title="Pairs", description="Where the pairs of this stage come from.", min_length=1),
    ] = JUDGED
    loss: Annotated[
        Loss,
        Meta(
            title="Loss",
            description="What is learnt: to rank the right passage above those of the other pairs "
            "(MultipleNegativesRanking; Cached for large batches in little memory), above one "
            "negative by a margin (triplet), to repeat the cross-encoder's margins (margin-MSE) or "
            "its ranking (KL), or the order of grades (CoSENT).",
        ),
    ] = "mnrl"
    epochs: Annotated[
        int, Meta(ge=1, le=50, title="Epochs", description="How often each pair is seen.")
    ] = 2
    batch_size: Annotated[
        int,
        Meta(
            ge=2,
            le=4096,
            title="Batch size",
            description="Pairs a step; the others of a batch serve as negatives, so larger ones "
            "are harder, and take more memory.",
        ),
    ] = 32
    learning_rate: Annotated[
        float,
        Meta(gt=0, le=0.01, title="Learning rate", description="How far a step moves the weights."),
    ] = 5e-5
    warmup_share: Annotated[
        Share,
        Meta(
            title="Warm-up",
            description="Share of the steps over which the learning rate rises; then it falls "
            "linearly to 0.",
        ),
    ] = 0.1
    weight_decay: Annotated[
        float, Meta(ge=0, le=1, title="Weight decay", description="Pulls weights towards 0.")
    ] = 0.0
    negatives: Annotated[
        int,
        Meta(
            ge=0,
            le=16,
            title="Hard negatives",
            description="Passages a pair that look right and are not, beside those of its batch.",
        ),
    ] = 1
    max_pairs: Annotated[
        int,
        Meta(
            ge=0,
            title="At most",
            description="So many pairs, drawn at random where there are more; 0 takes all.",
        ),
    ] = 0
    curriculum: Annotated[
        bool,
        Meta(
            title="Easy to hard",
            description="The first epoch goes from the pairs that the model knows best to those "
            "that it knows least.",
        ),
    ] = False


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of one tuning, from what is held out to what is kept."""

    name: Annotated[str, Meta(min_length=1, max_length=60, title="Name")] = "Custom"
    about: Annotated[str, Meta(max_length=400, title="What it is for")] = ""
    stages: Annotated[
        tuple[Stage, ...],
        Meta(
            min_length=1,
            max_length=5,
            title="Stages",
            description="Weak labels first, what people judged last.",
        ),
    ] = (Stage(),)
    max_tokens: Annotated[
        int,
        Meta(
            ge=16,
            le=8192,
            title="Longest text",
            description="Tokens; longer texts are cut while training.",
        ),
    ] = 256
    scale: Annotated[
        float,
        Meta(
            gt=0,
            le=1000,
            title="Scale",
            description="Factor of the cosine within a ranking loss: the inverse of its "
            "temperature.",
        ),
    ] = 20.0
    hubness_weight: Annotated[
        float,
        Meta(
            ge=0,
            le=10,
            title="Against hubs",
            description="Weight of a penalty on passages that are near to every query.",
        ),
    ] = 0.0
    matryoshka: Annotated[
        tuple[int, ...],
        Meta(
            title="Matryoshka",
            description="Shorter lengths to which vectors may be cut and still serve; none leaves "
            "this out.",
        ),
    ] = ()
    lora_rank: Annotated[
        int,
        Meta(
            ge=0,
            le=256,
            title="LoRA rank",
            description="Trains small matrices of this rank beside the weights, merged at the end; "
            "0 trains all weights.",
        ),
    ] = 0
    anchor: Annotated[
        Anchor,
        Meta(
            title="Anchor",
            description="Holds weights near those of the base: all alike (L2), or the more the "
            "more general language depends on them (EWC).",
        ),
    ] = "none"
    anchor_weight: Annotated[
        float, Meta(ge=0, title="Strength of the anchor", description="Factor of its penalty.")
    ] = 0.0
    general_share: Annotated[
        Annotated[float, Meta(ge=0, le=0.9)],
        Meta(
            title="General pairs",
            description="Share of each batch that is drawn from pairs of general knowledge.",
        ),
    ] = 0.0
    mixes: Annotated[
        tuple[Share, ...],
        Meta(
            title="Mixes with the base",
            description="How far the weights may lie from the base towards the tuned model; which "
            "is best is chosen on the validation queries.",
        ),
    ] = (0.25, 0.5, 0.75)
    probes_an_epoch: Annotated[
        int,
        Meta(
            ge=1,
            le=20,
            title="Probes an epoch",
            description="How often the model is measured, to be watched and to keep the best.",
        ),
    ] = 2
    patience: Annotated[
        int,
        Meta(
            ge=0,
            le=100,
            title="Patience",
            description="Stops early after so many probes without a better one; 0 never does.",
        ),
    ] = 0
    held_out_share: Annotated[
        Annotated[float, Meta(ge=0.05, le=0.6)],
        Meta(
            title="Held out",
            description="Share of the judged queries that the gate tests with and nothing learns "
            "from.",
        ),
    ] = 0.3
    validation_share: Annotated[
        Annotated[float, Meta(ge=0, le=0.5)],
        Meta(
            title="Validation",
            description="Share of the others that is kept back to choose the best checkpoint by.",
        ),
    ] = 0.1
    device: Annotated[
        Device,
        Meta(
            title="Device",
            description="Where to train; auto takes a graphics processor where there is one.",
        ),
    ] = "auto"
    seed: Annotated[
        int,
        Meta(
            ge=0,
            title="Seed",
            description="The same recipe, pairs and seed give the same weights on one machine.",
        ),
    ] = 0


_TITLES: tuple[Origin, ...] = ("title", "heading", "open", "dwell")
"""What a library says of itself, and what people did with it."""

QUICK = Recipe(
    name="Quick",
    about="Takes minutes; for a first try, and for few searches.",
    stages=(
        Stage(origins=_TITLES, epochs=1, batch_size=64, negatives=0, max_pairs=500),
        Stage(epochs=2, learning_rate=2e-5, max_pairs=500),
    ),
    max_tokens=128,
    general_share=0.1,
    probes_an_epoch=1,
)
BALANCED = Recipe(
    name="Balanced",
    about="What helps most for the time that it takes: your library's own language first, from "
    "titles; what you judged comes last.",
    stages=(
        Stage(origins=_TITLES, epochs=1, batch_size=64, negatives=0, max_pairs=3000),
        Stage(epochs=2, max_pairs=2000),
    ),
    max_tokens=192,
    general_share=0.1,
    held_out_share=0.2,
)
THOROUGH = Recipe(
    name="Thorough",
    about="As Balanced, with more negatives and more rounds over what you judged.",
    stages=(
        Stage(origins=_TITLES, epochs=1, batch_size=64, negatives=0, max_pairs=3000),
        Stage(epochs=3, negatives=2, max_pairs=5000),
    ),
    max_tokens=192,
    general_share=0.1,
    probes_an_epoch=3,
    held_out_share=0.2,
)
PRESETS = (QUICK, BALANCED, THOROUGH)
