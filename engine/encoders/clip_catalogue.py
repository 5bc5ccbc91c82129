"""Published models for pictures that are worth having, of the many that open_clip knows.

Sizes are those of the weights on the hub. What other licences than MIT and Apache-2.0 allow is for
the user to read: such models can be imported from files.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import NotFound
from engine.records import PublishedModel


@dataclass(frozen=True, slots=True)
class Published:
    """A model and where it is to be had."""

    model: PublishedModel
    repository: str
    """On the Hugging Face hub."""

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.model.architecture} ({self.model.tag})"


CATALOGUE = (
    Published(
        PublishedModel(
            "RN50",
            "openai",
            408_000_000,
            "MIT",
            "The smallest, and the least exact: for a slow computer or little room.",
        ),
        "timm/resnet50_clip.openai",
    ),
    Published(
        PublishedModel(
            "ViT-B-32",
            "datacomp_xl_s13b_b90k",
            605_000_000,
            "MIT",
            "The best choice for most: fast, and good at everyday things and scenes.",
        ),
        "laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K",
    ),
    Published(
        PublishedModel(
            "ViT-B-32",
            "laion2b_s34b_b79k",
            605_000_000,
            "MIT",
            "As fast, trained on two billion pictures from the web; widely used.",
        ),
        "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
    ),
    Published(
        PublishedModel(
            "ViT-B-32-256",
            "datacomp_s34b_b86k",
            606_000_000,
            "MIT",
            "Sees pictures a little larger and was trained longer: better, and hardly slower.",
        ),
        "laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K",
    ),
    Published(
        PublishedModel(
            "ViT-B-16",
            "datacomp_xl_s13b_b90k",
            599_000_000,
            "MIT",
            "Sees finer details; indexing takes about four times as long.",
        ),
        "laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K",
    ),
    Published(
        PublishedModel(
            "ViT-B-16-SigLIP",
            "webli",
            813_000_000,
            "Apache-2.0",
            "Better still at finding by words, at the pace of ViT-B-16.",
        ),
        "timm/ViT-B-16-SigLIP",
    ),
    Published(
        PublishedModel(
            "ViT-B-32-SigLIP2-256",
            "webli",
            1_510_000_000,
            "Apache-2.0",
            "Understands queries in many languages; as fast as ViT-B-32, but a large download.",
        ),
        "timm/ViT-B-32-SigLIP2-256",
    ),
    Published(
        PublishedModel(
            "ViT-L-14",
            "datacomp_xl_s13b_b90k",
            1_710_000_000,
            "MIT",
            "The most exact here, and about twenty times as slow as ViT-B-32: for a fast computer.",
        ),
        "laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K",
    ),
)
"""In the order in which they are worth considering, the large ones last."""


def every() -> tuple[PublishedModel, ...]:
    """What can be downloaded."""
    return tuple(published.model for published in CATALOGUE)


def find(architecture: str, tag: str) -> Published:
    """The published model of these names; raises NotFound."""
    for published in CATALOGUE:
        if (published.model.architecture, published.model.tag) == (architecture, tag):
            return published
    known = ", ".join(f"{one.model.architecture} {one.model.tag}" for one in CATALOGUE)
    raise NotFound(
        "No such model",
        f"{architecture} {tag} is not among the models that can be downloaded: {known}.",
        "Any other CLIP of open_clip's can be imported from its files.",
    )
