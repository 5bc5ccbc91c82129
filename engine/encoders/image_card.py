"""The card that describes every model for pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from engine.encoders.catalogue import IMAGE_CLASSIFIER
from engine.errors import ModelRejected

_CARD = "image_card.json"


@dataclass(frozen=True, slots=True)
class ImageCard:
    """What a model for pictures is and where it came from."""

    id: str
    """Also its folder's name."""
    name: str
    """For people."""
    origin: Literal["bundled", "imported", "tuned"]
    base: str | None
    """Id of the model for pictures that it was fitted on; None where it is not tuned."""
    created_at: float
    """Seconds since the epoch; 0 where it is bundled."""
    licence: str = ""
    """In its owner's words; empty where it is not told."""
    notes: str = ""


BUILT_IN = ImageCard(
    id=IMAGE_CLASSIFIER,
    name="EfficientNet-Lite2",
    origin="bundled",
    base=None,
    created_at=0.0,
    licence="Apache-2.0",
    notes="Knows 1,000 kinds of things; finds pictures that look alike. An imported CLIP finds far"
    " more by words.",
)
"""The model for pictures that is there from the start."""


def read_image_card(folder: Path) -> ImageCard:
    """The card of the model in `folder`; raises ModelRejected where it is missing or damaged."""
    try:
        return msgspec.json.decode((folder / _CARD).read_bytes(), type=ImageCard)
    except (OSError, msgspec.DecodeError) as error:
        raise ModelRejected(
            "Model cannot be read",
            f"The description of the model {folder.name} is missing or damaged.",
            "Restore its folder from a backup, or remove the model and import it again.",
        ) from error


def write_image_card(card: ImageCard, folder: Path) -> None:
    """Write the card, the last file of a model's folder: one that has it is complete."""
    (folder / _CARD).write_bytes(msgspec.json.format(msgspec.json.encode(card)))


def has_image_card(folder: Path) -> bool:
    """Whether this is the complete folder of a model for pictures."""
    return (folder / _CARD).is_file()
