"""What can be downloaded is what open_clip knows, from where it knows it."""

from __future__ import annotations

import pytest

from engine.encoders.clip_catalogue import CATALOGUE, every, find
from engine.encoders.torchvision_ops import define_missing
from engine.errors import NotFound


def test_that_open_clip_knows_each_of_them_at_the_same_place() -> None:
    define_missing()
    import open_clip

    for published in CATALOGUE:
        architecture, tag = published.model.architecture, published.model.tag
        known = open_clip.get_pretrained_cfg(architecture, tag)
        assert known["hf_hub"].strip("/") == published.repository
        assert open_clip.get_model_config(architecture) is not None


def test_that_each_is_found_by_its_names_and_no_other() -> None:
    assert all(find(one.architecture, one.tag).model == one for one in every())
    with pytest.raises(NotFound, match="ViT-B-32 laion2b_s34b_b79k"):
        find("ViT-B-32", "nothing")
