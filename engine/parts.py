"""What an open workspace is made of; the work done on it takes these."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.image_models import ImageModels
from engine.ingest.chunk import Chunker
from engine.pictures import Pictures
from engine.retrieval.lexical_generation import LexicalGeneration
from engine.serving import Models
from engine.storage.database import Database
from engine.storage.embeddings import Embeddings


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one open workspace."""

    folder: Path
    """The workspace."""
    library: Database
    """The truth."""
    embeddings: Embeddings
    """The cache of vectors."""
    lexical: LexicalGeneration
    """The keyword index in use."""
    models: Models
    """The models for passages, and the one at work."""
    image_models: ImageModels
    """The models for pictures, and the one at work."""
    pictures: Pictures
    """How pictures look and what they mean."""
    chunker: Chunker
    """What cuts documents into passages."""
