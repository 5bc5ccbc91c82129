from __future__ import annotations

from dataclasses import replace

from engine.spare_models import spare_models
from tests.gui.pages.samples import BUNDLED, REFUSED_MODEL, TUNED


def test_that_only_refused_models_that_nothing_needs_are_spare() -> None:
    older = replace(REFUSED_MODEL, id="older", created_at=1.0)
    needed = replace(REFUSED_MODEL, id="needed")
    above = replace(TUNED, id="above", base="needed")
    used = replace(REFUSED_MODEL, id="used", active=True)
    overruled = replace(REFUSED_MODEL, id="overruled", overruled="I want it")
    models = (BUNDLED, REFUSED_MODEL, TUNED, older, needed, above, used, overruled)
    assert [model.id for model in spare_models(models)] == ["older", REFUSED_MODEL.id]
